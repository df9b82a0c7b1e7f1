-- Which calls clients made how often in the days asked for, the most first, with those that failed, and
-- beside them those that AWS services made. Errors are of both.
with

activity as (
    select * from {{ ref('fct_api_activity_daily') }}
    where {{ window_filter(relation_exists=true) }}
),

calls as (
    select
        event_source,
        event_name,
        cast(sum(event_count - aws_service_event_count) as bigint) as client_event_count,
        cast(sum(aws_service_event_count) as bigint) as aws_service_event_count,
        cast(sum(case when error_code = 'none' then 0 else event_count end) as bigint)
            as error_count
    from activity
    group by
        event_source,
        event_name
)

select
    event_source,
    event_name,
    client_event_count,
    aws_service_event_count,
    error_count
from calls
order by
    client_event_count desc,
    aws_service_event_count desc,
    event_source,
    event_name
