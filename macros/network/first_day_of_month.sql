{#- The first day of the month of a day, as a date. day: SQL expression of type date. -#}
{%- macro first_day_of_month(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro -%}
