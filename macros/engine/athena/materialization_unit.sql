{#
    Unit tests on Athena. The rows that are expected take the types of the model's columns. dbt learns them from an empty
    table that it has Athena write; a view tells the same, and Athena neither plans nor writes anything for one.
#}
{% materialization unit, adapter='athena', supported_languages=['sql'] %}
    {%- set view = beside_relation(this, 'columns') -%}
    {%- do run_query('create or replace view ' ~ view ~ ' as ' ~ sql) -%}
    {%- set types, quoted_names = {}, {} -%}
    {%- for column in adapter.get_columns_in_relation(view) -%}
        {%- do types.update({column.name | lower: column.data_type}) -%}
        {%- do quoted_names.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
    {%- do adapter.delete_from_glue_catalog(view) -%}

    {%- set expected_rows, expected_sql = config.get('expected_rows'), config.get('expected_sql') -%}
    {%- set tested = [] -%}
    {%- for name in (expected_rows[0] if expected_rows else types) -%}
        {%- do tested.append(quoted_names[name | lower]) -%}
    {%- endfor -%}
    {%- if not expected_sql -%}
        {%- set expected_sql = get_expected_sql(expected_rows, types, quoted_names) -%}
    {%- endif -%}
    {%- call statement('main', fetch_result=True) -%}
        {{ get_unit_test_sql(sql, expected_sql, tested) }}
    {%- endcall -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}
