{#
    After the models: on DuckDB the window's files count as read when every model was built; on both engines say what was
    not built, and what the coverage mart says of the window. `results` is dbt's list of results, as an on-run-end hook gets it.
#}
{%- macro summarize_run(results) -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- set built = [] -%}
        {%- for result in results if result.node.resource_type == 'model' and result.status == 'success' -%}
            {%- do built.append(result.node.unique_id) -%}
        {%- endfor -%}
        {%- set incremental_models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
            | selectattr('config.materialized', 'equalto', 'incremental') | map(attribute='unique_id') | list -%}
        {%- do adapter.dispatch('close_run')(incremental_models | reject('in', built) | list | length == 0) -%}
        {%- do say_what_was_not_built(results) -%}
        {%- do explain_failures(results) -%}
        {%- if 'model.aws_internet_traffic.fct_log_coverage_daily' in built -%}
            {%- do say_what_coverage_found() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro athena__close_run(is_whole) -%}
    {#- Athena keeps no list of the files that were read. -#}
{%- endmacro -%}


{%- macro duckdb__close_run(is_whole) -%}
    {%- do close_log_run(is_whole) -%}
{%- endmacro -%}


{%- macro say_what_was_not_built(results) -%}
    {%- set missing = [] -%}
    {%- for result in results if result.node.resource_type == 'model' and result.status in ('error', 'skipped') -%}
        {%- do missing.append(result.node.name) -%}
    {%- endfor -%}
    {%- if missing -%}
        {%- do log(
            "Not built: " ~ missing | join(', ') ~ ". Their tables hold whole days, as they were before or, for some days, as this run "
            ~ "made them; the next run that succeeds rebuilds the window. See docs/when_a_run_fails.md.", info=true) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro say_what_coverage_found() -%}
    {%- set window = window_of_run() -%}
    {%- set mart = graph.nodes['model.aws_internet_traffic.fct_log_coverage_daily'] -%}
    {%- set found = run_query(
        "select cast(min(event_date) as varchar), cast(max(event_date) as varchar), count(distinct event_date),
            count(distinct case when not is_complete then event_date end), sum(record_count), sum(unreadable_count),
            sum(duplicate_count), sum(late_count), sum(unreadable_file_count)
        from " ~ adapter.get_relation(mart.database, mart.schema, mart.alias) ~ "
        where event_date between date '" ~ window.start_date ~ "' and date '" ~ window.end_date ~ "'").rows[0] -%}
    {%- if found[0] is none -%}
        {%- do log("Coverage: no record lies in the window.", info=true) -%}
    {%- else -%}
        {%- do log(
            "Coverage of " ~ found[0] ~ " to " ~ found[1] ~ ": " ~ found[4] ~ " records, " ~ found[5] ~ " unreadable records, " ~ found[6]
            ~ " duplicates removed, " ~ found[7] ~ " late, " ~ found[8] ~ " unreadable files; " ~ found[3] ~ " of " ~ found[2]
            ~ " days are not complete.", info=true) -%}
    {%- endif -%}
{%- endmacro -%}
