-- One row per event day, account, region, NAT gateway, client, service and region at the other end.
-- Adds up what the gateway processed for the client, both ways, and what a gateway endpoint would have done for nothing.
with

flows as (
    select * from {{ ref('int_network_flows__classified') }}
    where {{ window_filter() }} and nat_gateway_id is not null
)

select
    account_id,
    region,
    nat_gateway_id,
    sender_id as client_id,
    coalesce(destination_kind, 'private') as destination_service,
    coalesce(destination_region, 'none') as destination_region,
    cast(sum(byte_count) as bigint) as processed_byte_count,
    event_date
from flows
group by
    event_date,
    account_id,
    region,
    nat_gateway_id,
    sender_id,
    coalesce(destination_kind, 'private'),
    coalesce(destination_region, 'none')
