-- One row per row of int_network_flows__summed; where a translator's records lack the packets' addresses, one per client.
-- Adds the client that was found for what passes a translator. What none was found for stays a row without one.
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where {{ window_filter() }}
),

interfaces as (
    select * from {{ ref('int_network_interfaces__identified') }}
    where {{ window_filter() }}
),

paired_legs as (
    select * from {{ ref('int_nat_legs__paired') }}
    where {{ window_filter() }}
),

-- Flows that legs can be taken from: accepted, and without packet addresses. Where several rows have the same ends, because the
-- format tells them apart by something else, nothing says whose the legs are.
divisible_flows as (
    select
        flows.event_date,
        flows.event_hour,
        flows.flow_log_id,
        flows.interface_id,
        flows.source_address,
        flows.destination_address
    from flows
    inner join interfaces
        on
            flows.event_date = interfaces.event_date
            and flows.interface_id = interfaces.interface_id
    where
        interfaces.is_address_translator
        and flows.record_outcome = 'accepted'
        and flows.packet_source_address is null
    group by
        flows.event_date,
        flows.event_hour,
        flows.flow_log_id,
        flows.interface_id,
        flows.source_address,
        flows.destination_address
    having count(*) = 1
),

legs as (
    select paired_legs.*
    from paired_legs
    inner join divisible_flows
        on
            paired_legs.event_date = divisible_flows.event_date
            and paired_legs.event_hour = divisible_flows.event_hour
            and paired_legs.flow_log_id = divisible_flows.flow_log_id
            and paired_legs.interface_id = divisible_flows.interface_id
            and paired_legs.source_address = divisible_flows.source_address
            and paired_legs.destination_address = divisible_flows.destination_address
),

-- What is left of a flow when all its legs are taken from it is a part too.
parts as (
    select
        event_date,
        event_hour,
        flow_log_id,
        interface_id,
        source_address,
        destination_address,
        client_address,
        record_count,
        packet_count,
        byte_count,
        false as is_rest
    from legs
    union all
    select
        event_date,
        event_hour,
        flow_log_id,
        interface_id,
        source_address,
        destination_address,
        cast(null as varchar) as client_address,
        cast(sum(record_count) as bigint) as record_count,
        cast(sum(packet_count) as bigint) as packet_count,
        cast(sum(byte_count) as bigint) as byte_count,
        true as is_rest
    from legs
    group by event_date, event_hour, flow_log_id, interface_id, source_address, destination_address
)

select
    flows.event_hour,
    flows.flow_log_id,
    flows.account_id,
    flows.region,
    flows.vpc_id,
    flows.az_id,
    flows.interface_id,
    flows.source_address,
    flows.destination_address,
    flows.packet_source_address,
    flows.packet_destination_address,
    flows.packet_source_aws_service,
    flows.packet_destination_aws_service,
    flows.flow_direction,
    flows.traffic_path,
    flows.next_hop_interface_id,
    flows.next_hop_az_id,
    flows.next_hop_interface_type,
    flows.record_outcome,
    parts.client_address,
    case
        when parts.is_rest then flows.record_count - parts.record_count
        else coalesce(parts.record_count, flows.record_count)
    end as record_count,
    case
        when parts.is_rest then flows.packet_count - parts.packet_count
        else coalesce(parts.packet_count, flows.packet_count)
    end as packet_count,
    case
        when parts.is_rest then flows.byte_count - parts.byte_count
        else coalesce(parts.byte_count, flows.byte_count)
    end as byte_count,
    flows.event_date
from flows
left join parts
    on
        flows.event_date = parts.event_date
        and flows.event_hour = parts.event_hour
        and flows.flow_log_id = parts.flow_log_id
        and flows.interface_id = parts.interface_id
        and flows.source_address = parts.source_address
        and flows.destination_address = parts.destination_address
        and flows.record_outcome = 'accepted'
        and flows.packet_source_address is null
where parts.is_rest is null or not parts.is_rest or flows.record_count > parts.record_count
