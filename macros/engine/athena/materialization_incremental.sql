{#
    Incremental models on Athena, strategy rebuild_days: the window's days are written once, beside the live table, and
    each day's partition is then pointed at them. A reader sees a whole day, old or new. A first build and a full refresh
    become visible in one Glue call. docs/decisions/0002-write-once-then-switch.md says why and what follows.
#}
{% materialization incremental, adapter='athena', supported_languages=['sql'] %}
    {%- set day_column = checked_partition_column() -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set live = adapter.get_glue_table(target_relation) -%}
    {%- do check_live_table(target_relation, live, day_column) -%}
    {%- if live is not none and live.Table.Parameters.get('projection.enabled') == 'true' -%}
        {%- do finish_publication(target_relation, live.Table, day_column) -%}
    {%- endif -%}
    {%- set is_rebuilt_whole = live is none or should_full_refresh() -%}
    {%- set window = rebuild_window(relation_exists=not is_rebuilt_whole) -%}

    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
    {%- endif -%}
    {%- set staged = stage_days(target_relation, compiled_code, day_column, window) -%}
    {%- if not is_rebuilt_whole -%}
        {%- do add_new_columns(target_relation, staged.columns) -%}
    {%- endif -%}
    {%- do report_staged_rows_outside_window(target_relation, staged, none if is_rebuilt_whole else target_relation, window) -%}
    {%- if is_rebuilt_whole -%}
        {%- do log_days_left_out(target_relation, live, day_column, window) -%}
        {%- do publish_table(
            target_relation, live is none, staged.columns, day_column, staged.days, staged.location,
            window.start_date ~ ',' ~ window.end_date) -%}
    {%- else -%}
        {%- do switch_days(target_relation, day_column, staged.days, staged.location, window) -%}
    {%- endif -%}
    {# The entry only: the data are the live table's now. #}
    {%- do adapter.delete_from_glue_catalog(staged.relation) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
