{#
    True for an IPv4 or IPv6 address by its form; NULL for NULL. Everything else that CloudTrail puts in the place of an address is
    the name of an AWS service or AWS Internal. `text` is an SQL expression.
#}
{%- macro is_ip_address(text) -%}
    {{ regex_matches(text, '^(?:[0-9]{1,3}(?:[.][0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$') }}
{%- endmacro -%}
