{#
    True for the buckets that var s3_requester_pays_buckets names: logs do not tell who pays. bucket_name: SQL expression of text.
#}
{%- macro is_requester_pays_bucket(bucket_name) -%}
    {%- set names = [] -%}
    {%- for name in var('s3_requester_pays_buckets') -%}
        {%- do names.append(sql_literal(name)) -%}
    {%- endfor -%}
    {{- return(bucket_name ~ ' in (' ~ names | join(', ') ~ ')' if names else 'false') -}}
{%- endmacro -%}
