{#
    Select-list text of every flow log field, named as AWS names it with underscores: the table's own column, NULL where the
    format of the table lacks the field. `start` and `end` become start_epoch and end_epoch: `end` is a reserved word. In
    Parquet text that does not apply may stand as `-`, as in text files, or be null already: both become null.
    Numbers of text files are text here, and not made valid: one that is damaged never gets beyond staging's check of form.
    The known fields are the columns of the raw table `parquet`, which holds every format.
#}
{%- macro flow_log_values(table_name) -%}
    {%- if not execute -%}
        {{- return('') -}}
    {%- endif -%}
    {%- set tables = flow_log_tables() -%}
    {%- set own = raw_table_columns(tables[table_name]) | map(attribute='name') | list -%}
    {%- set is_text = tables[table_name].external.format == 'delimited' -%}
    {%- set values = [] -%}
    {%- for field in tables['parquet'].columns.values() -%}
        {%- if field.name not in own -%}
            {%- set value = 'cast(null as ' ~ ('varchar' if is_text else field.data_type | replace('string', 'varchar')) ~ ')' -%}
        {%- elif is_text and field.data_type == 'string' -%}
            {%- set value = valid_text('"' ~ field.name ~ '"') -%}
        {%- elif is_text or field.data_type != 'string' -%}
            {%- set value = '"' ~ field.name ~ '"' -%}
        {%- else -%}
            {%- set value = "nullif(\"" ~ field.name ~ "\", '-')" -%}
        {%- endif -%}
        {%- do values.append(value ~ ' as ' ~ ({'start': 'start_epoch', 'end': 'end_epoch'}.get(field.name, field.name))) -%}
    {%- endfor -%}
    {{- return(values | join(',\n            ')) -}}
{%- endmacro -%}


{#- The raw tables of flow logs by their name. -#}
{%- macro flow_log_tables() -%}
    {%- set tables = {} -%}
    {%- for node in raw_tables() if node.source_name == 'vpc_flow_logs' -%}
        {%- do tables.update({node.name: node}) -%}
    {%- endfor -%}
    {{- return(tables) -}}
{%- endmacro -%}
