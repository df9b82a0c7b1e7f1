{#
    The columns of a raw table as select-list items over a user's own table, in our order and with our types. What their types
    lose is not made up: a value that became null is `-` in a text flow log, and a row that shows such a loss is unreadable.
    Each format has its own rule, below.
#}
{%- macro existing_values(definition, glue_table) -%}
    {%- if definition.format == 'lines' -%}
        {{- return([existing_line(definition, glue_table) ~ ' as line']) -}}
    {%- endif -%}
    {%- set values = [] -%}
    {%- for column in definition.columns if column.name != definition.format_options.overflow_column -%}
        {%- set theirs = existing_column(definition, glue_table, column.name) -%}
        {%- if definition.format == 'delimited' -%}
            {%- set value = existing_flow_text(definition, column, theirs) -%}
        {%- elif definition.format == 'parquet' -%}
            {%- set value = existing_flow_value(definition, column, theirs) -%}
        {%- else -%}
            {%- set value = existing_record_part(definition, column, theirs) -%}
        {%- endif -%}
        {%- do values.append(value ~ ' as "' ~ column.name ~ '"') -%}
    {%- endfor -%}
    {%- if definition.format_options.overflow_column and definition.format == 'delimited' -%}
        {%- do values.append(existing_flow_damage(definition, glue_table) ~ ' as "' ~ definition.format_options.overflow_column ~ '"') -%}
    {%- endif -%}
    {{- return(values) -}}
{%- endmacro -%}


{#-
    Their column for one of ours, as a dict of name and data_type; none where the var or, for a column that a table may lack, the
    Glue catalog says that there is none. Partition columns are columns too: a reader may have made one of a field.
-#}
{%- macro existing_column(definition, glue_table, our_name) -%}
    {%- set existing = definition.existing -%}
    {%- set their_name = existing.columns.get(our_name | lower, our_name | lower) -%}
    {%- if their_name is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set types = glue_column_types(glue_table.StorageDescriptor.Columns) -%}
    {%- if their_name in types -%}
        {{- return({'name': their_name, 'data_type': types[their_name]}) -}}
    {%- endif -%}
    {%- set needed = definition.format_options.needed_columns -%}
    {%- if our_name | lower in existing.columns or not needed or our_name in needed -%}
        {%- do refuse_existing_raw_table(
            definition.name, existing.database ~ '.' ~ existing.table ~ ' has no column ' ~ their_name ~ ', which should hold ' ~ our_name
            ~ '. It has ' ~ (types | join(', ') or 'none') ~ '. Write columns: {' ~ our_name ~ ': <your column>}, or {' ~ our_name
            ~ ': null} when your logs do not have it.'
        ) -%}
    {%- endif -%}
    {{- return(none) -}}
{%- endmacro -%}


{%- macro is_text_type(data_type) -%}
    {{- return(modules.re.fullmatch('(?i)string|(?:var)?char([(].*)?', data_type) is not none) -}}
{%- endmacro -%}


{#- An error unless their type can hold the column: text, or whole numbers, for large ones only of 64 bits. -#}
{%- macro check_existing_type(definition, our_name, theirs, expected) -%}
    {%- set data_type = theirs.data_type | lower -%}
    {%- set is_narrow = our_name in (definition.format_options.wide_columns or []) and data_type in ('int', 'integer') -%}
    {%- if is_text_type(data_type) or (data_type in expected and not is_narrow) -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set fitting = expected | reject('in', ['int', 'integer'] if is_narrow else ['integer']) | list -%}
    {%- do refuse_existing_raw_table(
        definition.name, 'column ' ~ theirs.name ~ ' of ' ~ definition.existing.database ~ '.' ~ definition.existing.table ~ ' (our ' ~ our_name
        ~ ') must be of type ' ~ (['string'] + fitting) | join(' or ') ~ '. Found ' ~ theirs.data_type
        ~ (', in which values of 2^31 and more become null' if is_narrow else '')
        ~ '. Make the table again with that type, which is metadata only.'
    ) -%}
{%- endmacro -%}


{#- A value of a text flow log as it stood in the line: text as it is, a number as its digits, `-` for null. -#}
{%- macro existing_flow_text(definition, column, theirs) -%}
    {%- if not theirs -%}
        {{- return("'-'") -}}
    {%- endif -%}
    {%- do check_existing_type(definition, column.name, theirs, ['int', 'integer', 'bigint']) -%}
    {%- set text = 'cast("' ~ theirs.name ~ '" as varchar)' -%}
    {%- if column.name == 'account_id' and not is_text_type(theirs.data_type) -%}
        {%- set text = 'lpad(' ~ text ~ ", 12, '0')" -%}
    {%- endif -%}
    {{- return('coalesce(' ~ text ~ ", '-')") -}}
{%- endmacro -%}


{#-
    A text in the place of the first surplus value, which makes the row an unreadable one, where their types show that something
    was lost: no log_status (too short a line), no time (every record has one), or no counters of a record with traffic.
-#}
{%- macro existing_flow_damage(definition, glue_table) -%}
    {%- set found = {} -%}
    {%- for column in definition.columns if column.name in ('log_status', 'start', 'end', 'packets', 'bytes') -%}
        {%- set theirs = existing_column(definition, glue_table, column.name) -%}
        {%- if theirs -%}
            {%- do found.update({column.name: theirs}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set losses = [] -%}
    {%- for name, theirs in found.items() if name == 'log_status' or not is_text_type(theirs.data_type) -%}
        {%- if name in ('log_status', 'start', 'end') -%}
            {%- do losses.append('"' ~ theirs.name ~ '" is null') -%}
        {%- elif 'log_status' in found -%}
            {%- do losses.append('("' ~ found.log_status.name ~ "\" = 'OK' and \"" ~ theirs.name ~ '" is null)') -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(
        'case when ' ~ losses | join(' or ') ~ " then '(a value is lost: it does not fit the type of its column)' end" if losses
        else 'cast(null as varchar)'
    ) -}}
{%- endmacro -%}


{#- A value of a Parquet flow log with our type. A number that our type cannot hold is -1, which no form allows. -#}
{%- macro existing_flow_value(definition, column, theirs) -%}
    {%- set our_type = column.data_type | lower -%}
    {%- set engine_type = {'string': 'varchar', 'int': 'integer'}.get(our_type, our_type) -%}
    {%- if not theirs -%}
        {{- return('cast(null as ' ~ engine_type ~ ')') -}}
    {%- endif -%}
    {%- do check_existing_type(definition, column.name, theirs, [] if our_type == 'string' else ['int', 'integer', 'bigint']) -%}
    {%- set name = '"' ~ theirs.name ~ '"' -%}
    {%- if our_type == theirs.data_type | lower or our_type == 'string' -%}
        {{- return(name if our_type == theirs.data_type | lower else 'cast(' ~ name ~ ' as varchar)') -}}
    {%- endif -%}
    {%- set told = 'nullif(' ~ name ~ ", '-')" if is_text_type(theirs.data_type) else name -%}
    {{- return('case when ' ~ told ~ ' is not null then coalesce(try_cast(' ~ told ~ ' as ' ~ engine_type ~ '), -1) end') -}}
{%- endmacro -%}


{#- A part of a CloudTrail record. -#}
{%- macro existing_record_part(definition, column, theirs) -%}
    {%- if not theirs -%}
        {{- return('cast(null as ' ~ engine_type_of(column.data_type) ~ ')') -}}
    {%- endif -%}
    {{- return(rebuilt_value(definition, '"' ~ theirs.name ~ '"', column.data_type, theirs.data_type, theirs.name, 1)) -}}
{%- endmacro -%}


{#- A Hive type in the words of a query, names of members in lower case. -#}
{%- macro engine_type_of(data_type) -%}
    {%- set told = hive_type(data_type) -%}
    {%- if told.kind == 'struct' -%}
        {%- set members = [] -%}
        {%- for part in told.parts -%}
            {%- do members.append('"' ~ part.name | lower ~ '" ' ~ engine_type_of(part.type)) -%}
        {%- endfor -%}
        {{- return('row(' ~ members | join(', ') ~ ')') -}}
    {%- elif told.kind == 'array' -%}
        {{- return('array(' ~ engine_type_of(told.parts[0].type) ~ ')') -}}
    {%- elif told.kind == 'map' -%}
        {{- return('map(varchar, ' ~ engine_type_of(told.parts[0].type) ~ ')') -}}
    {%- endif -%}
    {{- return({'string': 'varchar', 'int': 'integer'}.get(told.kind, told.kind)) -}}
{%- endmacro -%}


{#-
    `value`, an expression of the Hive type `their_type`, with the type `our_type`: members are found by their name, whatever its
    case, and are null where theirs has none. `place` names the value in errors, `depth` keeps the names of elements apart.
-#}
{%- macro rebuilt_value(definition, value, our_type, their_type, place, depth) -%}
    {%- set ours, theirs = hive_type(our_type), hive_type(their_type) -%}
    {%- if ours.kind == 'string' and theirs.kind | lower in ('string', 'boolean') -%}
        {{- return(value if theirs.kind | lower == 'string' else 'cast(' ~ value ~ ' as varchar)') -}}
    {%- elif ours.kind == 'struct' and theirs.kind == 'struct' -%}
        {%- set members = [] -%}
        {%- for part in ours.parts -%}
            {%- set found = [] -%}
            {%- for their_part in theirs.parts if their_part.name | lower == part.name | lower -%}
                {%- do found.append(rebuilt_value(
                    definition, value ~ '."' ~ their_part.name | lower ~ '"', part.type, their_part.type, place ~ '.' ~ their_part.name, depth
                )) -%}
            {%- endfor -%}
            {%- do members.append(found[0] if found else 'null') -%}
        {%- endfor -%}
        {{- return(
            'case when ' ~ value ~ ' is not null then cast(row(' ~ members | join(', ') ~ ') as ' ~ engine_type_of(our_type) ~ ') end'
        ) -}}
    {%- elif ours.kind == 'array' and theirs.kind == 'array' -%}
        {%- set element = 'element_' ~ depth -%}
        {{- return(
            'transform(' ~ value ~ ', ' ~ element ~ ' -> '
            ~ rebuilt_value(definition, element, ours.parts[0].type, theirs.parts[0].type, place ~ '[]', depth + 1) ~ ')'
        ) -}}
    {%- elif ours.kind == 'map' and theirs.kind == 'map' and ours.parts[0].type == theirs.parts[0].type -%}
        {{- return(value) -}}
    {%- endif -%}
    {%- do refuse_existing_raw_table(
        definition.name, 'column ' ~ place ~ ' of ' ~ definition.existing.database ~ '.' ~ definition.existing.table ~ ' must be of type '
        ~ our_type.split() | join(' ') ~ ' (a struct may lack members). Found ' ~ their_type
        ~ '. Make the table again as AWS documents it, which is metadata only, or say that your table lacks the column: {' ~ place
        ~ ': null}.'
    ) -%}
{%- endmacro -%}
