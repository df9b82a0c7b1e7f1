{#-
    Rank 1 of the recordings of the same traffic, which both ends, several flow logs and both directions may hold: the one that holds
    most. Ties go by name, so that both engines choose the same.
-#}
{%- macro recording_rank(traffic_columns, largest=['byte_count']) -%}
    row_number() over (
        partition by {{ traffic_columns | join(', ') }}
        order by
            {{ largest | join(' desc, ') }} desc,
            interface_id nulls last,
            flow_log_id nulls last,
            flow_direction nulls last
    )
{%- endmacro -%}
