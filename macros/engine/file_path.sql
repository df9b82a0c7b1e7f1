{# The file a raw row came from, as the engine knows it. Use it on raw tables only. #}
{%- macro file_path() -%}
    {{ return(adapter.dispatch('file_path')()) }}
{%- endmacro -%}

{%- macro athena__file_path() -%}
    "$path"
{%- endmacro -%}

{%- macro duckdb__file_path() -%}
    file_path
{%- endmacro -%}
