-- One row per event day, bucket, operation, requester and class of answer.
-- Sums the requests and bytes of the S3 access logs.
-- Leaves out unreadable lines; the coverage mart counts them.
with

requests as (
    select * from {{ ref('int_s3_requests__measured') }}
    where {{ window_filter() }}
)

select
    bucket_name,
    operation,
    operation_category,
    requester,
    http_status_class,
    count(*) as request_count,
    cast(sum(bytes_sent) as bigint) as bytes_sent,
    cast(sum(downloaded_byte_count) as bigint) as downloaded_byte_count,
    cast(sum(uploaded_byte_count) as bigint) as uploaded_byte_count,
    cast(sum(copied_byte_count) as bigint) as copied_byte_count,
    count(case when is_error then 1 end) as error_count,
    event_date
from requests
group by
    event_date,
    bucket_name,
    operation,
    operation_category,
    requester,
    http_status_class
