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

legs_of_translators as (
    select paired_legs.*
    from paired_legs
    inner join interfaces
        on
            paired_legs.event_date = interfaces.event_date
            and paired_legs.interface_id = interfaces.interface_id
    where interfaces.is_address_translator
),

leg_totals as (
    select
        event_date,
        event_hour,
        flow_log_id,
        interface_id,
        source_address,
        destination_address,
        cast(sum(record_count) as bigint) as record_count,
        cast(sum(packet_count) as bigint) as packet_count,
        cast(sum(byte_count) as bigint) as byte_count
    from legs_of_translators
    group by event_date, event_hour, flow_log_id, interface_id, source_address, destination_address
),

numbered_flows as (
    select
        *,
        -- The legs were taken from accepted records without packet addresses; of those there is one row.
        case
            when record_outcome = 'accepted' and packet_source_address is null
                then row_number() over (
                        partition by
                            event_date,
                            event_hour,
                            flow_log_id,
                            interface_id,
                            source_address,
                            destination_address,
                            record_outcome, packet_source_address
                        order by byte_count desc, record_count desc
                    )
        end as place
    from flows
),

flows_with_legs as (
    select
        numbered_flows.*,
        coalesce(leg_totals.record_count, 0) as paired_record_count,
        coalesce(leg_totals.packet_count, 0) as paired_packet_count,
        coalesce(leg_totals.byte_count, 0) as paired_byte_count
    from numbered_flows
    left join leg_totals
        on
            numbered_flows.event_date = leg_totals.event_date
            and numbered_flows.event_hour = leg_totals.event_hour
            and numbered_flows.flow_log_id = leg_totals.flow_log_id
            and numbered_flows.interface_id = leg_totals.interface_id
            and numbered_flows.source_address = leg_totals.source_address
            and numbered_flows.destination_address = leg_totals.destination_address
            and numbered_flows.place = 1
)

select
    event_hour,
    flow_log_id,
    account_id,
    region,
    vpc_id,
    az_id,
    interface_id,
    source_address,
    destination_address,
    packet_source_address,
    packet_destination_address,
    packet_source_aws_service,
    packet_destination_aws_service,
    flow_direction,
    traffic_path,
    next_hop_interface_id,
    next_hop_az_id,
    next_hop_interface_type,
    record_outcome,
    cast(null as varchar) as client_address,
    record_count - paired_record_count as record_count,
    packet_count - paired_packet_count as packet_count,
    byte_count - paired_byte_count as byte_count,
    event_date
from flows_with_legs
where record_count > paired_record_count
union all
select
    flows_with_legs.event_hour,
    flows_with_legs.flow_log_id,
    flows_with_legs.account_id,
    flows_with_legs.region,
    flows_with_legs.vpc_id,
    flows_with_legs.az_id,
    flows_with_legs.interface_id,
    flows_with_legs.source_address,
    flows_with_legs.destination_address,
    flows_with_legs.packet_source_address,
    flows_with_legs.packet_destination_address,
    flows_with_legs.packet_source_aws_service,
    flows_with_legs.packet_destination_aws_service,
    flows_with_legs.flow_direction,
    flows_with_legs.traffic_path,
    flows_with_legs.next_hop_interface_id,
    flows_with_legs.next_hop_az_id,
    flows_with_legs.next_hop_interface_type,
    flows_with_legs.record_outcome,
    legs_of_translators.client_address,
    legs_of_translators.record_count,
    legs_of_translators.packet_count,
    legs_of_translators.byte_count,
    flows_with_legs.event_date
from flows_with_legs
inner join legs_of_translators
    on
        flows_with_legs.event_date = legs_of_translators.event_date
        and flows_with_legs.event_hour = legs_of_translators.event_hour
        and flows_with_legs.flow_log_id = legs_of_translators.flow_log_id
        and flows_with_legs.interface_id = legs_of_translators.interface_id
        and flows_with_legs.source_address = legs_of_translators.source_address
        and flows_with_legs.destination_address = legs_of_translators.destination_address
where flows_with_legs.place = 1
