{# Make staged rows the whole table, in one Glue call: CreateTable where there is no table, else UpdateTable. #}
{%- macro publish_whole_table(target_relation, staged) -%}
    {%- set is_new = adapter.get_glue_table(target_relation) is none -%}
    {%- set definition = target_relation if is_new else beside_relation(target_relation, 'definition') -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(staged) -%}
        {%- do columns.append('`' ~ column.name ~ '` ' ~ ddl_data_type(column.dtype)) -%}
    {%- endfor -%}
    {%- do run_query(
        "create external table " ~ definition.render_hive() ~ " (" ~ columns | join(', ') ~ ") stored as parquet location '"
        ~ adapter.get_glue_table_location(staged) | trim('/') ~ "/' tblproperties ('classification' = 'parquet')") -%}
    {%- if not is_new -%}
        {%- do adapter.swap_table(definition, target_relation) -%}
        {%- do adapter.delete_from_glue_catalog(definition) -%}
    {%- endif -%}
    {# The entry only: the data are the table's now. #}
    {%- do adapter.delete_from_glue_catalog(staged) -%}
{%- endmacro -%}
