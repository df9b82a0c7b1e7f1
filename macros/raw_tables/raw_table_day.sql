{#
    `text` (YYYY-MM-DD) as a datetime.date; an error that names `setting` when it is not a day.
#}
{%- macro raw_table_day(text, setting) -%}
    {%- if not modules.re.fullmatch('[12][0-9]{3}-[01][0-9]-[0-3][0-9]', text | string) -%}
        {%- do exceptions.raise_compiler_error(
            setting ~ ' must be a day as YYYY-MM-DD. Found ' ~ (text | string | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- set year, month, day = (text | string).split('-') -%}
    {%- set first = modules.datetime.date(year | int, [[month | int, 1] | max, 12] | min, 1) -%}
    {%- set found = first + modules.datetime.timedelta(days=(day | int) - 1) -%}
    {#- date() itself would fail on 2026-02-30 with a Python traceback. -#}
    {%- if found.isoformat() != text | string -%}
        {%- do exceptions.raise_compiler_error(setting ~ ' is not a day of the calendar. Found ' ~ text ~ '.') -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro -%}
