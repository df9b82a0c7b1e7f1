-- Which pairs of source and destination exchanged the most accepted bytes in the days asked for: the 50 largest, per day.
-- One flow is recorded by every interface that it passes; each pair is shown as the interface saw it that recorded most
-- of it, so that a flow seen at both its ends counts once here. It is no egress: translated addresses are pairs of their own.
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

pairs_by_interface as (
    select
        event_date,
        source_address,
        destination_address,
        coalesce(interface_id, 'unknown') as interface_id,
        cast(coalesce(sum(byte_count), 0) as bigint) as byte_count,
        count(*) as record_count
    from records
    where source_address is not null and destination_address is not null
    group by
        event_date,
        source_address,
        destination_address,
        coalesce(interface_id, 'unknown')
),

ranked_interfaces as (
    select
        *,
        row_number() over (
            partition by event_date, source_address, destination_address
            order by byte_count desc, interface_id
        ) as interface_rank
    from pairs_by_interface
),

ranked_pairs as (
    select
        *,
        row_number() over (
            partition by event_date
            order by byte_count desc, source_address, destination_address
        ) as pair_rank
    from ranked_interfaces
    where interface_rank = 1
)

select
    ranked_pairs.event_date,
    ranked_pairs.pair_rank,
    ranked_pairs.source_address,
    sources.is_public as is_source_public,
    ranked_pairs.destination_address,
    destinations.is_public as is_destination_public,
    ranked_pairs.byte_count,
    ranked_pairs.record_count,
    ranked_pairs.interface_id
from ranked_pairs
left join addresses as sources
    on
        ranked_pairs.event_date = sources.event_date
        and ranked_pairs.source_address = sources.address
left join addresses as destinations
    on
        ranked_pairs.event_date = destinations.event_date
        and ranked_pairs.destination_address = destinations.address
where ranked_pairs.pair_rank <= 50
order by
    ranked_pairs.event_date,
    ranked_pairs.pair_rank
