{#
    The Glue entry of a raw table (the Table part of GetTable), or none. An error when something else than an external
    Hive table, or our view over a user's own table, stands under that name: dropping an Iceberg table deletes its files
    (https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-drop-table.html), and another view is someone's work.
#}
{%- macro raw_glue_table(definition) -%}
    {%- set answer = adapter.get_glue_table(definition.relation) -%}
    {%- if not answer -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set glue_table = answer['Table'] -%}
    {%- set table_format = (glue_table.get('Parameters') or {}).get('table_type', 'hive') | lower -%}
    {%- if is_existing_table_view(glue_table) -%}
        {{- return(glue_table) -}}
    {%- endif -%}
    {%- if glue_table.get('TableType') != 'EXTERNAL_TABLE' or table_format == 'iceberg' -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ definition.name ~ ': ' ~ definition.relation.render_hive() ~ ' exists, but is no external Hive table ('
            ~ glue_table.get('TableType') ~ ', ' ~ table_format ~ '). Rename it, or choose another schema with ATHENA_SCHEMA.'
        ) -%}
    {%- endif -%}
    {{- return(glue_table) -}}
{%- endmacro -%}
