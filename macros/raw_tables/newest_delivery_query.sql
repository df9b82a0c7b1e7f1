{#
    The query by which `dbt source freshness` tells when the newest file of a raw table was delivered (UTC): the time in the
    file's name, else the day of its folder. DuckDB asks the ledger of files and opens none of them. Athena keeps no list of files
    and reads those of the last days (var lookback_days); with nothing in them the answer is null, which dbt takes for too old.
    A layout that nobody delivers cannot be late: the answer is now.
#}
{%- macro newest_delivery_query(source_name, table_name) -%}
    {{- return(adapter.dispatch('newest_delivery_query')(source_name, table_name)) -}}
{%- endmacro -%}

{%- macro athena__newest_delivery_query(source_name, table_name) -%}
    {%- set definition = raw_table_definitions(source_name, table_name)[0] -%}
    {%- if not definition.is_in_use -%}
        {{- return('select ' ~ now_in_utc() ~ ' as loaded_at') -}}
    {%- endif -%}
    {%- set days = freshness_days() -%}
    {{- return(
        'select max(' ~ delivery_time('file_path', 'delivery_date') ~ ') as loaded_at from (select '
        ~ delivery_columns(source_name, table_name) ~ ' from ' ~ definition.relation.render() ~ ' where '
        ~ delivery_filter(source_name, table_name, days.start_date, days.end_date) ~ ')'
    ) -}}
{%- endmacro -%}

{%- macro duckdb__newest_delivery_query(source_name, table_name) -%}
    {{- return(
        'select case when count(*) = 0 then ' ~ now_in_utc() ~ ' else max(' ~ delivery_time('file_path', 'delivery_date')
        ~ ') filter (where is_present) end as loaded_at from ' ~ log_ledger_relation() ~ " where log_source = '" ~ source_name
        ~ "' and raw_table = '" ~ table_name ~ "'"
    ) -}}
{%- endmacro -%}

{#- The delivery days that `dbt source freshness` looks at on Athena. Logs of tomorrow are none. -#}
{%- macro freshness_days() -%}
    {%- set today = run_started_at.strftime('%Y-%m-%d') -%}
    {{- return({'start_date': shift_date(today, -(var('lookback_days') | int)), 'end_date': today}) -}}
{%- endmacro -%}

{#- 20261101T0005Z of flow logs, trails and snapshots, 2026-11-01-00-05-59 of S3 access logs. -#}
{%- macro delivery_time(path, day) -%}
    {%- set told = "regexp_extract(" ~ path ~ ", '(20[0-9]{2}-?[01][0-9]-?[0-3][0-9][T-][0-9]{2}-?[0-9]{2})[^/]*$', 1)" -%}
    {%- set digits = "(replace(replace(" ~ told ~ ", '-', ''), 'T', '') || '00')" -%}
    {{- return('coalesce(' ~ time_of_digits(digits) | trim ~ ', cast(' ~ day ~ ' as timestamp))') -}}
{%- endmacro -%}

{%- macro now_in_utc() -%}
    {{- return("cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "' as timestamp)") -}}
{%- endmacro -%}
