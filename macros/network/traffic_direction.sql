{#
    Between what kinds of address the interface saw a packet go. Both arguments are SQL expressions of booleans that are
    NULL when nothing is known of the end.
#}
{%- macro traffic_direction(is_source_public, is_destination_public) -%}
    case
        when {{ is_source_public }} is null or {{ is_destination_public }} is null then 'unknown'
        when {{ is_source_public }} and {{ is_destination_public }} then 'between_public'
        when {{ is_destination_public }} then 'outbound_to_public'
        when {{ is_source_public }} then 'inbound_from_public'
        else 'inside'
    end
{%- endmacro -%}
