{# The day before a day, as a date. `day` is an SQL expression of type date. #}
{%- macro day_before(day) -%}
    {{ return(adapter.dispatch('day_before')(day)) }}
{%- endmacro -%}

{%- macro athena__day_before(day) -%}
    {{ day }} - interval '1' day
{%- endmacro -%}

{#- A day minus an interval is a timestamp to DuckDB. -#}
{%- macro duckdb__day_before(day) -%}
    cast({{ day }} - interval '1' day as date)
{%- endmacro -%}
