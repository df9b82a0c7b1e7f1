{#
    A relation beside the target whose name no other run uses: <table>__<role>_<invocation id>. What a killed run leaves
    under such a name is in nobody's way; scripts/sweep_retired_data.py removes it.
    role: staged, read, outside, definition or columns.
#}
{%- macro beside_relation(target_relation, role, type='table') -%}
    {{ return(api.Relation.create(
        database=target_relation.database, schema=target_relation.schema, type=type,
        identifier=target_relation.identifier ~ '__' ~ role ~ '_' ~ invocation_id | replace('-', ''),
        s3_path_table_part=target_relation.identifier)) }}
{%- endmacro -%}
