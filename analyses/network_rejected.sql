-- Who was refused most often in the days asked for, by source, protocol and destination port: the 50 most frequent.
-- Refused by security groups and network ACLs. Many destinations or ports of one source are a scan.
with

records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where
        {{ window_filter(relation_exists=true) }}
        and is_readable
        and action = 'REJECT'
),

protocols as (
    select * from {{ ref('ip_protocols') }}
),

ports as (
    select * from {{ ref('well_known_ports') }}
),

refused as (
    select
        source_address,
        protocol_number,
        destination_port,
        count(*) as record_count,
        cast(coalesce(sum(packet_count), 0) as bigint) as packet_count,
        count(distinct destination_address) as destination_count
    from records
    group by
        source_address,
        protocol_number,
        destination_port
),

ranked_refused as (
    select
        *,
        row_number() over (
            order by
                record_count desc,
                source_address,
                protocol_number,
                destination_port
        ) as refused_rank
    from refused
)

select
    ranked_refused.refused_rank,
    ranked_refused.source_address,
    coalesce(protocols.keyword, cast(ranked_refused.protocol_number as varchar)) as protocol,
    ranked_refused.protocol_number,
    ranked_refused.destination_port,
    case
        when ranked_refused.destination_port is not null then coalesce(ports.service, 'unnamed')
    end as service,
    ranked_refused.record_count,
    ranked_refused.packet_count,
    ranked_refused.destination_count
from ranked_refused
left join protocols on ranked_refused.protocol_number = protocols.number
left join ports
    on
        ranked_refused.protocol_number = ports.protocol_number
        and ranked_refused.destination_port = ports.port
where ranked_refused.refused_rank <= 50
order by ranked_refused.refused_rank
