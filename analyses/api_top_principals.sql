-- Who made the most calls to each service in the days asked for, the most first: the 50 principals of each.
-- Calls that AWS services made for a principal are among them, and counted apart.
-- Bytes are those that the service tells; empty means that it told none.
with

activity as (
    select * from {{ ref('fct_api_activity_daily') }}
    where {{ window_filter(relation_exists=true) }}
),

calls as (
    select
        event_source,
        principal_id,
        max(principal_name) as principal_name,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(aws_service_event_count) as bigint) as aws_service_event_count,
        cast(sum(case when error_code = 'none' then 0 else event_count end) as bigint)
            as error_count,
        cast(sum(bytes_out) as bigint) as bytes_out
    from activity
    group by
        event_source,
        principal_id
),

ranked_calls as (
    select
        *,
        row_number() over (
            partition by event_source
            order by event_count desc, principal_id
        ) as principal_rank
    from calls
)

select
    event_source,
    principal_rank,
    principal_name,
    principal_id,
    event_count,
    aws_service_event_count,
    error_count,
    bytes_out
from ranked_calls
where principal_rank <= 50
order by
    event_source,
    principal_rank
