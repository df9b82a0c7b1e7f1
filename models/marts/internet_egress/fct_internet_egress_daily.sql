-- One row per event day, account, region, sender, way out, kind and region of the far end.
-- Adds up what left AWS's private network through a public address, each byte once. Leaves out what is seen again.
with

flows as (
    select * from {{ ref('int_network_flows__classified') }}
    where {{ window_filter() }} and counting_role = 'counted'
)

select
    sender_account_id as account_id,
    region,
    sender_id,
    exit_path,
    destination_kind,
    destination_region,
    max(sender_kind) as sender_kind,
    max(sender_name) as sender_name,
    cast(sum(byte_count) as bigint) as byte_count,
    cast(sum(packet_count) as bigint) as packet_count,
    cast(sum(record_count) as bigint) as flow_count,
    {{ attribution_confidence('max(confidence_order)') }} as attribution_confidence,
    event_date
from flows
group by
    event_date,
    sender_account_id,
    region,
    sender_id,
    exit_path,
    destination_kind,
    destination_region
