-- One row per event day, account, region, bucket, operation, requester, class of transfer and class of answer.
-- Sums the requests and bytes of the S3 access logs, and estimates what the requests cost.
-- Leaves out unreadable lines; the coverage mart counts them.
with

requests as (
    select * from {{ ref('int_s3_requests__classified') }}
    where {{ window_filter() }}
),

prices as (
    select * from {{ ref('int_s3_request_prices__matched') }}
    where {{ window_filter() }}
),

usage as (
    select
        event_date,
        account_id,
        region,
        bucket_name,
        operation,
        operation_category,
        request_price_tier,
        requester,
        transfer_class,
        http_status_class,
        max(confidence_order) as confidence_order,
        count(*) as request_count,
        cast(sum(bytes_sent) as bigint) as bytes_sent,
        cast(sum(downloaded_byte_count) as bigint) as downloaded_byte_count,
        cast(sum(uploaded_byte_count) as bigint) as uploaded_byte_count,
        cast(sum(copied_byte_count) as bigint) as copied_byte_count,
        cast(sum(error_byte_count) as bigint) as error_byte_count,
        count(case when is_error then 1 end) as error_count
    from requests
    group by
        event_date,
        account_id,
        region,
        bucket_name,
        operation,
        operation_category,
        request_price_tier,
        requester,
        transfer_class,
        http_status_class
)

select
    usage.account_id,
    usage.region,
    usage.bucket_name,
    usage.operation,
    usage.operation_category,
    usage.requester,
    usage.transfer_class,
    usage.http_status_class,
    usage.request_count,
    usage.bytes_sent,
    usage.downloaded_byte_count,
    usage.uploaded_byte_count,
    usage.copied_byte_count,
    usage.error_byte_count,
    usage.error_count,
    usage.request_price_tier,
    case
        when usage.transfer_class = 'not_billed' then cast(0 as decimal(28, 9))
        else
            cast(
                cast(usage.request_count as double)
                * cast(prices.price_per_1000 as double) / 1000 as decimal(28, 9)
            )
    end as estimated_request_cost,
    coalesce(prices.currency, 'unknown') as currency,
    coalesce(prices.price_confidence, 'unknown') as price_confidence,
    {{ attribution_confidence('usage.confidence_order') }} as transfer_confidence,
    usage.event_date
from usage
left join prices
    on
        usage.event_date = prices.event_date
        and usage.region = prices.region
        and usage.request_price_tier = prices.request_price_tier
