{#
    Makes one raw table on Athena unless it exists as declared. A table that exists with another definition is dropped
    and made again: it is metadata only, the files stay. A user's own table (managed: false) is never touched.
#}
{%- macro create_raw_table(definition) -%}
    {%- set statements = [] -%}
    {%- if not definition.is_managed -%}
        {%- do log('Raw table ' ~ definition.name ~ ' is not managed by this project: left alone.', info=true) -%}
    {%- elif var('print_ddl', false) -%}
        {%- do statements.append(create_raw_table_statement(definition)) -%}
    {%- else -%}
        {%- set glue_table = raw_glue_table(definition) -%}
        {%- if not glue_table -%}
            {%- do statements.append(create_raw_table_statement(definition)) -%}
            {%- do log('Raw table ' ~ definition.name ~ ' is created at ' ~ definition.location ~ '/.', info=true) -%}
        {%- else -%}
            {%- set differences = raw_table_differences(definition, glue_table) -%}
            {%- if differences -%}
                {%- do statements.append('drop table if exists ' ~ definition.relation.render_hive()) -%}
                {%- do statements.append(create_raw_table_statement(definition)) -%}
                {%- do log(
                    'Raw table ' ~ definition.name ~ ' is created again (metadata only, no log file is touched): '
                    ~ differences | join('; ') ~ '.', info=true
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
    {%- if definition.is_managed and not definition.is_in_use -%}
        {%- do log(
            'Raw table ' ~ definition.name ~ ' is empty: var ' ~ definition.path_var ~ ' is not set, so no logs of this layout '
            ~ 'are read.', info=true
        ) -%}
    {%- endif -%}
    {%- do run_raw_table_statements(statements) -%}
{%- endmacro -%}
