{#
    Makes the partitions of the delivery days from `start_date` to `end_date` (YYYY-MM-DD, inclusive) known before models
    read them, so that a day which nobody loaded never reads as an empty one: explicit tables get them added, hive
    tables are repaired. Projected and flat tables need nothing.
#}
{%- macro load_window_partitions(start_date, end_date) -%}
    {{- return(adapter.dispatch('load_window_partitions')(start_date, end_date)) -}}
{%- endmacro -%}

{%- macro athena__load_window_partitions(start_date, end_date) -%}
    {%- set days = delivery_days(start_date, end_date) -%}
    {%- for definition in raw_table_definitions() if definition.is_in_use and not definition.existing -%}
        {%- if definition.strategy == 'explicit' -%}
            {%- do run_raw_table_statements(add_partition_statements(definition, days)) -%}
        {%- elif definition.strategy == 'hive' -%}
            {%- do run_raw_table_statements([repair_table_statement(definition)]) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

{%- macro duckdb__load_window_partitions(start_date, end_date) -%}
    {#- The views of DuckDB list the files of the window themselves. -#}
{%- endmacro -%}
