{#
    After the models: on DuckDB the window's files count as read when every model was built; on both engines say when the run
    started and how long it took, what was not built, what the marts hold of the window, what the coverage mart says of it, and
    on Athena what was scanned. `results` is dbt's list of results, as an on-run-end hook gets it.
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
        {%- do say_what_marts_hold(built) -%}
        {%- if 'model.aws_internet_traffic.fct_log_coverage_daily' in built -%}
            {%- do say_what_coverage_found() -%}
        {%- endif -%}
        {%- do adapter.dispatch('say_what_was_scanned')(results) -%}
        {%- do log(
            "Run: started " ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ " UTC, took "
            ~ (modules.datetime.datetime.now(run_started_at.tzinfo) - run_started_at).total_seconds() | round | int ~ " seconds.",
            info=true) -%}
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


{# Rows of the window in each mart that was built, and the first of its columns that counts bytes: one statement for all. #}
{%- macro say_what_marts_hold(built) -%}
    {%- set window = window_of_run() -%}
    {%- set questions = [] -%}
    {%- set measures = {} -%}
    {%- for mart in graph.nodes.values() | sort(attribute='name') if mart.unique_id in built and mart.fqn[1] == 'marts' -%}
        {%- set byte_columns = [] -%}
        {%- for column in mart.columns.values() if 'byte' in column.name and column.data_type == 'bigint' -%}
            {%- do byte_columns.append(column.name) -%}
        {%- endfor -%}
        {%- do measures.update({mart.name: byte_columns | first}) -%}
        {%- do questions.append(
            "select '" ~ mart.name ~ "' as mart, count(*) as row_count, "
            ~ ("cast(sum(" ~ byte_columns[0] ~ ") as bigint)" if byte_columns else "cast(null as bigint)") ~ " as byte_count from "
            ~ api.Relation.create(database=mart.database, schema=mart.schema, identifier=mart.alias)
            ~ (" where event_date between date '" ~ window.start_date ~ "' and date '" ~ window.end_date ~ "'"
                if 'event_date' in mart.columns else "")) -%}
    {%- endfor -%}
    {%- if questions -%}
        {%- do log(
            "Marts, event days " ~ (window.start_date if window.start_date != '1970-01-01' else 'from the first') ~ " to " ~ window.end_date
            ~ ":", info=true) -%}
        {%- for row in run_query(questions | join(" union all ") ~ " order by 1").rows -%}
            {%- do log(
                "  " ~ row[0] ~ ": " ~ row[1] ~ " rows"
                ~ (", " ~ measures[row[0]] ~ " " ~ readable_bytes(row[2] or 0) if measures[row[0]] else ""), info=true) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}


{# What the coverage mart counts of the window, together and by kind of log. #}
{%- macro say_what_coverage_found() -%}
    {%- set window = window_of_run() -%}
    {%- set mart = graph.nodes['model.aws_internet_traffic.fct_log_coverage_daily'] -%}
    {%- set rows = run_query(
        "select log_source, cast(min(event_date) as varchar), cast(max(event_date) as varchar), count(distinct event_date),
            count(distinct case when not is_complete then event_date end), sum(record_count), sum(unreadable_count),
            sum(duplicate_count), sum(late_count), sum(unreadable_file_count)
        from " ~ adapter.get_relation(mart.database, mart.schema, mart.alias) ~ "
        where event_date between date '" ~ window.start_date ~ "' and date '" ~ window.end_date ~ "'
        group by grouping sets ((log_source), ()) order by log_source nulls first").rows -%}
    {%- if rows[0][1] is none -%}
        {%- do log("Coverage: no record lies in the window.", info=true) -%}
    {%- else -%}
        {%- for row in rows -%}
            {%- do log(
                ("Coverage of " ~ row[1] ~ " to " ~ row[2] if row[0] is none else "  " ~ row[0]) ~ ": " ~ row[5] ~ " records, " ~ row[6]
                ~ " unreadable records, " ~ row[7] ~ " duplicates removed, " ~ row[8] ~ " late, " ~ row[9] ~ " unreadable files; " ~ row[4]
                ~ " of " ~ row[3] ~ " days are not complete.", info=true) -%}
        {%- endfor -%}
        {%- if rows[0][4] > 0 -%}
            {%- do log("  Why they are not: analysis log_days_to_distrust.", info=true) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}


{#
    What Athena says that the main statement of each model, seed and test scanned. The statements beside it are not in dbt's results:
    scripts/query_costs.py asks Athena for them.
#}
{%- macro athena__say_what_was_scanned(results) -%}
    {%- set price = var('athena_scan_price') -%}
    {%- set total = namespace(count=0, scanned=0, billed_mb=0) -%}
    {%- for result in results if result.adapter_response and result.adapter_response.get('data_scanned_in_bytes') is not none -%}
        {%- set scanned = result.adapter_response['data_scanned_in_bytes'] -%}
        {%- set total.count = total.count + 1 -%}
        {%- set total.scanned = total.scanned + scanned -%}
        {#- Rounded up to a MB, 10 MB at least (https://aws.amazon.com/athena/pricing/). -#}
        {%- set total.billed_mb = total.billed_mb + [10, (scanned / 1048576) | round(0, 'ceil') | int] | max -%}
    {%- endfor -%}
    {%- do log(
        "Scanned: " ~ readable_bytes(total.scanned) ~ " in the main statements of " ~ total.count ~ " models, seeds and tests, about "
        ~ '%.4f' | format(total.billed_mb / 1048576 * price.per_tb) ~ " " ~ price.currency ~ ". Of all statements: make query-costs.", info=true) -%}
{%- endmacro -%}


{%- macro duckdb__say_what_was_scanned(results) -%}
    {#- Nobody charges for what DuckDB reads. -#}
{%- endmacro -%}


{# A number of bytes as text, in units of 1,000. #}
{%- macro readable_bytes(byte_count) -%}
    {%- set amount = namespace(value=byte_count | float, unit='bytes') -%}
    {%- for unit in ['kB', 'MB', 'GB', 'TB', 'PB'] if amount.value >= 1000 -%}
        {%- set amount.value = amount.value / 1000 -%}
        {%- set amount.unit = unit -%}
    {%- endfor -%}
    {{ return((byte_count | int ~ '' if amount.unit == 'bytes' else '%.1f' | format(amount.value)) ~ ' ' ~ amount.unit) }}
{%- endmacro -%}
