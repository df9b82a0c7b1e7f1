-- One row per event day and interface that recorded traffic on it.
-- Adds what the inventory knows of it, else what its records show: its own addresses, and what part it plays on a way out.
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where {{ window_filter() }}
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
    where {{ window_filter() }}
),

paired_legs as (
    select * from {{ ref('int_nat_legs__paired') }}
    where {{ window_filter() }}
),

inventory as (
    select * from {{ ref('dim_network_interfaces') }}
),

owned_addresses as (
    select * from {{ ref('int_network_addresses__owned') }}
),

interface_types as (
    select * from {{ ref('eni_interface_types') }}
),

recorded_interfaces as (
    select
        event_date,
        interface_id,
        max(account_id) as account_id,
        max(region) as region,
        max(vpc_id) as vpc_id,
        max(subnet_id) as subnet_id,
        max(az_id) as az_id,
        max(instance_id) as instance_id,
        max(interface_type) as interface_type
    from flows
    group by event_date, interface_id
),

-- The newest that was known on the day; what was seen for the first time later was there before, too:
-- ids of interfaces are not given out again.
inventory_by_day as (
    select
        recorded_interfaces.event_date,
        inventory.*,
        row_number() over (
            partition by recorded_interfaces.event_date, recorded_interfaces.interface_id
            order by
                case when inventory.valid_from <= recorded_interfaces.event_date then 1 else 2 end,
                case
                    when
                        inventory.valid_from <= recorded_interfaces.event_date
                        then inventory.valid_from
                end desc,
                inventory.valid_from
        ) as place
    from recorded_interfaces
    inner join inventory
        on recorded_interfaces.interface_id = inventory.interface_id
),

flows_with_addresses as (
    select
        flows.*,
        sources.is_public as is_source_public,
        destinations.is_public as is_destination_public,
        packet_sources.is_public as is_packet_source_public,
        packet_destinations.is_public as is_packet_destination_public,
        -- The services that a gateway endpoint can lead to; older platforms give both ways the same path.
        coalesce(
            coalesce(packet_destinations.aws_service, destinations.aws_service) in (
                'S3', 'DYNAMODB'
            ),
            false
        )
            as may_have_endpoint
    from flows
    inner join addresses as sources
        on
            flows.event_date = sources.event_date
            and flows.source_address = sources.address
    inner join addresses as destinations
        on
            flows.event_date = destinations.event_date
            and flows.destination_address = destinations.address
    left join addresses as packet_sources
        on
            flows.event_date = packet_sources.event_date
            and flows.packet_source_address = packet_sources.address
    left join addresses as packet_destinations
        on
            flows.event_date = packet_destinations.event_date
            and flows.packet_destination_address = packet_destinations.address
),

