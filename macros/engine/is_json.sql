{# True when a text is one whole JSON document, false for any other, NULL for NULL. `text` is an SQL expression. #}
{%- macro is_json(text) -%}
    {{ return(adapter.dispatch('is_json')(text)) }}
{%- endmacro -%}

{#- json_extract_scalar reads no further than to the value: a document that is cut off after it has one all the same. -#}
{%- macro athena__is_json(text) -%}
    case when {{ text }} is not null then try(json_parse({{ text }})) is not null end
{%- endmacro -%}

{#- DuckDB 2.0.0 also takes a comma before a closing bracket, NaN and Infinity, which no program that writes snapshots makes. -#}
{%- macro duckdb__is_json(text) -%}
    json_valid({{ text }})
{%- endmacro -%}
