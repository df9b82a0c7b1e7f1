{#
    Time of an S3 server access log, '06/Feb/2019:00:00:38 +0000', as a UTC timestamp; NULL when it is not of that form.
    `text` is an SQL expression. Format: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
#}
{%- macro parse_access_log_time(text) -%}
    {{ return(adapter.dispatch('parse_access_log_time')(text)) }}
{%- endmacro -%}

{%- macro athena__parse_access_log_time(text) -%}
    cast(at_timezone(try(parse_datetime({{ text }}, 'dd/MMM/yyyy:HH:mm:ss Z')), 'UTC') as timestamp(3))
{%- endmacro -%}

{%- macro duckdb__parse_access_log_time(text) -%}
    cast(timezone('UTC', try_strptime({{ text }}, '%d/%b/%Y:%H:%M:%S %z')) as timestamp)
{%- endmacro -%}
