-- Which addresses sent and received the most accepted bytes in the days asked for: the 50 largest.
-- Of each pair of addresses counts, per day, what one interface, flow log and direction recorded, the one that holds most: no byte
-- twice. Addresses as the interfaces saw them: a NAT gateway's stands beside those of its clients.
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

recordings as (
    select
        event_date,
        source_address,
        destination_address,
        interface_id,
        flow_log_id,
        flow_direction,
        sum(byte_count) as byte_count,
        sum(record_count) as record_count
    from flows
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

ends as (
    select
        event_date,
        source_address as address,
        byte_count as sent_byte_count,
        0 as received_byte_count,
        record_count
    from ranked_recordings
    where recording_rank = 1
    union all
    select
        event_date,
        destination_address as address,
        0 as sent_byte_count,
        byte_count as received_byte_count,
        record_count
    from ranked_recordings
    where recording_rank = 1
),

talkers as (
    select
        ends.address,
        addresses.is_public,
        max(addresses.aws_service) as aws_service,
        cast(sum(ends.sent_byte_count + ends.received_byte_count) as bigint) as byte_count,
        cast(sum(ends.sent_byte_count) as bigint) as sent_byte_count,
        cast(sum(ends.received_byte_count) as bigint) as received_byte_count,
        cast(sum(ends.record_count) as bigint) as record_count
    from ends
    left join addresses
        on
            ends.event_date = addresses.event_date
            and ends.address = addresses.address
    group by
        ends.address,
        addresses.is_public
),

ranked_talkers as (
    select
        *,
        row_number() over (order by byte_count desc, address) as address_rank
    from talkers
)

select
    address_rank,
    address,
    is_public,
    aws_service,
    byte_count,
    sent_byte_count,
    received_byte_count,
    record_count
from ranked_talkers
where address_rank <= 50
order by address_rank
