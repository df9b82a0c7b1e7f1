{#
    After the models: mark the window's files as read when every model was built, and say what was built and what was not.
    `results` is dbt's list of results, as an on-run-end hook gets it.
#}
{%- macro summarize_run(results) -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {{ adapter.dispatch('summarize_run')(results) }}
    {%- endif -%}
{%- endmacro -%}


{%- macro athena__summarize_run(results) -%}
{%- endmacro -%}


{%- macro duckdb__summarize_run(results) -%}
    {%- set built = [] -%}
    {%- for result in results if result.node.resource_type == 'model' and result.status == 'success' -%}
        {%- do built.append(result.node.unique_id) -%}
    {%- endfor -%}
    {%- set wanted = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('config.materialized', 'equalto', 'incremental') | map(attribute='unique_id') | list -%}
    {%- do close_log_run(wanted | reject('in', built) | list | length == 0) -%}
{%- endmacro -%}
