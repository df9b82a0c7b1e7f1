{#
    Id of the flow log (fl-...) that delivered a file, from the file's name; NULL when the name has none. `path` is an SQL
    expression. A flow log never changes its format or its interfaces' scope, so the id tells formats and overlaps apart.
    File names: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
#}
{%- macro flow_log_id(path) -%}
    nullif(regexp_extract({{ path }}, '_(fl-[0-9a-z]+)_[^/]*$', 1), '')
{%- endmacro -%}
