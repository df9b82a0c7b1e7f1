{#
    Rebuild whole days on DuckDB: the window's days are replaced in one transaction. A first build or full refresh replaces the
    table in one transaction. A run that is killed leaves the table as it was.
    A model that keeps the day of delivery reads by it, and finds records of other days too: its rows are staged, days outside the
    window are reported and left out. All other models filter by the window; a row outside it is an error.
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
    {%- set found_columns = described_columns(compiled_code) -%}
    {%- set may_find_other_days = 'delivery_date' in found_columns | map(attribute=0) -%}
    {%- if may_find_other_days -%}
        {%- do run_query('create or replace temp table ' ~ staged ~ ' as ' ~ compiled_code) -%}
        {%- do report_days_outside_window(staged, found_columns | map(attribute=0) | list, none if rebuild_all else existing, window) -%}
        {%- set rows = 'select * from ' ~ staged ~ ' where ' ~ in_window -%}
    {%- else -%}
        {%- set rows = rows_of_window(compiled_code, day, in_window) -%}
    {%- endif -%}

    {%- if rebuild_all -%}
        {%- call statement('main') -%}
            {{ replace_whole_table(target_relation, existing, rows) }}
        {%- endcall -%}
    {%- else -%}
        {%- set columns = described_columns('from ' ~ existing) -%}
        {%- if columns | sort != found_columns | sort -%}
            {%- if not may_find_other_days -%}
                {%- do run_query('create or replace temp table ' ~ staged ~ ' as from (' ~ compiled_code ~ '\n) limit 0') -%}
            {%- endif -%}
            {%- do process_schema_changes(incremental_validate_on_schema_change(config.get('on_schema_change'), default='fail'), staged, existing) -%}
            {%- set columns = described_columns('from ' ~ existing) -%}
        {%- endif -%}
        {%- set column_list = '"' ~ columns | map(attribute=0) | join('", "') ~ '"' -%}
        {%- call statement('main') -%}
            delete from {{ target_relation }} where {{ in_window }};
            insert into {{ target_relation }} ({{ column_list }}) select {{ column_list }} from ({{ rows }})
        {%- endcall -%}
    {%- endif -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {%- if may_find_other_days -%}
        {%- do run_query('drop table if exists ' ~ staged) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# The rows of a model that yields no day outside the window. Should it do so, the statement fails and nothing was changed. #}
{%- macro rows_of_window(model_sql, day, in_window) -%}
    select * replace (
        case when {{ in_window }} then {{ day }} else error(
            {{ sql_literal(this.identifier ~ ' yields a row of day ') }} || coalesce({{ day }}::varchar, 'null')
            || {{ sql_literal(
                ', outside the window of this run (' ~ in_window ~ '). Only staging models, which keep delivery_date, may do so. '
                ~ 'Filter with window_filter(), or give every row its day; nothing was changed.') }}
        ) end as {{ day }}
    )
    from ({{ model_sql }}
    )
{%- endmacro -%}


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
    The columns of what a query yields, as (name, type). dbt's own get_columns_in_relation, which its comparison of two tables calls too, sets
    up all macros again in each call: a fifth of the CPU seconds of a run over few records.
#}
{%- macro described_columns(query) -%}
    {%- set columns = [] -%}
    {%- for row in run_query('select column_name, column_type from (describe ' ~ query ~ '\n)').rows -%}
        {%- do columns.append((row[0], row[1])) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro -%}
