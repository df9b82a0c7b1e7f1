-- Which pairs of source and destination inside the packets exchanged the most accepted bytes: the 50 largest, per day.
-- As network_top_address_pairs, with the packets' own addresses, which stay the same on both sides of a NAT gateway or load
-- balancer. Flow logs without the fields pkt-srcaddr and pkt-dstaddr (version 2) give the addresses that the interface saw.
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and record_outcome = 'accepted'
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
    where {{ window_filter(relation_exists=true) }}
),

packets as (
    select
        event_date,
        coalesce(packet_source_address, source_address) as source_address,
        coalesce(packet_destination_address, destination_address) as destination_address,
        interface_id,
        flow_log_id,
        flow_direction,
        byte_count,
        record_count
    from flows
),

recordings as (
    select
        event_date,
        source_address,
        destination_address,
        interface_id,
        flow_log_id,
        flow_direction,
        cast(sum(byte_count) as bigint) as byte_count,
        cast(sum(record_count) as bigint) as record_count
    from packets
    where source_address is not null and destination_address is not null
    group by
        event_date,
        source_address,
        destination_address,
        interface_id,
        flow_log_id,
        flow_direction
),

ranked_recordings as (
    select
        *,
        {{ recording_rank(
            ['event_date', 'source_address', 'destination_address']
        ) }} as recording_rank
    from recordings
),

ranked_pairs as (
    select
        *,
        row_number() over (
            partition by event_date
            order by byte_count desc, source_address, destination_address
        ) as pair_rank
    from ranked_recordings
    where recording_rank = 1
)

select
    ranked_pairs.event_date,
    ranked_pairs.pair_rank,
    ranked_pairs.source_address,
    sources.is_public as is_source_public,
    ranked_pairs.destination_address,
    destinations.is_public as is_destination_public,
    ranked_pairs.byte_count as byte_count_at_interface,
    ranked_pairs.record_count as record_count_at_interface,
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
