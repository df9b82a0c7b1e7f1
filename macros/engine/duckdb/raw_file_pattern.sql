{#
    How the paths of a raw table's files look in one of its layouts (RE2), from the structured keys of its `external:` block;
    one group per partition key, in folder order. The root, and the sub-path where one is set, must match to the letter;
    without a sub-path files of that shape count wherever they lie.
#}
{%- macro raw_file_pattern(table, root, layout) -%}
    {%- set sub_path = (var(table.external.path_var, '') if table.external.path_var else '') | trim('/') -%}
    {%- set start = '^' ~ modules.re.escape(root ~ ('/' ~ sub_path if sub_path else '')) ~ ('' if sub_path else '(?:/.*)?') ~ '/' -%}
    {{ return(start ~ raw_file_shape(table, layout)) }}
{%- endmacro -%}


{# The ledger's columns that follow from a path, as select-list text; `path` is an SQL expression. #}
{%- macro raw_file_columns(table, path, root, layout) -%}
    {%- set names = layout.partitions | map(attribute='name') | list -%}
    {%- set values = {} -%}
    {%- for name in names -%}
        {%- do values.update({
            name: "regexp_extract(" ~ path ~ ", " ~ sql_literal(raw_file_pattern(table, root, layout)) ~ ", ['" ~ names | join("', '") ~ "'])['" ~ name ~ "']"
        }) -%}
    {%- endfor -%}
    {%- set columns = [] -%}
    {%- for column in ['account_id', 'region'] -%}
        {%- do columns.append(values.get(raw_table_ledger_key(table.external, column, names), 'cast(null as varchar)') ~ " as " ~ column) -%}
    {%- endfor -%}
    {%- if 'delivery_date' in names -%}
        {%- set delivery_text = "replace(" ~ values.delivery_date ~ ", '/', '-')" -%}
    {%- elif 'day' in names -%}
        {%- set delivery_text = values.year ~ " || '-' || " ~ values.month ~ " || '-' || " ~ values.day -%}
    {%- else -%}
        {%- set delivery_text = "regexp_extract(" ~ path ~ ", '([0-9]{4}-[0-9]{2}-[0-9]{2})[^/]*$', 1)" -%}
    {%- endif -%}
    {%- do columns.append("try_cast(" ~ delivery_text ~ " as date) as delivery_date") -%}
    {%- do columns.append(
        ("map(['" ~ names | join("', '") ~ "'], [" ~ values.values() | join(', ') ~ "])" if names else "cast(null as map(varchar, varchar))")
        ~ " as partition_values") -%}
    {{ return(columns | join(', ')) }}
{%- endmacro -%}
