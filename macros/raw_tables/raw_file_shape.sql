{#
    How the path of a raw table's file looks in one of its layouts, from below the table's location on: a regular expression with one
    group per partition key, in folder order.
#}
{%- macro raw_file_shape(table, layout) -%}
    {%- set folders = [] -%}
    {%- for folder in layout.partition_path.split('/') if folder -%}
        {%- set folder_pattern = namespace(text=folder) -%}
        {%- for partition in layout.partitions -%}
            {%- set folder_pattern.text = folder_pattern.text | replace('{' ~ partition.name ~ '}', '(' ~ partition.pattern ~ ')') -%}
        {%- endfor -%}
        {%- do folders.append(folder_pattern.text ~ '/') -%}
    {%- endfor -%}
    {{ return(folders | join ~ '(?:[^/]*[^/0-9])?' ~ table.external.file_name_pattern ~ '$') }}
{%- endmacro -%}
