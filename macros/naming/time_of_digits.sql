{#
    A time in the name of a file as a UTC timestamp; null when it is none. `digits` is an SQL expression of the text
    YYYYMMDDHHMMSS, of which each pair is the next part of ISO 8601.
#}
{%- macro time_of_digits(digits) -%}
    {%- set parts = [] -%}
    {%- for start, length, end in [(1, 4, '-'), (5, 2, '-'), (7, 2, 'T'), (9, 2, ':'), (11, 2, ':'), (13, 2, 'Z')] -%}
        {%- do parts.append('substr(' ~ digits ~ ', ' ~ start ~ ', ' ~ length ~ ") || '" ~ end ~ "'") -%}
    {%- endfor -%}
    {{ return(parse_iso_time(parts | join(' || '))) }}
{%- endmacro -%}
