{#
    dbt run-operation release_log_file --args '{file: s3://..}': takes a file off the list of unreadable log files.
#}
{%- macro release_log_file(file) -%}
    {{- return(adapter.dispatch('release_log_file')(file)) -}}
{%- endmacro -%}

{%- macro athena__release_log_file(file) -%}
    {%- set known = read_unreadable_log_files() -%}
    {%- set kept = known | rejectattr('file_path', 'equalto', file) | list -%}
    {%- if kept | length == known | length -%}
        {%- do exceptions.raise_compiler_error(
            'release_log_file: ' ~ (file | string | tojson) ~ ' is not on the list of unreadable log files ('
            ~ unreadable_log_files_relation().render_hive() ~ ').'
        ) -%}
    {%- endif -%}
    {%- do run_raw_table_statements([unreadable_log_files_statement(kept)]) -%}
    {%- do log('Released ' ~ file ~ '. Rebuild the days that it may hold.', info=true) -%}
{%- endmacro -%}

{%- macro duckdb__release_log_file(file) -%}
    {%- do log('Nothing to do on DuckDB: each run finds unreadable log files itself.', info=true) -%}
{%- endmacro -%}
