{#
    The list of quarantined log files on Athena: `<target schema>_raw.unreadable_log_files`, with the columns that the
    ledger of DuckDB has too. It is a view over literals: Athena cannot delete rows of a Hive table, and a view is
    replaced whole by one statement, so readers see the list before a change or after it.
#}
{#- Names and types of the columns, in order. -#}
{%- macro unreadable_log_files_columns() -%}
    {{- return({
        'log_source': 'varchar',
        'raw_table': 'varchar',
        'file_path': 'varchar',
        'delivery_date': 'date',
        'account_id': 'varchar',
        'region': 'varchar',
        'size_bytes': 'bigint',
        'problem': 'varchar',
    }) -}}
{%- endmacro -%}

{#- The statement that makes the list hold exactly `files`, a list of dicts of texts (or none). -#}
{%- macro unreadable_log_files_statement(files) -%}
    {%- set rows = [] -%}
    {%- for file in files or [{}] -%}
        {%- set values = [] -%}
        {%- for column, data_type in unreadable_log_files_columns().items() -%}
            {%- set text = file.get(column) -%}
            {%- set literal = 'null' if text is none else sql_literal(text) -%}
            {%- do values.append('cast(' ~ literal ~ ' as ' ~ data_type ~ ') as ' ~ column) -%}
        {%- endfor -%}
        {%- do rows.append('select ' ~ values | join(', ') ~ ('' if files else ' where false')) -%}
    {%- endfor -%}
    {%- set statement = 'create or replace view ' ~ unreadable_log_files_relation().render() ~ ' as\n' ~ rows | join('\nunion all\n') -%}
    {%- if statement.encode('utf-8') | length > 250000 -%}
        {%- do exceptions.raise_compiler_error(
            'The list of unreadable log files grows beyond what one Athena statement can hold (262,144 bytes). Move the broken '
            ~ 'files out of the log prefix, and take them off the list with release_log_file.'
        ) -%}
    {%- endif -%}
    {{- return(statement) -}}
{%- endmacro -%}

{#- Makes the list, empty, when it does not exist. -#}
{%- macro create_unreadable_log_files() -%}
    {%- if var('print_ddl', false) or not adapter.get_glue_table(unreadable_log_files_relation()) -%}
        {%- do run_raw_table_statements([unreadable_log_files_statement([])]) -%}
    {%- endif -%}
{%- endmacro -%}

{#- The list as dicts of texts, in the order of the paths. -#}
{%- macro read_unreadable_log_files() -%}
    {%- set files = [] -%}
    {%- if adapter.get_glue_table(unreadable_log_files_relation()) -%}
        {%- set names = unreadable_log_files_columns().keys() | list -%}
        {%- set texts = [] -%}
        {%- for name in names -%}
            {%- do texts.append('cast(' ~ name ~ ' as varchar) as ' ~ name) -%}
        {%- endfor -%}
        {%- set answer = run_query(
            'select ' ~ texts | join(', ') ~ ' from ' ~ unreadable_log_files_relation().render() ~ ' order by file_path'
        ) -%}
        {%- for row in answer.rows -%}
            {%- set file = {} -%}
            {%- for name in names -%}
                {%- do file.update({name: row[name]}) -%}
            {%- endfor -%}
            {%- do files.append(file) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(files) -}}
{%- endmacro -%}

{#-
    The quarantined paths of one raw table among the delivery days given; all of a user's own table without a partition for the
    day, because every query opens all its files. Asked only while a run executes models: a compilation must not need the
    warehouse. At most 500, so that the predicate stays within one statement.
-#}
{%- macro unreadable_file_paths(definition, start_date, end_date) -%}
    {%- set paths = [] -%}
    {%- set is_read_whole = definition.existing and not definition.existing.day -%}
    {%- if flags.WHICH in ('run', 'build', 'test', 'freshness') -%}
        {%- for file in read_unreadable_log_files() -%}
            {%- set is_opened = is_read_whole or not file.delivery_date or start_date <= file.delivery_date <= end_date -%}
            {%- if file.log_source == definition.source_name and file.raw_table == definition.table_name and is_opened -%}
                {%- do paths.append(file.file_path) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if paths | length > 500 -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ definition.name ~ ' has ' ~ paths | length ~ ' unreadable files from ' ~ start_date ~ ' to ' ~ end_date
            ~ '; a statement can leave out 500. Move the broken files out of the log prefix, or choose a shorter window.'
        ) -%}
    {%- endif -%}
    {{- return(paths) -}}
{%- endmacro -%}
