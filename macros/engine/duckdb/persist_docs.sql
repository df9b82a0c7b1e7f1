{#
    Descriptions as comments of a table or view and of its columns. Overrides dbt's macro of that name, which sets up all macros
    four times and writes every comment in every run; here one query tells which of them differ, and those are written.
#}
{%- macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set place = "database_name = " ~ sql_literal(relation.database) ~ " and schema_name = " ~ sql_literal(relation.schema) -%}
    {%- set name = sql_literal(relation.identifier) -%}
    {%- set held = {} -%}
    {%- for row in run_query(
        "select null as column_name, comment from duckdb_tables() where " ~ place ~ " and table_name = " ~ name
        ~ " union all select null, comment from duckdb_views() where " ~ place ~ " and view_name = " ~ name
        ~ " union all select column_name, comment from duckdb_columns() where " ~ place ~ " and table_name = " ~ name).rows -%}
        {%- do held.update({row[0]: row[1] or ''}) -%}
    {%- endfor -%}
    {%- set statements = [] -%}
    {%- if for_relation and config.persist_relation_docs() and model.description != held[none] -%}
        {%- do statements.append('comment on ' ~ relation.type ~ ' ' ~ relation ~ ' is ' ~ duckdb_escape_comment(model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() -%}
        {%- for column in model.columns.values() if column.name in held and column.description != held[column.name] -%}
            {%- do statements.append(
                'comment on column ' ~ relation ~ '.' ~ adapter.quote(column.name) ~ ' is ' ~ duckdb_escape_comment(column.description)) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if statements -%}
        {%- do run_query(statements | join(';\n')) -%}
    {%- endif -%}
{%- endmacro -%}
