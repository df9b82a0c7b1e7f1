{#
    CREATE TABLE AS text that writes the rows of `select_sql` to a new prefix below the target's folder, always
    <data dir>/<schema>/<table>/<uuid>, whatever s3_data_naming says: a prefix is never written twice.
    day_column: the partition column, which must come last in select_sql; none writes the rows unpartitioned.
#}
{%- macro create_table_in_new_prefix(relation, select_sql, day_column=none) -%}
    {%- set location = adapter.generate_s3_location(
        relation, config.get('s3_data_dir') or target.s3_data_dir, 'schema_table_unique') -%}
    {%- set properties = ["table_type = 'hive'", "is_external = true", "format = 'parquet'"] -%}
    {# Athena refuses external_location where the work group enforces its own output location, and chooses one itself. #}
    {%- if not adapter.is_work_group_output_location_enforced() -%}
        {%- do properties.append("external_location = '" ~ location ~ "'") -%}
    {%- endif -%}
    {%- if config.get('write_compression') -%}
        {%- do properties.append("write_compression = '" ~ config.get('write_compression') ~ "'") -%}
    {%- endif -%}
    {%- if day_column is not none -%}
        {%- do properties.append("partitioned_by = array['" ~ day_column ~ "']") -%}
    {%- endif -%}
    create table {{ relation }}
    with ({{ properties | join(', ') }})
    as {{ select_sql }}
{%- endmacro -%}
