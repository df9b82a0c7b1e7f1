{#
    dbt run-operation drop_raw_tables [--args '{source: .., table: ..}']: removes the raw tables from the Glue catalog.
    They are external Hive tables, so no log file is deleted
    (https://docs.aws.amazon.com/athena/latest/ug/drop-table.html).
#}
{%- macro drop_raw_tables(source=none, table=none) -%}
    {{- return(adapter.dispatch('drop_raw_tables')(source, table)) -}}
{%- endmacro -%}

{%- macro athena__drop_raw_tables(source=none, table=none) -%}
    {%- for definition in raw_table_definitions(source, table) -%}
        {%- if not definition.is_managed -%}
            {%- do log('Raw table ' ~ definition.name ~ ' is not managed by this project: left alone.', info=true) -%}
        {%- elif var('print_ddl', false) or raw_glue_table(definition) -%}
            {%- do run_raw_table_statements(['drop table if exists ' ~ definition.relation.render_hive()]) -%}
            {%- if not var('print_ddl', false) -%}
                {%- do log('Raw table ' ~ definition.name ~ ' is dropped; its log files stay.', info=true) -%}
            {%- endif -%}
        {%- else -%}
            {%- do log('Raw table ' ~ definition.name ~ ' does not exist.', info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

{%- macro duckdb__drop_raw_tables(source=none, table=none) -%}
    {%- do say_nothing_to_do_on_duckdb() -%}
{%- endmacro -%}
