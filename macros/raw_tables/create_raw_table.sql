{#
    Makes one raw table on Athena unless it exists as declared. A table that exists with another definition is dropped
    and made again: it is metadata only, the files stay. Where a user's own table stands in for it, it is a view over that
    table, made anew by each run; the table itself is never touched. Table and view take each other's place.
#}
{%- macro create_raw_table(definition) -%}
    {%- set statements = [] -%}
    {%- set glue_table = none if var('print_ddl', false) else raw_glue_table(definition) -%}
    {%- set is_view = is_existing_table_view(glue_table) if glue_table else false -%}
    {%- if definition.existing -%}
        {%- set view = existing_table_view(definition) -%}
        {%- if glue_table and not is_view -%}
            {%- do statements.append(drop_raw_relation_statement(definition, is_view=false)) -%}
        {%- endif -%}
        {%- do statements.append(view) -%}
        {%- do report_existing_table(definition) -%}
    {%- elif not glue_table or is_view -%}
        {%- if is_view -%}
            {%- do statements.append(drop_raw_relation_statement(definition, is_view=true)) -%}
        {%- endif -%}
        {%- do statements.append(create_raw_table_statement(definition)) -%}
        {%- if not var('print_ddl', false) -%}
            {%- do log('Raw table ' ~ definition.name ~ ' is created at ' ~ definition.location ~ '/.', info=true) -%}
        {%- endif -%}
    {%- else -%}
        {%- set differences = raw_table_differences(definition, glue_table) -%}
        {%- if differences -%}
            {%- do statements.append(drop_raw_relation_statement(definition, is_view=false)) -%}
            {%- do statements.append(create_raw_table_statement(definition)) -%}
            {%- do log(
                'Raw table ' ~ definition.name ~ ' is created again (metadata only, no log file is touched): '
                ~ differences | join('; ') ~ '.', info=true
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if not definition.is_in_use -%}
        {%- do log(
            'Raw table ' ~ definition.name ~ ' is empty: var ' ~ definition.path_var ~ ' is not set, so no logs of this layout '
            ~ 'are read.', info=true
        ) -%}
    {%- endif -%}
    {%- do run_raw_table_statements(statements) -%}
{%- endmacro -%}
