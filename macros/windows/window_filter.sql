{# A predicate of literals that keeps the event days of the run's window; `column` is an SQL expression of type date. #}
{%- macro window_filter(column='event_date') -%}
    {%- set window = rebuild_window() -%}
    {{ column }} between date '{{ window.start_date }}' and date '{{ window.end_date }}'
{%- endmacro -%}
