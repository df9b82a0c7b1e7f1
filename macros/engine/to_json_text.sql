{# A struct, array or map as JSON text; NULL for NULL. `value` is an SQL expression. #}
{%- macro to_json_text(value) -%}
    {{ return(adapter.dispatch('to_json_text')(value)) }}
{%- endmacro -%}

{%- macro athena__to_json_text(value) -%}
    json_format(cast({{ value }} as json))
{%- endmacro -%}

{%- macro duckdb__to_json_text(value) -%}
    cast(to_json({{ value }}) as varchar)
{%- endmacro -%}
