{#
    What scripts/check_setup.py asks dbt for, as one line of JSON on stdout: how the raw tables are declared and what the vars say
    of them, by the same macros that a run uses, and on DuckDB what lies below LOGS. Asks AWS for nothing.
#}
{%- macro describe_setup() -%}
    {%- do print(tojson(adapter.dispatch('described_setup')())) -%}
{%- endmacro -%}


{#- The tables and layouts that a file may belong to, whatever the vars say. -#}
{%- macro described_layouts() -%}
    {%- set layouts = [] -%}
    {%- for table in raw_tables() -%}
        {%- for layout in raw_table_layouts(table.external) -%}
            {%- do layouts.append({
                'table': table.source_name ~ '.' ~ table.name, 'layout': layout.name, 'keys': layout.partitions | map(attribute='name') | list,
                'shape': raw_file_shape(table, layout), 'path_var': table.external.path_var or '', 'layout_var': table.external.layout_var or '',
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(layouts) }}
{%- endmacro -%}


{#- The vars that list the values of partition keys: {key: {'var': .., 'listed': [..]}}. -#}
{%- macro described_value_lists(table) -%}
    {%- set lists = {} -%}
    {%- for partition in table.external.partitions or [] if partition.projection and partition.projection.values_var -%}
        {%- do lists.update({partition.name: {'var': partition.projection.values_var, 'listed': var(partition.projection.values_var)}}) -%}
    {%- endfor -%}
    {{ return(lists) }}
{%- endmacro -%}


{%- macro athena__described_setup() -%}
    {%- do require_raw_tables_in_use() -%}
    {%- set tables = [] -%}
    {%- for table in raw_tables() -%}
        {%- set definition = raw_table_definition(table) -%}
        {%- if definition.existing -%}
            {%- do tables.append({'name': definition.name, 'is_existing': true}) -%}
        {%- elif definition.is_in_use -%}
            {%- set keys = [] -%}
            {%- for key in definition.partition_keys -%}
                {%- do keys.append({'name': key.name, 'pattern': key.pattern, 'kind': key.kind, 'known_values': key.known_values}) -%}
            {%- endfor -%}
            {%- do tables.append({
                'name': definition.name, 'is_existing': false, 'format': definition.format, 'location': definition.location,
                'strategy': definition.strategy, 'partition_path': definition.partition_path, 'keys': keys,
                'key_prefixes': definition.key_prefixes or [''], 'file_name_pattern': definition.file_name_pattern,
                'header': raw_table_header(table), 'fields_var': table.external.fields_var or '', 'value_lists': described_value_lists(table),
                'path_var': definition.path_var or '', 'layout': var(table.external.layout_var) if table.external.layout_var else '',
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return({'tables': tables, 'layouts': described_layouts()}) }}
{%- endmacro -%}
