{# Position (from 1) of the first element of an array that equals a value; NULL where none does. Both arguments are SQL expressions. #}
{%- macro element_position(array, value) -%}
    {{ return(adapter.dispatch('element_position')(array, value)) }}
{%- endmacro -%}

{%- macro athena__element_position(array, value) -%}
    nullif(array_position({{ array }}, {{ value }}), 0)
{%- endmacro -%}

{%- macro duckdb__element_position(array, value) -%}
    nullif(list_position({{ array }}, {{ value }}), 0)
{%- endmacro -%}
