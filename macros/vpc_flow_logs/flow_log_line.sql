{#
    About one line of a text flow log, as SQL expressions over its raw table's columns.

    flow_log_line_values: the values of the line in their order, an array of text; of several surplus values the first.
    is_whole_flow_log_line: whether it has exactly as many values as its format has fields.
    is_blank_flow_log_line: whether nothing stands in it. DuckDB's reader leaves such lines out, Athena's does not.
#}
{%- macro flow_log_line_values(table_name) -%}
    {%- set names = flow_log_column_names(table_name) -%}
    {{- 'array[' ~ names | join(', ') ~ ']' -}}
{%- endmacro -%}


{%- macro is_whole_flow_log_line(table_name) -%}
    {%- set names = flow_log_column_names(table_name) -%}
    {{- '(' ~ names[-2] ~ ' is not null and ' ~ names[-1] ~ ' is null)' if names | length > 1 else 'false' -}}
{%- endmacro -%}


{%- macro is_blank_flow_log_line(table_name) -%}
    {%- set names = flow_log_column_names(table_name) -%}
    {{- '(' ~ names[0] ~ " = '' and " ~ names[1] ~ ' is null)' if names | length > 1 else 'false' -}}
{%- endmacro -%}


{#- The columns of a text table in file order, quoted; the last takes what is beyond the declared fields. -#}
{%- macro flow_log_column_names(table_name) -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for column in raw_table_columns(flow_log_tables()[table_name]) -%}
            {%- do names.append('"' ~ column.name ~ '"') -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(names) -}}
{%- endmacro -%}
