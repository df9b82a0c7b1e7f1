{#
    Before the models run (before `dbt source freshness`: the ledger alone, of the newest days): check the dates and the root, bring the ledger up to date, look at the window's new files,
    and put a view over exactly the window's files under the name of each raw table.
#}
{%- macro duckdb__prepare_raw_tables() -%}
    {%- set root = checked_log_root() -%}
    {%- do create_log_ledger() -%}
    {%- do check_log_root_is_the_same(root) -%}
    {%- set listed = refresh_log_ledger(root) -%}
    {%- do keep_days_of_run() -%}
    {%- if flags.WHICH == 'freshness' -%}
        {#- Which of several flow logs a new file belongs to is told by its header. -#}
        {%- set newest = freshness_days() -%}
        {%- do inspect_log_files(newest.start_date, newest.end_date) -%}
        {{ return('') }}
    {%- endif -%}
    {%- set days = raw_delivery_days() -%}
    {%- if flags.WHICH != 'test' -%}
        {%- do refuse_vanished_files(days) -%}
        {%- do open_log_run(days) -%}
        {%- do days_of_run().update({'window': {'start_date': days.first, 'end_date': days.window_end}}) -%}
    {%- endif -%}
    {%- do inspect_log_files(days.first, days.last) -%}
    {%- do log_window(root, days, listed) -%}
    {%- if var('existing_raw_tables', none) -%}
        {%- do log('  Var existing_raw_tables means nothing on DuckDB, which reads the log files below LOGS.', info=true) -%}
    {%- endif -%}
    {%- for schema in raw_tables() | map(attribute='schema') | unique -%}
        {%- do adapter.create_schema(api.Relation.create(database=target.database, schema=schema)) -%}
    {%- endfor -%}
    {%- for table in raw_tables() -%}
        {%- set file_count = create_raw_view(table, days.first, days.last) -%}
        {%- do log("  " ~ table.source_name ~ "." ~ table.name ~ ": " ~ file_count ~ " files to read" ~ unreadable_files_text(table, days), info=true) -%}
    {%- endfor -%}
{%- endmacro -%}


{# The delivery days whose files this run reads: the widest window of any model, and the declared late days behind it. #}
{%- macro raw_delivery_days() -%}
    {%- set everything_exists = namespace(value=true) -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.materialized == 'incremental' -%}
        {%- if adapter.get_relation(node.database, node.schema, node.alias) is none -%}
            {%- set everything_exists.value = false -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set window = rebuild_window(relation_exists=everything_exists.value and not flags.FULL_REFRESH) -%}
    {{ return({'first': window.start_date, 'window_end': window.end_date, 'last': shift_date(window.end_date, var('late_days') | int)}) }}
{%- endmacro -%}


{%- macro checked_log_root() -%}
    {%- set logs = env_var('LOGS', 'sample_logs') -%}
    {%- if logs.startswith('s3://') -%}
        {{ exceptions.raise_compiler_error(
            "prepare_raw_tables: LOGS is " ~ logs ~ ", but DuckDB reads a local folder. Copy the logs here first, or run with --target athena.") }}
    {%- endif -%}
    {%- set root = run_query("select log_folder(" ~ sql_literal(logs) ~ ")").rows[0][0] -%}
    {%- if root is none -%}
        {{ exceptions.raise_compiler_error(
            "prepare_raw_tables: the folder of log files does not exist: LOGS is '" ~ logs
            ~ "'. Set the environment variable LOGS to the folder that holds the logs, or run `make demo` for sample logs.") }}
    {%- endif -%}
    {{ return(root) }}
{%- endmacro -%}


{# One warehouse holds the logs of one root: another root's days would be mixed in with them. #}
{%- macro check_log_root_is_the_same(root) -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- set stranger = run_query(
        "select file_path from " ~ ledger ~ " where not starts_with(file_path, " ~ sql_literal(root ~ '/') ~ ") limit 1") -%}
    {%- if stranger.rows | length > 0 -%}
        {%- if flags.FULL_REFRESH -%}
            {%- do run_query("delete from " ~ ledger) -%}
        {%- else -%}
            {{ exceptions.raise_compiler_error(
                "prepare_raw_tables: LOGS is " ~ root ~ ", but the warehouse " ~ target.path ~ " was built from another folder (it knows "
                ~ stranger.rows[0][0] ~ "). Give these logs a warehouse of their own (WAREHOUSE=path/to/other.duckdb), "
                ~ "or replace what is there with --full-refresh.") }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}


{#
    A day whose files were moved away must not be rebuilt as an empty one. Snapshots, which are read whole in every run, are not
    rebuilt by days, and their owner may let old ones expire.
#}
{%- macro refuse_vanished_files(days) -%}
    {%- set vanished = run_query(
        "select count(*), min(file_path) from " ~ log_ledger_relation() ~ " where not is_present and read_at is not null
        and " ~ is_log_file() ~ " and delivery_date between date '" ~ days.first ~ "' and date '" ~ days.last ~ "'").rows[0] -%}
    {%- if vanished[0] > 0 and not var('allow_missing_files') -%}
        {{ exceptions.raise_compiler_error(
            "prepare_raw_tables: " ~ vanished[0] ~ " log files of the delivery days " ~ days.first ~ " to " ~ days.last
            ~ " that an earlier run read are gone, for example " ~ vanished[1] ~ ". Rebuilding those days would lose their records. "
            ~ "Put the files back, choose other days, or accept the loss with --vars '{allow_missing_files: true}'.") }}
    {%- endif -%}
{%- endmacro -%}


{%- macro log_window(root, days, listed) -%}
    {%- do log("Logs: " ~ root, info=true) -%}
    {%- do log(
        "Window: event days " ~ (days.first if days.first != '1970-01-01' else 'from the first') ~ " to " ~ days.window_end
        ~ ", delivery folders up to " ~ days.last, info=true) -%}
    {%- if listed.recognised == 0 -%}
        {%- do log("WARNING: no log files were found below " ~ root ~ "; the tables will be empty.", info=true) -%}
    {%- endif -%}
    {%- if listed.others > 0 -%}
        {%- do log("  " ~ listed.others ~ " files are not known as log files and are left alone, for example " ~ listed.example, info=true) -%}
    {%- endif -%}
    {%- for description, count in listed.neighbours.items() if count > 0 -%}
        {%- do log("  " ~ count ~ " files hold " ~ description ~ ", which this project does not read", info=true) -%}
    {%- endfor -%}
{%- endmacro -%}


{#- What is left out of a table, files with the same problem together: a whole flow log may have one undeclared header. -#}
{%- macro unreadable_files_text(table, days) -%}
    {%- set rows = run_query(
        "select min(file_path), coalesce(problem, 'holds no record'), count(*) from " ~ unreadable_files_view()
        ~ " where log_source = '" ~ table.source_name ~ "' and raw_table = '" ~ table.name
        ~ "' and " ~ is_read_by_run(days.first, days.last)
        ~ " group by problem, case when problem is null then file_path end order by problem is null, min(file_path)").rows -%}
    {%- set lines = [] -%}
    {%- for row in rows[:10] -%}
        {%- do lines.append(
            "\n    left out: " ~ row[0] ~ (" (and " ~ (row[2] - 1) ~ " more like it)" if row[2] > 1 else "") ~ " " ~ row[1]) -%}
    {%- endfor -%}
    {%- if rows | length > 10 -%}
        {%- do lines.append("\n    left out: more, see " ~ unreadable_files_view()) -%}
    {%- endif -%}
    {{ return(lines | join) }}
{%- endmacro -%}
