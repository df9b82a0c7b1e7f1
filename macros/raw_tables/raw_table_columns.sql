{#
    The columns of a raw table in file order, as dicts: name, data_type, description, and json_name, the spelling of the field
    in JSON (the column's config.meta). Those of the var that `fields_var` of
    the external block names come first: the header line of a log whose format its owner chose.
#}
{%- macro raw_table_columns(node) -%}
    {%- set columns = [] -%}
    {%- for field in raw_table_fields(node) -%}
        {%- do columns.append({'name': field | replace('-', '_'), 'data_type': 'string', 'description': ''}) -%}
    {%- endfor -%}
    {%- for column in node.columns.values() -%}
        {%- do columns.append({
            'name': column.name, 'data_type': column.data_type, 'description': column.description,
            'json_name': column.meta.json_name or column.name,
        }) -%}
    {%- endfor -%}
    {{- return(columns) -}}
{%- endmacro -%}


{#- The field names of the var `fields_var`, checked; a header line as it stands in a file, blanks between the names. -#}
{%- macro raw_table_fields(node) -%}
    {%- if not node.external.fields_var -%}
        {{- return([]) -}}
    {%- endif -%}
    {%- set line = var(node.external.fields_var, none) or '' -%}
    {%- set fields = line.split() if line is string else [] -%}
    {%- set wrong = [] -%}
    {%- for field in fields -%}
        {%- if not modules.re.fullmatch('[a-z][a-z0-9-]*', field) or field in fields[:loop.index0] -%}
            {%- do wrong.append(field) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if wrong or line is not string -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ node.source_name ~ '.' ~ node.name ~ ': var ' ~ node.external.fields_var
            ~ ' must be the header line of the log files: field names as AWS writes them, each once, with blanks between them. Found '
            ~ ((wrong | join(', ')) or line) | string | tojson ~ '.'
        ) -%}
    {%- endif -%}
    {{- return(fields) -}}
{%- endmacro -%}


{#-
    The header line that a table's files must have; none for formats without one, '' while its fields are not declared.
    AWS writes hyphens where the columns have underscores.
-#}
{%- macro raw_table_header(node) -%}
    {%- if not node.external.header_line_count -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set names = raw_table_columns(node) | map(attribute='name') | reject('equalto', node.external.overflow_column) -%}
    {{- return(names | join(' ') | replace('_', '-')) -}}
{%- endmacro -%}
