{# Text as an SQL string literal. Every value that comes from a file name or a log passes here before it enters SQL. #}
{%- macro sql_literal(text) -%}
    {{ return("'" ~ (text | string | replace("'", "''")) ~ "'") }}
{%- endmacro -%}
