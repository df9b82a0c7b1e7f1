{#
    Whole tables on DuckDB: the table is replaced in one transaction. dbt-duckdb's own creates a table
    with a contract empty and then fills it, which DuckDB 2.0.0 does not bear (docs/engines.md, "Defects").
#}
{% materialization table, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_relation(this) -%}
    {%- if existing is not none -%}
        {%- do refuse_incomplete_days(target_relation) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(compiled_code) }}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ replace_whole_table(target_relation, existing, compiled_code) }}
    {%- endcall -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#
    Statements that put a table in the place of what stands under its name: existing, a relation or none.
    Not CREATE and then INSERT: DuckDB 2.0.0 forgets the statistics of a table that is created empty and filled with more than
    122,880 rows in one transaction, and later filters find nothing (tests/python/test_duckdb_marts.py).
#}
{%- macro replace_whole_table(target_relation, existing, select_sql) -%}
    {{ 'drop ' ~ existing.type ~ ' if exists ' ~ existing ~ ';' if existing is not none }}
    create table {{ target_relation }} as {{ select_sql }}
{%- endmacro -%}
