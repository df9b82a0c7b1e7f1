{#
    Refuse to take over what is no plain table, and every config that cannot be honoured by a table that is replaced whole.
    live: Glue's answer to GetTable, or none where there is no such table. unknown_options: names of configs.
#}
{%- macro check_live_whole_table(target_relation, live, unknown_options) -%}
    {%- set name = model.resource_type | capitalize ~ ' ' ~ model.name -%}
    {%- for option in unknown_options if config.get(option) -%}
        {{ exceptions.raise_compiler_error(
            name ~ ": the config " ~ option ~ " is not known to this project's " ~ model.resource_type ~ "s. Every load writes plain "
            ~ "Parquet to a new prefix of its own. Remove it.") }}
    {%- endfor -%}
    {%- if live is not none -%}
        {%- set kind = 'a view' if live.Table.TableType == 'VIRTUAL_VIEW'
            else 'an Iceberg table' if live.Table.get('Parameters', {}).get('table_type') | lower == 'iceberg'
            else 'a partitioned table' if live.Table.get('PartitionKeys')
            else none -%}
        {%- if kind is not none -%}
            {{ exceptions.raise_compiler_error(
                name ~ ": " ~ target_relation ~ " exists in Glue and is " ~ kind ~ ", expected a plain table. Drop it, then run again.") }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}
