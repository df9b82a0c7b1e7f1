{#
    A JSON number that counts bytes, as double; NULL when absent or no such number. CloudTrail writes whole numbers as 1, 1.0 or,
    from 10 million on, 1.0E7. `text` is an SQL expression.
#}
{%- macro json_number(text) -%}
    case
        when {{ regex_matches(text, '^[0-9]+(?:[.][0-9]+)?(?:[eE][+]?[0-9]{1,2})?$') }}
            then try_cast({{ text }} as double)
    end
{%- endmacro -%}
