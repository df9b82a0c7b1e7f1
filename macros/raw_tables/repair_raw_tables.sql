{#
    dbt run-operation repair_raw_tables [--args '{source: .., table: ..}']: MSCK REPAIR TABLE on tables with the strategy
    hive. It lists every folder below the location and adds what is new
    (https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html).
#}
{%- macro repair_raw_tables(source=none, table=none) -%}
    {{- return(adapter.dispatch('repair_raw_tables')(source, table)) -}}
{%- endmacro -%}

{%- macro athena__repair_raw_tables(source=none, table=none) -%}
    {%- set statements = [] -%}
    {%- set others = [] -%}
    {%- for definition in raw_table_definitions(source, table) if definition.is_in_use and not definition.existing -%}
        {%- if definition.strategy == 'hive' -%}
            {%- do statements.append(repair_table_statement(definition)) -%}
        {%- else -%}
            {%- do others.append(definition.name ~ ' (' ~ definition.strategy ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not statements or (table and others) -%}
        {%- do exceptions.raise_compiler_error(
            'MSCK REPAIR TABLE finds only folders named key=value: raw tables in use with the strategy hive. Found '
            ~ (others | join(', ') or 'none') ~ '. Projected tables need no repair; for explicit ones run add_raw_partitions.'
        ) -%}
    {%- endif -%}
    {%- do run_raw_table_statements(statements) -%}
{%- endmacro -%}

{%- macro duckdb__repair_raw_tables(source=none, table=none) -%}
    {%- do say_nothing_to_do_on_duckdb() -%}
{%- endmacro -%}

{%- macro repair_table_statement(definition) -%}
    {{- return('msck repair table ' ~ definition.relation.render_hive()) -}}
{%- endmacro -%}
