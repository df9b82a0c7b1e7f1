-- One row per event day, account, region, bucket, class of transfer as the price list has it, and destination.
-- Adds up what S3 itself sent to its clients: these bytes pass no interface, and share the volume tiers with those that do.
with

requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where {{ window_filter() }}
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
    where {{ window_filter() }}
),

sent_bytes as (
    select
        event_date,
        coalesce(account_id, 'unknown') as account_id,
        coalesce(region, 'unknown') as region,
        coalesce(bucket_name, 'unknown') as bucket_name,
        remote_address,
        cast(sum(bytes_sent) as bigint) as byte_count
    from requests
    where is_readable and bytes_sent > 0
    group by
        event_date,
        coalesce(account_id, 'unknown'),
        coalesce(region, 'unknown'),
        coalesce(bucket_name, 'unknown'),
        remote_address
),

classified_bytes as (
    select
        sent_bytes.event_date,
        sent_bytes.account_id,
        sent_bytes.region,
        sent_bytes.bucket_name,
        case
            -- Private addresses came through a VPC endpoint; without one the request was AWS's own.
            when not coalesce(addresses.is_public, false) then 's3_same_region'
            when
                addresses.aws_service in ('CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING')
                then 'to_cloudfront'
            when coalesce(addresses.aws_region, 'GLOBAL') = 'GLOBAL' then 'internet_egress'
            when addresses.aws_region = sent_bytes.region then 's3_same_region'
            else 'inter_region_egress'
        end as traffic_class,
        addresses.aws_region as far_aws_region,
        sent_bytes.byte_count
    from sent_bytes
    left join addresses
        on
            sent_bytes.event_date = addresses.event_date
            and sent_bytes.remote_address = addresses.address
),

classified_with_destination as (
    select
        *,
        case traffic_class
            when 'internet_egress' then 'internet'
            when 'inter_region_egress' then far_aws_region
            else '*'
        end as destination
    from classified_bytes
)

select
    account_id,
    region,
    bucket_name,
    traffic_class,
    destination,
    cast(sum(byte_count) as bigint) as byte_count,
    event_date
from classified_with_destination
group by
    event_date,
    account_id,
    region,
    bucket_name,
    traffic_class,
    destination
