-- The 100 most frequent uses of access control lists in the days asked for: requests that only an ACL allowed.
-- They fail once ACLs are disabled for the bucket. Lines of fewer than 26 fields do not tell.
with

requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where {{ window_filter(relation_exists=true) }}
),

acl_requests as (
    select
        bucket_name,
        coalesce(requester, 'anonymous') as requester,
        operation,
        object_key
    from requests
    where is_readable and is_acl_required
)

select
    bucket_name,
    requester,
    operation,
    count(*) as request_count,
    count(distinct object_key) as object_count
from acl_requests
group by
    bucket_name,
    requester,
    operation
order by
    request_count desc,
    bucket_name,
    requester,
    operation
limit 100
