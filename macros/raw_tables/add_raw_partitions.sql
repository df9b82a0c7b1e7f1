{#
    dbt run-operation add_raw_partitions [--args '{source: .., table: .., start_date: .., end_date: ..}']: adds the
    partitions of tables with the strategy explicit for the delivery days given; without days, for those of the window
    that a run would rebuild.
#}
{%- macro add_raw_partitions(source=none, table=none, start_date=none, end_date=none) -%}
    {{- return(adapter.dispatch('add_raw_partitions')(source, table, start_date, end_date)) -}}
{%- endmacro -%}

{%- macro athena__add_raw_partitions(source=none, table=none, start_date=none, end_date=none) -%}
    {%- set explicit = [] -%}
    {%- set others = [] -%}
    {%- for definition in raw_table_definitions(source, table) if definition.is_in_use and not definition.existing -%}
        {%- if definition.strategy == 'explicit' -%}
            {%- do explicit.append(definition) -%}
        {%- else -%}
            {%- do others.append(definition.name ~ ' (' ~ definition.strategy ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not explicit or (table and others) -%}
        {%- do exceptions.raise_compiler_error(
            'Partitions are added only to raw tables in use with the strategy explicit. Found ' ~ (others | join(', ') or 'none')
            ~ '. A projected table ignores added partitions; Hive-style folders are found by repair_raw_tables; a flat table has '
            ~ 'none. Set the partition strategy of the table to explicit, or leave this operation out.'
        ) -%}
    {%- endif -%}
    {%- if start_date and end_date -%}
        {%- set days = delivery_days(start_date, end_date) -%}
    {%- elif start_date or end_date -%}
        {%- do exceptions.raise_compiler_error('add_raw_partitions: give both start_date and end_date, or neither.') -%}
    {%- else -%}
        {%- set window = delivery_window(rebuild_window(relation_exists=true)) -%}
        {%- set days = delivery_days(window.start_date, window.end_date) -%}
    {%- endif -%}
    {%- for definition in explicit -%}
        {%- do run_raw_table_statements(add_partition_statements(definition, days)) -%}
        {%- if not var('print_ddl', false) -%}
            {%- do log(
                'Raw table ' ~ definition.name ~ ' has the partitions of ' ~ days[0] ~ ' to ' ~ days[-1] ~ '.', info=true
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

{%- macro duckdb__add_raw_partitions(source=none, table=none, start_date=none, end_date=none) -%}
    {%- do say_nothing_to_do_on_duckdb() -%}
{%- endmacro -%}
