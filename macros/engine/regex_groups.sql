{#
    All groups of a pattern's first match in one step; regex_group() takes one out. text: SQL expression. pattern: plain text
    in the syntax that Java and RE2 share. group_count: how many groups it has.
#}
{%- macro regex_groups(text, pattern, group_count) -%}
    {{ return(adapter.dispatch('regex_groups')(text, sql_literal(pattern), group_count)) }}
{%- endmacro -%}

{%- macro athena__regex_groups(text, pattern, group_count) -%}
    array[
        {%- for position in range(1, group_count + 1) -%}
            regexp_extract({{ text }}, {{ pattern }}, {{ position }}){{ ', ' if not loop.last }}
        {%- endfor -%}
    ]
{%- endmacro -%}

{# With a list of names DuckDB matches once and takes more groups than the nine that a number allows. #}
{%- macro duckdb__regex_groups(text, pattern, group_count) -%}
    regexp_extract({{ text }}, {{ pattern }}, [
        {%- for position in range(1, group_count + 1) -%}
            'group_{{ position }}'{{ ', ' if not loop.last }}
        {%- endfor -%}
    ])
{%- endmacro -%}
