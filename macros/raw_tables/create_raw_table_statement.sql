{#
    The CREATE EXTERNAL TABLE statement of one definition, in the order of clauses that Athena documents
    (https://docs.aws.amazon.com/athena/latest/ug/create-table.html).
#}
{%- macro create_raw_table_statement(definition) -%}
    {%- set lines = [
        'create external table if not exists ' ~ definition.relation.render_hive() ~ ' (',
        raw_table_column_lines(definition.columns),
        ')',
    ] -%}
    {%- if definition.description -%}
        {%- do lines.append("comment '" ~ raw_table_comment(definition.description, 2000) ~ "'") -%}
    {%- endif -%}
    {%- if definition.partition_keys -%}
        {%- do lines.extend(['partitioned by (', raw_table_column_lines(definition.partition_keys), ')']) -%}
    {%- endif -%}
    {%- do lines.extend(raw_table_format_clauses(definition).clauses) -%}
    {%- do lines.append("location '" ~ definition.location ~ "/'") -%}
    {%- set properties = [] -%}
    {%- for name, value in raw_table_properties(definition).items() -%}
        {%- do properties.append("    '" ~ name ~ "' = '" ~ value ~ "'") -%}
    {%- endfor -%}
    {%- if properties -%}
        {%- do lines.extend(['tblproperties (', properties | join(',\n'), ')']) -%}
    {%- endif -%}
    {{- return(lines | join('\n')) -}}
{%- endmacro -%}
