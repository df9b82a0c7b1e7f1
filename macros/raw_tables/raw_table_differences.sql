{#
    What of an existing Glue table differs from its definition, as a list of sentences; empty when nothing does.
    Descriptions are not compared: a changed comment is no reason to drop a table.
#}
{%- macro raw_table_differences(definition, glue_table) -%}
    {%- set format = raw_table_format_clauses(definition) -%}
    {%- set storage = glue_table.StorageDescriptor -%}
    {%- set parameters = glue_table.Parameters or {} -%}
    {%- set properties = raw_table_properties(definition) -%}
    {%- set pairs = [
        ('location', storage.Location.rstrip('/'), definition.location),
        ('columns', glue_column_list(storage.Columns), raw_column_list(definition.columns)),
        ('partition keys', glue_column_list(glue_table.PartitionKeys or []), raw_column_list(definition.partition_keys)),
        ('SerDe', storage.SerdeInfo.SerializationLibrary, format.serde),
        ('input format', storage.InputFormat, format.input_format),
    ] -%}
    {%- for name, value in format.serde_properties.items() -%}
        {%- do pairs.append(('SerDe property ' ~ name, (storage.SerdeInfo.Parameters or {}).get(name), value)) -%}
    {%- endfor -%}
    {%- for name, value in properties.items() -%}
        {%- do pairs.append(('property ' ~ name, parameters.get(name), value)) -%}
    {%- endfor -%}
    {%- for name, value in parameters.items() if name not in properties -%}
        {%- if name.startswith(('projection.', 'storage.location.template', 'skip.header.line.count')) -%}
            {%- do pairs.append(('property ' ~ name, value, none)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set differences = [] -%}
    {%- for what, found, declared in pairs if found != declared -%}
        {%- do differences.append(what ~ ' is ' ~ (found | tojson) ~ ', declared is ' ~ (declared | tojson)) -%}
    {%- endfor -%}
    {{- return(differences) -}}
{%- endmacro -%}

{#- Names and types as one text; Glue keeps both in lower case and without blanks. -#}
{%- macro glue_column_list(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append(column.Name ~ ' ' ~ column.Type.split() | join('')) -%}
    {%- endfor -%}
    {{- return(texts | join(', ') | lower) -}}
{%- endmacro -%}

{%- macro raw_column_list(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append(column.name ~ ' ' ~ column.get('data_type', 'string').split() | join('')) -%}
    {%- endfor -%}
    {{- return(texts | join(', ') | lower) -}}
{%- endmacro -%}
