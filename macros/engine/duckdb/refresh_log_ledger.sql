{#
    List the files below the root, tell by their paths which raw tables each may belong to, and bring the ledger up to
    date. Opens no file. Returns {'recognised': .., 'others': .., 'example': .., 'neighbours': {description: count}}.
    A file of the most specific layout among those of one table takes that one's partitions.
#}
{%- macro refresh_log_ledger(root) -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- set shapes = [] -%}
    {%- for table in raw_tables() -%}
        {%- set position = loop.index -%}
        {%- for layout in raw_table_layouts(table.external) -%}
            {%- do shapes.append(
                "select '" ~ table.source_name ~ "' as log_source, '" ~ table.name ~ "' as raw_table, " ~ position ~ " as position, file as file_path, "
                ~ raw_file_columns(table, 'file', root, layout)
                ~ " from listed where regexp_matches(file, " ~ sql_literal(raw_file_pattern(table, root, layout)) ~ ")") -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do run_query(
        "create or replace temp table listed_log_files as
        with listed as (select file from glob(" ~ sql_literal(escape_glob(root) ~ '/**') ~ ")),
        candidates as (" ~ shapes | join(' union all ') ~ ")
        select listed.file as file_path, candidates.* exclude (file_path),
            list(candidates.raw_table) over (
                partition by listed.file order by candidates.position rows between unbounded preceding and unbounded following
            ) as candidate_tables
        from listed
        left join candidates on candidates.file_path = listed.file and candidates.delivery_date is not null
        qualify row_number() over (
            partition by listed.file order by candidates.position, cardinality(candidates.partition_values) desc
        ) = 1") -%}
    {%- do run_query("begin transaction") -%}
    {%- do run_query(
        "update " ~ ledger ~ " set is_present = false
        where is_present and file_path not in (select file_path from listed_log_files)") -%}
    {%- do run_query(
        "insert into " ~ ledger ~ " (log_source, raw_table, candidate_tables, file_path, delivery_date, account_id, region, partition_values, is_present)
        select log_source, raw_table, candidate_tables, file_path, delivery_date, account_id, region, partition_values, true
        from listed_log_files where raw_table is not null
        on conflict (file_path) do update set is_present = true, raw_table = excluded.raw_table, log_source = excluded.log_source,
            candidate_tables = excluded.candidate_tables, delivery_date = excluded.delivery_date, account_id = excluded.account_id,
            region = excluded.region, partition_values = excluded.partition_values, stamp = null
        where not is_present or candidate_tables is distinct from excluded.candidate_tables") -%}
    {%- do run_query("commit") -%}
    {%- set is_neighbour, neighbours = [], [] -%}
    {%- for table in raw_tables() if table.external.neighbours -%}
        {%- do is_neighbour.append("regexp_matches(file_path, " ~ sql_literal(table.external.neighbours.pattern) ~ ")") -%}
        {%- do neighbours.append("count(*) filter (where raw_table is null and " ~ is_neighbour[-1] ~ ")") -%}
    {%- endfor -%}
    {%- set is_stranger = "raw_table is null" ~ (" and not (" ~ is_neighbour | join(' or ') ~ ")" if is_neighbour else "") -%}
    {%- set counts = run_query(
        "select count(raw_table), count(*) filter (where " ~ is_stranger ~ "), min(file_path) filter (where " ~ is_stranger ~ ")"
        ~ (", " ~ neighbours | join(', ') if neighbours else "") ~ " from listed_log_files").rows[0] -%}
    {%- set neighbour_counts = {} -%}
    {%- for table in raw_tables() if table.external.neighbours -%}
        {%- do neighbour_counts.update({table.external.neighbours.description: counts[loop.index + 2] | int}) -%}
    {%- endfor -%}
    {{ return({'recognised': counts[0] | int, 'others': counts[1] | int, 'example': counts[2], 'neighbours': neighbour_counts}) }}
{%- endmacro -%}


{#
    Look at the files of some delivery days, and of tables that read all days, that are new or have changed since they were last looked at: each is opened
    once. What is found out goes into the ledger.
#}
{%- macro inspect_log_files(first_day, last_day) -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- set expectations = [] -%}
    {%- for table in raw_tables() -%}
        {%- set types = [] -%}
        {%- if table.external.format == 'parquet' -%}
            {%- for column in raw_table_columns(table) -%}
                {%- do types.append(column.name ~ ' ' ~ duckdb_column_type(column.data_type)) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do expectations.append(
            "('" ~ table.source_name ~ "', '" ~ table.name ~ "', '" ~ table.external.format ~ "', " ~ sql_literal(types | join(', ')) ~ ")") -%}
    {%- endfor -%}
    {%- do run_query(
        "create or replace temp table inspected_log_files as
        with stamped as (
            select log_source, raw_table, file_path, stamp as known_stamp, log_file_stamp(file_path) as stamp
            from " ~ ledger ~ " where is_present and " ~ is_read_by_run(first_day, last_day) ~ "
        ),
        expected (log_source, raw_table, format, column_types) as (values " ~ expectations | join(', ') ~ ")
        select file_path, stamp,
            inspect_log_file(file_path, " ~ sql_literal(repaired_log_files_folder()) ~ ", format, column_types) as found
        from stamped inner join expected using (log_source, raw_table) where stamp is distinct from known_stamp") -%}
    {%- do run_query(
        "update " ~ ledger ~ " as ledger set
            stamp = inspected.stamp, size_bytes = inspected.found.size_bytes, line_count = inspected.found.line_count,
            longest_line_bytes = inspected.found.longest_line_bytes,
            problem = inspected.found.problem, read_path = inspected.found.read_path, header = inspected.found.header,
            inspected_at = current_timestamp::timestamp, read_at = null
        from inspected_log_files as inspected where inspected.file_path = ledger.file_path") -%}
    {%- do assign_files_by_header() -%}
{%- endmacro -%}


{#
    Files of one place may have different header lines; a file belongs to the table that declares its own. Done anew in
    every run, because declarations change. A file whose header nobody declares is left out and says what to do.
#}
{%- macro assign_files_by_header() -%}
    {%- set declared = [] -%}
    {%- for table in raw_tables() -%}
        {%- set header = raw_table_header(table) -%}
        {%- if header is not none -%}
            {%- do declared.append("('" ~ table.source_name ~ "', '" ~ table.name ~ "', '" ~ header ~ "', '" ~ (table.external.fields_var or '') ~ "')") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if declared -%}
        {%- do run_query(
            "update " ~ log_ledger_relation() ~ " as ledger set
                raw_table = coalesce(found.raw_table, ledger.raw_table), header_problem = found.header_problem
            from (
                with declared (log_source, raw_table, header, fields_var) as (values " ~ declared | join(', ') ~ ")
                select files.file_path, min(declared.raw_table) filter (where declared.header = files.header) as raw_table,
                    case when not bool_or(declared.header = files.header) then
                        'has a first line that no raw table of ' || files.log_source || ' declares as its header: ' || files.header || '. '
                        || case
                            when not regexp_full_match(files.header, '[a-z][a-z0-9 -]*') then 'It is no list of field names'
                            when bool_or(declared.fields_var <> '' and declared.header = '') then 'Declare it: --vars ''{'
                                || min(declared.fields_var) filter (where declared.fields_var <> '' and declared.header = '')
                                || ': \"' || files.header || '\"}'''
                            else 'Another format is declared already; add a raw table for this one, see docs/vpc_flow_logs.md'
                        end
                    end as header_problem
                from " ~ log_ledger_relation() ~ " as files
                inner join declared
                    on declared.log_source = files.log_source and list_contains(files.candidate_tables, declared.raw_table)
                where files.is_present and files.header is not null
                group by files.file_path, files.header, files.log_source
            ) as found
            where found.file_path = ledger.file_path
            and (ledger.header_problem is distinct from found.header_problem or ledger.raw_table <> coalesce(found.raw_table, ledger.raw_table))") -%}
    {%- endif -%}
{%- endmacro -%}


{# Copies of files that hold bytes which are not UTF-8; beside the warehouse, so that they go where it goes. #}
{%- macro repaired_log_files_folder() -%}
    {{ return(modules.re.sub('[^/]*$', '', target.path) ~ 'repaired_log_files') }}
{%- endmacro -%}
