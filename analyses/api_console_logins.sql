-- Who signed in to the console in the days asked for, from where, with a second factor or not, and what failed.
-- Root first, then sign-ins without a second factor, then failed ones, the latest first.
with

events as (
    select * from {{ ref('stg_cloudtrail__events') }}
    where
        {{ window_filter(relation_exists=true) }}
        and is_readable
        and event_name = 'ConsoleLogin'
),

logins as (
    select
        event_at,
        event_id,
        account_id,
        principal_type,
        coalesce(principal_name, 'none') as principal_name,
        source_address,
        is_mfa_used,
        error_code is not null or error_message is not null as is_failed,
        coalesce(principal_type = 'Root', false) as is_root
    from events
)

select
    event_at,
    account_id,
    principal_type,
    principal_name,
    source_address,
    is_mfa_used,
    is_failed
from logins
order by
    is_root desc,
    coalesce(is_mfa_used, false),
    is_failed desc,
    event_at desc,
    event_id
