-- One row per event day, VPC and address at an end of a flow that an interface of this VPC recorded: whose interface has it.
-- Looks in the same VPC first, then for the only one that has the address: private addresses may repeat between VPCs.
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where {{ window_filter() }}
),

interfaces as (
    select * from {{ ref('int_network_interfaces__identified') }}
    where {{ window_filter() }}
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
    where {{ window_filter() }}
),

owned_addresses as (
    select * from {{ ref('int_network_addresses__owned') }}
),

owned_spans as (
    select
        *,
        coalesce(valid_to, date '9999-12-31') as last_valid_date
    from owned_addresses
),

ends as (
    select
        event_date,
        interface_id,
        source_address as address
    from flows
    union all
    select
        event_date,
        interface_id,
        destination_address as address
    from flows
    union all
    select
        event_date,
        interface_id,
        packet_source_address as address
    from flows
    union all
    select
        event_date,
        interface_id,
        packet_destination_address as address
    from flows
),

-- Flows are many, what they have at their ends is little: each is looked up once.
different_ends as (
    select
        ends.event_date,
        coalesce(interfaces.vpc_id, 'unknown') as seen_in_vpc_id,
        ends.address
    from ends
    inner join interfaces
        on
            ends.event_date = interfaces.event_date
            and ends.interface_id = interfaces.interface_id
    where ends.address is not null
    group by
        ends.event_date,
        coalesce(interfaces.vpc_id, 'unknown'),
        ends.address
),

seen_addresses as (
    select
        different_ends.event_date,
        different_ends.seen_in_vpc_id,
        addresses.address,
        addresses.address_hex
    from different_ends
    inner join addresses
        on
            different_ends.event_date = addresses.event_date
            and different_ends.address = addresses.address
    where addresses.address_hex is not null
),

different_addresses as (
    select
        event_date,
        address_hex
    from seen_addresses
    group by event_date, address_hex
),

holders_in_inventory as (
    select
        different_addresses.event_date,
        different_addresses.address_hex,
        owned_spans.interface_id,
        owned_spans.account_id,
        owned_spans.region,
        owned_spans.vpc_id,
        owned_spans.az_id,
        owned_spans.resource_id,
        owned_spans.resource_kind,
        owned_spans.resource_name,
        owned_spans.address_role,
        1 as knowledge_order
    from different_addresses
    inner join owned_spans
        on
            different_addresses.address_hex = owned_spans.start_hex
            and different_addresses.event_date >= owned_spans.valid_from
            and different_addresses.event_date <= owned_spans.last_valid_date
    where owned_spans.address_role <> 'prefix'
    union all
    select
        different_addresses.event_date,
        different_addresses.address_hex,
        owned_spans.interface_id,
        owned_spans.account_id,
        owned_spans.region,
        owned_spans.vpc_id,
        owned_spans.az_id,
        owned_spans.resource_id,
        owned_spans.resource_kind,
        owned_spans.resource_name,
        'private' as address_role,
        2 as knowledge_order
    from different_addresses
    inner join owned_spans
        on
            -- Equal first digits make a hash join; delegated prefixes never cross them.
            substr(different_addresses.address_hex, 1, 4) = substr(owned_spans.start_hex, 1, 4)
            and length(different_addresses.address_hex) = length(owned_spans.start_hex)
            and different_addresses.address_hex >= owned_spans.start_hex
            and different_addresses.address_hex <= owned_spans.end_hex
            and different_addresses.event_date >= owned_spans.valid_from
            and different_addresses.event_date <= owned_spans.last_valid_date
    where owned_spans.address_role = 'prefix'
),

holders_by_records as (
    select
        event_date,
        interface_id,
        account_id,
        region,
        vpc_id,
        az_id,
        resource_id,
        resource_kind,
        resource_name,
        own_ipv4_address as address,
        'private' as address_role
    from interfaces
    where own_ipv4_address is not null
    union all
    select
        event_date,
        interface_id,
        account_id,
        region,
        vpc_id,
        az_id,
        resource_id,
        resource_kind,
        resource_name,
        own_ipv6_address as address,
        'ipv6' as address_role
    from interfaces
    where own_ipv6_address is not null
),

holders as (
    select * from holders_in_inventory
    union all
    select
        holders_by_records.event_date,
        addresses.address_hex,
        holders_by_records.interface_id,
        holders_by_records.account_id,
        holders_by_records.region,
        holders_by_records.vpc_id,
        holders_by_records.az_id,
        holders_by_records.resource_id,
        holders_by_records.resource_kind,
        holders_by_records.resource_name,
        holders_by_records.address_role,
        3 as knowledge_order
    from holders_by_records
    inner join addresses
        on
            holders_by_records.event_date = addresses.event_date
            and holders_by_records.address = addresses.address
),

holders_in_order as (
    select
        event_date as held_on,
        coalesce(vpc_id, 'unknown') as held_in_vpc_id,
        address_hex,
        interface_id,
        account_id,
        region,
        vpc_id,
        az_id,
        resource_id,
        resource_kind,
        resource_name,
        address_role,
        knowledge_order,
        row_number() over (
            partition by event_date, address_hex, coalesce(vpc_id, 'unknown')
            order by knowledge_order, interface_id
        ) as place_in_vpc,
        min(interface_id) over (partition by event_date, address_hex) as first_interface_id,
        max(interface_id) over (partition by event_date, address_hex) as last_interface_id,
        row_number() over (
            partition by event_date, address_hex
            order by knowledge_order, interface_id
        ) as place
    from holders
),

holders_found as (
    select
        seen_addresses.event_date,
        seen_addresses.seen_in_vpc_id,
        seen_addresses.address,
        true as is_in_vpc,
        holders_in_order.*
    from seen_addresses
    inner join holders_in_order
        on
            seen_addresses.event_date = holders_in_order.held_on
            and seen_addresses.address_hex = holders_in_order.address_hex
            and seen_addresses.seen_in_vpc_id = holders_in_order.held_in_vpc_id
    where
        holders_in_order.place_in_vpc = 1
        -- Where no VPC is known, this is no place but all of them.
        and (
            holders_in_order.held_in_vpc_id <> 'unknown'
            or holders_in_order.first_interface_id = holders_in_order.last_interface_id
        )
    union all
    select
        seen_addresses.event_date,
        seen_addresses.seen_in_vpc_id,
        seen_addresses.address,
        false as is_in_vpc,
        holders_in_order.*
    from seen_addresses
    inner join holders_in_order
        on
            seen_addresses.event_date = holders_in_order.held_on
            and seen_addresses.address_hex = holders_in_order.address_hex
            and seen_addresses.seen_in_vpc_id <> holders_in_order.held_in_vpc_id
    where
        holders_in_order.place = 1
        and holders_in_order.first_interface_id = holders_in_order.last_interface_id
),

holders_by_nearness as (
    select
        *,
        row_number() over (
            partition by event_date, seen_in_vpc_id, address
            order by case when is_in_vpc then 1 else 2 end
        ) as nearness
    from holders_found
)

select
    seen_in_vpc_id,
    address,
    interface_id,
    is_in_vpc,
    account_id,
    region,
    vpc_id,
    az_id,
    resource_id,
    resource_kind,
    resource_name,
    address_role,
    knowledge_order < 3 as is_in_inventory,
    event_date
from holders_by_nearness
where nearness = 1
