{#
    dbt run-operation quarantine_log_file --args '{file: s3://.., problem: ..}': later runs leave this file out, and
    unreadable_log_files says so. For a file that ends every query with an error, such as a corrupt .gz.
#}
{%- macro quarantine_log_file(file, problem) -%}
    {{- return(adapter.dispatch('quarantine_log_file')(file, problem)) -}}
{%- endmacro -%}

{%- macro athena__quarantine_log_file(file, problem) -%}
    {%- set entry = describe_log_file(file) -%}
    {#- The text may be an engine's message with parts of a log in it: one printable line of it is kept. -#}
    {%- do entry.update({'problem': modules.re.sub('[\x00-\x1f\x7f-\x9f\u2028\u2029]+', ' ', problem | string)[:500]}) -%}
    {%- set files = [entry] -%}
    {%- for known in read_unreadable_log_files() if known.file_path != file -%}
        {%- do files.append(known) -%}
    {%- endfor -%}
    {%- if not adapter.check_schema_exists(target.database, unreadable_log_files_relation().schema) -%}
        {%- do run_raw_table_statements(['create schema if not exists `' ~ unreadable_log_files_relation().schema ~ '`']) -%}
    {%- endif -%}
    {%- do run_raw_table_statements([unreadable_log_files_statement(files | sort(attribute='file_path'))]) -%}
    {%- do log(
        'Quarantined ' ~ file ~ ' of raw table ' ~ entry.log_source ~ '.' ~ entry.raw_table ~ '. Rebuild '
        ~ (entry.delivery_date or 'the day on which it was delivered') ~ ' and the days before it that it may hold.', info=true
    ) -%}
{%- endmacro -%}

{%- macro duckdb__quarantine_log_file(file, problem) -%}
    {%- do log('Nothing to do on DuckDB: each run finds unreadable log files itself.', info=true) -%}
{%- endmacro -%}
