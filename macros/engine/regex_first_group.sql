{#
    First group of the first match of a pattern that is itself an SQL expression, such as a seed's column; NULL where nothing
    matches, the group is empty, or either is null. Patterns in the syntax that Java and RE2 share. regex_groups is for patterns
    that are known beforehand.
#}
{%- macro regex_first_group(text, pattern) -%}
    {{ return(adapter.dispatch('regex_first_group')(text, pattern)) }}
{%- endmacro -%}

{%- macro athena__regex_first_group(text, pattern) -%}
    nullif(regexp_extract({{ text }}, {{ pattern }}, 1), '')
{%- endmacro -%}

{#- Where nothing matches DuckDB gives an empty text. -#}
{%- macro duckdb__regex_first_group(text, pattern) -%}
    nullif(regexp_extract({{ text }}, {{ pattern }}, 1), '')
{%- endmacro -%}
