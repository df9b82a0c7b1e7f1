-- One row per event day, bucket, remote address and category of operation.
-- Sums what each address requested. Leaves out unreadable lines; the coverage mart counts them.
with

requests as (
    select * from {{ ref('int_s3_requests__measured') }}
    where {{ window_filter() }}
)

select
    bucket_name,
    remote_address,
    operation_category,
    count(*) as request_count,
    cast(sum(downloaded_byte_count) as bigint) as downloaded_byte_count,
    cast(sum(copied_byte_count) as bigint) as copied_byte_count,
    count(distinct object_key) as object_count,
    event_date
from requests
group by
    event_date,
    bucket_name,
    remote_address,
    operation_category
