{#
    One line of DDL per column: the name in backticks (reserved words, hyphens), the type in lower case as Glue keeps it, the description.
#}
{%- macro raw_table_column_lines(columns) -%}
    {%- set lines = [] -%}
    {%- for column in columns -%}
        {%- set comment = " comment '" ~ raw_table_comment(column.description, 255) ~ "'" if column.description else '' -%}
        {%- do lines.append(
            '    `' ~ column.name ~ '` ' ~ column.get('data_type', 'string').split() | join(' ') | lower ~ comment
        ) -%}
    {%- endfor -%}
    {{- return(lines | join(',\n')) -}}
{%- endmacro -%}
