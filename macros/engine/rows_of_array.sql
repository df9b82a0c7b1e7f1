{# What follows `cross join`: one row for each element of an array of the rows before it, none for an empty or null array. `array` is an SQL expression. #}
{%- macro rows_of_array(array) -%}
    {{ return(adapter.dispatch('rows_of_array')(array)) }}
{%- endmacro -%}

{%- macro athena__rows_of_array(array) -%}
    unnest({{ array }})
{%- endmacro -%}

{%- macro duckdb__rows_of_array(array) -%}
    unnest({{ array }})
{%- endmacro -%}
