{# True when the text holds a match of the pattern anywhere. `text` is an SQL expression, `pattern` is plain text (RE2 and Java syntax). #}
{%- macro regex_matches(text, pattern) -%}
    {{ return(adapter.dispatch('regex_matches')(text, sql_literal(pattern))) }}
{%- endmacro -%}

{%- macro athena__regex_matches(text, pattern) -%}
    regexp_like({{ text }}, {{ pattern }})
{%- endmacro -%}

{%- macro duckdb__regex_matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro -%}
