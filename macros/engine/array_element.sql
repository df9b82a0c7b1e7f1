{# Element of an array by its position (from 1), NULL beyond its end. Both arguments are SQL expressions. #}
{%- macro array_element(array, position) -%}
    {{ return(adapter.dispatch('array_element')(array, position)) }}
{%- endmacro -%}

{%- macro athena__array_element(array, position) -%}
    element_at({{ array }}, {{ position }})
{%- endmacro -%}

{%- macro duckdb__array_element(array, position) -%}
    list_extract({{ array }}, {{ position }})
{%- endmacro -%}
