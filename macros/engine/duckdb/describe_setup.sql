{#
    For a warehouse that is thrown away: the ledger is filled as in a run, and then cut down to the newest files of each flow log, account
    and region, which are looked at as in a run.
#}
{%- macro duckdb__described_setup() -%}
    {%- set ledger = log_ledger_relation() -%}
    {%- set root = checked_log_root() -%}
    {%- do create_log_ledger() -%}
    {%- set listed = refresh_log_ledger(root) -%}
    {%- set tables = [] -%}
    {%- for table in raw_tables() -%}
        {%- set value_lists = described_value_lists(table) -%}
        {%- set found_values = [] -%}
        {%- for key in value_lists -%}
            {%- do found_values.append("list_sort(list(distinct partition_values[" ~ sql_literal(key) ~ "]))") -%}
        {%- endfor -%}
        {%- set groups = [] -%}
        {%- for row in run_query(
            "select array_to_string(map_keys(partition_values), ','), count(*),
                cast(sum(try_cast(split_part(log_file_stamp(file_path), '-', 1) as bigint)) as bigint),
                cast(min(delivery_date) as varchar), cast(max(delivery_date) as varchar), to_json([" ~ found_values | join(', ') ~ "])
            from " ~ ledger ~ " where log_source = '" ~ table.source_name ~ "' and raw_table = '" ~ table.name
            ~ "' group by 1 order by 1").rows -%}
            {%- do groups.append({
                'keys': row[0].split(',') if row[0] else [], 'file_count': row[1] | int, 'size_bytes': (row[2] or 0) | int,
                'oldest': row[3], 'newest': row[4], 'values': dict(zip(value_lists, fromjson(row[5] | string))),
            }) -%}
        {%- endfor -%}
        {%- do tables.append({
            'name': table.source_name ~ '.' ~ table.name, 'format': table.external.format, 'groups': groups, 'value_lists': value_lists, 'path_var': table.external.path_var or '',
            'sub_path': raw_table_sub_path(table),
        }) -%}
    {%- endfor -%}

    {%- do run_query(
        "delete from " ~ ledger ~ " where file_path not in (
            select file_path from " ~ ledger ~ " qualify row_number() over (
                partition by log_source, candidate_tables, account_id, region, regexp_extract(file_path, '_(fl-[0-9a-z]+)_[^/]*$', 1)
                order by delivery_date desc, file_path desc
            ) <= 2)") -%}
    {%- do inspect_log_files('1970-01-01', '9999-12-31') -%}
    {%- set files = [] -%}
    {%- for row in run_query(
        "select log_source || '.' || raw_table, file_path, line_count, header, coalesce(problem, header_problem) from " ~ ledger
        ~ " order by log_source, file_path").rows -%}
        {%- do files.append({'table': row[0], 'path': row[1], 'line_count': row[2], 'header': row[3], 'problem': row[4]}) -%}
    {%- endfor -%}
    {{ return({
        'root': root, 'tables': tables, 'layouts': described_layouts(), 'files': files,
        'others': listed.others, 'example': listed.example, 'neighbours': listed.neighbours,
        'memory_limit': run_query("select current_setting('memory_limit')").rows[0][0],
    }) }}
{%- endmacro -%}
