{#
    Text of a raw table as valid UTF-8: bytes that are none become U+FFFD. `text` is an SQL expression. Trino hands on what
    delimited files hold, byte for byte; in a Parquet file such bytes stop every reader that checks them. On DuckDB the files
    are mended before they are read (plugins/log_file_inspection.py).
#}
{%- macro valid_text(text) -%}
    {{ return(adapter.dispatch('valid_text')(text)) }}
{%- endmacro -%}

{%- macro athena__valid_text(text) -%}
    from_utf8(to_utf8({{ text }}))
{%- endmacro -%}

{%- macro duckdb__valid_text(text) -%}
    {{ text }}
{%- endmacro -%}
