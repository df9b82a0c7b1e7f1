{#
    A line of an S3 access log out of a user's own table. A table of one text column has it: `line`, or what the var names.
    AWS's table of 18 to 27 columns (https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html)
    has it in pieces, in the order of the log: the line is put together again, so that staging reads one form of line. The pattern of
    that table keeps quotes inside its values; where a value has none they are put around it. A row without any value is a line that
    the table's pattern did not match: its text is lost.
#}
{%- macro existing_line(definition, glue_table) -%}
    {%- set columns = glue_table.StorageDescriptor.Columns -%}
    {%- set types = glue_column_types(columns) -%}
    {%- set existing = definition.existing -%}
    {%- if 'line' in existing.columns or 'line' in types -%}
        {%- set theirs = existing_column(definition, glue_table, 'line') -%}
        {%- if not theirs or not is_text_type(theirs.data_type) -%}
            {%- do refuse_existing_raw_table(
                definition.name, 'line must be a column of type string. Found '
                ~ (theirs.name ~ ' of type ' ~ theirs.data_type if theirs else 'null') ~ '.'
            ) -%}
        {%- endif -%}
        {{- return('"' ~ theirs.name ~ '"') -}}
    {%- endif -%}
    {%- if not 18 <= columns | length <= 27 -%}
        {%- do refuse_existing_raw_table(
            definition.name, existing.database ~ '.' ~ existing.table ~ ' must have the fields of the log as 18 to 27 columns in their order, '
            ~ 'or the whole line as one column: columns: {line: <your column>}. Found ' ~ columns | length ~ ' columns: '
            ~ types | join(', ') ~ '.'
        ) -%}
    {%- endif -%}
    {%- set pieces = [] -%}
    {%- for column in columns -%}
        {%- set position = loop.index -%}
        {%- do check_existing_field_type(definition, column, position) -%}
        {%- set name = '"' ~ column.Name ~ '"' -%}
        {%- set text = 'coalesce(cast(' ~ name ~ " as varchar), '-')" -%}
        {%- if position == 3 -%}
            {%- set text = "'[' || " ~ text ~ " || ']'" -%}
        {%- elif position in (9, 16, 17) -%}
            {%- set text = 'case when starts_with(' ~ name ~ ", '\"') then " ~ name ~ " else '\"' || " ~ text ~ " || '\"' end" -%}
        {%- endif -%}
        {%- do pieces.append(text) -%}
    {%- endfor -%}
    {%- set names = columns | map(attribute='Name') | list -%}
    {{- return(
        'case when coalesce(cast("' ~ names | join('" as varchar), cast("') ~ '" as varchar)) is null '
        ~ "then '(a line that the pattern of the table does not match)' else "
        ~ pieces | join(" || ' ' || ") ~ ' end'
    ) -}}
{%- endmacro -%}


{#- The fields are text; numbers may be typed as such, the two sizes not with 32 bits. -#}
{%- macro check_existing_field_type(definition, column, position) -%}
    {%- set numbers = [] if position not in (10, 12, 13, 14, 15) else ['bigint'] if position in (12, 13) else ['int', 'bigint'] -%}
    {%- if not is_text_type(column.Type) and column.Type | lower not in numbers -%}
        {%- do refuse_existing_raw_table(
            definition.name, 'column ' ~ column.Name ~ ' of ' ~ definition.existing.database ~ '.' ~ definition.existing.table
            ~ ', field ' ~ position ~ ' of the log, must be of type ' ~ (['string'] + numbers) | join(' or ') ~ '. Found ' ~ column.Type
            ~ '. Make the table again with that type, which is metadata only.'
        ) -%}
    {%- endif -%}
{%- endmacro -%}
