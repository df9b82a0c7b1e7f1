-- Who exchanged the most accepted bytes with ports that machines are administered through (seed well_known_ports, is_admin_port):
-- the 50 largest clients, servers and ports in the days asked for, requests and answers together.
-- A client's port may have such a number by chance: a record whose other port has a service of its own is left out. Of each client,
-- server, port and way counts, per day, what one interface, flow log and direction recorded.
with

records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where
        {{ window_filter(relation_exists=true) }}
        and is_readable
        and action = 'ACCEPT'
        and log_status = 'OK'
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
    where {{ window_filter(relation_exists=true) }}
),

ports as (
    select * from {{ ref('well_known_ports') }}
),

records_with_services as (
    select
        records.*,
        coalesce(destination_ports.is_admin_port, false)
        and coalesce(source_ports.is_admin_port, true) as is_request,
        coalesce(source_ports.is_admin_port, false)
        and destination_ports.port is null as is_answer
    from records
    left join ports as source_ports
        on
            records.protocol_number = source_ports.protocol_number
            and records.source_port = source_ports.port
    left join ports as destination_ports
        on
            records.protocol_number = destination_ports.protocol_number
            and records.destination_port = destination_ports.port
),

admin_records as (
    select
        event_date,
        case when is_request then source_address else destination_address end as client_address,
        case when is_request then destination_address else source_address end as server_address,
        case when is_request then destination_port else source_port end as server_port,
        protocol_number,
        is_request,
        interface_id,
        flow_log_id,
        flow_direction,
        byte_count
    from records_with_services
    where is_request or is_answer
),

recordings as (
    select
        event_date,
        client_address,
        server_address,
        server_port,
        protocol_number,
        is_request,
        interface_id,
        flow_log_id,
        flow_direction,
        sum(byte_count) as byte_count,
        count(*) as record_count
    from admin_records
    group by
        event_date,
        client_address,
        server_address,
        server_port,
        protocol_number,
        is_request,
        interface_id,
        flow_log_id,
        flow_direction
),

ranked_recordings as (
    select
        *,
        {{ recording_rank(
            ['event_date', 'client_address', 'server_address', 'server_port', 'protocol_number', 'is_request']
        ) }} as recording_rank
    from recordings
),

clients as (
    select
        ranked_recordings.client_address,
        addresses.is_public as is_client_public,
        ranked_recordings.server_address,
        ranked_recordings.server_port,
        ranked_recordings.protocol_number,
        cast(sum(ranked_recordings.byte_count) as bigint) as byte_count,
        cast(sum(ranked_recordings.record_count) as bigint) as record_count
    from ranked_recordings
    left join addresses
        on
            ranked_recordings.event_date = addresses.event_date
            and ranked_recordings.client_address = addresses.address
    where ranked_recordings.recording_rank = 1
    group by
        ranked_recordings.client_address,
        addresses.is_public,
        ranked_recordings.server_address,
        ranked_recordings.server_port,
        ranked_recordings.protocol_number
),

ranked_clients as (
    select
        *,
        row_number() over (
            order by
                byte_count desc,
                client_address,
                server_address,
                server_port,
                protocol_number
        ) as client_rank
    from clients
)

select
    ranked_clients.client_rank,
    ranked_clients.client_address,
    ranked_clients.is_client_public,
    ranked_clients.server_address,
    ranked_clients.server_port,
    ports.service,
    ranked_clients.byte_count,
    ranked_clients.record_count
from ranked_clients
inner join ports
    on
        ranked_clients.protocol_number = ports.protocol_number
        and ranked_clients.server_port = ports.port
where ranked_clients.client_rank <= 50
order by ranked_clients.client_rank
