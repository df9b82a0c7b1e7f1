-- Which pairs of source and destination exchanged the most accepted bytes in the days asked for: the 50 largest, per day.
-- Interfaces, flow logs and directions can hold the same bytes. Each pair is shown as the one interface, flow log and
-- direction recorded it that holds most: a lower bound where several carry parts. No egress: translated addresses stand apart.
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

pair_records as (
    select
        event_date,
        source_address,
        destination_address,
        byte_count,
        coalesce(interface_id, 'unknown') as interface_id,
        coalesce(flow_log_id, 'unknown') as flow_log_id,
        coalesce(flow_direction, 'unknown') as flow_direction
    from records
    where source_address is not null and destination_address is not null
),

recorded_pairs as (
    select
        event_date,
        source_address,
        destination_address,
        interface_id,
        flow_log_id,
        flow_direction,
        cast(coalesce(sum(byte_count), 0) as bigint) as byte_count,
        count(*) as record_count
    from pair_records
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
    from recorded_pairs
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
    {{ traffic_direction('sources.is_public', 'destinations.is_public') }} as traffic_direction,
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
