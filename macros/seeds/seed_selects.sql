{#
    SELECT texts that together yield the rows of a seed's file, typed by column_types and in its order; an empty cell is
    null. dbt reads the file and the rows travel as literals, so that both engines see the same text: the CSV reader that
    dbt-athena uses takes a backslash for an escape and drops it.

    All rows of a text are one literal, a line each, its cells between tabs: a planner looks at each literal many times.
    table: what load_agate_table returns. longest: how many bytes of rows a text may hold; none puts all rows into one.
#}
{%- macro seed_selects(table, longest=none) -%}
    {%- do check_seed_columns(table.column_names) -%}
    {%- set selects = [] -%}
    {%- set pending = namespace(rows=[], size=0) -%}
    {%- for row in table.rows -%}
        {%- set text = row.values() | map('default', '', true) | join('\t') -%}
        {%- if text.count('\t') >= table.column_names | length or '\n' in text or '\r' in text -%}
            {{ exceptions.raise_compiler_error(
                "Seed " ~ model.name ~ ": row " ~ loop.index ~ " of " ~ model.original_file_path ~ " holds a line break or a tab inside a "
                ~ "cell, expected plain text. Write blanks instead.") }}
        {%- endif -%}
        {%- set line = text | replace("'", "''") -%}
        {%- set size = line.encode() | length + 1 -%}
        {%- if longest is not none and pending.rows and pending.size + size > longest -%}
            {%- do selects.append(typed_seed_rows(table.column_names, pending.rows)) -%}
            {%- set pending.rows = [] -%}
            {%- set pending.size = 0 -%}
        {%- endif -%}
        {%- do pending.rows.append(line) -%}
        {%- set pending.size = pending.size + size -%}
    {%- endfor -%}
    {%- if pending.rows -%}
        {%- do selects.append(typed_seed_rows(table.column_names, pending.rows)) -%}
    {%- else -%}
        {%- do selects.append(typed_seed_rows(table.column_names, ['']) ~ ' where false') -%}
    {%- endif -%}
    {{ return(selects) }}
{%- endmacro -%}


{# column_names: in the order of the file. rows: as they stand inside a literal, cells between tabs. #}
{%- macro typed_seed_rows(column_names, rows) -%}
    {%- set places = {} -%}
    {%- for name in column_names -%}
        {%- do places.update({name: loop.index}) -%}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for name, type in model.config.column_types.items() -%}
        {%- do columns.append(
            "cast(nullif(split_part(cells, '\t', " ~ places[name] ~ "), '') as " ~ type ~ ') as "' ~ name ~ '"') -%}
    {%- endfor -%}
    {{ return(
        'select ' ~ columns | join(', ') ~ " from unnest(split('" ~ rows | join('\n') ~ "', '\n')) as seed_rows (cells)") }}
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
