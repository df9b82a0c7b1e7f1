{#-
    The interface that a flow record comes from, never null. Records of a regional NAT gateway name the gateway in its place
    (docs/vpc_flow_logs.md). Both arguments are SQL expressions of text.
-#}
{%- macro recording_interface_id(interface_id, resource_id) -%}
    coalesce({{ interface_id }}, {{ resource_id }}, 'unknown')
{%- endmacro -%}
