{#
    A single value of a JSON document as text; NULL when the document has none there, or null, an object or an array, or is no
    JSON. document: SQL expression of text. path: plain text such as '$.bucketName'.
#}
{%- macro json_text(document, path) -%}
    {{ return(adapter.dispatch('json_text')(document, sql_literal(path))) }}
{%- endmacro -%}

{%- macro athena__json_text(document, path) -%}
    json_extract_scalar({{ document }}, {{ path }})
{%- endmacro -%}

{#- Not TRY around it: in DuckDB 2.0.0 the error of what stands before an IN list passes TRY (docs/engines.md). -#}
{%- macro duckdb__json_text(document, path) -%}
    case
        when not json_valid({{ document }}) then null
        when json_type({{ document }}, {{ path }}) in ('OBJECT', 'ARRAY') then null
        else json_extract_string({{ document }}, {{ path }})
    end
{%- endmacro -%}
