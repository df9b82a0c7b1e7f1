-- One row per readable request.
-- Adds its category and the bytes it downloaded, uploaded or copied. Leaves out unreadable lines.
with

requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
),

operations as (
    select * from {{ ref('int_s3_operations__categorized') }}
),

categorized_requests as (
    select
        requests.event_date,
        requests.account_id,
        requests.region,
        requests.bucket_owner_id,
        requests.bucket_name,
        requests.remote_address,
        requests.requester,
        requests.operation,
        requests.object_key,
        requests.http_status,
        requests.error_code,
        requests.bytes_sent,
        requests.source_region,
        requests.has_source_region,
        coalesce(requests.object_size, 0) as object_size,
        operations.operation_category,
        operations.request_price_tier,
        operations.counts_as_download,
        operations.counts_as_upload,
        operations.operation_category in ('copy_read', 'copy_write') as is_copy,
        -- Rows that S3 makes itself, such as the read half of a copy, may carry no status.
        coalesce(
            requests.http_status between 200 and 299, operations.operation_category = 'copy_read'
        ) as is_success
    from requests
    inner join operations
        on
            requests.event_date = operations.event_date
            and requests.operation = operations.operation
    where requests.is_readable
)

select
    coalesce(account_id, 'unknown') as account_id,
    coalesce(region, 'unknown') as region,
    bucket_owner_id,
    bucket_name,
    coalesce(remote_address, 'none') as remote_address,
    coalesce(requester, 'anonymous') as requester,
    operation,
    operation_category,
    request_price_tier,
    object_key,
    http_status,
    error_code,
    case
        when http_status between 100 and 599 then substr(cast(http_status as varchar), 1, 1) || 'xx'
        else 'none'
    end as http_status_class,
    source_region,
    has_source_region,
    bytes_sent,
    -- Bytes that went out, not the size of the object: a range, an abort or a 304 sends less.
    case
        when counts_as_download and http_status in (200, 206) then bytes_sent
        else 0
    end as downloaded_byte_count,
    -- The log has no size of a request's body; the object's (or part's) size is the bytes that were stored.
    case when counts_as_upload and is_success then object_size else 0 end as uploaded_byte_count,
    case when is_copy and is_success then object_size else 0 end as copied_byte_count,
    case when http_status >= 400 then bytes_sent else 0 end as error_byte_count,
    http_status >= 400 as is_error,
    event_date
from categorized_requests
