-- The 100 latest S3 events of clients in the days asked for: who did what to which object, and from where.
-- Events that AWS services made are left out.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where {{ window_filter(relation_exists=true) }}
)

select
    event_at,
    account_id,
    event_name,
    source_address,
    bucket_name,
    object_key,
    principal_name,
    principal_id,
    error_code,
    event_id
from events
where
    event_source = 's3.amazonaws.com'
    and not is_aws_service
    and not is_shared_copy
order by
    event_at desc,
    account_id,
    event_id
limit 100
