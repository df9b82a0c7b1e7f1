{#
    Refuse to switch days of something that is not a table partitioned by the day, and to switch to days that are not whole.
    live: Glue's answer to GetTable, or none where there is no such table.
#}
{%- macro check_live_table(target_relation, live, day_column) -%}
    {%- if live is not none -%}
        {%- set keys = [] -%}
        {%- for key in live.Table.get('PartitionKeys', []) -%}
            {%- do keys.append(key.Name ~ ' ' ~ key.Type) -%}
        {%- endfor -%}
        {%- if live.Table.TableType == 'VIRTUAL_VIEW' or keys != [day_column ~ ' date'] -%}
            {{ exceptions.raise_compiler_error(
                "Model " ~ model.name ~ ": " ~ target_relation ~ " exists in Glue and is not a table partitioned by " ~ day_column
                ~ " date; found " ~ ('a view' if live.Table.TableType == 'VIRTUAL_VIEW' else 'partition keys [' ~ keys | join(', ') ~ ']')
                ~ ". Glue cannot change the kind or the keys of a table: drop it (drop table/view), then run the model again.") }}
        {%- endif -%}
        {%- do refuse_incomplete_days(target_relation) -%}
    {%- endif -%}
{%- endmacro -%}
