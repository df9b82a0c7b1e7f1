-- To whom the address of var asked_address sent the most in the days asked for, allowed and refused: the 50 largest of each.
-- Without the var: the 50 largest of all addresses. Of each pair counts, per day, what one interface, flow log and direction
-- recorded, the one that holds most: no byte twice.
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and record_outcome in ('accepted', 'rejected')
        and {{ asked_address_filter('source_address') }}
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
    where {{ window_filter(relation_exists=true) }}
),

recordings as (
    select
        event_date,
        record_outcome,
        source_address,
        destination_address,
        interface_id,
        flow_log_id,
        flow_direction,
        sum(byte_count) as byte_count,
        sum(packet_count) as packet_count,
        sum(record_count) as record_count
    from flows
    where destination_address is not null
    group by
        event_date,
        record_outcome,
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
            ['event_date', 'record_outcome', 'source_address', 'destination_address']
        ) }} as recording_rank
    from recordings
),

pairs as (
    select
        ranked_recordings.record_outcome,
        ranked_recordings.source_address,
        ranked_recordings.destination_address,
        addresses.is_public as is_destination_public,
        max(addresses.aws_service) as aws_service,
        cast(sum(ranked_recordings.byte_count) as bigint) as byte_count,
        cast(sum(ranked_recordings.packet_count) as bigint) as packet_count,
        cast(sum(ranked_recordings.record_count) as bigint) as record_count
    from ranked_recordings
    left join addresses
        on
            ranked_recordings.event_date = addresses.event_date
            and ranked_recordings.destination_address = addresses.address
    where ranked_recordings.recording_rank = 1
    group by
        ranked_recordings.record_outcome,
        ranked_recordings.source_address,
        ranked_recordings.destination_address,
        addresses.is_public
),

ranked_pairs as (
    select
        *,
        row_number() over (
            partition by record_outcome
            order by byte_count desc, source_address, destination_address
        ) as pair_rank
    from pairs
)

select
    record_outcome,
    pair_rank,
    source_address,
    destination_address,
    is_destination_public,
    aws_service,
    byte_count,
    packet_count,
    record_count
from ranked_pairs
where pair_rank <= 50
order by
    record_outcome,
    pair_rank
