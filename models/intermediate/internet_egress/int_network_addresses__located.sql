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

seen_addresses as (
    select
        ends.event_date,
        coalesce(interfaces.vpc_id, 'unknown') as seen_in_vpc_id,
        addresses.address,
        addresses.address_hex
    from ends
    inner join interfaces
        on
            ends.event_date = interfaces.event_date
            and ends.interface_id = interfaces.interface_id
    inner join addresses
        on
            ends.event_date = addresses.event_date
            and ends.address = addresses.address
    where addresses.address_hex is not null
    group by
        ends.event_date,
        coalesce(interfaces.vpc_id, 'unknown'),
        addresses.address,
        addresses.address_hex
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
        owned_addresses.interface_id,
        owned_addresses.account_id,
        owned_addresses.region,
        owned_addresses.vpc_id,
        owned_addresses.az_id,
        owned_addresses.resource_id,
        owned_addresses.resource_kind,
        owned_addresses.resource_name,
        owned_addresses.address_role,
        1 as knowledge_order
    from different_addresses
    inner join owned_addresses
        on
            different_addresses.address_hex = owned_addresses.start_hex
            and different_addresses.event_date >= owned_addresses.valid_from
            and different_addresses.event_date <= coalesce(owned_addresses.valid_to, date '9999-12-31')
    where owned_addresses.address_role <> 'prefix'
    union all
    select
        different_addresses.event_date,
        different_addresses.address_hex,
        owned_addresses.interface_id,
        owned_addresses.account_id,
        owned_addresses.region,
        owned_addresses.vpc_id,
        owned_addresses.az_id,
        owned_addresses.resource_id,
        owned_addresses.resource_kind,
        owned_addresses.resource_name,
        'private' as address_role,
        2 as knowledge_order
    from different_addresses
    inner join owned_addresses
        on
            substr(different_addresses.address_hex, 1, 4) = substr(owned_addresses.start_hex, 1, 4)
            and length(different_addresses.address_hex) = length(owned_addresses.start_hex)
            and different_addresses.address_hex between owned_addresses.start_hex and owned_addresses.end_hex
            and different_addresses.event_date >= owned_addresses.valid_from
            and different_addresses.event_date <= coalesce(owned_addresses.valid_to, date '9999-12-31')
    where owned_addresses.address_role = 'prefix'
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
        *,
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

located_addresses as (
    select
        seen_addresses.event_date,
        seen_addresses.seen_in_vpc_id,
        seen_addresses.address,
        in_vpc.interface_id is not null as is_in_vpc,
        case when in_vpc.interface_id is not null then in_vpc.interface_id else anywhere.interface_id end as interface_id,
        case when in_vpc.interface_id is not null then in_vpc.account_id else anywhere.account_id end as account_id,
        case when in_vpc.interface_id is not null then in_vpc.region else anywhere.region end as region,
        case when in_vpc.interface_id is not null then in_vpc.vpc_id else anywhere.vpc_id end as vpc_id,
        case when in_vpc.interface_id is not null then in_vpc.az_id else anywhere.az_id end as az_id,
        case when in_vpc.interface_id is not null then in_vpc.resource_id else anywhere.resource_id end as resource_id,
        case
            when in_vpc.interface_id is not null then in_vpc.resource_kind else anywhere.resource_kind
        end as resource_kind,
        case
            when in_vpc.interface_id is not null then in_vpc.resource_name else anywhere.resource_name
        end as resource_name,
        case
            when in_vpc.interface_id is not null then in_vpc.address_role else anywhere.address_role
        end as address_role,
        case
            when in_vpc.interface_id is not null then in_vpc.knowledge_order else anywhere.knowledge_order
        end as knowledge_order
    from seen_addresses
    left join holders_in_order as in_vpc
        on
            seen_addresses.event_date = in_vpc.event_date
            and seen_addresses.address_hex = in_vpc.address_hex
            and seen_addresses.seen_in_vpc_id = coalesce(in_vpc.vpc_id, 'unknown')
            and in_vpc.place_in_vpc = 1
    left join holders_in_order as anywhere
        on
            seen_addresses.event_date = anywhere.event_date
            and seen_addresses.address_hex = anywhere.address_hex
            and anywhere.place = 1
            and anywhere.first_interface_id = anywhere.last_interface_id
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
from located_addresses
where interface_id is not null
