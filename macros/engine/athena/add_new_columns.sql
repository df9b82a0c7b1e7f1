{#
    Compare the columns of the staged days with the live table's. New ones are added to the table (Glue keeps a column
    list per partition too, but Parquet is read by the table's names: days written before give NULL). A changed type or a
    missing column is refused: old and new days would not fit into one table.
#}
{%- macro add_new_columns(target_relation, staged_columns) -%}
    {%- set live_types, staged_types = {}, {} -%}
    {%- for column in adapter.get_columns_in_relation(target_relation) -%}
        {%- do live_types.update({column.name: ddl_data_type(column.dtype)}) -%}
    {%- endfor -%}
    {%- set problems, additions = [], [] -%}
    {%- for column in staged_columns -%}
        {%- set type = ddl_data_type(column.dtype) -%}
        {%- do staged_types.update({column.name: type}) -%}
        {%- if column.name not in live_types -%}
            {%- do additions.append('`' ~ column.name ~ '` ' ~ type) -%}
            {%- if config.get('on_schema_change') != 'append_new_columns' -%}
                {%- do problems.append("column " ~ column.name ~ " " ~ type ~ " is new and on_schema_change is not append_new_columns") -%}
            {%- elif type == 'date' -%}
                {# docs.aws.amazon.com/athena/latest/ug/alter-table-add-columns.html: "does not work for columns with the date datatype" #}
                {%- do problems.append("column " ~ column.name ~ " is new and of type date, which Athena cannot add to a table") -%}
            {%- endif -%}
        {%- elif live_types[column.name] != type -%}
            {%- do problems.append("column " ~ column.name ~ " was " ~ live_types[column.name] ~ " and is now " ~ type) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name, type in live_types.items() if name not in staged_types and name not in config.get('partitioned_by') -%}
        {%- do problems.append("column " ~ name ~ " " ~ type ~ " is no longer in the model") -%}
    {%- endfor -%}
    {%- if problems -%}
        {{ exceptions.raise_compiler_error(
            "Model " ~ model.name ~ " no longer fits the days that " ~ target_relation ~ " holds: " ~ problems | join('; ')
            ~ ". No day was changed. Rebuild all days at once: dbt build --full-refresh --select " ~ model.name
            ~ " --vars '{start_date: <first day>, end_date: <last day>}'.") }}
    {%- endif -%}
    {%- if additions -%}
        {%- do run_query("alter table " ~ target_relation.render_hive() ~ " add columns (" ~ additions | join(', ') ~ ")") -%}
    {%- endif -%}
{%- endmacro -%}
