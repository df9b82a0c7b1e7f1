-- Which TCP connections were allowed most often in the days asked for: the 50 most frequent openers and ports.
-- Where the flow log has the field tcp-flags (version 3), only records that open a connection; else all, answers too. Of each
-- connection counts, per day, what one interface, flow log and direction recorded.
with

records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where
        {{ window_filter(relation_exists=true) }}
        and is_readable
        and action = 'ACCEPT'
        and log_status = 'OK'
        and protocol_number = 6
        -- SYN is 2, with FIN 3, with RST 6, with both 7; the answer has ACK as well, from 18 on: VPC User Guide, "Flow log records",
        -- tcp-flags (https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html).
        and (tcp_flags is null or tcp_flags in (2, 3, 6, 7))
),

ports as (
    select * from {{ ref('well_known_ports') }}
    where protocol_number = 6
),

recordings as (
    select
        event_date,
        source_address,
        destination_address,
        destination_port,
        interface_id,
        flow_log_id,
        flow_direction,
        count(*) as record_count,
        sum(packet_count) as packet_count,
        sum(byte_count) as byte_count
    from records
    where source_address is not null and destination_address is not null
    group by
        event_date,
        source_address,
        destination_address,
        destination_port,
        interface_id,
        flow_log_id,
        flow_direction
),

ranked_recordings as (
    select
        *,
        {{ recording_rank(
            ['event_date', 'source_address', 'destination_address', 'destination_port'],
            largest=['record_count', 'byte_count']
        ) }} as recording_rank
    from recordings
),

connections as (
    select
        source_address,
        destination_address,
        destination_port,
        cast(sum(record_count) as bigint) as record_count,
        cast(sum(packet_count) as bigint) as packet_count,
        cast(sum(byte_count) as bigint) as byte_count
    from ranked_recordings
    where recording_rank = 1
    group by
        source_address,
        destination_address,
        destination_port
),

ranked_connections as (
    select
        *,
        row_number() over (
            order by
                record_count desc,
                byte_count desc,
                source_address,
                destination_address,
                destination_port
        ) as connection_rank
    from connections
)

select
    ranked_connections.connection_rank,
    ranked_connections.source_address,
    ranked_connections.destination_address,
    ranked_connections.destination_port,
    coalesce(ports.service, 'unnamed') as service,
    ranked_connections.record_count,
    ranked_connections.packet_count,
    ranked_connections.byte_count
from ranked_connections
left join ports on ranked_connections.destination_port = ports.port
where ranked_connections.connection_rank <= 50
order by ranked_connections.connection_rank
