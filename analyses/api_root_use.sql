-- What root users called in the days asked for, and from which address, the most recent days first. Calls that
-- AWS services made on their behalf are left out, as in AWS's own alarm
-- (https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html, CloudWatch.1).
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and principal_type = 'Root'
        and not is_aws_service
        and not is_shared_copy
)

select
    event_date,
    account_id,
    principal_id,
    source_address,
    event_source,
    event_name,
    count(*) as event_count,
    count(case when is_error then 1 end) as error_count,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at
from events
group by
    event_date,
    account_id,
    principal_id,
    source_address,
    event_source,
    event_name
order by
    event_date desc,
    account_id,
    principal_id,
    source_address,
    event_source,
    event_name
