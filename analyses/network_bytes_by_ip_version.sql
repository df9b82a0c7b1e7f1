-- How many accepted bytes went by IPv4 and by IPv6, on each of the days asked for.
-- Of each pair of addresses counts what one interface, flow log and direction recorded, the one that holds most: no byte twice but
-- where addresses are translated, which gives one flow several pairs. Beside it the sum over all records.
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and record_outcome = 'accepted'
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
        case when strpos(source_address, ':') > 0 then 'IPv6' else 'IPv4' end as ip_version,
        {{ recording_rank(
            ['event_date', 'source_address', 'destination_address']
        ) }} as recording_rank
    from recordings
)

select
    event_date,
    ip_version,
    cast(sum(case when recording_rank = 1 then byte_count else 0 end) as bigint) as byte_count,
    cast(sum(byte_count) as bigint) as recorded_byte_count,
    cast(sum(record_count) as bigint) as record_count
from ranked_recordings
group by
    event_date,
    ip_version
order by
    event_date,
    ip_version
