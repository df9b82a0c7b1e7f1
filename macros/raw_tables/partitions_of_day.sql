{#
    The partitions that can hold files of one delivery day (datetime.date), as a list of dicts: `spec` is the inside of
    PARTITION (..), `path` the folders below the table's location.
#}
{%- macro partitions_of_day(definition, day) -%}
    {%- set found = namespace(partitions=[{'spec': '', 'path': definition.partition_path}]) -%}
    {%- for key in definition.partition_keys -%}
        {%- if key.kind == 'date' -%}
            {%- set values = [format_delivery_day(day, key.date_format)] -%}
        {%- elif key.kind in ('year', 'month', 'day') -%}
            {%- set values = [day.strftime({'year': '%Y', 'month': '%m', 'day': '%d'}[key.kind])] -%}
        {%- else -%}
            {%- set values = key.known_values -%}
        {%- endif -%}
        {%- set longer = [] -%}
        {%- for partition in found.partitions -%}
            {%- for value in values -%}
                {%- do longer.append({
                    'spec': partition.spec ~ (', ' if partition.spec else '') ~ '`' ~ key.name ~ "` = '" ~ value ~ "'",
                    'path': partition.path | replace('{' ~ key.name ~ '}', value),
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- set found.partitions = longer -%}
    {%- endfor -%}
    {{- return(found.partitions) -}}
{%- endmacro -%}
