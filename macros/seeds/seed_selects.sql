{#
    SELECT texts that together yield the rows of a seed's file, typed by column_types and in its order; an empty cell is
    null. dbt reads the file and the rows travel as literals, so that both engines see the same text: the CSV reader that
    dbt-athena uses takes a backslash for an escape and drops it.

    table: what load_agate_table returns. longest: how many bytes of rows a text may hold; none puts all rows into one.
#}
{%- macro seed_selects(table, longest=none) -%}
    {%- do check_seed_columns(table.column_names) -%}
    {%- set selects = [] -%}
    {%- set pending = namespace(rows=[], size=0) -%}
    {%- for row in table.rows -%}
        {%- set text = seed_row_literals(row, loop.index) -%}
        {%- set size = text.encode() | length + 2 -%}
        {%- if longest is not none and pending.rows and pending.size + size > longest -%}
            {%- do selects.append(typed_seed_rows(table.column_names, pending.rows)) -%}
            {%- set pending.rows = [] -%}
            {%- set pending.size = 0 -%}
        {%- endif -%}
        {%- do pending.rows.append(text) -%}
        {%- set pending.size = pending.size + size -%}
    {%- endfor -%}
    {%- if pending.rows -%}
        {%- do selects.append(typed_seed_rows(table.column_names, pending.rows)) -%}
    {%- else -%}
        {%- set nulls = '(' ~ (['null'] * table.column_names | length) | join(', ') ~ ')' -%}
        {%- do selects.append(typed_seed_rows(table.column_names, [nulls]) ~ ' where false') -%}
    {%- endif -%}
    {{ return(selects) }}
{%- endmacro -%}


{# A row as a list of text literals in brackets. #}
{%- macro seed_row_literals(row, number) -%}
    {%- set cells = [] -%}
    {%- for cell in row.values() -%}
        {%- do cells.append('null' if cell is none else "'" ~ (cell | replace("'", "''")) ~ "'") -%}
    {%- endfor -%}
    {%- set text = '(' ~ cells | join(', ') ~ ')' -%}
    {%- if '\n' in text or '\r' in text -%}
        {{ exceptions.raise_compiler_error(
            "Seed " ~ model.name ~ ": row " ~ number ~ " of " ~ model.original_file_path ~ " holds a line break inside a cell. The way to "
            ~ "Athena does not keep every line break: write the cell on one line.") }}
    {%- endif -%}
    {{ return(text) }}
{%- endmacro -%}


{%- macro typed_seed_rows(column_names, rows) -%}
    {%- set columns = [] -%}
    {%- for name, type in model.config.column_types.items() -%}
        {%- do columns.append('cast("' ~ name ~ '" as ' ~ type ~ ') as "' ~ name ~ '"') -%}
    {%- endfor -%}
    {{ return(
        'select ' ~ columns | join(', ') ~ ' from (values ' ~ rows | join(', ') ~ ') as seed_rows ("'
        ~ column_names | join('", "') ~ '")') }}
{%- endmacro -%}


{# Every column of the file has a declared type, and every declared column is in the file: nothing is guessed or left out. #}
{%- macro check_seed_columns(column_names) -%}
    {%- set declared = model.config.column_types.keys() | list -%}
    {%- set problems = [] -%}
    {%- for name in column_names if name not in declared -%}
        {%- do problems.append(name ~ " stands in the file and has no type") -%}
    {%- endfor -%}
    {%- for name in declared if name not in column_names -%}
        {%- do problems.append(name ~ " has a type and stands not in the file") -%}
    {%- endfor -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(
            "Seed " ~ model.name ~ ": column_types must name exactly the columns of " ~ model.original_file_path ~ "; found: "
            ~ problems | join(', ') ~ ". Correct the header line of the file, or column_types in the seed's yml.") }}
    {%- endif -%}
{%- endmacro -%}
