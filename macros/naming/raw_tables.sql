{# All raw tables that are declared with an `external:` block, in the order of their names. `graph` is only filled at run time. #}
{%- macro raw_tables() -%}
    {{ return(graph.sources.values() | selectattr('external') | sort(attribute='unique_id', reverse=true) | list) }}
{%- endmacro -%}
