{#
    How the paths of a raw table's files look (RE2), from the structured keys of its `external:` block. The root, and the
    sub-path where one is set, must match to the letter; without a sub-path files of that shape count wherever they lie.
#}
{%- macro raw_file_pattern(table, root) -%}
    {%- set sub_path = var(table.external.path_var) | trim('/') -%}
    {%- set start = '^' ~ modules.re.escape(root ~ ('/' ~ sub_path if sub_path else '')) ~ ('' if sub_path else '(?:/.*)?') ~ '/' -%}
    {%- set folders = [] -%}
    {%- if table.external.partition_path is defined -%}
        {%- for folder in table.external.partition_path.split('/') -%}
            {%- set folder_pattern = namespace(text=folder) -%}
            {%- for partition in table.external.partitions -%}
                {%- set folder_pattern.text = folder_pattern.text | replace('{' ~ partition.name ~ '}', '(?P<' ~ partition.name ~ '>' ~ partition.pattern ~ ')') -%}
            {%- endfor -%}
            {%- do folders.append(folder_pattern.text ~ '/') -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(start ~ folders | join ~ '(?:[^/]*[^/0-9])?' ~ table.external.file_name_pattern ~ '$') }}
{%- endmacro -%}


{# The ledger's columns that follow from a path, as select-list text; `path` is an SQL expression. #}
{%- macro raw_file_columns(table, path, root) -%}
    {%- set names = table.external.partitions | default([]) | map(attribute='name') | list -%}
    {%- set values = [] -%}
    {%- for name in names -%}
        {%- do values.append(
            "regexp_extract(" ~ path ~ ", " ~ sql_literal(raw_file_pattern(table, root)) ~ ", ['" ~ names | join("', '") ~ "'])['" ~ name ~ "']") -%}
    {%- endfor -%}
    {%- set ledger_keys = table.external.ledger | default({}) -%}
    {%- set columns = [] -%}
    {%- for column in ['account_id', 'region'] -%}
        {%- do columns.append((values[names.index(ledger_keys[column])] if column in ledger_keys else 'cast(null as varchar)') ~ " as " ~ column) -%}
    {%- endfor -%}
    {%- set delivery_text = values[names.index('delivery_date')] if 'delivery_date' in names
        else "regexp_extract(" ~ path ~ ", '([0-9]{4}-[0-9]{2}-[0-9]{2})[^/]*$', 1)" -%}
    {%- do columns.append("try_cast(replace(" ~ delivery_text ~ ", '/', '-') as date) as delivery_date") -%}
    {%- do columns.append(
        ("map(['" ~ names | join("', '") ~ "'], [" ~ values | join(', ') ~ "])" if names else "cast(null as map(varchar, varchar))")
        ~ " as partition_values") -%}
    {{ return(columns | join(', ')) }}
{%- endmacro -%}
