{#
    DuckDB's type for a column's `data_type` in a sources yml, which is a Hive type as Athena's DDL writes it. Names of struct
    fields are in lower case, as Athena shows them.
#}
{%- macro duckdb_column_type(data_type) -%}
    {%- set types = {'string': 'varchar', 'int': 'integer', 'bigint': 'bigint', 'double': 'double', 'boolean': 'boolean'} -%}
    {%- set type = hive_type(data_type) -%}
    {%- if type.kind == 'struct' -%}
        {%- set fields = [] -%}
        {%- for field in type.parts -%}
            {%- do fields.append('"' ~ field.name | lower ~ '" ' ~ duckdb_column_type(field.type)) -%}
        {%- endfor -%}
        {{ return('struct(' ~ fields | join(', ') ~ ')') }}
    {%- elif type.kind == 'array' -%}
        {{ return(duckdb_column_type(type.parts[0].type) ~ '[]') }}
    {%- elif type.kind == 'map' -%}
        {{ return('map(varchar, ' ~ duckdb_column_type(type.parts[0].type) ~ ')') }}
    {%- elif type.kind not in types -%}
        {{ exceptions.raise_compiler_error(
            "duckdb_column_type: unknown data_type '" ~ data_type ~ "' of a raw column. Expected one of " ~ types | join(', ')
            ~ ", or a struct, array or map of them.") }}
    {%- endif -%}
    {{ return(types[type.kind]) }}
{%- endmacro -%}
