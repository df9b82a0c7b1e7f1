{#
    The days for which a table has a partition, as 'YYYY-MM-DD', the oldest first; none stands for the partition NULL.
    window: only days in it, when given.
    SHOW PARTITIONS is DDL, which Athena answers from the catalog without planning a query, and does not bill.
#}
{%- macro partition_days(relation, day_column, window=none) -%}
    {%- set prefix = day_column ~ '=' -%}
    {%- set days, no_day = [], [] -%}
    {%- for row in run_query("show partitions " ~ relation.render_hive()).rows -%}
        {%- set day = row[0].removeprefix(prefix) -%}
        {%- if day == '__HIVE_DEFAULT_PARTITION__' -%}
            {%- do no_day.append(none) -%}
        {%- else -%}
            {%- do days.append(day) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if window is none -%}
        {{ return(days | sort + no_day) }}
    {%- endif -%}
    {%- set in_window = [] -%}
    {%- for day in days | sort if window.start_date <= day <= window.end_date -%}
        {%- do in_window.append(day) -%}
    {%- endfor -%}
    {{ return(in_window) }}
{%- endmacro -%}
