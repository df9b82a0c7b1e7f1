{#
    Seeds on Athena: loaded when file, types or descriptions changed, when the table is gone, and with --full-refresh. A load
    writes to a new prefix and then points the table at it, so that readers see the old rows or the new ones. The
    fingerprint of what was loaded becomes a property of the table as the last step: whatever stops a load, the next run
    loads again. docs/decisions/0003-seeds.md says why.
#}
{% materialization seed, adapter='athena', supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set live = adapter.get_glue_table(target_relation) -%}
    {%- do check_live_whole_table(target_relation, live, ['external_location', 'seed_by_insert', 'lf_tags_config', 'lf_grants', 'grants']) -%}
    {%- set fingerprint = seed_fingerprint() -%}
    {%- if live is not none and not should_full_refresh() and live.Table.Parameters.get('seed_fingerprint') == fingerprint -%}
        {%- do report_seed() -%}
        {{ return({'relations': [target_relation]}) }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set table = load_agate_table() -%}
    {%- do publish_whole_table(target_relation, stage_seed(target_relation, table)) -%}
    {%- do persist_docs(target_relation, model) -%}
    {%- do run_query(
        "alter table " ~ target_relation.render_hive() ~ " set tblproperties ('seed_fingerprint' = '" ~ fingerprint ~ "')") -%}
    {%- do report_seed(table.rows | length) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Write the rows to a new prefix as a table beside the target, in as many statements as their text needs. #}
{%- macro stage_seed(target_relation, table) -%}
    {%- set staged = beside_relation(target_relation, 'staged') -%}
    {# A statement has at most 262,144 bytes (docs.aws.amazon.com/athena/latest/ug/service-limits.html). #}
    {%- for select in seed_selects(table, longest=200000) -%}
        {%- do run_query(create_table_in_new_prefix(staged, select) if loop.first else 'insert into ' ~ staged ~ ' ' ~ select) -%}
    {%- endfor -%}
    {{ return(staged) }}
{%- endmacro -%}
