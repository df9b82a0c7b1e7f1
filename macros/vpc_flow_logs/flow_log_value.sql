{# A value of a text flow log, NULL where it says `-`: the field does not apply. `value` is an SQL expression. #}
{%- macro flow_log_value(value) -%}
    nullif({{ value }}, '-')
{%- endmacro -%}


{# The same as a number; what is no number is caught by flow_log_values_match() before. `type` is an SQL type. #}
{%- macro flow_log_number(value, type) -%}
    try_cast(nullif({{ value }}, '-') as {{ type }})
{%- endmacro -%}


{#
    True when every value is `-`, NULL or of a form. `values` are SQL expressions, `form` is a pattern (RE2 and Java syntax). A
    pattern for each value: putting them together for one costs more than matching them.
#}
{%- macro flow_log_values_match(values, form) -%}
    {%- for value in values -%}
        coalesce({{ regex_matches(value, '^(?:-|' ~ form ~ ')$') }}, true)
        {%- if not loop.last %} and {% endif -%}
    {%- endfor -%}
{%- endmacro -%}
