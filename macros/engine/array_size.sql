{# Number of elements of an array. `array` is an SQL expression. #}
{%- macro array_size(array) -%}
    {{ return(adapter.dispatch('array_size')(array)) }}
{%- endmacro -%}

{%- macro athena__array_size(array) -%}
    cardinality({{ array }})
{%- endmacro -%}

{%- macro duckdb__array_size(array) -%}
    len({{ array }})
{%- endmacro -%}
