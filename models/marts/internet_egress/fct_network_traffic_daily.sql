-- One row per event day, account, region, VPC, interface, sender, class, counting role, outcome and direction.
-- Every byte of every readable record, with the reason why it counts or not. Leaves out unreadable rows.
with

flows as (
    select * from {{ ref('int_network_flows__classified') }}
    where {{ window_filter() }}
)

select
    account_id,
    region,
    vpc_id,
    interface_id,
    sender_id,
    traffic_class,
    counting_role,
    record_outcome,
    traffic_direction,
    cast(sum(record_count) as bigint) as record_count,
    cast(sum(packet_count) as bigint) as packet_count,
    cast(sum(byte_count) as bigint) as byte_count,
    event_date
from flows
group by
    event_date,
    account_id,
    region,
    vpc_id,
    interface_id,
    sender_id,
    traffic_class,
    counting_role,
    record_outcome,
    traffic_direction
