{#
    A predicate that keeps the rows of the address that var asked_address names, or without one every row that has an address.
    `column` is an SQL expression of text. The var is checked here: nothing but an address becomes SQL.
#}
{%- macro asked_address_filter(column) -%}
    {%- set given = var('asked_address', none) -%}
    {%- set address = (given if given is not none else '') | string | lower -%}
    {%- set octet_pattern = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])' -%}
    {%- set groups_pattern = '([0-9a-f]{1,4}(:[0-9a-f]{1,4}){0,6})?' -%}
    {%- set patterns = [
        ([octet_pattern] * 4) | join('[.]'),
        '[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}',
        groups_pattern ~ '::' ~ groups_pattern,
    ] -%}
    {%- if address == '' -%}
        {{ column }} is not null
    {%- elif modules.re.fullmatch('|'.join(patterns), address) -%}
        {{ column }} = {{ sql_literal(address) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "asked_address_filter: var asked_address must be one IPv4 or IPv6 address such as 10.0.0.1 or 2600:1f18::a; found '"
            ~ address ~ "'.") }}
    {%- endif -%}
{%- endmacro -%}
