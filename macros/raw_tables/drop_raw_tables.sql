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
        {%- set glue_table = none if var('print_ddl', false) else raw_glue_table(definition) -%}
        {%- set is_view = is_existing_table_view(glue_table) if glue_table else definition.existing -%}
        {%- if var('print_ddl', false) or glue_table -%}
            {%- do run_raw_table_statements([drop_raw_relation_statement(definition, is_view)]) -%}
            {%- if not var('print_ddl', false) -%}
                {%- do log(
                    'Raw table ' ~ definition.name ~ ' is dropped; '
                    ~ ('your own table behind it stays.' if is_view else 'its log files stay.'), info=true
                ) -%}
            {%- endif -%}
        {%- else -%}
            {%- do log('Raw table ' ~ definition.name ~ ' does not exist.', info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

{%- macro duckdb__drop_raw_tables(source=none, table=none) -%}
    {%- do say_nothing_to_do_on_duckdb() -%}
{%- endmacro -%}

{#- What removes a raw relation of ours: metadata only, be it a table over log files or the view over a user's own table. -#}
{%- macro drop_raw_relation_statement(definition, is_view) -%}
    {%- if is_view -%}
        {{- return('drop view if exists ' ~ definition.relation.render()) -}}
    {%- endif -%}
    {{- return('drop table if exists ' ~ definition.relation.render_hive()) -}}
{%- endmacro -%}
