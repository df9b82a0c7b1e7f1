-- One row per event day, hour, interface and flow log that recorded it.
-- Ranks the flow logs of an interface: where several record it, the one that tells most is the first, and it counts.
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where {{ window_filter() }}
),

flow_logs as (
    select
        event_date,
        event_hour,
        interface_id,
        flow_log_id,
        max(
            case
                when interface_type is not null or next_hop_interface_type is not null then 1 else 0
            end
        ) as has_next_hop,
        max(case when traffic_path is not null then 1 else 0 end) as has_traffic_path,
        max(case when packet_source_address is not null then 1 else 0 end) as has_packet_addresses,
        sum(case when source_address is not null then record_count else 0 end) as flow_record_count
    from flows
    group by event_date, event_hour, interface_id, flow_log_id
)

select
    event_hour,
    interface_id,
    flow_log_id,
    row_number() over (
        partition by event_date, event_hour, interface_id
        order by
            has_next_hop desc,
            has_traffic_path desc,
            has_packet_addresses desc,
            flow_record_count desc,
            flow_log_id
    ) as flow_log_rank,
    event_date
from flow_logs
