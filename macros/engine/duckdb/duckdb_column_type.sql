{# DuckDB's type for a column's `data_type` in a sources yml, which is a Hive type as Athena's DDL writes it. #}
{%- macro duckdb_column_type(data_type) -%}
    {%- set types = {'string': 'varchar', 'int': 'integer', 'bigint': 'bigint', 'double': 'double', 'boolean': 'boolean'} -%}
    {%- if data_type not in types -%}
        {{ exceptions.raise_compiler_error(
            "duckdb_column_type: unknown data_type '" ~ data_type ~ "' of a raw column. Expected one of " ~ types | join(', ') ~ ".") }}
    {%- endif -%}
    {{ return(types[data_type]) }}
{%- endmacro -%}
