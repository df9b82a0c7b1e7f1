{#
    List the files below the root, tell by their paths which raw table each belongs to, and bring the ledger up to
    date. Opens no file. Returns {'recognised': .., 'others': .., 'example': ..}.
#}
{%- macro refresh_log_ledger(root) -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- set shapes = [] -%}
    {%- for table in raw_tables() -%}
        {%- do shapes.append(
            "select '" ~ table.source_name ~ "' as log_source, '" ~ table.name ~ "' as raw_table, " ~ loop.index ~ " as position, file as file_path, "
            ~ raw_file_columns(table, 'file', root)
            ~ " from listed where regexp_matches(file, " ~ sql_literal(raw_file_pattern(table, root)) ~ ")") -%}
    {%- endfor -%}
    {%- do run_query(
        "create or replace temp table listed_log_files as
        with listed as (select file from glob(" ~ sql_literal(escape_glob(root) ~ '/**') ~ ")),
        candidates as (" ~ shapes | join(' union all ') ~ ")
        select listed.file as file_path, candidates.* exclude (file_path)
        from listed
        left join candidates on candidates.file_path = listed.file and candidates.delivery_date is not null
        qualify row_number() over (partition by listed.file order by candidates.position) = 1") -%}
    {%- do run_query("begin transaction") -%}
    {%- do run_query(
        "update " ~ ledger ~ " set is_present = false
        where is_present and file_path not in (select file_path from listed_log_files)") -%}
    {%- do run_query(
        "insert into " ~ ledger ~ " (log_source, raw_table, file_path, delivery_date, account_id, region, partition_values, is_present)
        select log_source, raw_table, file_path, delivery_date, account_id, region, partition_values, true
        from listed_log_files where raw_table is not null
        on conflict (file_path) do update set is_present = true, raw_table = excluded.raw_table, log_source = excluded.log_source,
            delivery_date = excluded.delivery_date, account_id = excluded.account_id, region = excluded.region,
            partition_values = excluded.partition_values
        where not is_present or raw_table <> excluded.raw_table") -%}
    {%- do run_query("commit") -%}
    {%- set counts = run_query(
        "select count(raw_table), count(*) - count(raw_table), min(file_path) filter (where raw_table is null) from listed_log_files").rows[0] -%}
    {{ return({'recognised': counts[0] | int, 'others': counts[1] | int, 'example': counts[2]}) }}
{%- endmacro -%}


{#
    Look at the files of some delivery days that are new or have changed since they were last looked at: each is opened
    once. What is found out goes into the ledger.
#}
{%- macro inspect_log_files(first_day, last_day) -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- do run_query(
        "create or replace temp table inspected_log_files as
        with stamped as (
            select file_path, stamp as known_stamp, log_file_stamp(file_path) as stamp
            from " ~ ledger ~ " where is_present and delivery_date between date '" ~ first_day ~ "' and date '" ~ last_day ~ "'
        )
        select file_path, stamp, inspect_log_file(file_path, " ~ sql_literal(repaired_log_files_folder()) ~ ") as found
        from stamped where stamp is distinct from known_stamp") -%}
    {%- do run_query(
        "update " ~ ledger ~ " as ledger set
            stamp = inspected.stamp, size_bytes = inspected.found.size_bytes, line_count = inspected.found.line_count,
            problem = inspected.found.problem, read_path = inspected.found.read_path,
            inspected_at = current_timestamp::timestamp, read_at = null
        from inspected_log_files as inspected where inspected.file_path = ledger.file_path") -%}
{%- endmacro -%}


{# Copies of files that hold bytes which are not UTF-8; beside the warehouse, so that they go where it goes. #}
{%- macro repaired_log_files_folder() -%}
    {{ return(modules.re.sub('[^/]*$', '', target.path) ~ 'repaired_log_files') }}
{%- endmacro -%}
