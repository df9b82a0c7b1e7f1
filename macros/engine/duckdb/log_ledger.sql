{#
    The ledger of log files: every file that was ever found below the root, with the day it was delivered, whether it
    could be read, and whether a whole run has read it. DuckDB only; it lives beside the raw views.
#}
{%- macro log_ledger_relation() -%}
    {{ return(api.Relation.create(database=target.database, schema=target.schema ~ '_raw', identifier='log_files', type='table')) }}
{%- endmacro -%}


{# First column of the first row of a query over the ledger ({ledger} stands for its name); none before the first run. #}
{%- macro read_log_ledger(query) -%}
    {%- if load_relation(log_ledger_relation()) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set answer = run_query(query | replace('{ledger}', log_ledger_relation() | string)) -%}
    {{ return(answer.rows[0][0] if answer.rows | length > 0 else none) }}
{%- endmacro -%}


{#
    The condition on the ledger's rows that a run over these delivery days reads them: files of those days, and all files of
    tables that read all days.
#}
{%- macro is_read_by_run(first_day, last_day) -%}
    {{ return("(delivery_date between date '" ~ first_day ~ "' and date '" ~ last_day ~ "' or not " ~ is_log_file() ~ ")") }}
{%- endmacro -%}


{# The condition on the ledger's rows that a file is one of a log, whose days a run chooses; a snapshot is none. #}
{%- macro is_log_file() -%}
    {%- if not execute -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set tables = [] -%}
    {%- for table in raw_tables() if not table.external.reads_all_days -%}
        {%- do tables.append("('" ~ table.source_name ~ "', '" ~ table.name ~ "')") -%}
    {%- endfor -%}
    {{ return("(log_source, raw_table) in (" ~ tables | join(', ') ~ ")") }}
{%- endmacro -%}


{# The newest delivery day up to which a whole run has read the files, as 'YYYY-MM-DD', or none. #}
{%- macro newest_read_delivery_date() -%}
    {%- set kept = days_of_run() -%}
    {%- if 'newest_read' in kept -%}
        {{ return(kept.newest_read) }}
    {%- endif -%}
    {{ return(read_log_ledger(
        "select strftime(max(delivery_date), '%Y-%m-%d') from {ledger} where read_at is not null and " ~ is_log_file())) }}
{%- endmacro -%}


{#
    The days that this run goes by, once prepare_raw_tables has brought the ledger up to date: a dict with newest and newest_read,
    and with the window when the run rewrites one; else an empty dict. They are kept in `graph`, which all macros of a run share:
    asking the ledger for each model and test took longer than most of these.
#}
{%- macro days_of_run() -%}
    {%- set kept = graph.get('days_of_run', {}) -%}
    {{ return(kept if kept.get('invocation_id') == invocation_id else {}) }}
{%- endmacro -%}


{%- macro keep_days_of_run() -%}
    {%- do graph.update({'days_of_run': {
        'invocation_id': invocation_id, 'newest': newest_delivery_date_of_ledger(), 'newest_read': newest_read_delivery_date(),
    }}) -%}
{%- endmacro -%}


{%- macro newest_delivery_date_of_ledger() -%}
    {{ return(read_log_ledger("select strftime(max(delivery_date), '%Y-%m-%d') from {ledger} where " ~ is_log_file())) }}
{%- endmacro -%}


{%- macro create_log_ledger() -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- do adapter.create_schema(ledger) -%}
    {%- do run_query(
        "create table if not exists " ~ ledger ~ " (
            log_source varchar not null,
            raw_table varchar not null,
            candidate_tables varchar[],
            file_path varchar not null primary key,
            delivery_date date not null,
            account_id varchar,
            region varchar,
            partition_values map(varchar, varchar),
            is_present boolean not null,
            stamp varchar,
            size_bytes bigint,
            line_count bigint,
            longest_line_bytes bigint,
            header varchar,
            problem varchar,
            header_problem varchar,
            read_path varchar,
            inspected_at timestamp,
            read_at timestamp
        )") -%}
    {#- Warehouses from before these columns. -#}
    {%- for column in ['candidate_tables varchar[]', 'header varchar', 'header_problem varchar', 'longest_line_bytes bigint'] -%}
        {%- do run_query("alter table " ~ ledger ~ " add column if not exists " ~ column) -%}
    {%- endfor -%}
    {%- do run_query(
        "create table if not exists " ~ log_runs_relation() ~ " (
            invocation_id varchar not null primary key,
            started_at timestamp not null,
            window_start_date date not null,
            window_end_date date not null,
            first_delivery_date date not null,
            last_delivery_date date not null,
            is_whole boolean
        )") -%}
    {%- do run_query(
        "create or replace view " ~ unreadable_files_view() ~ " as
        select log_source, raw_table, file_path, delivery_date, account_id, region, size_bytes,
            coalesce(problem, header_problem) as problem
        from " ~ ledger ~ "
        where is_present and (problem is not null or header_problem is not null or line_count = 0)") -%}
{%- endmacro -%}


{%- macro unreadable_files_view() -%}
    {{ return(api.Relation.create(database=target.database, schema=target.schema ~ '_raw', identifier='unreadable_log_files', type='view')) }}
{%- endmacro -%}


{# One row per run: which delivery days it read, and whether every model was built (null when it never came to an end). #}
{%- macro log_runs_relation() -%}
    {{ return(api.Relation.create(database=target.database, schema=target.schema ~ '_raw', identifier='log_runs', type='table')) }}
{%- endmacro -%}


{%- macro open_log_run(days) -%}
    {%- do run_query(
        "insert into " ~ log_runs_relation() ~ " values ('" ~ invocation_id ~ "', current_timestamp::timestamp, date '"
        ~ days.first ~ "', date '" ~ days.window_end ~ "', date '" ~ days.first ~ "', date '" ~ days.last ~ "', null)") -%}
{%- endmacro -%}


{#
    Called after a run. When every model was built, its files count as read, and later windows start from there.
#}
{%- macro close_log_run(is_whole) -%}
    {%- set this_run = log_runs_relation() ~ " where invocation_id = '" ~ invocation_id ~ "'" -%}
    {%- do run_query("update " ~ log_runs_relation() ~ " set is_whole = " ~ is_whole ~ " where invocation_id = '" ~ invocation_id ~ "'") -%}
    {%- if is_whole -%}
        {%- do run_query(
            "update " ~ log_ledger_relation() ~ " set read_at = current_timestamp::timestamp
            from (select * from " ~ this_run ~ ") as this_run
            where is_present and inspected_at is not null
            and (delivery_date between this_run.first_delivery_date and this_run.last_delivery_date or not " ~ is_log_file() ~ ")") -%}
    {%- endif -%}
{%- endmacro -%}
