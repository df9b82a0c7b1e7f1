-- One row per event day, bucket, remote address, category of operation and class of transfer.
-- Sums what each address requested. Leaves out unreadable lines; the coverage mart counts them.
with

requests as (
    select * from {{ ref('int_s3_requests__classified') }}
    where {{ window_filter() }}
)

select
    bucket_name,
    remote_address,
    operation_category,
    transfer_class,
    count(*) as request_count,
    cast(sum(downloaded_byte_count) as bigint) as downloaded_byte_count,
    cast(sum(copied_byte_count) as bigint) as copied_byte_count,
    count(distinct object_key) as object_count,
    {{ attribution_confidence('max(confidence_order)') }} as transfer_confidence,
    event_date
from requests
group by
    event_date,
    bucket_name,
    remote_address,
    operation_category,
    transfer_class
