{#
    How many of the first hexadecimal digits of an address name its bucket, so that a join on ranges of addresses compares
    within a bucket only: 2 of an IPv4 address (a /8), 4 of an IPv6 address (a /16). address_hex: SQL expression, the answer
    of address_to_hex.
#}
{%- macro address_bucket_length(address_hex) -%}
    case when length({{ address_hex }}) = 8 then 2 else 4 end
{%- endmacro -%}
