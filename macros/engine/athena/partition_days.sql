{#
    The days for which a table has a partition, as 'YYYY-MM-DD', the oldest first; none stands for the partition NULL.
    window: only days in it, when given.
    SHOW PARTITIONS is DDL, which Athena answers from the catalog without planning a query, and does not bill.
#}
{%- macro partition_days(relation, day_column, window=none) -%}
    {%- set days = [] -%}
    {%- for row in run_query("show partitions " ~ relation.render_hive()).rows | sort(attribute=0) -%}
        {%- set value = row[0].removeprefix(day_column ~ '=') -%}
        {%- set day = none if value == '__HIVE_DEFAULT_PARTITION__' else value -%}
        {%- if window is none or (day is not none and window.start_date <= day <= window.end_date) -%}
            {%- do days.append(day) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(days) }}
{%- endmacro -%}
