{#
    Overrides dbt's macro of that name: a data test looks at the days that the run rewrote, not at all history. The token
    __rebuild_window__ in a test's `where` becomes a predicate on event_date; dbt_project.yml sets it for every model. A model
    without event_date is rebuilt whole, and tested whole.
    --vars '{tests_look_at: everything}' tests the whole tables.
#}
{%- macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if not where or not execute -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set filtered -%}
        (select * from {{ relation }} where {{ where | replace('__rebuild_window__', tested_days_filter()) }}) dbt_subquery
    {%- endset -%}
    {{ return(filtered) }}
{%- endmacro -%}


{%- macro tested_days_filter() -%}
    {%- set tested = graph.nodes[model.attached_node] if model.attached_node in graph.nodes else none -%}
    {%- if var('tests_look_at') == 'everything' or (tested and 'event_date' not in tested.columns) -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set window = window_of_run() -%}
    {{ return("event_date between date '" ~ window.start_date ~ "' and date '" ~ window.end_date ~ "'") }}
{%- endmacro -%}


{# The widest window of this run, as prepare_raw_tables chose it; outside of a run, the window a run would have now. #}
{%- macro window_of_run() -%}
    {{ return(adapter.dispatch('window_of_run')()) }}
{%- endmacro -%}


{%- macro athena__window_of_run() -%}
    {{ return(rebuild_window(relation_exists=true)) }}
{%- endmacro -%}


{%- macro duckdb__window_of_run() -%}
    {%- set kept = days_of_run() -%}
    {{ return(kept.window if 'window' in kept else rebuild_window(relation_exists=true)) }}
{%- endmacro -%}
