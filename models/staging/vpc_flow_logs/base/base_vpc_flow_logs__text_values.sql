-- One row per line of the text flow logs delivered in the window's folders, values as they stand.
-- Adds all values as an array, whether they are as many as the format has fields, and the file.
-- Leaves out blank lines.
with
{% for table in flow_log_text_tables() %}
{{ table }}_lines as (
    select
        {{ flow_log_values(table) }},
        {{ is_whole_flow_log_line(table) }} as is_whole_line,
        {{ flow_log_line_values(table) }} as line_values,
        {{ delivery_columns('vpc_flow_logs', table) }}
    from {{ source('vpc_flow_logs', table) }}
    where
        {{ delivery_filter('vpc_flow_logs', table) }}
        and not {{ is_blank_flow_log_line(table) }}
),
{% endfor %}
all_lines as (
    {% for table in flow_log_text_tables() -%}
    select * from {{ table }}_lines
    {{- '\n    union all\n' if not loop.last }}
    {% endfor -%}
)

select * from all_lines
