{#
    A reader of CloudTrail's files: one row per element of Records, the declared columns, and `record`, the element's text.

    Each file is taken apart into its elements as JSON, and each element into typed columns in one step: several times faster than
    read_json with a declared schema, and each element keeps its own text. An element that is no object, or in which an object or
    array stands where the declaration has something else, has NULL in every column: a cast alone would lose its values in
    silence. maximum_object_size is the largest document (LARGEST_CLOUDTRAIL_BYTES in plugins/cloudtrail_inspection.py).
#}
{%- macro cloudtrail_reader(table, path_list) -%}
    {%- set spec, columns = [], [] -%}
    {%- set shapes = [{'path': '$', 'kind': 'OBJECT', 'holds_objects': false}] -%}
    {%- for column in raw_table_columns(table) -%}
        {%- do spec.append('"' ~ column.json_name ~ '": ' ~ cloudtrail_json_structure(column.data_type)) -%}
        {%- do shapes.extend(cloudtrail_shapes(column.data_type, '$.' ~ column.json_name)) -%}
        {%- do columns.append(cloudtrail_renamed('fields."' ~ column.json_name ~ '"', column.data_type) ~ ' as "' ~ column.name ~ '"') -%}
    {%- endfor -%}
    {%- set paths, conditions = [], [] -%}
    {%- for shape in shapes -%}
        {%- do paths.append("'" ~ shape.path ~ "'") -%}
        {%- do conditions.append("coalesce(kinds[" ~ loop.index ~ "], 'NULL') in ('NULL', '" ~ shape.kind ~ "')") -%}
        {%- if shape.holds_objects -%}
            {%- do conditions.append(
                "(kinds[" ~ loop.index ~ "] is distinct from 'ARRAY' or len(list_filter(json_type(record, '" ~ shape.path
                ~ "[*]'), lambda kind: kind <> 'OBJECT')) = 0)") -%}
        {%- endif -%}
    {%- endfor -%}
    (select {{ columns | join(', ') }}, coalesce(cast(record as varchar), 'null') as record, read_path from (
        select record, read_path,
            case when {{ conditions | join(' and ') }} then from_json(record, '{ {{- spec | join(', ') -}} }') end as fields
        from (
            select record, read_path, json_type(record, [{{ paths | join(', ') }}]) as kinds from (
                select unnest(from_json(json, '{"Records": ["JSON"]}')."Records") as record, filename as read_path
                from read_json_objects({{ path_list }}, format = 'unstructured', maximum_object_size = {{ largest_cloudtrail_bytes() }},
                    filename = true, hive_partitioning = false)
            )
        )
    ))
{%- endmacro -%}


{# As LARGEST_CLOUDTRAIL_BYTES in plugins/cloudtrail_inspection.py. #}
{%- macro largest_cloudtrail_bytes() -%}
    {{ return(67108864) }}
{%- endmacro -%}


{# The structure that from_json wants for a Hive type: JSON text. #}
{%- macro cloudtrail_json_structure(data_type) -%}
    {%- set type = hive_type(data_type) -%}
    {%- if type.kind == 'struct' -%}
        {%- set fields = [] -%}
        {%- for field in type.parts -%}
            {%- do fields.append('"' ~ field.name ~ '": ' ~ cloudtrail_json_structure(field.type)) -%}
        {%- endfor -%}
        {{ return('{' ~ fields | join(', ') ~ '}') }}
    {%- elif type.kind == 'array' -%}
        {{ return('[' ~ cloudtrail_json_structure(type.parts[0].type) ~ ']') }}
    {%- endif -%}
    {{ return('"' ~ duckdb_column_type(data_type) | upper ~ '"') }}
{%- endmacro -%}


{# The places of a Hive type where JSON must have an object or an array, as dicts: path, kind, and whether it is an array of objects. #}
{%- macro cloudtrail_shapes(data_type, path) -%}
    {%- set type = hive_type(data_type) -%}
    {%- set shapes = [] -%}
    {%- if type.kind in ('struct', 'map') -%}
        {%- do shapes.append({'path': path, 'kind': 'OBJECT', 'holds_objects': false}) -%}
        {%- for field in type.parts if type.kind == 'struct' -%}
            {%- do shapes.extend(cloudtrail_shapes(field.type, path ~ '.' ~ field.name)) -%}
        {%- endfor -%}
    {%- elif type.kind == 'array' -%}
        {%- do shapes.append({'path': path, 'kind': 'ARRAY', 'holds_objects': type.parts[0].type.startswith('struct')}) -%}
    {%- endif -%}
    {{ return(shapes) }}
{%- endmacro -%}


{# An expression of a Hive type with the names of its struct fields in lower case. #}
{%- macro cloudtrail_renamed(expression, data_type) -%}
    {%- set type = hive_type(data_type) -%}
    {%- if type.kind == 'struct' -%}
        {%- set fields = [] -%}
        {%- for field in type.parts -%}
            {%- do fields.append('"' ~ field.name | lower ~ '" := ' ~ cloudtrail_renamed(expression ~ '."' ~ field.name ~ '"', field.type)) -%}
        {%- endfor -%}
        {{ return('struct_pack(' ~ fields | join(', ') ~ ')') }}
    {%- elif type.kind == 'array' -%}
        {{ return('list_transform(' ~ expression ~ ', lambda element: ' ~ cloudtrail_renamed('element', type.parts[0].type) ~ ')') }}
    {%- endif -%}
    {{ return(expression) }}
{%- endmacro -%}
