-- One row per event day, bucket, operation and who saw the request: the bucket's access log, CloudTrail, or both.
-- Sets S3's two logs side by side where a trail records data events of the bucket. Neither is a full account:
-- access logs are best effort, and a trail records what its event selectors choose.
with

access_log_lines as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where
        {{ window_filter() }}
        and is_readable
),

events as (
    select * from {{ ref('stg_cloudtrail__events') }}
    where
        {{ window_filter() }}
        and is_readable
),

data_events as (
    select
        event_date,
        coalesce(bucket_name, 'unknown') as bucket_name,
        request_id,
        event_name,
        bytes_out
    from events
    where
        event_source = 's3.amazonaws.com'
        -- Versions before 1.07 have no category, and tables that others made may lack both fields: then it is one about an object.
        and coalesce(event_category = 'Data', not is_management_event, object_key is not null)
),

-- A call has an event in the account of the caller and of the bucket, and one for each object that it deletes; all carry the
-- id of its request.
cloudtrail_requests as (
    select
        event_date,
        bucket_name,
        request_id,
        min(event_name) as event_name,
        max(bytes_out) as byte_count,
        case when request_id is null then count(*) else 1 end as request_count
    from data_events
    group by event_date, bucket_name, request_id
),

covered_buckets as (
    select
        event_date,
        bucket_name
    from cloudtrail_requests
    group by event_date, bucket_name
),

access_log_requests as (
    select
        access_log_lines.event_date,
        access_log_lines.bucket_name,
        access_log_lines.request_id,
        min(access_log_lines.operation) as operation,
        sum(access_log_lines.bytes_sent) as byte_count,
        case when access_log_lines.request_id is null then count(*) else 1 end as request_count
    from access_log_lines
    inner join covered_buckets
        on
            access_log_lines.event_date = covered_buckets.event_date
            and access_log_lines.bucket_name = covered_buckets.bucket_name
    group by
        access_log_lines.event_date,
        access_log_lines.bucket_name,
        access_log_lines.request_id
),

-- The id of a request is what S3 answers as x-amz-request-id, in both logs
-- (https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html, "Request ID").
compared_requests as (
    select
        coalesce(access_log_requests.event_date, cloudtrail_requests.event_date) as event_date,
        coalesce(access_log_requests.bucket_name, cloudtrail_requests.bucket_name) as bucket_name,
        coalesce(access_log_requests.operation, cloudtrail_requests.event_name, 'unknown')
            as operation,
        case
            when cloudtrail_requests.event_date is null then 'access_log'
            when access_log_requests.event_date is null then 'cloudtrail'
            else 'both'
        end as seen_by,
        coalesce(access_log_requests.request_count, cloudtrail_requests.request_count)
            as request_count,
        access_log_requests.byte_count as access_log_byte_count,
        cloudtrail_requests.byte_count as cloudtrail_byte_count
    from access_log_requests
    full outer join cloudtrail_requests
        on
            access_log_requests.event_date = cloudtrail_requests.event_date
            and access_log_requests.bucket_name = cloudtrail_requests.bucket_name
            and access_log_requests.request_id = cloudtrail_requests.request_id
)

select
    bucket_name,
    operation,
    seen_by,
    cast(sum(request_count) as bigint) as request_count,
    cast(sum(access_log_byte_count) as bigint) as access_log_byte_count,
    cast(sum(cloudtrail_byte_count) as bigint) as cloudtrail_byte_count,
    count(
        case
            when
                seen_by = 'both'
                and coalesce(access_log_byte_count, 0) <> coalesce(cloudtrail_byte_count, 0)
                then 1
        end
    ) as differing_request_count,
    event_date
from compared_requests
group by event_date, bucket_name, operation, seen_by
