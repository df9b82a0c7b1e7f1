{#
    The newest day on which log files were delivered, as 'YYYY-MM-DD': the var of that name where given; else from the
    ledger of log files (DuckDB), or today in UTC (Athena, where no list of files is kept).
#}
{%- macro newest_delivery_date() -%}
    {%- set given = read_date_var('newest_delivery_date') -%}
    {{ return(given if given is not none else adapter.dispatch('newest_delivery_date')()) }}
{%- endmacro -%}


{%- macro athena__newest_delivery_date() -%}
    {{ return(run_started_at.strftime('%Y-%m-%d')) }}
{%- endmacro -%}


{%- macro duckdb__newest_delivery_date() -%}
    {%- set kept = days_of_run() -%}
    {%- set newest = kept.newest if 'newest' in kept else newest_delivery_date_of_ledger() -%}
    {{ return(newest if newest else run_started_at.strftime('%Y-%m-%d')) }}
{%- endmacro -%}
