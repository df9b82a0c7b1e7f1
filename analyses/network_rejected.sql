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
    refused_rank,
    source_address,
    protocol_number,
    destination_port,
    record_count,
    packet_count,
    destination_count
from ranked_refused
where refused_rank <= 50
order by refused_rank
