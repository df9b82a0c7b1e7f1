-- The 100 most frequent refusals (status 401 and 403) in the days asked for: who was kept from what, and by which error.
-- From staging, which knows error code and address; what else failed is in s3_failed_requests.
with

requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where {{ window_filter(relation_exists=true) }}
),

refusals as (
    select
        bucket_name,
        coalesce(requester, 'anonymous') as requester,
        coalesce(remote_address, 'none') as remote_address,
        operation,
        coalesce(error_code, 'none') as error_code,
        request_at,
        object_key
    from requests
    where is_readable and http_status in (401, 403)
)

select
    bucket_name,
    requester,
    remote_address,
    operation,
    error_code,
    count(*) as request_count,
    count(distinct object_key) as object_count,
    min(request_at) as first_request_at,
    max(request_at) as last_request_at
from refusals
group by
    bucket_name,
    requester,
    remote_address,
    operation,
    error_code
order by
    request_count desc,
    bucket_name,
    requester,
    remote_address,
    operation,
    error_code
limit 100
