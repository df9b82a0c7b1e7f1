{#
    Seeds on Athena: loaded when file, types or descriptions changed, when the table is gone, and with --full-refresh. A load
    writes to a new prefix and then points the table at it, so that readers see the old rows or the new ones. The
    fingerprint of what was loaded becomes a property of the table as the last step: whatever stops a load, the next run
    loads again. docs/decisions/0003-seeds.md says why.
#}
{% materialization seed, adapter='athena', supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set live = adapter.get_glue_table(target_relation) -%}
    {%- do check_live_seed(target_relation, live) -%}
    {%- set fingerprint = seed_fingerprint() -%}
    {%- if live is not none and not should_full_refresh() and live.Table.Parameters.get('seed_fingerprint') == fingerprint -%}
        {%- do report_seed() -%}
        {{ return({'relations': [target_relation]}) }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set table = load_agate_table() -%}
    {%- do publish_seed(target_relation, stage_seed(target_relation, table)) -%}
    {%- do persist_docs(target_relation, model) -%}
    {%- do run_query(
        "alter table " ~ target_relation.render_hive() ~ " set tblproperties ('seed_fingerprint' = '" ~ fingerprint ~ "')") -%}
    {%- do report_seed(table.rows | length) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#
    Refuse to take over what no seed has made, and every config that the load cannot honour.
    live: Glue's answer to GetTable, or none where there is no such table.
#}
{%- macro check_live_seed(target_relation, live) -%}
    {%- for option in ['external_location', 'seed_by_insert', 'lf_tags_config', 'lf_grants', 'grants'] if config.get(option) -%}
        {{ exceptions.raise_compiler_error(
            "Seed " ~ model.name ~ ": the config " ~ option ~ " is not known to this project's seeds. Every load writes plain Parquet to a "
            ~ "new prefix of its own. Remove it.") }}
    {%- endfor -%}
    {%- if live is not none -%}
        {%- set kind = 'a view' if live.Table.TableType == 'VIRTUAL_VIEW'
            else 'an Iceberg table' if live.Table.get('Parameters', {}).get('table_type') | lower == 'iceberg'
            else 'a partitioned table' if live.Table.get('PartitionKeys')
            else none -%}
        {%- if kind is not none -%}
            {{ exceptions.raise_compiler_error(
                "Seed " ~ model.name ~ ": " ~ target_relation ~ " exists in Glue and is " ~ kind ~ ", expected a plain table. Drop it, then "
                ~ "run again.") }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}


{# Write the rows to a new prefix as a table beside the target, in as many statements as their text needs. #}
{%- macro stage_seed(target_relation, table) -%}
    {%- set staged = beside_relation(target_relation, 'staged') -%}
    {# A statement has at most 262,144 bytes (docs.aws.amazon.com/athena/latest/ug/service-limits.html). #}
    {%- for select in seed_selects(table, longest=200000) -%}
        {%- do run_query(create_table_in_new_prefix(staged, select) if loop.first else 'insert into ' ~ staged ~ ' ' ~ select) -%}
    {%- endfor -%}
    {{ return(staged) }}
{%- endmacro -%}


{# Make staged rows the whole table, in one Glue call: CreateTable where there is no table, else UpdateTable. #}
{%- macro publish_seed(target_relation, staged) -%}
    {%- set is_new = adapter.get_glue_table(target_relation) is none -%}
    {%- set definition = target_relation if is_new else beside_relation(target_relation, 'definition') -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(staged) -%}
        {%- do columns.append('`' ~ column.name ~ '` ' ~ ddl_data_type(column.dtype)) -%}
    {%- endfor -%}
    {%- do run_query(
        "create external table " ~ definition.render_hive() ~ " (" ~ columns | join(', ') ~ ") stored as parquet location '"
        ~ adapter.get_glue_table_location(staged) | trim('/') ~ "/' tblproperties ('classification' = 'parquet')") -%}
    {%- if not is_new -%}
        {%- do adapter.swap_table(definition, target_relation) -%}
        {%- do adapter.delete_from_glue_catalog(definition) -%}
    {%- endif -%}
    {# The entry only: the data are the table's now. #}
    {%- do adapter.delete_from_glue_catalog(staged) -%}
{%- endmacro -%}
