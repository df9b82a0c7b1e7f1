{#
    A description as it can stand in a DDL comment: one line, plain ASCII, no quote, backslash or semicolon, and at
    most `length` characters (Glue keeps 255 of a column:
    https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html).
#}
{%- macro raw_table_comment(description, length) -%}
    {%- set one_line = (description or '').split() | join(' ') -%}
    {{- return(modules.re.sub("[^ -~]|['\\\\;]", '`', one_line)[:length]) -}}
{%- endmacro -%}
