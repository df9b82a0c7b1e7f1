-- One row per event day, account, region, zone of the source, zone of the destination and sender.
-- Adds up what crosses between zones of a region by private addresses, once per direction.
with

flows as (
    select * from {{ ref('int_network_flows__classified') }}
    where {{ window_filter() }} and is_leg_counted and leg_source_az_id <> leg_destination_az_id
)

select
    leg_account_id as account_id,
    region,
    leg_source_az_id as source_az_id,
    leg_destination_az_id as destination_az_id,
    leg_sender_id as sender_id,
    cast(sum(byte_count) as bigint) as byte_count,
    cast(sum(record_count) as bigint) as flow_count,
    event_date
from flows
group by
    event_date,
    leg_account_id,
    region,
    leg_source_az_id,
    leg_destination_az_id,
    leg_sender_id
