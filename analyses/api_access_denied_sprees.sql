-- Who was refused how many calls from one address within a day of those asked for, the most first: the 50
-- largest. Many different calls within minutes are somebody who tries out what a key may do.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where {{ window_filter(relation_exists=true) }}
),

refused as (
    select
        *,
        event_source || ' ' || event_name as call_name
    from events
    where
        {{ is_refusal('error_code') }}
        and not is_shared_copy
),

sprees as (
    select
        event_date,
        account_id,
        principal_id,
        source_address,
        max(principal_name) as principal_name,
        count(*) as event_count,
        count(distinct call_name) as call_count,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from refused
    group by
        event_date,
        account_id,
        principal_id,
        source_address
),

ranked_sprees as (
    select
        *,
        row_number() over (
            order by
                event_count desc,
                event_date,
                account_id,
                principal_id,
                source_address
        ) as spree_rank
    from sprees
)

select
    spree_rank,
    event_date,
    account_id,
    principal_name,
    principal_id,
    source_address,
    event_count,
    call_count,
    first_event_at,
    last_event_at
from ranked_sprees
where spree_rank <= 50
order by spree_rank
