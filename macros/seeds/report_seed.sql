{#
    What dbt prints and keeps of a seed: UNCHANGED where nothing was loaded, else how many rows were.
    row_count: rows loaded; none when the seed was left as it is.
#}
{%- macro report_seed(row_count=none) -%}
    {%- set code = 'UNCHANGED' if row_count is none else 'CREATE' -%}
    {%- set message = code if row_count is none else code ~ ' ' ~ row_count -%}
    {%- do store_raw_result('main', message=message, code=code, rows_affected=row_count or 0, agate_table=none) -%}
    {# dbt asks every seed for this result. #}
    {%- do store_result('agate_table', response=message) -%}
{%- endmacro -%}
