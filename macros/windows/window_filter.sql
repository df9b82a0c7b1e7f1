{#
    A predicate of literals that keeps the event days of the run's window; `column` is an SQL expression of type date.
    relation_exists as in rebuild_window; an analysis, which has no table of its own, says true.
#}
{%- macro window_filter(column='event_date', relation_exists=none) -%}
    {%- set window = rebuild_window(relation_exists) -%}
    {{ column }} between date '{{ window.start_date }}' and date '{{ window.end_date }}'
{%- endmacro -%}
