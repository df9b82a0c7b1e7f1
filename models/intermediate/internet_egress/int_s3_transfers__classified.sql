-- One row per event day, account, region, bucket, class of transfer as the price list has it, and destination.
-- Adds up what S3 itself sent to its clients: these bytes pass no interface, and share the volume tiers with those that do.
with

requests as (
    select * from {{ ref('int_s3_requests__classified') }}
    where {{ window_filter() }}
),

sent_bytes as (
    select
        event_date,
        account_id,
        region,
        bucket_name,
        case
            -- To S3 these are transfers within the region; an endpoint charges its owner, as flow logs show.
            when transfer_class in ('private_network', 'aws_internal') then 's3_same_region'
            else transfer_class
        end as traffic_class,
        case transfer_class
            when 'internet_egress' then 'internet'
            when 'inter_region_egress' then transfer_region
            else '*'
        end as destination,
        bytes_sent
    from requests
    where bytes_sent > 0
)

select
    account_id,
    region,
    bucket_name,
    traffic_class,
    destination,
    cast(sum(bytes_sent) as bigint) as byte_count,
    event_date
from sent_bytes
group by
    event_date,
    account_id,
    region,
    bucket_name,
    traffic_class,
    destination
