{#
    `value` unchanged, when it can stand between single quotes in DDL and in a location template; an error otherwise.
    Quotes and backslashes end a literal, control characters end a statement, and braces and dollars are placeholders
    of storage.location.template. None of them is ever escaped: no log needs them.
#}
{%- macro raw_table_text(value, table_name, setting) -%}
    {%- if value is not string -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ': ' ~ setting ~ ' holds ' ~ (value | string | tojson)
            ~ ', which is not text. Put it in quotes: an account id without quotes is read as a number.'
        ) -%}
    {%- endif -%}
    {%- if modules.re.search('[\x00-\x1f\x7f-\x9f\u2028\u2029\'"`\\\\${};]', value) -%}
        {%- do exceptions.raise_compiler_error(
            'Raw table ' ~ table_name ~ ': ' ~ setting ~ ' holds ' ~ (value | tojson)
            ~ '. Quotes, backslashes, dollar signs, braces, semicolons and control characters are not allowed there.'
        ) -%}
    {%- endif -%}
    {{- return(value) -}}
{%- endmacro -%}
