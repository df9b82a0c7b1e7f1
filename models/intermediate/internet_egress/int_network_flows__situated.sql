-- One row per row of int_network_flows__divided.
-- Adds what is known of the interface and of both ends of the packets, and whether they leave, arrive or stay inside.
with

flows as (
    select * from {{ ref('int_network_flows__divided') }}
    where {{ window_filter() }}
),

flow_logs as (
    select * from {{ ref('int_flow_logs__ranked') }}
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

locations as (
    select * from {{ ref('int_network_addresses__located') }}
    where {{ window_filter() }}
),

inventory as (
    select * from {{ ref('dim_network_interfaces') }}
),

inventory_spans as (
    select
        interface_id,
        resource_id,
        resource_kind,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as last_valid_date
    from inventory
),

flows_at_interfaces as (
    select
        flows.*,
        coalesce(flows.packet_source_address, flows.source_address) as from_address,
        coalesce(flows.packet_destination_address, flows.destination_address) as to_address,
        interfaces.vpc_id as interface_vpc_id,
        interfaces.az_id as interface_az_id,
        interfaces.resource_id,
        interfaces.resource_kind,
        interfaces.resource_name,
        interfaces.own_ipv4_address,
        interfaces.own_ipv6_address,
        interfaces.has_packet_addresses,
        interfaces.is_address_translator,
        interfaces.is_behind_gateway,
        interfaces.is_in_inventory,
        flow_logs.flow_log_rank = 1 as is_chosen_flow_log,
        coalesce(next_hops.resource_id, flows.next_hop_interface_id) as next_hop_resource_id,
        next_hops.resource_kind as next_hop_resource_kind
    from flows
    inner join interfaces
        on
            flows.event_date = interfaces.event_date
            and flows.interface_id = interfaces.interface_id
    inner join flow_logs
        on
            flows.event_date = flow_logs.event_date
            and flows.event_hour = flow_logs.event_hour
            and flows.interface_id = flow_logs.interface_id
            and flows.flow_log_id = flow_logs.flow_log_id
    left join inventory_spans as next_hops
        on
            flows.next_hop_interface_id = next_hops.interface_id
            and flows.event_date >= next_hops.valid_from
            and flows.event_date <= next_hops.last_valid_date
),

flows_with_ends as (
    select
        flows_at_interfaces.*,
        sources.is_public as is_source_public,
        destinations.is_public as is_destination_public,
        from_ends.is_public as is_from_public,
        to_ends.is_public as is_to_public,
        coalesce(flows_at_interfaces.packet_source_aws_service, from_ends.aws_service)
            as from_aws_service,
        from_ends.aws_region as from_aws_region,
        coalesce(flows_at_interfaces.packet_destination_aws_service, to_ends.aws_service)
            as to_aws_service,
        to_ends.aws_region as to_aws_region,
        from_holders.interface_id as from_interface_id,
        from_holders.is_in_vpc as is_from_in_vpc,
        from_holders.account_id as from_account_id,
        from_holders.region as from_region,
        from_holders.az_id as from_az_id,
        from_holders.resource_id as from_resource_id,
        from_holders.resource_kind as from_resource_kind,
        from_holders.resource_name as from_resource_name,
        from_holders.address_role as from_address_role,
        to_holders.interface_id as to_interface_id,
        to_holders.is_in_vpc as is_to_in_vpc,
        to_holders.account_id as to_account_id,
        to_holders.region as to_region,
        to_holders.az_id as to_az_id,
        to_holders.resource_id as to_resource_id,
        to_holders.resource_kind as to_resource_kind,
        to_holders.resource_name as to_resource_name,
        to_holders.address_role as to_address_role
    from flows_at_interfaces
    left join addresses as sources
        on
            flows_at_interfaces.event_date = sources.event_date
            and flows_at_interfaces.source_address = sources.address
    left join addresses as destinations
        on
            flows_at_interfaces.event_date = destinations.event_date
            and flows_at_interfaces.destination_address = destinations.address
    left join addresses as from_ends
        on
            flows_at_interfaces.event_date = from_ends.event_date
            and flows_at_interfaces.from_address = from_ends.address
    left join addresses as to_ends
        on
            flows_at_interfaces.event_date = to_ends.event_date
            and flows_at_interfaces.to_address = to_ends.address
    left join locations as from_holders
        on
            flows_at_interfaces.event_date = from_holders.event_date
            and coalesce(flows_at_interfaces.interface_vpc_id, 'unknown')
            = from_holders.seen_in_vpc_id
            and flows_at_interfaces.from_address = from_holders.address
    left join locations as to_holders
        on
            flows_at_interfaces.event_date = to_holders.event_date
            and coalesce(flows_at_interfaces.interface_vpc_id, 'unknown')
            = to_holders.seen_in_vpc_id
            and flows_at_interfaces.to_address = to_holders.address
),

flows_with_direction as (
    select
        *,
        case
            when flow_direction is not null then flow_direction
            when source_address in (own_ipv4_address, own_ipv6_address) then 'egress'
            when destination_address in (own_ipv4_address, own_ipv6_address) then 'ingress'
            when not is_source_public and is_destination_public then 'egress'
            when is_source_public and not is_destination_public then 'ingress'
        end as direction,
        -- IPv6 addresses of a VPC are public ones; between two of ours nothing leaves.
        coalesce(
            traffic_path in (3, 4, 5, 6)
            or (
                to_address_role in ('private', 'ipv6') and from_address_role in ('private', 'ipv6')
                and (traffic_path = 1 or (is_to_in_vpc and is_from_in_vpc))
            ),
            false
        ) as is_between_own_addresses
    from flows_with_ends
),

flows_with_ways as (
    select
        *,
        coalesce(is_to_public, false)
        and not is_between_own_addresses
        and coalesce(
            not is_from_public
            or (direction = 'egress' and from_address = source_address)
            or from_address_role is not null,
            false
        ) as is_leaving,
        case
            -- Whatever passes a transit gateway's interface comes from, and goes to, somebody else.
            when resource_kind = 'transit_gateway' then false
            when direction = 'egress'
                then coalesce(
                        from_address = source_address
                        or from_interface_id = interface_id
                        or traffic_path in (2, 8),
                        false
                    )
            when direction = 'ingress'
                then coalesce(
                        to_address = destination_address or to_interface_id = interface_id, false
                    )
        end as is_own_end
    from flows_with_direction
),

arriving_and_leaving as (
    select
        *,
        coalesce(is_from_public, false)
        and not is_leaving
        and not is_between_own_addresses as is_arriving
    from flows_with_ways
)

select
    event_hour,
    flow_log_id,
    account_id,
    region,
    coalesce(vpc_id, interface_vpc_id) as vpc_id,
    interface_id,
    record_outcome,
    is_chosen_flow_log,
    source_address,
    destination_address,
    is_source_public,
    is_destination_public,
    from_address,
    to_address,
    client_address,
    direction,
    traffic_path,
    coalesce(az_id, interface_az_id) as az_id,
    next_hop_az_id,
    next_hop_resource_id,
    coalesce(
        next_hop_resource_kind = 'nat_gateway'
        or next_hop_interface_type in ('nat_gateway', 'regional_nat_gateway'),
        false
    ) as is_next_hop_nat_gateway,
    resource_id,
    resource_kind,
    resource_name,
    has_packet_addresses,
    is_address_translator,
    is_behind_gateway,
    is_in_inventory,
    is_leaving,
    is_arriving,
    is_own_end,
    -- The leg that this interface recorded lies between private addresses, or own IPv6 ones, of one region.
    coalesce(
        (is_between_own_addresses or (not is_source_public and not is_destination_public))
        and coalesce(traffic_path, 1) <> 5
        and case
            when direction = 'egress' then coalesce(to_region, region) else
                coalesce(from_region, region)
        end
        = region,
        false
    ) as is_leg_inside,
    from_aws_service,
    from_aws_region,
    to_aws_service,
    to_aws_region,
    from_interface_id,
    is_from_in_vpc,
    from_account_id,
    from_region,
    from_az_id,
    from_resource_id,
    from_resource_kind,
    from_resource_name,
    to_interface_id,
    is_to_in_vpc,
    to_account_id,
    to_region,
    to_az_id,
    to_resource_id,
    to_resource_kind,
    to_resource_name,
    record_count,
    packet_count,
    byte_count,
    event_date
from arriving_and_leaving
