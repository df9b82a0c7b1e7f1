-- The 100 latest S3 events of clients in the days asked for: who did what to which object.
-- Events that AWS services made are left out: their source address is no IP address.
with

events as (
    select * from {{ ref('stg_cloudtrail__events') }}
    where {{ window_filter(relation_exists=true) }}
)

select
    event_at,
    account_id,
    event_name,
    source_address,
    bucket_name,
    object_key,
    principal_arn,
    error_code,
    event_id
from events
where
    is_readable
    and event_source = 's3.amazonaws.com'
    and {{ is_ip_address('source_address') }}
order by
    event_at desc,
    account_id,
    event_id
limit 100
