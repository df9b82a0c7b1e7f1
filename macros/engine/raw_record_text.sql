{#
    What is known of a raw row whose file is no text of lines, as JSON text. DuckDB has the record as it stands in the file; Athena
    hands over columns only, so that it is the columns that hold something. Use it on raw tables only. names: the raw columns.
#}
{%- macro raw_record_text(names) -%}
    {{ return(adapter.dispatch('raw_record_text')(names)) }}
{%- endmacro -%}

{%- macro athena__raw_record_text(names) -%}
    {%- set keys, values = [], [] -%}
    {%- for name in names -%}
        {%- do keys.append("'" ~ name ~ "'") -%}
        {%- do values.append('cast("' ~ name ~ '" as json)') -%}
    {%- endfor -%}
    json_format(cast(map_filter(
        map(array[{{ keys | join(', ') }}], array[{{ values | join(', ') }}]), (name, value) -> value is not null
    ) as json))
{%- endmacro -%}

{%- macro duckdb__raw_record_text(names) -%}
    record
{%- endmacro -%}
