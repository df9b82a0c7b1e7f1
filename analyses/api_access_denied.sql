-- Who was refused which call how often in the days asked for, the most first: the 50 most frequent.
with

activity as (
    select * from {{ ref('fct_api_activity_daily') }}
    where {{ window_filter(relation_exists=true) }}
),

refused as (
    select
        principal_id,
        event_source,
        event_name,
        error_code,
        max(principal_name) as principal_name,
        cast(sum(event_count) as bigint) as event_count
    from activity
    where {{ is_refusal('error_code') }}
    group by
        principal_id,
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
                principal_id,
                event_source,
                event_name,
                error_code
        ) as refused_rank
    from refused
)

select
    refused_rank,
    principal_name,
    principal_id,
    event_source,
    event_name,
    error_code,
    event_count
from ranked_refused
where refused_rank <= 50
order by refused_rank
