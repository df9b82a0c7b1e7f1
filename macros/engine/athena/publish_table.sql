{#
    Make staged days the whole table, in one Glue call: CreateTable where there is no table, else UpdateTable.

    Glue has no call that exchanges a table together with its partitions. So the new definition carries partition
    projection over the staged prefix: from that one call on Athena computes the days from the definition and does not look
    at Glue's partitions (docs.aws.amazon.com/athena/latest/ug/partition-projection.html), which are then exchanged unseen.
    At last projection is switched off. Killed in between, the table stays whole and the next run calls finish_publication.

    is_new: there is no such table yet. columns: without the partition column. days: 'YYYY-MM-DD', those that have data.
    location: the prefix under which each day has its folder. day_range: '<first>,<last>', covers all of days.
#}
{%- macro publish_table(target_relation, is_new, columns, day_column, days, location, day_range) -%}
    {%- if is_new and adapter.get_glue_table(target_relation) is not none -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ ": " ~ target_relation ~ " was made by another run while this one wrote its days. "
            ~ "Nothing was changed; run the model again.") }}
    {%- endif -%}
    {%- set definition = target_relation if is_new else beside_relation(target_relation, 'definition') -%}
    {%- do run_query(create_projected_table(definition, columns, day_column, location, day_range)) -%}
    {# 100 partitions a statement keep its text far below Athena's limit of 262144 bytes. #}
    {%- for batch in days | batch(100) -%}
        {%- set partitions = [] -%}
        {%- for day in batch -%}
            {%- do partitions.append(
                day_partition(day_column, day) ~ " location '" ~ day_folder(location, day_column, day) ~ "'") -%}
        {%- endfor -%}
        {%- do run_query(
            "alter table " ~ definition.render_hive() ~ " add if not exists " ~ partitions | join(' ')) -%}
    {%- endfor -%}
    {%- if not is_new -%}
        {%- do adapter.swap_table(definition, target_relation) -%}
    {%- endif -%}
    {%- do run_query("alter table " ~ target_relation.render_hive() ~ " set tblproperties ('projection.enabled' = 'false')") -%}
    {%- if not is_new -%}
        {%- do adapter.delete_from_glue_catalog(definition) -%}
    {%- endif -%}
{%- endmacro -%}


{#
    DDL text of a table whose days are projected over a prefix. Its own LOCATION is a folder that stays empty: days lie
    where their partitions point, and whoever repairs or drops the table finds nothing there.
#}
{%- macro create_projected_table(relation, columns, day_column, location, day_range) -%}
    {%- set definitions = [] -%}
    {%- for column in columns -%}
        {%- do definitions.append('`' ~ column.name ~ '` ' ~ ddl_data_type(column.dtype)) -%}
    {%- endfor -%}
    {%- set comment = '' -%}
    {%- if config.persist_column_docs() and day_column in model.columns -%}
        {# Only here: neither dbt-athena nor ALTER TABLE can describe a partition column later. #}
        {%- set comment = " comment '" ~ plain_comment(model.columns[day_column].description) ~ "'" -%}
    {%- endif -%}
    create external table {{ relation.render_hive() }} ({{ definitions | join(', ') }})
    partitioned by (`{{ day_column }}` date{{ comment }})
    stored as parquet
    location '{{ modules.re.sub('/[^/]*$', '', location) }}/empty/'
    tblproperties (
        'classification' = 'parquet',
        'projection.enabled' = 'true',
        'projection.{{ day_column }}.type' = 'date',
        'projection.{{ day_column }}.format' = 'yyyy-MM-dd',
        'projection.{{ day_column }}.interval' = '1',
        'projection.{{ day_column }}.interval.unit' = 'DAYS',
        'projection.{{ day_column }}.range' = '{{ day_range }}',
        'storage.location.template' = '{{ location }}/{{ day_column }}=${{ '{' ~ day_column ~ '}' }}/'
    )
{%- endmacro -%}


{# Text that fits between the quotes of a DDL comment: Glue takes 255 characters, Hive's quoting rules are avoided. #}
{%- macro plain_comment(text) -%}
    {{ return(modules.re.sub('\\s+', ' ', text | replace("'", '`') | replace('\\', '/') | replace(';', ',')) | trim | truncate(255, true, '...', 0)) }}
{%- endmacro -%}
