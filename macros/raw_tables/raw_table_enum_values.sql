{#
    The values of an enum key, from the yml (`values`) or from a var (`values_var`), each checked against the key's
    pattern; regions also against the AWS partition they must belong to.
#}
{%- macro raw_table_enum_values(projection, key, table_name) -%}
    {%- if projection.get('values') -%}
        {%- set setting = 'projection values of ' ~ key.name -%}
        {%- set values = projection.get('values') -%}
    {%- elif projection.values_var -%}
        {%- set setting = 'var ' ~ projection.values_var -%}
        {%- set values = raw_table_var_list(projection.values_var, table_name) -%}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ', partition key ' ~ key.name
            ~ ': a projection of type enum needs values or values_var.'
        ) -%}
    {%- endif -%}
    {%- for value in values -%}
        {%- do raw_table_text(value, table_name, setting) -%}
        {#- Athena reads an enum as one comma-separated text, so a comma cannot be part of a value. -#}
        {%- if ',' in value or not modules.re.fullmatch(key.pattern, value) -%}
            {%- do exceptions.raise_compiler_error(
                'Raw table ' ~ table_name ~ ': ' ~ setting ~ ' holds ' ~ (value | tojson) ~ ', which does not look like a '
                ~ key.name ~ ' (' ~ key.pattern ~ ').'
            ) -%}
        {%- endif -%}
        {%- if key.holds == 'region' -%}
            {%- do check_region(value, table_name, setting) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(values | list) -}}
{%- endmacro -%}
