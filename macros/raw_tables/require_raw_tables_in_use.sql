{#
    An error when no raw table of any source has a location on Athena: every model would be empty.
#}
{%- macro require_raw_tables_in_use() -%}
    {%- set path_vars = [] -%}
    {%- set in_use = [] -%}
    {%- for node in raw_tables() -%}
        {%- if existing_raw_table(node) or raw_table_sub_path(node) or not node.external.path_var -%}
            {%- do in_use.append(node.name) -%}
        {%- else -%}
            {%- do path_vars.append(node.external.path_var) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not in_use -%}
        {%- do exceptions.raise_compiler_error(
            'No raw table is in use: on Athena each layout needs the sub-path of LOGS that holds its files. Set at least one of '
            ~ 'the vars ' ~ (path_vars | sort | join(', ')) ~ ', or name a table of your own in var existing_raw_tables. Found all of them empty.'
        ) -%}
    {%- endif -%}
{%- endmacro -%}
