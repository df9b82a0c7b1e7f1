{#
    Create the raw relation of a table as a view over exactly the readable files that were delivered in the given days (or ever,
    where the table reads all days);
    a typed empty view where there are none. The columns are the declared ones, the partition keys of every layout, and
    what the ledger knows of the file: file_path, ledger_delivery_date, ledger_account_id, ledger_region. Of CloudTrail's files
    also `record`, the text of the record. A ledger from before its column longest_line_bytes leaves open how long lines are: up to 32 MB.
#}
{%- macro create_raw_view(table, first_day, last_day) -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- set of_this_table = "log_source = '" ~ table.source_name ~ "' and raw_table = '" ~ table.name
        ~ "' and " ~ is_read_by_run(first_day, last_day) -%}
    {%- set found = run_query(
        "select read_path, coalesce(longest_line_bytes, 33554432) from " ~ ledger ~ " where is_present and problem is null
        and header_problem is null and line_count > 0 and " ~ of_this_table ~ " order by read_path") -%}
    {%- set files = found.columns[0].values() -%}
    {%- set partition_names = (table.external.partitions or []) | map(attribute='name') | list -%}
    {%- set view = api.Relation.create(database=target.database, schema=table.schema, identifier=table.identifier, type='view') -%}
    {%- set columns, keys = [], [] -%}
    {%- for column in raw_table_columns(table) -%}
        {%- do columns.append(('records."' if files else 'cast(null as ' ~ duckdb_column_type(column.data_type) ~ ') as "') ~ column.name ~ '"') -%}
    {%- endfor -%}
    {%- for name in partition_names -%}
        {%- do columns.append(('files."' if files else 'cast(null as varchar) as "') ~ name ~ '"') -%}
        {%- do keys.append("partition_values['" ~ name ~ "'] as \"" ~ name ~ '", ') -%}
    {%- endfor -%}
    {%- for name, type in {
        'file_path': 'varchar', 'ledger_delivery_date': 'date', 'ledger_account_id': 'varchar', 'ledger_region': 'varchar'
    }.items() -%}
        {%- do columns.append('files.' ~ name if files else 'cast(null as ' ~ type ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {%- if table.external.format == 'cloudtrail_json' -%}
        {%- do columns.append('records.record' if files else 'cast(null as varchar) as record') -%}
    {%- endif -%}
    {%- set body = "select " ~ columns | join(', ') -%}
    {%- if files -%}
        {%- set body = body ~ " from " ~ raw_reader(table, files, found.columns[1].values() | max) ~ " as records inner join (select " ~ keys | join
            ~ "read_path, file_path, delivery_date as ledger_delivery_date, account_id as ledger_account_id, region as ledger_region from "
            ~ ledger ~ " where " ~ of_this_table ~ ") as files on records.read_path = files.read_path" -%}
    {%- else -%}
        {%- set body = body ~ " where false" -%}
    {%- endif -%}
    {%- do run_query("create or replace view " ~ view ~ " as " ~ body) -%}
    {{ return(files | length) }}
{%- endmacro -%}


{#
    What reads the files of a table: FROM-item text that yields the declared columns and read_path. longest_line_bytes: 0 where no line is
    longer than a MiB.
#}
{%- macro raw_reader(table, paths, longest_line_bytes) -%}
    {%- set literals = [] -%}
    {%- for path in paths -%}
        {%- do literals.append(sql_literal(escape_glob(path))) -%}
    {%- endfor -%}
    {%- set path_list = '[' ~ literals | join(', ') ~ ']' -%}
    {%- if table.external.format == 'lines' -%}
        {{ return(line_reader(path_list, longest_line_bytes)) }}
    {%- elif table.external.format == 'delimited' -%}
        {{ return(delimited_reader(table, path_list, longest_line_bytes)) }}
    {%- elif table.external.format == 'parquet' -%}
        {{ return(parquet_reader(table, path_list)) }}
    {%- elif table.external.format == 'cloudtrail_json' -%}
        {{ return(cloudtrail_reader(table, path_list)) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "Raw table " ~ table.source_name ~ "." ~ table.name ~ ": format " ~ table.external.format ~ " of its external block has no reader "
        ~ "on DuckDB. Expected lines, delimited, parquet or cloudtrail_json.") }}
{%- endmacro -%}


{#
    A reader of whole lines. The delimiter is four bytes that no UTF-8 text of a log holds together, so that a line is
    never taken apart; strict_mode=false accepts files that mix line ends.
#}
{%- macro line_reader(path_list, longest_line_bytes) -%}
    (select line, filename as read_path from read_csv({{ path_list }}, columns = {'line': 'VARCHAR'},
    auto_detect = false, header = false, delim = '{{ "\x01\x02\x03\x04" }}', quote = '', escape = '', filename = true,
    hive_partitioning = false, strict_mode = false, {{ longest_line_options(longest_line_bytes) }}))
{%- endmacro -%}


{#
    Options of read_csv for lines of a MiB (COMMON_LINE_BYTES of plugins/log_file_inspection.py), or as long as the longest that
    there is, with their ends. DuckDB's buffers hold 16 such lines, for each thread; where they hold less than four it loses lines.
#}
{%- macro longest_line_options(longest_line_bytes) -%}
    {{ return('max_line_size = ' ~ (2 + ([1024 * 1024, longest_line_bytes | int] | max))) }}
{%- endmacro -%}


{#
    A reader of delimited text, values as they stand. A line with too few values has NULLs at its end, of one with too many
    the first lands in the overflow column and the rest is dropped: what Athena's LazySimpleSerDe does.
#}
{%- macro delimited_reader(table, path_list, longest_line_bytes) -%}
    {%- set types, names = [], [] -%}
    {%- for column in raw_table_columns(table) -%}
        {%- do types.append("'" ~ column.name ~ "': '" ~ duckdb_column_type(column.data_type) ~ "'") -%}
        {%- do names.append('"' ~ column.name ~ '"') -%}
    {%- endfor -%}
    (select {{ names | join(', ') }}, filename as read_path from read_csv({{ path_list }}, columns = { {{- types | join(', ') -}} },
    auto_detect = false, header = {{ 'true' if table.external.header_line_count else 'false' }}, delim = {{ sql_literal(table.external.field_delimiter) }},
    quote = '', escape = '', nullstr = '{{ "\x01\x02\x03\x04" }}', filename = true, hive_partitioning = false, null_padding = true,
    strict_mode = false, {{ longest_line_options(longest_line_bytes) }}))
{%- endmacro -%}


{# A reader of Parquet files by column name, as Athena reads them: a column that a file lacks is NULL. #}
{%- macro parquet_reader(table, path_list) -%}
    {%- set reader = "read_parquet(" ~ path_list ~ ", union_by_name = true, filename = 'read_path', hive_partitioning = false)" -%}
    {%- set present = run_query("describe select * from " ~ reader).columns[0].values() | map('lower') | list -%}
    {%- set columns = [] -%}
    {%- for column in raw_table_columns(table) -%}
        {%- do columns.append(
            "cast(" ~ ('"' ~ column.name ~ '"' if column.name | lower in present else 'null') ~ " as " ~ duckdb_column_type(column.data_type)
            ~ ') as "' ~ column.name ~ '"') -%}
    {%- endfor -%}
    (select {{ columns | join(', ') }}, read_path from {{ reader }})
{%- endmacro -%}


{# A path with DuckDB's glob characters taken literally. #}
{%- macro escape_glob(path) -%}
    {{ return(modules.re.sub('([][*?{}])', '[\\1]', path)) }}
{%- endmacro -%}
