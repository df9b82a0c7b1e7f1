-- What was asked of which bucket without a signature in the days asked for, what succeeded first.
-- A bucket that shows a success here is open to everybody for that operation.
with

usage as (
    select * from {{ ref('fct_s3_usage_daily') }}
    where {{ window_filter(relation_exists=true) }}
),

anonymous_usage as (
    select
        bucket_name,
        operation,
        http_status_class,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(downloaded_byte_count) as bigint) as downloaded_byte_count,
        cast(sum(uploaded_byte_count) as bigint) as uploaded_byte_count
    from usage
    where requester = 'anonymous'
    group by
        bucket_name,
        operation,
        http_status_class
)

select *
from anonymous_usage
order by
    http_status_class,
    request_count desc,
    bucket_name,
    operation
