{# Elements of an array from a position (from 1) to its end; empty beyond its end. Both arguments are SQL expressions. #}
{%- macro array_tail(array, position) -%}
    {{ return(adapter.dispatch('array_tail')(array, position)) }}
{%- endmacro -%}

{%- macro athena__array_tail(array, position) -%}
    slice({{ array }}, {{ position }}, cardinality({{ array }}))
{%- endmacro -%}

{%- macro duckdb__array_tail(array, position) -%}
    list_slice({{ array }}, {{ position }}, len({{ array }}))
{%- endmacro -%}
