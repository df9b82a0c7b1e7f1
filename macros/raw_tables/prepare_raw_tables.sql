{#
    Called on-run-start: after it, every raw relation exists under its source name and knows the files of the window.
    `dbt source freshness` needs the newest days alone. Acts for run, build, test and freshness; returns an empty text, so that the hook itself executes nothing.
#}
{%- macro prepare_raw_tables() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'freshness') -%}
        {%- do adapter.dispatch('prepare_raw_tables')() -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro athena__prepare_raw_tables() -%}
    {%- do create_raw_tables() -%}
    {%- do create_unreadable_log_files() -%}
    {%- set loaded = [] -%}
    {%- for definition in raw_table_definitions() if definition.is_in_use -%}
        {%- if definition.strategy in ('explicit', 'hive') or definition.existing -%}
            {%- do loaded.append(definition) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if loaded -%}
        {%- set window = freshness_days() if flags.WHICH == 'freshness'
            else delivery_window(rebuild_window(relation_exists=selected_models_exist())) -%}
        {%- do load_window_partitions(window.start_date, window.end_date) -%}
        {%- for definition in loaded if definition.existing -%}
            {%- do report_existing_partitions(definition, delivery_days(window.start_date, window.end_date)) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}

{#- Whether every day-by-day model of this run has been built before: the first build needs dates. -#}
{%- macro selected_models_exist() -%}
    {%- set missing = [] -%}
    {%- if flags.WHICH != 'test' -%}
        {%- for id in selected_resources if id in graph.nodes and graph.nodes[id].config.materialized == 'incremental' -%}
            {%- set model = graph.nodes[id] -%}
            {%- if flags.FULL_REFRESH or not adapter.get_relation(model.database, model.schema, model.alias) -%}
                {%- do missing.append(id) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(not missing) -}}
{%- endmacro -%}
