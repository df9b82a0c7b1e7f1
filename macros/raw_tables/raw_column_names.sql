{# The names of a raw table's declared columns, in order; none while dbt only parses. #}
{%- macro raw_column_names(source_name, table_name) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for node in raw_tables() if node.source_name == source_name and node.name == table_name -%}
            {%- do names.extend(raw_table_columns(node) | map(attribute='name')) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(names) -}}
{%- endmacro -%}
