{# The var of this name as 'YYYY-MM-DD', none when it is null or ''. Anything but a calendar day is refused. #}
{%- macro read_date_var(name) -%}
    {%- set value = var(name, none) -%}
    {%- if value is none or value | string | trim == '' -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set text = value | string | trim -%}
    {%- set parts = modules.re.match('^([0-9]{4})-([0-9]{2})-([0-9]{2})$', text) -%}
    {%- set is_day = false -%}
    {%- if parts -%}
        {%- set year, month, day = parts.group(1) | int, parts.group(2) | int, parts.group(3) | int -%}
        {%- if year >= 1970 and 1 <= month <= 12 and day >= 1 -%}
            {%- set next_month = modules.datetime.date(year + month // 12, month % 12 + 1, 1) -%}
            {%- set is_day = day <= (next_month - modules.datetime.timedelta(days=1)).day -%}
        {%- endif -%}
    {%- endif -%}
    {%- if not is_day -%}
        {{ exceptions.raise_compiler_error(
            "read_date_var: var " ~ name ~ " must be a calendar day from 1970 on, written YYYY-MM-DD such as 2026-11-01; found '"
            ~ text ~ "'.") }}
    {%- endif -%}
    {{ return(text) }}
{%- endmacro -%}
