{# A field of a log line by its position, NULL where the log says '-' or the line is shorter. `fields` is an array of text. #}
{%- macro log_field(fields, position) -%}
    nullif(nullif({{ array_element(fields, position) }}, '-'), '')
{%- endmacro -%}
