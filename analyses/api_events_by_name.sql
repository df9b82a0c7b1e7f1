-- Which calls were made how often in the days asked for, the most first, with those that failed.
with

activity as (
    select * from {{ ref('fct_api_activity_daily') }}
    where {{ window_filter(relation_exists=true) }}
)

select
    event_source,
    event_name,
    cast(sum(event_count) as bigint) as event_count,
    cast(sum(case when error_code = 'none' then 0 else event_count end) as bigint) as error_count
from activity
group by
    event_source,
    event_name
order by
    event_count desc,
    event_source,
    event_name
