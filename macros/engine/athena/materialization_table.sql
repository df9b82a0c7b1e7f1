{#
    Whole tables on Athena: every run writes the rows to a new prefix and then points the table at it in one Glue call, so that
    readers see the old rows or the new ones. dbt-athena's own deletes the table first (docs/decisions/0003-seeds.md). The old
    data stay in S3 until scripts/sweep_retired_data.py takes them.
#}
{% materialization table, adapter='athena', supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set live = adapter.get_glue_table(target_relation) -%}
    {%- do check_live_whole_table(target_relation, live, [
        'external_location', 'bucketed_by', 'bucket_count', 'field_delimiter', 'table_properties', 'lf_tags_config', 'lf_grants'
    ]) -%}
    {%- if live is not none -%}
        {%- do refuse_incomplete_days(target_relation) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
    {%- endif -%}
    {%- set staged = beside_relation(target_relation, 'staged') -%}
    {%- call statement('main') -%}
        {{ create_table_in_new_prefix(staged, compiled_code) }}
    {%- endcall -%}
    {%- do publish_whole_table(target_relation, staged) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
