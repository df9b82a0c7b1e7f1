{#
    A table that still projects its days was left by a run that was killed while it published them: complete and
    readable, but blind to partitions. Give it the partitions of the days it shows, and switch projection off.
    table: Glue's description of it.
#}
{%- macro finish_publication(target_relation, table, day_column) -%}
    {%- do log(model.name ~ ": an earlier run stopped while it published the table; finishing that first.", info=true) -%}
    {%- set days = run_query(
        'select distinct cast("' ~ day_column ~ '" as varchar) from ' ~ target_relation ~ ' order by 1').columns[0].values() -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(target_relation) if column.name != day_column -%}
        {%- do columns.append(column) -%}
    {%- endfor -%}
    {%- set location = modules.re.sub('/[^/]*/$', '', table.Parameters['storage.location.template']) -%}
    {%- do publish_table(
        target_relation, false, columns, day_column, days, location, table.Parameters['projection.' ~ day_column ~ '.range']) -%}
{%- endmacro -%}
