{#
    The sub-path of a raw table below its root, without slashes at its ends; '' when its path var is not set. A table
    without a path var stands at the root itself.
#}
{%- macro raw_table_sub_path(node) -%}
    {%- if not node.external.path_var -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set setting = 'var ' ~ node.external.path_var -%}
    {{- return(raw_table_text(var(node.external.path_var, none) or '', node.source_name ~ '.' ~ node.name, setting).strip('/')) -}}
{%- endmacro -%}
