{#
    What the var existing_raw_tables says of one raw table, checked, as a dict; none when it does not name the table:
      database, table    of the user's own Glue table
      columns            our column names in lower case: theirs, or none for a column that their table lacks
      account_id, region each none, {'column': ..} of their partition columns, or {'value': ..}
      day                {'column': .., 'format': .. or none}, or {'year': .., 'month': .., 'day': ..}, or none: the table
                         has no partition that holds the delivery day
    Names are checked here against what we declare; existing_glue_table and its callers check them against the Glue catalog.
#}
{%- macro existing_raw_table(node) -%}
    {{- return(adapter.dispatch('existing_raw_table')(node)) -}}
{%- endmacro -%}

{#- DuckDB reads log files, and knows no tables of a Glue catalog. -#}
{%- macro duckdb__existing_raw_table(node) -%}
    {{- return(none) -}}
{%- endmacro -%}

{%- macro athena__existing_raw_table(node) -%}
    {%- set name = node.source_name ~ '.' ~ node.name -%}
    {%- set entries = existing_raw_table_entries() -%}
    {%- if name not in entries -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set entry = entries[name] -%}
    {%- if entry is not mapping -%}
        {%- do refuse_existing_raw_table(
            name, 'expected a mapping with database, table, columns and partitions. Found ' ~ (entry | string | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- do refuse_unknown_keys(name, 'its keys', entry, ['database', 'table', 'columns', 'partitions']) -%}
    {%- for key in ('database', 'table') -%}
        {%- if entry.get(key) is not string or not modules.re.fullmatch('[A-Za-z0-9_-]{1,255}', entry.get(key)) -%}
            {%- do refuse_existing_raw_table(
                name, key ~ ' must be the name of a ' ~ key ~ ' in the Glue catalog: letters, digits, underscores and hyphens. Found '
                ~ (entry.get(key) | string | tojson) ~ '.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if [entry.database | lower, entry.table | lower] == [node.schema | lower, node.identifier | lower] -%}
        {%- do refuse_existing_raw_table(
            name, entry.database ~ '.' ~ entry.table ~ ' is the name under which this project puts its own raw table, and would '
            ~ 'replace yours. Choose another schema for the project with ATHENA_SCHEMA.'
        ) -%}
    {%- endif -%}
    {%- set partitions = existing_raw_table_partitions(name, entry.get('partitions')) -%}
    {{- return({
        'database': entry.database | lower,
        'table': entry.table | lower,
        'columns': existing_raw_table_columns(name, node, entry.get('columns') or {}),
        'account_id': partitions.account_id,
        'region': partitions.region,
        'day': partitions.day,
    }) -}}
{%- endmacro -%}


{#- The var as it is, once every name in it is one of our raw tables. -#}
{%- macro existing_raw_table_entries() -%}
    {%- set entries = var('existing_raw_tables', none) or {} -%}
    {%- if entries is not mapping -%}
        {%- do exceptions.raise_compiler_error(
            'Var existing_raw_tables must map names of raw tables to your own tables. Found ' ~ (entries | string | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- set declared = [] -%}
    {%- for node in raw_tables() -%}
        {%- do declared.append(node.source_name ~ '.' ~ node.name) -%}
    {%- endfor -%}
    {%- for name in entries if name not in declared -%}
        {%- do refuse_existing_raw_table(
            name, 'no raw table has this name. Expected one of ' ~ declared | sort | join(', ') ~ '.'
        ) -%}
    {%- endfor -%}
    {{- return(entries) -}}
{%- endmacro -%}


{%- macro existing_raw_table_columns(name, node, columns) -%}
    {%- if columns is not mapping -%}
        {%- do refuse_existing_raw_table(
            name, 'columns must map our column names to yours. Found ' ~ (columns | string | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- set ours = raw_table_columns(node) | map(attribute='name') | map('lower') | reject('equalto', node.external.overflow_column) | list -%}
    {%- set checked = {} -%}
    {%- for our_name, their_name in columns.items() -%}
        {%- if our_name is not string or our_name | lower not in ours -%}
            {%- do refuse_existing_raw_table(
                name, 'columns names ' ~ (our_name | string | tojson) ~ ', which is no column of this raw table. Expected names of: '
                ~ ours | join(', ') ~ '. Ours stands before the colon, yours behind it.'
            ) -%}
        {%- endif -%}
        {%- if their_name is not none -%}
            {%- do check_existing_name(name, 'column ' ~ our_name, their_name) -%}
        {%- endif -%}
        {%- do checked.update({our_name | lower: none if their_name is none else their_name | lower}) -%}
    {%- endfor -%}
    {{- return(checked) -}}
{%- endmacro -%}


{%- macro existing_raw_table_partitions(name, partitions) -%}
    {%- set partitions = partitions or {} -%}
    {%- if partitions is not mapping -%}
        {%- do refuse_existing_raw_table(
            name, 'partitions must be a mapping. Found ' ~ (partitions | string | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- do refuse_unknown_keys(name, 'partitions', partitions, ['log_account_id', 'log_region', 'delivery_date', 'none']) -%}
    {%- set has_no_day = partitions.get('none', false) -%}
    {%- if has_no_day is not boolean or has_no_day == ('delivery_date' in partitions) -%}
        {%- do refuse_existing_raw_table(
            name, 'partitions must say which of your partition columns holds the delivery day: delivery_date, or else none: true for '
            ~ 'a table without one. Found ' ~ (partitions | string | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {{- return({
        'account_id': existing_partition_value(name, 'log_account_id', partitions.get('log_account_id')),
        'region': existing_partition_value(name, 'log_region', partitions.get('log_region')),
        'day': none if has_no_day else existing_partition_day(name, partitions.get('delivery_date')),
    }) -}}
{%- endmacro -%}


{#- A partition column's name, or one value for all rows; left out, nobody knows it. -#}
{%- macro existing_partition_value(name, key, told) -%}
    {%- if told is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- if told is not mapping -%}
        {%- do check_existing_name(name, key, told) -%}
        {{- return({'column': told | lower}) -}}
    {%- endif -%}
    {%- do refuse_unknown_keys(name, key, told, ['value']) -%}
    {%- set value = told.get('value') -%}
    {%- set form = {'log_account_id': '[0-9]{12}', 'log_region': '[a-z]{2,}(?:-[a-z0-9]+)+'}[key] -%}
    {%- if value is not string or not modules.re.fullmatch(form, value) -%}
        {%- do refuse_existing_raw_table(
            name, key ~ ' must be one of your partition columns, or {value: ".."} with a text of the form ' ~ form
            ~ ', in quotes. Found ' ~ (told | string | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- if key == 'log_region' -%}
        {%- do check_region(value, name, 'log_region in var existing_raw_tables') -%}
    {%- endif -%}
    {{- return({'value': value}) -}}
{%- endmacro -%}


{%- macro existing_partition_day(name, told) -%}
    {%- if told is not mapping -%}
        {%- do check_existing_name(name, 'delivery_date', told) -%}
        {{- return({'column': told | lower, 'format': none}) -}}
    {%- endif -%}
    {%- if 'column' in told -%}
        {%- do refuse_unknown_keys(name, 'delivery_date', told, ['column', 'format']) -%}
        {%- do check_existing_name(name, 'column of delivery_date', told.get('column')) -%}
        {%- if told.get('format') not in (none, 'yyyy/MM/dd', 'yyyy-MM-dd', 'yyyyMMdd') -%}
            {%- do refuse_existing_raw_table(
                name, 'format of delivery_date must be yyyy/MM/dd, yyyy-MM-dd or yyyyMMdd. Found ' ~ (told.get('format') | string | tojson) ~ '.'
            ) -%}
        {%- endif -%}
        {{- return({'column': told.get('column') | lower, 'format': told.get('format')}) -}}
    {%- endif -%}
    {%- do refuse_unknown_keys(name, 'delivery_date', told, ['year', 'month', 'day']) -%}
    {%- set day = {} -%}
    {%- for part in ('year', 'month', 'day') -%}
        {%- do check_existing_name(name, part ~ ' of delivery_date', told.get(part)) -%}
        {%- do day.update({part: told.get(part) | lower}) -%}
    {%- endfor -%}
    {{- return(day) -}}
{%- endmacro -%}


{#- Their names stand in double quotes in a view, so a double quote is all that could end them. -#}
{%- macro check_existing_name(name, what, their_name) -%}
    {%- if their_name is not string or not their_name or modules.re.search('[\x00-\x1f\x7f"`\'\\\\;]', their_name) -%}
        {%- do refuse_existing_raw_table(
            name, what ~ ' must be the name of a column of your table. Found ' ~ (their_name | string | tojson) ~ '.'
        ) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro refuse_unknown_keys(name, place, told, known) -%}
    {%- for key in told if key not in known -%}
        {%- do refuse_existing_raw_table(
            name, place ~ ' must be among ' ~ known | join(', ') ~ '. Found ' ~ (key | string | tojson) ~ '.'
        ) -%}
    {%- endfor -%}
{%- endmacro -%}


{%- macro refuse_existing_raw_table(name, reason) -%}
    {%- do exceptions.raise_compiler_error('Var existing_raw_tables, ' ~ name ~ ': ' ~ reason) -%}
{%- endmacro -%}
