{#
    Seeds on DuckDB: loaded when file, types or descriptions changed, when the table is gone, and with --full-refresh. A load
    is one transaction; the fingerprint of what was loaded stands in the last line of the table's comment and comes and goes
    with the table. docs/decisions/0003-seeds.md says why.
#}
{% materialization seed, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_relation(this) -%}
    {%- if existing is not none and not existing.is_table -%}
        {{ exceptions.raise_compiler_error(
            "Seed " ~ model.name ~ ": " ~ existing ~ " exists and is a " ~ existing.type ~ ", expected a table. Drop it, then run again.") }}
    {%- endif -%}
    {%- set fingerprint = seed_fingerprint() -%}
    {%- if existing is not none and not should_full_refresh() and loaded_seed_fingerprint(target_relation) == fingerprint -%}
        {%- do report_seed() -%}
        {{ return({'relations': [target_relation]}) }}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set table = load_agate_table() -%}
    {# A statement of this form opens the transaction; run_query alone would not. #}
    {%- call statement('seed_rows') -%}
        create or replace table {{ target_relation }} as {{ seed_selects(table)[0] }}
    {%- endcall -%}
    {%- set comment = [model.description if config.persist_relation_docs() else '', 'Seed fingerprint: ' ~ fingerprint] -%}
    {%- do run_query(alter_relation_comment(target_relation, comment | select | join('\n\n'))) -%}
    {%- do persist_docs(target_relation, model, for_relation=false) -%}
    {%- do report_seed(table.rows | length) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# The fingerprint of the load that made the table; none when something else made it. #}
{%- macro loaded_seed_fingerprint(relation) -%}
    {{ return(run_query(
        "select regexp_extract(comment, 'Seed fingerprint: ([0-9a-f]{32})$', 1) from duckdb_tables() where database_name = "
        ~ sql_literal(relation.database) ~ " and schema_name = " ~ sql_literal(relation.schema) ~ " and table_name = "
        ~ sql_literal(relation.identifier)).columns[0].values() | first) }}
{%- endmacro -%}
