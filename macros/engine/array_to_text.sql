{# Elements of an array of text, joined by a separator. Both arguments are SQL expressions. #}
{%- macro array_to_text(array, separator) -%}
    {{ return(adapter.dispatch('array_to_text')(array, separator)) }}
{%- endmacro -%}

{%- macro athena__array_to_text(array, separator) -%}
    array_join({{ array }}, {{ separator }})
{%- endmacro -%}

{%- macro duckdb__array_to_text(array, separator) -%}
    array_to_string({{ array }}, {{ separator }})
{%- endmacro -%}
