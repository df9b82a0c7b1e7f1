{#
    The delivery days that can hold records of a window of event days: it ends var late_days later. Takes and returns a
    dict with start_date and end_date as YYYY-MM-DD.
#}
{%- macro delivery_window(event_window) -%}
    {%- set last = raw_table_day(event_window.end_date, 'end_date') + modules.datetime.timedelta(days=var('late_days') | int) -%}
    {{- return({'start_date': event_window.start_date | string, 'end_date': last.isoformat()}) -}}
{%- endmacro -%}
