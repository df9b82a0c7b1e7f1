{# How the names of a raw table's files end, from `file_name_pattern` of its external block; other objects below a log prefix are not logs. #}
{%- macro log_file_name_pattern(source_name, table_name) -%}
    {%- if not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- set table = raw_tables() | selectattr('source_name', 'equalto', source_name) | selectattr('name', 'equalto', table_name) | first -%}
    {#- The view over a user's own table looks at the names itself: not all files have the names that AWS gives. -#}
    {%- if existing_raw_table(table) -%}
        {{ return('') }}
    {%- endif -%}
    {{ return('(?:^|[^0-9])' ~ table.external.file_name_pattern ~ '$') }}
{%- endmacro -%}
