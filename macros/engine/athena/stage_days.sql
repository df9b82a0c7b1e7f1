{#
    Write the model's rows of the window to a new prefix, once, as a partitioned table beside the target.

    Returns {'relation': .., 'location': its prefix, 'columns': its columns without the partition column,
    'days': the days it holds as 'YYYY-MM-DD', 'has_rows_outside': were rows outside the window read}.
    The statement `main`, whose statistics dbt keeps in run_results.json, is the CREATE TABLE AS that reads the raw data.
#}
{%- macro stage_days(target_relation, sql, day_column, window) -%}
    {# Where a contract is enforced, the query's columns have been found equal to the yml's already. #}
    {%- set columns = model.columns.keys() | list if config.get('contract').enforced else get_columns_in_query(sql) -%}
    {%- if day_column not in columns -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": partitioned_by names " ~ day_column ~ ", but the model has no such column. It has "
            ~ columns | join(', ') ~ ".") }}
    {%- endif -%}
    {%- set staged = beside_relation(target_relation, 'staged') -%}
    {%- set source = "(\n" ~ sql ~ "\n)" -%}
    {# Athena writes at most 100 partitions in a statement; the rows outside the window take one of them. #}
    {%- set partitions_limit = config.get('partitions_limit', 100) | int -%}
    {%- set first_day = modules.datetime.datetime.strptime(window.start_date, '%Y-%m-%d') -%}
    {%- set last_day = modules.datetime.datetime.strptime(window.end_date, '%Y-%m-%d') -%}
    {%- if (last_day - first_day).days + 1 < partitions_limit -%}
        {%- call statement('main') -%}
            {{ create_table_in_new_prefix(staged, staged_rows(source, columns, day_column, window), day_column) }}
        {%- endcall -%}
    {%- else -%}
        {%- do stage_days_in_batches(target_relation, staged, source, columns, day_column, window, partitions_limit) -%}
    {%- endif -%}

    {%- set staged_columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(staged) -%}
        {%- if column.name == day_column and column.dtype != 'date' -%}
            {{ exceptions.raise_compiler_error(
                "Model " ~ model.name ~ ": partition column " ~ day_column ~ " must be of type date, found " ~ column.dtype
                ~ ". Cast it: cast(" ~ day_column ~ " as date).") }}
        {%- elif column.name not in (day_column, 'outside_window_date') -%}
            {%- do staged_columns.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set days = partition_days(staged, day_column) -%}
    {{ return({
        'relation': staged, 'location': adapter.get_glue_table_location(staged) | trim('/'), 'columns': staged_columns,
        'days': days | reject('none') | list, 'has_rows_outside': none in days,
    }) }}
{%- endmacro -%}


{#
    The same for more days than one statement may write: the raw data are read once into an unpartitioned table, and
    from there go to the staged table in batches. Statistics of all statements are added up for `main`.
#}
{%- macro stage_days_in_batches(target_relation, staged, source, columns, day_column, window, partitions_limit) -%}
    {%- set read = beside_relation(target_relation, 'read') -%}
    {%- set total = namespace(row_count=0, scanned=0) -%}
    {%- set statistics = run_counted(create_table_in_new_prefix(read, "select * from " ~ source ~ " as model_rows")) -%}
    {%- set total.scanned = statistics.data_scanned_in_bytes -%}
    {%- set days = run_query(
        'select distinct cast("' ~ day_column ~ '" as varchar) from ' ~ read ~ ' where "' ~ day_column ~ "\" between date '"
        ~ window.start_date ~ "' and date '" ~ window.end_date ~ "' order by 1").columns[0].values() -%}
    {# One batch is written even where there is no day: the staged table must exist. #}
    {%- for batch in days | batch(partitions_limit - 1) | list or [[]] -%}
        {%- set rows = staged_rows(
            read, columns, day_column, window, batch | first | default(window.start_date), batch | last | default(window.end_date),
            with_outside=loop.first) -%}
        {%- set statistics = run_counted(
            create_table_in_new_prefix(staged, rows, day_column) if loop.first else "insert into " ~ staged ~ " " ~ rows) -%}
        {%- set total.row_count = total.row_count + statistics.rowcount -%}
        {%- set total.scanned = total.scanned + statistics.data_scanned_in_bytes -%}
    {%- endfor -%}
    {%- do adapter.delete_from_glue_catalog(read) -%}
    {%- call statement('main') -%}
        {# dbt-athena takes a statement of this form for the statistics of the work before it. #}
        select '{"rowcount": {{ total.row_count }}, "data_scanned_in_bytes": {{ total.scanned }}}'
    {%- endcall -%}
{%- endmacro -%}


{# Run a statement, return its {'rowcount': .., 'data_scanned_in_bytes': ..}. #}
{%- macro run_counted(sql) -%}
    {%- set answer = adapter.run_query_with_partitions_limit_catching(sql) -%}
    {%- if answer == 'TOO_MANY_OPEN_PARTITIONS' -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": Athena refused to write so many days in one statement. Set partitions_limit to 100 or less, "
            ~ "found " ~ config.get('partitions_limit', 100) ~ ".") }}
    {%- endif -%}
    {{ return(fromjson(answer)) }}
{%- endmacro -%}