-- The interface's own address stands on one side of each of its records, of IPv4 and of IPv6. It is the source of what
-- leaves and the destination of what comes, also where the packets say something else (VPC User Guide, "Available
-- fields", srcaddr, dstaddr): an address that differs from the packet's is the interface's own.
ends as (
    select
        event_date,
        interface_id,
        source_address as address,
        is_source_public as is_public,
        coalesce(flow_direction = 'egress', false)
        or coalesce(source_address <> packet_source_address, false) as is_own_by_direction,
        record_count
    from flows_with_addresses
    union all
    select
        event_date,
        interface_id,
        destination_address as address,
        is_destination_public as is_public,
        coalesce(flow_direction = 'ingress', false)
        or coalesce(destination_address <> packet_destination_address, false)
            as is_own_by_direction,
        record_count
    from flows_with_addresses
    where source_address <> destination_address
),

address_counts as (
    select
        event_date,
        interface_id,
        address,
        strpos(address, ':') > 0 as is_ipv6,
        is_public,
        sum(record_count) as record_count,
        sum(case when is_own_by_direction then record_count else 0 end) as own_record_count
    from ends
    group by event_date, interface_id, address, is_public
),

record_counts as (
    select
        event_date,
        interface_id,
        strpos(source_address, ':') > 0 as is_ipv6,
        sum(record_count) as record_count
    from flows_with_addresses
    group by event_date, interface_id, strpos(source_address, ':') > 0
),

own_address_candidates as (
    select
        address_counts.event_date,
        address_counts.interface_id,
        address_counts.is_ipv6,
        address_counts.address,
        owned_addresses.address is not null as is_in_inventory,
        row_number() over (
            partition by
                address_counts.event_date, address_counts.interface_id, address_counts.is_ipv6
            order by
                case when owned_addresses.address is not null then 1 else 2 end,
                address_counts.own_record_count desc,
                address_counts.is_public,
                address_counts.address
        ) as place,
        -- Where both ends stand in every record and nothing else tells them apart, neither is known to be ours.
        count(*) over (
            partition by
                address_counts.event_date, address_counts.interface_id, address_counts.is_ipv6,
                address_counts.is_public
        ) as candidate_count,
        address_counts.own_record_count
    from address_counts
    inner join record_counts
        on
            address_counts.event_date = record_counts.event_date
            and address_counts.interface_id = record_counts.interface_id
            and address_counts.is_ipv6 = record_counts.is_ipv6
    left join owned_addresses
        on
            address_counts.interface_id = owned_addresses.interface_id
            and address_counts.address = owned_addresses.address
            and address_counts.event_date >= owned_addresses.valid_from
            and address_counts.event_date <= coalesce(owned_addresses.valid_to, date '9999-12-31')
            and owned_addresses.address_role <> 'public'
    where
        owned_addresses.address is not null
        or address_counts.own_record_count > 0
        or address_counts.record_count = record_counts.record_count
),

own_addresses as (
    select
        event_date,
        interface_id,
        max(case when not is_ipv6 then address end) as own_ipv4_address,
        max(case when is_ipv6 then address end) as own_ipv6_address
    from own_address_candidates
    where
        place = 1
        and (is_in_inventory or own_record_count > 0 or candidate_count = 1)
    group by event_date, interface_id
),

-- What the flows of an interface show of its part: a translator takes packets for a public end that is not
-- itself, and sends packets of its own address to public ends.
parts as (
    select
        flows_with_addresses.event_date,
        flows_with_addresses.interface_id,
        count(case when flows_with_addresses.packet_source_address is not null then 1 end)
        > 0 as has_packet_addresses,
        sum(case
            when
                flows_with_addresses.is_packet_destination_public
                and not flows_with_addresses.is_destination_public
                and flows_with_addresses.packet_destination_address
                <> flows_with_addresses.destination_address
                then flows_with_addresses.record_count
            else 0
        end) as inner_record_count,
        sum(case
            when
                flows_with_addresses.is_destination_public
                and not flows_with_addresses.is_source_public
                and flows_with_addresses.source_address
                = coalesce(
                    flows_with_addresses.packet_source_address, flows_with_addresses.source_address
                )
                then flows_with_addresses.byte_count
            else 0
        end) as outer_byte_count,
        sum(
            case
                when
                    flows_with_addresses.is_destination_public
                    and flows_with_addresses.traffic_path = 1
                    then flows_with_addresses.record_count
                else 0
            end
        )
            as behind_record_count,
        sum(case
            when
                flows_with_addresses.is_destination_public
                and (
                    flows_with_addresses.traffic_path = 8
                    or (
                        flows_with_addresses.traffic_path = 2
                        and not flows_with_addresses.may_have_endpoint
                    )
                )
                then flows_with_addresses.record_count
            else 0
        end) as exit_record_count
    from flows_with_addresses
    where flows_with_addresses.record_outcome = 'accepted'
    group by flows_with_addresses.event_date, flows_with_addresses.interface_id
),

paired_bytes as (
    select
        event_date,
        interface_id,
        sum(byte_count) as byte_count
    from paired_legs
    where is_leaving
    group by event_date, interface_id
),

known_interfaces as (
    select
        recorded_interfaces.event_date,
        recorded_interfaces.interface_id,
        coalesce(inventory_by_day.account_id, recorded_interfaces.account_id) as account_id,
        coalesce(inventory_by_day.region, recorded_interfaces.region) as region,
        coalesce(recorded_interfaces.vpc_id, inventory_by_day.vpc_id) as vpc_id,
        coalesce(recorded_interfaces.subnet_id, inventory_by_day.subnet_id) as subnet_id,
        coalesce(recorded_interfaces.az_id, inventory_by_day.az_id) as az_id,
        coalesce(
            inventory_by_day.resource_id,
            recorded_interfaces.instance_id,
            recorded_interfaces.interface_id
        ) as resource_id,
        coalesce(
            inventory_by_day.resource_kind,
            case when recorded_interfaces.instance_id is not null then 'ec2_instance' end,
            nullif(interface_types.resource_kind, 'network_interface')
        ) as known_resource_kind,
        inventory_by_day.resource_name,
        inventory_by_day.has_public_address,
        own_addresses.own_ipv4_address,
        own_addresses.own_ipv6_address,
        coalesce(parts.has_packet_addresses, false) as has_packet_addresses,
        coalesce(parts.inner_record_count, 0) as inner_record_count,
        coalesce(parts.outer_byte_count, 0) as outer_byte_count,
        coalesce(parts.behind_record_count, 0) as behind_record_count,
        coalesce(parts.exit_record_count, 0) as exit_record_count,
        coalesce(paired_bytes.byte_count, 0) as paired_byte_count,
        inventory_by_day.interface_id is not null as is_in_inventory
    from recorded_interfaces
    left join inventory_by_day
        on
            recorded_interfaces.event_date = inventory_by_day.event_date
            and recorded_interfaces.interface_id = inventory_by_day.interface_id
            and inventory_by_day.place = 1
    left join interface_types
        on recorded_interfaces.interface_type = interface_types.interface_type
    left join own_addresses
        on
            recorded_interfaces.event_date = own_addresses.event_date
            and recorded_interfaces.interface_id = own_addresses.interface_id
    left join parts
        on
            recorded_interfaces.event_date = parts.event_date
            and recorded_interfaces.interface_id = parts.interface_id
    left join paired_bytes
        on
            recorded_interfaces.event_date = paired_bytes.event_date
            and recorded_interfaces.interface_id = paired_bytes.interface_id
),

interfaces_with_parts as (
    select
        *,
        case
            when known_resource_kind = 'nat_gateway' then true
            when known_resource_kind not in ('ec2_instance', 'network_interface') then false
            when has_packet_addresses then inner_record_count > 0 and outer_byte_count > 0
            -- Nearly all of what leaves came in from a client with the same numbers: no proxy does that.
            else paired_byte_count >= {{ var('address_translator_byte_ratio') }} * outer_byte_count
                and outer_byte_count > 0
        end as is_address_translator
    from known_interfaces
)

select
    interface_id,
    account_id,
    region,
    vpc_id,
    subnet_id,
    az_id,
    resource_id,
    coalesce(
        known_resource_kind,
        case when is_address_translator then 'nat_gateway' else 'unknown' end
    ) as resource_kind,
    resource_name,
    has_public_address,
    own_ipv4_address,
    own_ipv6_address,
    has_packet_addresses,
    coalesce(is_address_translator, false) as is_address_translator,
    case
        when is_address_translator then false
        when has_public_address is not null then not has_public_address
        when behind_record_count > 0 or exit_record_count > 0 then exit_record_count = 0
    end as is_behind_gateway,
    is_in_inventory,
    event_date
from interfaces_with_parts
