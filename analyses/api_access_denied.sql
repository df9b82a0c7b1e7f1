-- Who was refused which call how often in the days asked for, the most first: the 50 most frequent.
-- Error codes that say that a permission is missing, as services word them (AccessDenied, UnauthorizedOperation, Forbidden).
with

activity as (
    select * from {{ ref('fct_api_activity_daily') }}
    where {{ window_filter(relation_exists=true) }}
),

refused as (
    select
        coalesce(principal_arn, principal_id) as principal,
        event_source,
        event_name,
        error_code,
        cast(sum(event_count) as bigint) as event_count
    from activity
    where
        error_code like '%AccessDenied%'
        or error_code like '%Unauthorized%'
        or error_code like '%Forbidden%'
    group by
        coalesce(principal_arn, principal_id),
        event_source,
        event_name,
        error_code
),

ranked_refused as (
    select
        *,
        row_number() over (
            order by
                event_count desc,
                principal,
                event_source,
                event_name,
                error_code
        ) as refused_rank
    from refused
)

select
    refused_rank,
    principal,
    event_source,
    event_name,
    error_code,
    event_count
from ranked_refused
where refused_rank <= 50
order by refused_rank
