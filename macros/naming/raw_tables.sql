{#
    All raw tables that are declared with an `external:` block, in the order of their names. `graph` is only filled at run time,
    and holds no sources while a unit test is compiled: then there are none.
#}
{%- macro raw_tables() -%}
    {{ return(graph.get('sources', {}).values() | selectattr('external') | sort(attribute='unique_id', reverse=true) | list) }}
{%- endmacro -%}
