-- One row per event day, account, region, sender and address at the other end.
-- Adds up what was sent to it and what came from it, each byte once. Leaves out what is seen again.
with

flows as (
    select * from {{ ref('int_network_flows__classified') }}
    where {{ window_filter() }} and counting_role in ('counted', 'inbound')
)

select
    sender_account_id as account_id,
    region,
    sender_id,
    far_address as remote_address,
    max(destination_kind) as destination_kind,
    max(destination_region) as destination_region,
    cast(sum(case when counting_role = 'counted' then byte_count else 0 end) as bigint)
        as byte_count,
    cast(sum(case when counting_role = 'inbound' then byte_count else 0 end) as bigint)
        as received_byte_count,
    cast(sum(case when counting_role = 'counted' then record_count else 0 end) as bigint)
        as flow_count,
    {{ attribution_confidence('max(confidence_order)') }} as attribution_confidence,
    event_date
from flows
group by
    event_date,
    sender_account_id,
    region,
    sender_id,
    far_address
