{#
    The word for a degree of confidence, 1 (best) to 4. confidence_order: SQL expression of a whole number; max() of it is the
    worst of several. What each word means: docs/egress.md.
#}
{%- macro attribution_confidence(confidence_order) -%}
    case {{ confidence_order }} when 1 then 'certain' when 2 then 'likely' when 3 then 'inferred' else 'unknown' end
{%- endmacro -%}
