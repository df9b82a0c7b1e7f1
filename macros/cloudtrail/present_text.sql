{# Text of a record, NULL when it is empty: CloudTrail writes some absent values as "". `text` is an SQL expression. #}
{%- macro present_text(text) -%}
    nullif({{ text }}, '')
{%- endmacro -%}
