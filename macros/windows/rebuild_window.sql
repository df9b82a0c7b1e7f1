{#
    The UTC event days a run may rewrite, as {'start_date': 'YYYY-MM-DD', 'end_date': 'YYYY-MM-DD'}, both inclusive.

    relation_exists: is there a table that keeps its other days? Left out, the macro looks at `this`.
    1. start_date and end_date, where given, are the window.
    2. A first build or a full refresh takes every day found (DuckDB), or is refused (Athena: nobody knows how far back
       the logs go, and reading them all costs money).
    3. Else the last lookback_days up to the newest delivered day. Never "later than the newest day in the table":
       a run that failed half-way has already moved that mark.
    A view that is part of one table has that table's name as window_of in its meta: what counts is whether that one is there.
    A model with rebuild_whole_months in its meta rewrites the whole months that these days lie in.
#}
{%- macro rebuild_window(relation_exists=none) -%}
    {%- if not execute -%}
        {{ return({'start_date': '1970-01-01', 'end_date': '1970-01-01'}) }}
    {%- endif -%}
    {%- set window = rebuilt_days(relation_exists) -%}
    {%- if model is defined and model.get('config', {}).get('meta', {}).get('rebuild_whole_months') -%}
        {%- set day_in_next_month = modules.datetime.date.fromisoformat(window.end_date[:8] ~ '01') + modules.datetime.timedelta(days=32) -%}
        {%- set window = {
            'start_date': window.start_date[:8] ~ '01',
            'end_date': shift_date(day_in_next_month.isoformat()[:8] ~ '01', -1),
        } -%}
    {%- endif -%}
    {{ return(window) }}
{%- endmacro -%}


{%- macro rebuilt_days(relation_exists) -%}
    {%- set start_date = read_date_var('start_date') -%}
    {%- set end_date = read_date_var('end_date') -%}
    {%- if (start_date is none) != (end_date is none) -%}
        {{ exceptions.raise_compiler_error(
            "rebuild_window: give both vars start_date and end_date, or neither; found start_date="
            ~ start_date ~ ", end_date=" ~ end_date ~ ".") }}
    {%- endif -%}
    {%- if start_date is not none -%}
        {%- if start_date > end_date -%}
            {{ exceptions.raise_compiler_error(
                "rebuild_window: start_date " ~ start_date ~ " lies after end_date " ~ end_date
                ~ ". Both are inclusive UTC days; swap them.") }}
        {%- endif -%}
        {{ return({'start_date': start_date, 'end_date': end_date}) }}
    {%- endif -%}
    {%- if relation_exists is none -%}
        {%- set holder = this -%}
        {%- if model is defined and model.get('config', {}).get('materialized') == 'view' and model.config.meta.get('window_of') -%}
            {%- set holder = this.incorporate(path={'identifier': model.config.meta.window_of}) -%}
        {%- endif -%}
        {%- set relation_exists = load_relation(holder) is not none and not should_full_refresh() -%}
    {%- endif -%}
    {{ return(adapter.dispatch('window_without_dates')(relation_exists)) }}
{%- endmacro -%}


{%- macro athena__window_without_dates(relation_exists) -%}
    {%- if not relation_exists and flags.WHICH in ('run', 'build') -%}
        {{ exceptions.raise_compiler_error(
            "rebuild_window: the first build (or a full refresh) of " ~ (this or 'the models') ~ " on Athena needs to be told which days to "
            ~ "read. Say for example --vars '{start_date: 2026-11-01, end_date: 2026-11-07}'.") }}
    {%- endif -%}
    {%- set newest = newest_delivery_date() -%}
    {{ return({'start_date': shift_date(newest, 1 - checked_lookback_days()), 'end_date': newest}) }}
{%- endmacro -%}


{%- macro duckdb__window_without_dates(relation_exists) -%}
    {%- set newest = newest_delivery_date() -%}
    {%- if not relation_exists -%}
        {# Whatever was delivered counts, also records much older than the first folder. #}
        {{ return({'start_date': '1970-01-01', 'end_date': newest}) }}
    {%- endif -%}
    {# After days without a run, the window reaches back to where the last whole run ended. #}
    {%- set newest_read = newest_read_delivery_date() -%}
    {%- set from_day = newest_read if newest_read is not none and newest_read < newest else newest -%}
    {{ return({'start_date': shift_date(from_day, 1 - checked_lookback_days()), 'end_date': newest}) }}
{%- endmacro -%}


{# lookback_days, refused when a day would leave the window before its last late folder was read. #}
{%- macro checked_lookback_days() -%}
    {%- set lookback_days = var('lookback_days') | int -%}
    {%- set late_days = var('late_days') | int -%}
    {%- if lookback_days <= late_days -%}
        {{ exceptions.raise_compiler_error(
            "rebuild_window: var lookback_days is " ~ lookback_days ~ " and var late_days is " ~ late_days
            ~ "; lookback_days must be larger, or records that are delivered late are never read.") }}
    {%- endif -%}
    {{ return(lookback_days) }}
{%- endmacro -%}
