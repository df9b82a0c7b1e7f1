{#
    An IP address as hexadecimal digits of fixed length, 8 of an IPv4 and 32 of an IPv6 address, so that ranges of addresses
    compare as text and alike on both engines; NULL for anything else. `address` is an SQL expression, best the name of a
    column of distinct addresses: it stands many times in the answer. Forms of IPv6 addresses:
    https://www.rfc-editor.org/rfc/rfc4291#section-2.2 (1 and 2; the third, with an IPv4 tail, is none that flow logs write).
#}
{%- macro address_to_hex(address) -%}
    {%- set lower_address = 'lower(' ~ address ~ ')' -%}
    {%- set octet_pattern = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])' -%}
    {%- set groups_pattern = '([0-9a-f]{1,4}(:[0-9a-f]{1,4})*)?' -%}
    {%- set octets = [] -%}
    {%- for factor in [16777216, 65536, 256, 1] -%}
        {%- do octets.append(
            'cast(' ~ array_element("split(" ~ address ~ ", '.')", loop.index) ~ ' as bigint) * ' ~ factor) -%}
    {%- endfor -%}
    {%- set head, tail = [], [] -%}
    {%- for number in range(1, 9) -%}
        {%- for half, digits in [(1, head), (2, tail)] -%}
            {%- set group = array_element("split(split_part(" ~ lower_address ~ ", '::', " ~ half ~ "), ':')", number) -%}
            {%- do digits.append("coalesce(lpad(nullif(" ~ group ~ ", ''), 4, '0'), '')") -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set head_digits, tail_digits = '(' ~ head | join(' || ') ~ ')', '(' ~ tail | join(' || ') ~ ')' -%}
    case
        when {{ regex_matches(address, '^' ~ ([octet_pattern] * 4) | join('[.]') ~ '$') }}
            then lpad(lower(to_base({{ octets | join(' + ') }}, 16)), 8, '0')
        when {{ regex_matches(lower_address, '^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}$') }}
            then {{ head_digits }}
        when
            {{ regex_matches(lower_address, '^' ~ groups_pattern ~ '::' ~ groups_pattern ~ '$') }}
            and length({{ head_digits }} || {{ tail_digits }}) <= 28
            then rpad({{ head_digits }}, cast(32 - length({{ tail_digits }}) as integer), '0') || {{ tail_digits }}
    end
{%- endmacro -%}
