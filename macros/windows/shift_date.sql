{# 'YYYY-MM-DD' moved by a number of days, as 'YYYY-MM-DD'. Works on the text at compile time, not in SQL. #}
{%- macro shift_date(day, days) -%}
    {%- set start = modules.datetime.datetime.strptime(day, '%Y-%m-%d') -%}
    {{ return((start + modules.datetime.timedelta(days=days)).strftime('%Y-%m-%d')) }}
{%- endmacro -%}
