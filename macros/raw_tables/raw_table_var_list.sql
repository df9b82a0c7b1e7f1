{#
    The var `var_name` as a list of safe texts. An error when it is not a list, is empty, or holds an unsafe value.
#}
{%- macro raw_table_var_list(var_name, table_name) -%}
    {%- set values = var(var_name, none) -%}
    {%- if values is string or values is mapping or values is not iterable -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ': var ' ~ var_name ~ ' must be a list. Found ' ~ (values | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- if not values -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ' is in use, but var ' ~ var_name
            ~ ' is an empty list: every query would find nothing. List the values that deliver logs, or empty the path var '
            ~ 'of this table.'
        ) -%}
    {%- endif -%}
    {%- for value in values -%}
        {%- do raw_table_text(value, table_name, 'var ' ~ var_name) -%}
    {%- endfor -%}
    {{- return(values | list) -}}
{%- endmacro -%}
