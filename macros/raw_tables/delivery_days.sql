{#
    Every day from `start_date` to `end_date` (YYYY-MM-DD, both inclusive) as datetime.date.
#}
{%- macro delivery_days(start_date, end_date) -%}
    {%- set first = raw_table_day(start_date, 'start_date') -%}
    {%- set last = raw_table_day(end_date, 'end_date') -%}
    {%- if first > last -%}
        {%- do exceptions.raise_compiler_error(
            'start_date ' ~ start_date ~ ' lies after end_date ' ~ end_date ~ '. Swap them.'
        ) -%}
    {%- endif -%}
    {%- set days = [] -%}
    {%- for offset in range((last - first).days + 1) -%}
        {%- do days.append(first + modules.datetime.timedelta(days=offset)) -%}
    {%- endfor -%}
    {{- return(days) -}}
{%- endmacro -%}
