{#
    dbt run-operation create_raw_tables [--args '{source: .., table: ..}']: makes the raw tables that are missing, and
    makes those again whose existing definition differs from the declared one. A second run does nothing.
#}
{%- macro create_raw_tables(source=none, table=none) -%}
    {{- return(adapter.dispatch('create_raw_tables')(source, table)) -}}
{%- endmacro -%}

{%- macro athena__create_raw_tables(source=none, table=none) -%}
    {%- set definitions = raw_table_definitions(source, table) -%}
    {%- do require_raw_tables_in_use() -%}
    {%- set schemas = [] -%}
    {%- for definition in definitions if definition.relation.schema not in schemas -%}
        {%- do schemas.append(definition.relation.schema) -%}
        {%- if var('print_ddl', false) or not adapter.check_schema_exists(
            definition.relation.database, definition.relation.schema
        ) -%}
            {%- do run_raw_table_statements([
                'create schema if not exists ' ~ definition.relation.without_identifier().render_hive()
            ]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for definition in definitions -%}
        {%- do create_raw_table(definition) -%}
    {%- endfor -%}
{%- endmacro -%}

{%- macro duckdb__create_raw_tables(source=none, table=none) -%}
    {%- do say_nothing_to_do_on_duckdb() -%}
{%- endmacro -%}
