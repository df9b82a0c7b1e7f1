{#
    The raw tables of text flow logs, from var vpc_flow_logs_text_tables. A table that is declared and not in the var would
    lose its records, and is refused.
#}
{%- macro flow_log_text_tables() -%}
    {%- set listed = var('vpc_flow_logs_text_tables') -%}
    {%- if execute -%}
        {%- set declared = [] -%}
        {%- for name, node in flow_log_tables().items() if node.external.format == 'delimited' -%}
            {%- do declared.append(name) -%}
        {%- endfor -%}
        {%- if declared | sort != listed | sort -%}
            {%- do exceptions.raise_compiler_error(
                'Var vpc_flow_logs_text_tables must name the text tables that the source vpc_flow_logs declares ('
                ~ declared | sort | join(', ') ~ '). Found ' ~ listed | tojson ~ '.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(listed) -}}
{%- endmacro -%}
