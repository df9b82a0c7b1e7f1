{# A boolean that CloudTrail writes as true or "true"; NULL when absent or another word. `text` is an SQL expression. #}
{%- macro json_flag(text) -%}
    case lower({{ text }}) when 'true' then true when 'false' then false end
{%- endmacro -%}
