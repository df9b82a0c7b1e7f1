{#- Prints what delivery_filter says about one raw table; empty days are left out. -#}
{%- macro print_delivery_filter(source, table, start_date, end_date) -%}
    {{- print(delivery_filter(source, table, start_date or none, end_date or none)) -}}
{%- endmacro -%}
