{#
    The column that holds a row's UTC event day, from partitioned_by. Refuses every config that the switch cannot honour.
#}
{%- macro checked_partition_column() -%}
    {%- set strategy = config.get('incremental_strategy') -%}
    {%- if strategy != 'rebuild_days' -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": incremental_strategy must be rebuild_days, found " ~ strategy
            ~ ". On Athena the others lose, double or keep stale days, see docs/decisions/0002-write-once-then-switch.md.") }}
    {%- endif -%}
    {%- set partitioned_by = config.get('partitioned_by') or [] -%}
    {%- if partitioned_by is string or partitioned_by | length != 1 -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": partitioned_by must name one column of type date, such as [event_date]; found "
            ~ partitioned_by ~ ".") }}
    {%- endif -%}
    {%- set format = config.get('format', 'parquet') -%}
    {%- if format | lower != 'parquet' or resolve_table_type() != 'hive' -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": rebuild_days needs format parquet and table_type hive, found " ~ format ~ " and "
            ~ resolve_table_type() ~ ". Days written before and after a new column are told apart by the names in Parquet.") }}
    {%- endif -%}
    {%- for option in [
        'external_location', 'bucketed_by', 'bucket_count', 'field_delimiter', 'table_properties', 'lf_tags_config', 'lf_grants'
    ] -%}
        {%- if config.get(option) is not none -%}
            {{ exceptions.raise_compiler_error(
                "Model " ~ model.name ~ ": rebuild_days does not know the config " ~ option ~ ". Every run writes plain Parquet to a "
                ~ "new prefix of its own. Remove it.") }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(partitioned_by[0]) }}
{%- endmacro -%}
