{# A count of files without a line, as the ledger has it; NULL (unknown) on Athena, which does not see such files. #}
{%- macro empty_file_count(expression) -%}
    {{ return(adapter.dispatch('empty_file_count')(expression)) }}
{%- endmacro -%}

{%- macro athena__empty_file_count(expression) -%}
    cast(null as bigint)
{%- endmacro -%}

{%- macro duckdb__empty_file_count(expression) -%}
    {{ expression }}
{%- endmacro -%}
