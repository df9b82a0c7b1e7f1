{#
    Create the raw relation of a table as a view over exactly the readable files that were delivered in the given days;
    a typed empty view where there are none. The columns are the declared ones, the partition keys and file_path.
#}
{%- macro create_raw_view(table, first_day, last_day) -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- set files = run_query(
        "select read_path from " ~ ledger ~ " where is_present and problem is null and line_count > 0
        and log_source = '" ~ table.source_name ~ "' and raw_table = '" ~ table.name ~ "'
        and delivery_date between date '" ~ first_day ~ "' and date '" ~ last_day ~ "' order by read_path").columns[0].values() -%}
    {%- set partition_names = table.external.partitions | default([]) | map(attribute='name') | list -%}
    {%- set view = api.Relation.create(database=target.database, schema=table.schema, identifier=table.identifier, type='view') -%}
    {%- set columns = [] -%}
    {%- for column in table.columns.values() -%}
        {%- do columns.append("lines." ~ column.name if files else "cast(null as varchar) as " ~ column.name) -%}
    {%- endfor -%}
    {%- for name in partition_names -%}
        {%- do columns.append("files." ~ name if files else "cast(null as varchar) as " ~ name) -%}
    {%- endfor -%}
    {%- do columns.append("files.file_path" if files else "cast(null as varchar) as file_path") -%}
    {%- set keys = [] -%}
    {%- for name in partition_names -%}
        {%- do keys.append("partition_values['" ~ name ~ "'] as " ~ name) -%}
    {%- endfor -%}
    {%- set body = "select " ~ columns | join(', ') -%}
    {%- if files -%}
        {%- set body = body ~ " from " ~ line_reader(files) ~ " as lines inner join (select read_path, file_path"
            ~ (", " ~ keys | join(', ') if keys else "") ~ " from " ~ ledger ~ ") as files on lines.read_path = files.read_path" -%}
    {%- else -%}
        {%- set body = body ~ " where false" -%}
    {%- endif -%}
    {%- do run_query("create or replace view " ~ view ~ " as " ~ body) -%}
    {{ return(files | length) }}
{%- endmacro -%}


{#
    A reader of whole lines. The delimiter is four bytes that no UTF-8 text of a log holds together, so that a line is
    never taken apart; strict_mode=false accepts files that mix line ends; max_line_size is Athena's longest row (the same
    as LONGEST_LINE_BYTES in plugins/log_file_inspection.py).
#}
{%- macro line_reader(paths) -%}
    {%- set literals = [] -%}
    {%- for path in paths -%}
        {%- do literals.append(sql_literal(escape_glob(path))) -%}
    {%- endfor -%}
    (select line, filename as read_path from read_csv([{{ literals | join(', ') }}], columns = {'line': 'VARCHAR'},
    auto_detect = false, header = false, delim = '{{ "\x01\x02\x03\x04" }}', quote = '', escape = '', filename = true,
    strict_mode = false, max_line_size = 33554432))
{%- endmacro -%}


{# A path with DuckDB's glob characters taken literally. #}
{%- macro escape_glob(path) -%}
    {{ return(modules.re.sub('([][*?{}])', '[\\1]', path)) }}
{%- endmacro -%}
