-- One row per event day, hour, flow log, interface, client and outer flow of what seems to pass an address translator.
-- Finds for a flow between the translator and a far end the flow of the client with the same port, bytes, packets and times.
-- Only where records lack the addresses of the packets (before version 3); with them nothing has to be inferred.
with

records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where {{ window_filter() }}
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
    where {{ window_filter() }}
),

accepted_records as (
    select
        records.event_date,
        {{ flow_event_hour('records.started_at') }} as event_hour,
        coalesce(records.flow_log_id, 'unknown') as flow_log_id,
        {{ recording_interface_id('records.interface_id', 'records.resource_id') }}
            as interface_id,
        records.source_address,
        records.destination_address,
        records.source_port,
        records.destination_port,
        records.protocol_number,
        records.packet_count,
        records.byte_count,
        records.started_at,
        records.ended_at,
        sources.is_public as is_source_public,
        destinations.is_public as is_destination_public
    from records
    inner join addresses as sources
        on
            records.event_date = sources.event_date
            and records.source_address = sources.address
    inner join addresses as destinations
        on
            records.event_date = destinations.event_date
            and records.destination_address = destinations.address
    where
        records.is_readable
        and records.action = 'ACCEPT'
        and records.packet_source_address is null
        and not (sources.is_public and destinations.is_public)
),

-- A translator keeps the port of the far end and changes that of the client (VPC User Guide, "Traffic through a
-- NAT gateway"), so that the inner and the outer flow have the same destination port on the way out, and the
-- same source port on the way in.
outer_flows as (
    select
        *,
        case when is_destination_public then source_address else destination_address end
            as gateway_address,
        case when is_destination_public then destination_port else source_port end as far_port,
        is_destination_public as is_leaving
    from accepted_records
    where is_source_public or is_destination_public
),

inner_flows as (
    select
        *,
        destination_address as gateway_address,
        source_address as client_address,
        destination_port as far_port,
        true as is_leaving
    from accepted_records
    where not is_source_public and not is_destination_public
    union all
    select
        *,
        source_address as gateway_address,
        destination_address as client_address,
        source_port as far_port,
        false as is_leaving
    from accepted_records
    where not is_source_public and not is_destination_public
),

numbered_outer_flows as (
    select
        *,
        row_number() over (
            partition by
                event_date, flow_log_id, interface_id, gateway_address, is_leaving, far_port,
                protocol_number, packet_count, byte_count, started_at, ended_at
            order by source_address, destination_address, source_port, destination_port
        ) as place
    from outer_flows
),

numbered_inner_flows as (
    select
        *,
        row_number() over (
            partition by
                event_date, flow_log_id, interface_id, gateway_address, is_leaving, far_port,
                protocol_number, packet_count, byte_count, started_at, ended_at
            order by client_address, source_port, destination_port
        ) as place
    from inner_flows
)

select
    numbered_outer_flows.event_hour,
    numbered_outer_flows.flow_log_id,
    numbered_outer_flows.interface_id,
    numbered_outer_flows.source_address,
    numbered_outer_flows.destination_address,
    numbered_outer_flows.is_leaving,
    numbered_inner_flows.client_address,
    count(*) as record_count,
    cast(sum(numbered_outer_flows.packet_count) as bigint) as packet_count,
    cast(sum(numbered_outer_flows.byte_count) as bigint) as byte_count,
    numbered_outer_flows.event_date
from numbered_outer_flows
inner join numbered_inner_flows
    on
        numbered_outer_flows.event_date = numbered_inner_flows.event_date
        and numbered_outer_flows.flow_log_id = numbered_inner_flows.flow_log_id
        and numbered_outer_flows.interface_id = numbered_inner_flows.interface_id
        and numbered_outer_flows.gateway_address = numbered_inner_flows.gateway_address
        and numbered_outer_flows.is_leaving = numbered_inner_flows.is_leaving
        and numbered_outer_flows.far_port = numbered_inner_flows.far_port
        and numbered_outer_flows.protocol_number = numbered_inner_flows.protocol_number
        and numbered_outer_flows.packet_count = numbered_inner_flows.packet_count
        and numbered_outer_flows.byte_count = numbered_inner_flows.byte_count
        and numbered_outer_flows.started_at = numbered_inner_flows.started_at
        and numbered_outer_flows.ended_at = numbered_inner_flows.ended_at
        and numbered_outer_flows.place = numbered_inner_flows.place
group by
    numbered_outer_flows.event_date,
    numbered_outer_flows.event_hour,
    numbered_outer_flows.flow_log_id,
    numbered_outer_flows.interface_id,
    numbered_outer_flows.source_address,
    numbered_outer_flows.destination_address,
    numbered_outer_flows.is_leaving,
    numbered_inner_flows.client_address
