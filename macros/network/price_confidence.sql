{#- The word for the answer of price_confidence_order. confidence_order: SQL expression of a whole number. -#}
{%- macro price_confidence(confidence_order) -%}
    case {{ confidence_order }}
        when 1 then 'own'
        when 2 then 'verified'
        when 3 then 'secondary'
        when 4 then 'extrapolated'
        when 5 then 'assumed'
        else 'unknown'
    end
{%- endmacro -%}
