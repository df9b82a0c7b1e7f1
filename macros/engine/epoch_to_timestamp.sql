{# Seconds since 1970-01-01 as a UTC timestamp. `seconds` is an SQL expression of type bigint. #}
{%- macro epoch_to_timestamp(seconds) -%}
    {{ return(adapter.dispatch('epoch_to_timestamp')(seconds)) }}
{%- endmacro -%}

{%- macro athena__epoch_to_timestamp(seconds) -%}
    cast(at_timezone(from_unixtime({{ seconds }}), 'UTC') as timestamp(3))
{%- endmacro -%}

{%- macro duckdb__epoch_to_timestamp(seconds) -%}
    make_timestamp({{ seconds }} * 1000000)
{%- endmacro -%}
