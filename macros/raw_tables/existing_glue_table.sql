{#
    The user's own table that stands in for a raw table, as the Glue catalog has it (the Table part of GetTable). It is only ever
    read. An error when it does not exist, or is no table over files: a view has no "$path", and a row's file is part of every row.
#}
{%- macro existing_glue_table(definition) -%}
    {%- set existing = definition.existing -%}
    {%- set their_name = existing.database ~ '.' ~ existing.table -%}
    {%- set relation = api.Relation.create(
        database=definition.relation.database, schema=existing.database, identifier=existing.table, type='table'
    ) -%}
    {%- set answer = adapter.get_glue_table(relation) -%}
    {%- if not answer and not adapter.check_schema_exists(relation.database, relation.schema) -%}
        {%- do refuse_existing_raw_table(
            definition.name, 'the Glue catalog has no database ' ~ existing.database ~ ' in region ' ~ target.region_name
            ~ '. Correct database, or leave this raw table out of the var.'
        ) -%}
    {%- elif not answer -%}
        {%- do refuse_existing_raw_table(
            definition.name, 'the Glue database ' ~ existing.database ~ ' has no table ' ~ existing.table
            ~ '. Correct table, or leave this raw table out of the var.'
        ) -%}
    {%- endif -%}
    {%- set glue_table = answer['Table'] -%}
    {%- set table_format = (glue_table.get('Parameters') or {}).get('table_type', 'hive') | lower -%}
    {%- if glue_table.get('TableType') == 'VIRTUAL_VIEW' or table_format == 'iceberg' -%}
        {%- do refuse_existing_raw_table(
            definition.name, their_name ~ ' must be a Hive table over log files. Found ' ~ glue_table.get('TableType') ~ ', ' ~ table_format
            ~ '. Name the table that the files belong to.'
        ) -%}
    {%- endif -%}
    {{- return(glue_table) -}}
{%- endmacro -%}


{#- Glue's list of columns as a dict of lower-case name and type. -#}
{%- macro glue_column_types(columns) -%}
    {%- set types = {} -%}
    {%- for column in columns or [] -%}
        {%- do types.update({column.Name | lower: column.Type}) -%}
    {%- endfor -%}
    {{- return(types) -}}
{%- endmacro -%}


{#- The type of one of their partition columns: text, int or date. -#}
{%- macro existing_partition_type(definition, glue_table, column) -%}
    {%- set types = glue_column_types(glue_table.PartitionKeys) -%}
    {%- set their_name = definition.existing.database ~ '.' ~ definition.existing.table -%}
    {%- if column not in types -%}
        {%- do refuse_existing_raw_table(
            definition.name, 'partitions names ' ~ (column | tojson) ~ ', which is no partition column of ' ~ their_name ~ '. It has '
            ~ (types | join(', ') or 'none') ~ '. Name one of them, or say none: true instead of delivery_date when none holds the day.'
        ) -%}
    {%- endif -%}
    {%- set data_type = modules.re.sub('[(].*', '', types[column] | lower) -%}
    {%- set kinds = {
        'string': 'text', 'varchar': 'text', 'char': 'text', 'date': 'date', 'tinyint': 'int', 'smallint': 'int', 'int': 'int',
        'integer': 'int', 'bigint': 'int',
    } -%}
    {%- if data_type not in kinds -%}
        {%- do refuse_existing_raw_table(
            definition.name, 'partition column ' ~ column ~ ' of ' ~ their_name ~ ' must be of type string, int, bigint or date. Found '
            ~ types[column] ~ '.'
        ) -%}
    {%- endif -%}
    {{- return(kinds[data_type]) -}}
{%- endmacro -%}


{#- An error when the type of their partition column cannot hold the form that the var says it has. -#}
{%- macro check_existing_day(definition, glue_table) -%}
    {%- set day = definition.existing.day -%}
    {%- if not day -%}
        {{- return('') -}}
    {%- endif -%}
    {%- if not day.column -%}
        {%- for part in ('year', 'month', 'day') if existing_partition_type(definition, glue_table, day[part]) == 'date' -%}
            {%- do refuse_existing_raw_table(
                definition.name, 'partition column ' ~ day[part] ~ ' holds dates, and cannot be the ' ~ part ~ ' alone. Write '
                ~ 'delivery_date: ' ~ day[part] ~ '.'
            ) -%}
        {%- endfor -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set kind = existing_partition_type(definition, glue_table, day.column) -%}
    {%- set expected = {
        'date': [none, 'yyyy-MM-dd'], 'int': ['yyyyMMdd'], 'text': ['yyyy/MM/dd', 'yyyy-MM-dd', 'yyyyMMdd'],
    }[kind] -%}
    {%- if day.format not in expected -%}
        {%- do refuse_existing_raw_table(
            definition.name, 'partition column ' ~ day.column ~ ' is of type ' ~ glue_column_types(glue_table.PartitionKeys)[day.column]
            ~ '. Expected delivery_date: {column: ' ~ day.column ~ ', format: ' ~ expected | select | join(' or ') ~ '}. Found format '
            ~ (day.format or 'none') ~ '.'
        ) -%}
    {%- endif -%}
    {%- set projected = (glue_table.Parameters or {}).get('projection.' ~ day.column ~ '.format') -%}
    {%- if kind == 'text' and projected and projected != day.format -%}
        {%- do refuse_existing_raw_table(
            definition.name, 'partition column ' ~ day.column ~ ' is projected with the format ' ~ projected ~ '. Found format '
            ~ day.format ~ ' in the var. Both must be the same, and one of yyyy/MM/dd, yyyy-MM-dd, yyyyMMdd.'
        ) -%}
    {%- endif -%}
{%- endmacro -%}
