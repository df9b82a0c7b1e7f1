{#
    The statement that puts a user's own table under the name of our raw table: a view with our columns and types, and with
      file_path, delivery_date, log_account_id, log_region   what the place of a row's file tells
      their_<name>                                           their partition columns as they are, for literals that prune
    The Glue catalog says what their columns are. Nothing of their table changes.
#}
{%- macro existing_table_view(definition) -%}
    {%- set glue_table = existing_glue_table(definition) -%}
    {%- do check_existing_day(definition, glue_table) -%}
    {%- set columns = existing_values(definition, glue_table) -%}
    {%- do columns.extend([
        '"$path" as file_path',
        existing_delivery_date(definition, glue_table) ~ ' as delivery_date',
        existing_place(definition, glue_table, 'account_id') ~ ' as log_account_id',
        existing_place(definition, glue_table, 'region') ~ ' as log_region',
    ]) -%}
    {%- for key in glue_table.PartitionKeys or [] -%}
        {%- do columns.append('"' ~ key.Name ~ '" as "their_' ~ key.Name ~ '"') -%}
    {%- endfor -%}
    {%- set conditions = [] -%}
    {%- if definition.format in ('lines', 'cloudtrail_json') and existing_table_holds_delivered_files(glue_table) -%}
        {%- do conditions.append(
            'regexp_like("$path", ' ~ sql_literal('(?:^|[^0-9])(?:' ~ definition.file_name_pattern ~ ')$') ~ ')'
        ) -%}
    {%- endif -%}
    {%- set header = existing_header_condition(definition, glue_table) -%}
    {%- if header -%}
        {%- do conditions.append('not (' ~ header ~ ')') -%}
    {%- endif -%}
    {%- set their_relation = api.Relation.create(
        database=definition.relation.database, schema=definition.existing.database, identifier=definition.existing.table
    ) -%}
    {{- return(
        'create or replace view ' ~ definition.relation.render() ~ ' as\nselect\n    ' ~ columns | join(',\n    ') ~ '\nfrom '
        ~ their_relation.render() ~ ('\nwhere ' ~ conditions | join(' and ') if conditions else '')
    ) -}}
{%- endmacro -%}


{#- Whether Glue's entry is a view of ours: made by existing_table_view under the name of a raw table. -#}
{%- macro is_existing_table_view(glue_table) -%}
    {%- set names = glue_column_types(glue_table.StorageDescriptor.Columns) -%}
    {{- return(
        glue_table.get('TableType') == 'VIRTUAL_VIEW' and 'file_path' in names and 'delivery_date' in names
        and 'log_account_id' in names and 'log_region' in names
    ) -}}
{%- endmacro -%}


{#- Whether the table is over files as AWS delivers them, and not over files that somebody converted, with names of their own. -#}
{%- macro existing_table_holds_delivered_files(glue_table) -%}
    {{- return(glue_table.StorageDescriptor.InputFormat in (
        'org.apache.hadoop.mapred.TextInputFormat', 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
    )) -}}
{%- endmacro -%}


{#- What holds of a header line that is read as a row: every text holds the name of its field. '' where the table skips headers. -#}
{%- macro existing_header_condition(definition, glue_table) -%}
    {%- set skipped = (glue_table.Parameters or {}).get('skip.header.line.count', '0') -%}
    {%- if definition.format != 'delimited' or skipped != '0' or not existing_table_holds_delivered_files(glue_table) -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set terms = [] -%}
    {%- for column in definition.columns if column.name != definition.format_options.overflow_column -%}
        {%- set theirs = existing_column(definition, glue_table, column.name) -%}
        {%- if theirs and is_text_type(theirs.data_type) -%}
            {%- do terms.append(
                "coalesce(\"" ~ theirs.name ~ "\", '') = " ~ sql_literal(column.name | replace('_', '-'))
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(terms | join(' and ')) -}}
{%- endmacro -%}


{#- The account or the region that a row's file was delivered for. -#}
{%- macro existing_place(definition, glue_table, what) -%}
    {%- set told = definition.existing[what] -%}
    {%- if not told -%}
        {{- return('cast(null as varchar)') -}}
    {%- elif told.value -%}
        {{- return(sql_literal(told.value)) -}}
    {%- endif -%}
    {%- set kind = existing_partition_type(definition, glue_table, told.column) -%}
    {%- set text = 'cast("' ~ told.column ~ '" as varchar)' -%}
    {#- A number has lost the zeros that an account id may begin with. -#}
    {{- return('lpad(' ~ text ~ ", 12, '0')" if kind == 'int' and what == 'account_id' else text) -}}
{%- endmacro -%}


{#- The delivery day out of their partitions; without any, a day that every row has, so that none is lost. -#}
{%- macro existing_delivery_date(definition, glue_table) -%}
    {%- set day = definition.existing.day -%}
    {%- if not day -%}
        {%- set dashed = "nullif(regexp_extract(\"$path\", '([0-9]{4}-[0-9]{2}-[0-9]{2})-[^/]*$', 1), '')" -%}
        {%- set digits = "nullif(regexp_extract(\"$path\", '_([0-9]{8})T[0-9]{4}Z_[^/]*$', 1), '')" -%}
        {%- set dates = ['try_cast(' ~ dashed ~ ' as date)', 'try_cast(' ~ day_of_digits(digits) ~ ' as date)'] -%}
        {%- set day_of_record = existing_day_of_record(definition, glue_table) -%}
        {%- if day_of_record -%}
            {%- do dates.append(day_of_record) -%}
        {%- endif -%}
        {#- Hive tables of Trino have the time at which S3 took the file; a view of Athena cannot hold its time zone. -#}
        {%- do dates.append('cast(at_timezone("$file_modified_time", \'UTC\') as date)') -%}
        {{- return('coalesce(' ~ dates | join(', ') ~ ')') -}}
    {%- elif not day.column -%}
        {{- return(
            'try_cast(cast("' ~ day.year ~ '" as varchar) || \'-\' || lpad(cast("' ~ day.month ~ "\" as varchar), 2, '0') || '-' || lpad(cast(\""
            ~ day.day ~ "\" as varchar), 2, '0') as date)"
        ) -}}
    {%- endif -%}
    {%- set column = '"' ~ day.column ~ '"' -%}
    {%- if existing_partition_type(definition, glue_table, day.column) == 'date' -%}
        {{- return(column) -}}
    {%- elif day.format == 'yyyyMMdd' -%}
        {{- return('try_cast(' ~ day_of_digits('cast(' ~ column ~ ' as varchar)') ~ ' as date)') -}}
    {%- endif -%}
    {{- return('try_cast(replace(' ~ column ~ ", '/', '-') as date)") -}}
{%- endmacro -%}


{#- The day that a record itself tells, null where it tells none; none where their table has no column for it. -#}
{%- macro existing_day_of_record(definition, glue_table) -%}
    {%- if definition.format == 'lines' -%}
        {%- set time_text = "regexp_extract(" ~ existing_line(definition, glue_table) ~ ", '^[^ ]+ [^ ]+ \\[([^\\]]{26})\\]', 1)" -%}
        {{- return('cast(' ~ parse_access_log_time(time_text) ~ ' as date)') -}}
    {%- endif -%}
    {%- set name = 'eventtime' if definition.format == 'cloudtrail_json' else 'start' -%}
    {%- if name not in definition.columns | map(attribute='name') -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set theirs = existing_column(definition, glue_table, name) -%}
    {%- if not theirs -%}
        {{- return(none) -}}
    {%- elif name == 'eventtime' -%}
        {{- return('cast(' ~ parse_iso_time('"' ~ theirs.name ~ '"') ~ ' as date)') -}}
    {%- endif -%}
    {%- set seconds = 'try_cast("' ~ theirs.name ~ '" as bigint)' -%}
    {{- return(
        'cast(case when ' ~ seconds ~ ' between 0 and 4102444799 then ' ~ epoch_to_timestamp(seconds) ~ ' end as date)'
    ) -}}
{%- endmacro -%}


{%- macro day_of_digits(digits) -%}
    {{- return(
        'substr(' ~ digits ~ ", 1, 4) || '-' || substr(" ~ digits ~ ", 5, 2) || '-' || substr(" ~ digits ~ ', 7, 2)'
    ) -}}
{%- endmacro -%}
