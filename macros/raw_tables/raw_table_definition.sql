{#
    One declared raw table, checked and with its vars resolved, as a dict:
      name, source_name, table_name, description, relation
      existing                       what var existing_raw_tables says of the user's own table that stands in for this one; none
                                     of a table that is ours, and then all that follows is about our own
      format, format_options         what the files hold, and the structured options of that format
      strategy                       projection, explicit, hive or none
      columns, partition_keys        in order; see raw_table_keys for what a key is
      partition_path                 the folders below the location, with {key} placeholders; '' when there are none; of
                                     several layouts, the one that is in use
      path_var, is_in_use            an empty path var means that nobody delivers logs in this layout
      location                       without a closing slash; of an unused table: a prefix that holds nothing
      key_prefixes                   of a flat table: what stands between the location and the date in a file's key
      reads_all_days                 whether every run reads all files, whatever its window
      file_name_pattern
    Only Athena needs it: the reader of DuckDB has its own rules for locations.
#}
{%- macro raw_table_definition(node) -%}
    {%- set external = node.external -%}
    {%- set name = node.source_name ~ '.' ~ node.name -%}

    {%- set formats = ['lines', 'delimited', 'parquet', 'cloudtrail_json'] -%}
    {%- if external.format not in formats -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ name ~ ': unknown format ' ~ (external.format | tojson) ~ ' in its external block. Expected one of '
            ~ (formats | join(', ')) ~ '.'
        ) -%}
    {%- endif -%}

    {%- if 'managed' in external -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ name ~ ': its external block has the key managed. A table of your own is named in the var existing_raw_tables '
            ~ '(docs/raw_tables.md). Remove the key.'
        ) -%}
    {%- endif -%}
    {%- set existing = existing_raw_table(node) -%}
    {%- if existing -%}
        {%- if external.fields_var and not raw_table_fields(node) -%}
            {%- do refuse_existing_raw_table(
                name, 'var ' ~ external.fields_var ~ ' is empty: no value would have a name. Set it to the header line of the log files.'
            ) -%}
        {%- endif -%}
        {{- return({
            'name': name,
            'source_name': node.source_name,
            'table_name': node.name,
            'relation': api.Relation.create(
                database=node.database, schema=node.schema, identifier=node.identifier, type='view'
            ),
            'existing': existing,
            'format': external.format,
            'format_options': external,
            'strategy': 'none',
            'columns': raw_table_columns(node),
            'partition_keys': [],
            'is_in_use': true,
            'reads_all_days': external.reads_all_days or false,
            'file_name_pattern': external.file_name_pattern or '[^/]+',
        }) -}}
    {%- endif -%}

    {%- set layout = raw_table_layout(external, name) -%}
    {%- set partitions = layout.partitions -%}
    {%- set strategy = external.partition_strategy or ('projection' if partitions else 'none') -%}
    {%- set strategy_setting = 'partition_strategy in its external block' -%}
    {%- if external.partition_strategy_var -%}
        {%- set strategy = var(external.partition_strategy_var, none) -%}
        {%- set strategy_setting = 'var ' ~ external.partition_strategy_var -%}
    {%- endif -%}
    {%- set strategies = ['projection', 'explicit', 'hive'] if partitions else ['none'] -%}
    {%- if strategy not in strategies -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ name ~ ': unknown partition strategy ' ~ (strategy | tojson) ~ ' (' ~ strategy_setting
            ~ '). Expected ' ~ (strategies | join(', ')) ~ ' for a table ' ~ ('with' if partitions else 'without')
            ~ ' partitions.'
        ) -%}
    {%- endif -%}

    {%- set root = raw_table_text(external.location, name, 'location') | string -%}
    {%- set sub_path = raw_table_sub_path(node) -%}
    {%- set is_in_use = sub_path != '' or not external.path_var -%}
    {%- if not is_in_use -%}
        {%- set location = target.s3_data_dir.rstrip('/') ~ '/no_log_files' -%}
    {%- elif not modules.re.fullmatch('s3://[A-Za-z0-9._-]{3,255}(/.*)?', root) -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ name ~ ": its location must be s3://<bucket> or s3://<bucket>/<prefix> on Athena. Found '"
            ~ root ~ "'. The location is the environment variable LOGS, or `location` in the external block of the sources yml."
        ) -%}
    {%- else -%}
        {%- set location = (root.rstrip('/') ~ '/' ~ sub_path).rstrip('/') -%}
    {%- endif -%}

    {%- if is_in_use and external.fields_var and not raw_table_fields(node) -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ name ~ ' is in use, but var ' ~ external.fields_var ~ ' is empty: no value would have a name. Set it to the '
            ~ 'header line of the log files at ' ~ location ~ '/, or empty the var ' ~ external.path_var ~ '.'
        ) -%}
    {%- endif -%}

    {%- set key_prefixes = [] -%}
    {%- if external.key_prefixes_var and is_in_use -%}
        {%- set key_prefixes = raw_table_var_list(external.key_prefixes_var, name) -%}
    {%- endif -%}

    {%- set keys = raw_table_keys(partitions, external, name, strategy, is_in_use) -%}
    {%- do check_partition_path(layout.partition_path, keys, name, strategy) -%}

    {{- return({
        'name': name,
        'source_name': node.source_name,
        'table_name': node.name,
        'description': node.description,
        'relation': api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.identifier, type='table'
        ),
        'existing': none,
        'format': external.format,
        'format_options': external,
        'strategy': strategy,
        'columns': raw_table_columns(node),
        'partition_keys': keys,
        'partition_path': layout.partition_path,
        'path_var': external.path_var,
        'is_in_use': is_in_use,
        'location': location,
        'key_prefixes': key_prefixes,
        'reads_all_days': external.reads_all_days or false,
        'file_name_pattern': external.file_name_pattern or '[^/]+',
    }) -}}
{%- endmacro -%}
