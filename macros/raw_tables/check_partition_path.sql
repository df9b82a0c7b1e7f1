{#
    An error unless `partition_path` names every key once, in order; for the strategy hive, unless every folder level
    is exactly key={key}: MSCK REPAIR TABLE finds no other folders
    (https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html).
#}
{%- macro check_partition_path(partition_path, keys, table_name, strategy) -%}
    {%- set named = modules.re.findall('[{]([^{}]*)[}]', partition_path) -%}
    {%- set expected = keys | map(attribute='name') | list -%}
    {%- if named != expected -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ': partition_path must name the partition keys in their order ('
            ~ (expected | join(', ')) ~ '). Found ' ~ (partition_path | tojson) ~ '.'
        ) -%}
    {%- endif -%}
    {%- if strategy == 'hive' -%}
        {%- set levels = [] -%}
        {%- for key in keys -%}
            {%- do levels.append(key.name ~ '={' ~ key.name ~ '}') -%}
        {%- endfor -%}
        {%- if partition_path != levels | join('/') -%}
            {%- do exceptions.raise_compiler_error(
                'Raw table ' ~ table_name ~ ': MSCK REPAIR TABLE (strategy hive) finds only folders named '
                ~ (levels | join('/')) ~ '. Found partition_path ' ~ (partition_path | tojson)
                ~ '. Use the strategy projection or explicit.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}
