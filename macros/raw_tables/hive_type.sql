{#
    A Hive type as a dict: kind (struct, array, map, or the name of a simple type) and
      parts    of a struct its fields as dicts (name, type); of an array its element type, of a map its value type, as [{'type': ..}]
    Keys of maps are text. Types: https://docs.aws.amazon.com/athena/latest/ug/data-types.html
#}
{%- macro hive_type(data_type) -%}
    {%- set text = modules.re.sub('\\s', '', data_type) -%}
    {%- set nested = modules.re.fullmatch('(struct|array|map)<(.+)>', text) -%}
    {%- if not nested -%}
        {{- return({'kind': text, 'parts': []}) -}}
    {%- endif -%}
    {%- set split = namespace(depth=0, piece='') -%}
    {%- set pieces = [] -%}
    {%- for character in nested.group(2) ~ ',' -%}
        {%- if character == ',' and split.depth == 0 -%}
            {%- do pieces.append(split.piece) -%}
            {%- set split.piece = '' -%}
        {%- else -%}
            {%- set split.depth = split.depth + {'<': 1, '>': -1}.get(character, 0) -%}
            {%- set split.piece = split.piece ~ character -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set kind = nested.group(1) -%}
    {%- set parts = [] -%}
    {%- if kind == 'struct' -%}
        {%- for piece in pieces -%}
            {%- set field = piece.split(':', 1) -%}
            {%- do parts.append({'name': field[0], 'type': field[1]}) -%}
        {%- endfor -%}
    {%- else -%}
        {%- do parts.append({'type': pieces[-1]}) -%}
    {%- endif -%}
    {{- return({'kind': kind, 'parts': parts}) -}}
{%- endmacro -%}
