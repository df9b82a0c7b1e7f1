-- Which destination ports received the most accepted bytes in the days asked for: the 50 largest.
-- As the interfaces recorded it: a flow counts at every interface that it passes. Answers go to the client's port, which is
-- a high one without a service.
with

records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where
        {{ window_filter(relation_exists=true) }}
        and is_readable
        and action = 'ACCEPT'
        and log_status = 'OK'
),

protocols as (
    select * from {{ ref('ip_protocols') }}
),

ports as (
    select * from {{ ref('well_known_ports') }}
),

traffic as (
    select
        protocol_number,
        destination_port,
        cast(coalesce(sum(byte_count), 0) as bigint) as byte_count,
        count(*) as record_count
    from records
    where protocol_number is not null and destination_port is not null
    group by
        protocol_number,
        destination_port
),

ranked_traffic as (
    select
        *,
        row_number() over (
            order by byte_count desc, protocol_number, destination_port
        ) as port_rank
    from traffic
)

select
    ranked_traffic.port_rank,
    coalesce(protocols.keyword, cast(ranked_traffic.protocol_number as varchar)) as protocol,
    ranked_traffic.destination_port,
    coalesce(ports.service, 'unnamed') as service,
    ranked_traffic.byte_count,
    ranked_traffic.record_count
from ranked_traffic
left join protocols on ranked_traffic.protocol_number = protocols.number
left join ports
    on
        ranked_traffic.protocol_number = ports.protocol_number
        and ranked_traffic.destination_port = ports.port
where ranked_traffic.port_rank <= 50
order by ranked_traffic.port_rank
