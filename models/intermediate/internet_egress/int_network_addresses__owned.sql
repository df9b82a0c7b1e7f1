-- One row per span of an interface and address, or delegated prefix, that it holds.
-- Adds the range of addresses as digits that compare. Leaves out interfaces without an address.
with

interfaces as (
    select * from {{ ref('dim_network_interfaces') }}
),

address_lists as (
    select
        interfaces.*,
        'private' as address_role,
        interfaces.private_addresses as addresses
    from interfaces
    union all
    select
        interfaces.*,
        'public' as address_role,
        interfaces.public_addresses as addresses
    from interfaces
    union all
    select
        interfaces.*,
        'ipv6' as address_role,
        interfaces.ipv6_addresses as addresses
    from interfaces
    union all
    select
        interfaces.*,
        'prefix' as address_role,
        interfaces.ipv4_prefixes as addresses
    from interfaces
    union all
    select
        interfaces.*,
        'prefix' as address_role,
        interfaces.ipv6_prefixes as addresses
    from interfaces
),

addresses as (
    select
        address_lists.*,
        listed.address,
        split_part(listed.address, '/', 1) as first_address,
        try_cast(nullif(split_part(listed.address, '/', 2), '') as integer) as prefix_length
    from address_lists
    cross join {{ rows_of_array("split(address_lists.addresses, ' ')") }} as listed (address)
),

addresses_in_hex as (
    select
        *,
        {{ address_to_hex('first_address') }} as start_hex
    from addresses
),

-- AWS delegates /28 and /80, which are whole digits:
-- https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html
addresses_with_digit_counts as (
    select
        *,
        cast(length(start_hex) as integer) as digit_count,
        case when prefix_length % 4 = 0 then cast(prefix_length / 4 as integer) end
            as kept_digit_count
    from addresses_in_hex
)

select
    interface_id,
    valid_from,
    valid_to,
    account_id,
    region,
    vpc_id,
    subnet_id,
    az_id,
    resource_id,
    resource_kind,
    resource_name,
    has_public_address,
    address_role,
    address,
    start_hex,
    case
        when address_role <> 'prefix' then start_hex
        when kept_digit_count between 0 and digit_count
            then rpad(substr(start_hex, 1, kept_digit_count), digit_count, 'f')
    end as end_hex
from addresses_with_digit_counts
