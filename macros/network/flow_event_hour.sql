{#-
    The hour of the day in which a flow record starts; -1 where it has no start, because models join on it. started_at: SQL
    expression of a timestamp.
-#}
{%- macro flow_event_hour(started_at) -%}
    coalesce(cast(hour({{ started_at }}) as integer), -1)
{%- endmacro -%}
