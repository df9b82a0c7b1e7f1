{#
    SELECT text over the model's rows with the partition column last, as CTAS wants it. Rows of days outside the window
    are read but never published: they keep only their day (outside_window_date) and their delivery_date, and all go to
    the one partition NULL, so that a stray day can neither be published nor count towards the 100 partitions.

    source: a relation or a query in brackets; columns: its column names.
    first_day, last_day: only days from first_day to last_day; none takes all. with_outside: also rows outside the window.
#}
{%- macro staged_rows(source, columns, day_column, window, first_day=none, last_day=none, with_outside=true) -%}
    select
    {%- for column in columns if column != day_column %}
        {% if column == 'delivery_date' -%} "delivery_date"
        {%- else -%} case when is_in_rebuild_window then "{{ column }}" end as "{{ column }}" {%- endif -%},
    {%- endfor %}
        case when not is_in_rebuild_window then "{{ day_column }}" end as outside_window_date,
        case when is_in_rebuild_window then "{{ day_column }}" end as "{{ day_column }}"
    from (
        select
            *,
            coalesce(
                "{{ day_column }}" between date '{{ window.start_date }}' and date '{{ window.end_date }}', false
            ) as is_in_rebuild_window
        from {{ source }} as model_rows
    ) as marked_rows
    {%- if first_day is not none %}
    where
        "{{ day_column }}" between date '{{ first_day }}' and date '{{ last_day }}'
        {%- if with_outside %}
        or not is_in_rebuild_window
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}
