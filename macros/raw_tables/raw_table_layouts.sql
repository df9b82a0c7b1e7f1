{#
    The folder layouts that a raw table's files may have, as dicts: name, partition_path, and the partitions that the path
    names, in folder order. AWS delivers some logs in several layouts (`layouts` of the external block); most tables have
    one (`partition_path`), whose name is ''.
#}
{%- macro raw_table_layouts(external) -%}
    {%- if not external.layouts -%}
        {{- return([{
            'name': '', 'partition_path': (external.partition_path or '').strip('/'), 'partitions': external.partitions or [],
        }]) -}}
    {%- endif -%}
    {%- set layouts = [] -%}
    {%- for layout_name, path in external.layouts.items() -%}
        {%- set partitions = [] -%}
        {%- for key_name in modules.re.findall('[{]([^{}]*)[}]', path) -%}
            {%- do partitions.extend(external.partitions | selectattr('name', 'equalto', key_name) | list) -%}
        {%- endfor -%}
        {%- do layouts.append({'name': layout_name, 'partition_path': path.strip('/'), 'partitions': partitions}) -%}
    {%- endfor -%}
    {{- return(layouts) -}}
{%- endmacro -%}


{#- The layout that a table has on Athena, where a table has one: the value of `layout_var`. -#}
{%- macro raw_table_layout(external, table_name) -%}
    {%- set layouts = raw_table_layouts(external) -%}
    {%- if not external.layouts -%}
        {{- return(layouts[0]) -}}
    {%- endif -%}
    {%- set chosen = var(external.layout_var, none) -%}
    {%- set found = layouts | selectattr('name', 'equalto', chosen) | list -%}
    {%- if not found -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ': var ' ~ external.layout_var ~ ' must be one of ' ~ (external.layouts | join(', '))
            ~ '. Found ' ~ (chosen | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {{- return(found[0]) -}}
{%- endmacro -%}


{#- Which of the key names holds the ledger's column ('account_id' or 'region'); none when no key does. -#}
{%- macro raw_table_ledger_key(external, column, key_names) -%}
    {%- set declared = (external.ledger or {}).get(column, []) -%}
    {{- return(([declared] if declared is string else declared) | select('in', key_names) | first | default(none)) -}}
{%- endmacro -%}
