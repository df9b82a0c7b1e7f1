{#
    How sure a price is as a number, 1 (the user's own) to 6 (none was found), so that max() gives the least sure of several.
    price_confidence: SQL expression of the word.
#}
{%- macro price_confidence_order(price_confidence) -%}
    case {{ price_confidence }}
        when 'own' then 1
        when 'verified' then 2
        when 'secondary' then 3
        when 'extrapolated' then 4
        when 'assumed' then 5
        else 6
    end
{%- endmacro -%}
