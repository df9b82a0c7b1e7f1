{#
    Rebuild whole days on DuckDB: what the model yields is staged, days outside the window are reported and left out, and
    the window's days are replaced in one transaction. A first build or full refresh replaces the table in one transaction.
    A run that is killed leaves the table as it was.
#}
{% materialization incremental, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_relation(this) -%}
    {%- set rebuild_all = existing is none or existing.is_view or should_full_refresh() -%}
    {%- set window = rebuild_window(relation_exists=not rebuild_all) -%}
    {%- set day = checked_day_column() -%}
    {%- set staged = api.Relation.create(identifier=this.identifier ~ '__staged', type='table') -%}
    {%- set in_window = day ~ " between date '" ~ window.start_date ~ "' and date '" ~ window.end_date ~ "'" -%}

    {%- if existing is not none -%}
        {%- do refuse_incomplete_days(target_relation) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(compiled_code) }}
    {%- endif -%}
    {%- do run_query('create or replace temp table ' ~ staged ~ ' as ' ~ compiled_code) -%}
    {%- set found_columns = described_columns(staged) -%}
    {%- do report_days_outside_window(staged, found_columns | map(attribute=0) | list, none if rebuild_all else existing, window) -%}

    {%- if rebuild_all -%}
        {%- call statement('main') -%}
            {{ replace_whole_table(target_relation, existing, 'select * from ' ~ staged ~ ' where ' ~ in_window) }}
        {%- endcall -%}
    {%- else -%}
        {%- set columns = described_columns(existing) -%}
        {%- if columns | sort != found_columns | sort -%}
            {%- do process_schema_changes(incremental_validate_on_schema_change(config.get('on_schema_change'), default='fail'), staged, existing) -%}
            {%- set columns = described_columns(existing) -%}
        {%- endif -%}
        {%- set column_list = '"' ~ columns | map(attribute=0) | join('", "') ~ '"' -%}
        {%- call statement('main') -%}
            delete from {{ target_relation }} where {{ in_window }};
            insert into {{ target_relation }} ({{ column_list }}) select {{ column_list }} from {{ staged }} where {{ in_window }}
        {%- endcall -%}
    {%- endif -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {%- do run_query('drop table if exists ' ~ staged) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# The column that holds a row's UTC event day, from partitioned_by; the one strategy there is is checked on the way. #}
{%- macro checked_day_column() -%}
    {%- if config.get('incremental_strategy') != 'rebuild_days' -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": incremental_strategy must be rebuild_days, found " ~ config.get('incremental_strategy')
            ~ ". Days are rebuilt whole here, see docs/decisions/0001-windows.md.") }}
    {%- endif -%}
    {{ return(config.require('partitioned_by')[0]) }}
{%- endmacro -%}


{#
    The columns of a table as (name, type). dbt's own get_columns_in_relation, which its comparison of two tables calls too, sets
    up all macros again in each call: a fifth of the CPU seconds of a run over few records.
#}
{%- macro described_columns(relation) -%}
    {%- set columns = [] -%}
    {%- for row in run_query('select column_name, column_type from (describe ' ~ relation ~ ')').rows -%}
        {%- do columns.append((row[0], row[1])) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro -%}
