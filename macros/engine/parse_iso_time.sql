{#
    Time of ISO 8601 in UTC, '2026-11-01T23:59:59Z', with or without a fraction of a second, as a UTC timestamp to the
    millisecond; NULL when it is not of that form or no such time. `text` is an SQL expression.
#}
{%- macro parse_iso_time(text) -%}
    {%- set form = regex_matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}(?:[.][0-9]{1,9})?Z$') -%}
    case when {{ form }} then {{ adapter.dispatch('parse_iso_time')(text) }} end
{%- endmacro -%}

{%- macro athena__parse_iso_time(text) -%}
    cast(at_timezone(try(from_iso8601_timestamp({{ text }})), 'UTC') as timestamp(3))
{%- endmacro -%}

{%- macro duckdb__parse_iso_time(text) -%}
    date_trunc('milliseconds', try_cast(replace(replace({{ text }}, 'T', ' '), 'Z', '') as timestamp))
{%- endmacro -%}
