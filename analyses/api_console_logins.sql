-- Who signed in to the console in the days asked for, from where, with a second factor or not, and what failed.
-- Root first, then users who came in without a second factor, then failed sign-ins, the latest first.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and event_name = 'ConsoleLogin'
),

logins as (
    select
        event_at,
        event_id,
        account_id,
        principal_type,
        principal_name,
        source_address,
        is_mfa_used,
        -- Failed sign-ins have an error message, or the response alone
        -- (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/
        -- cloudtrail-event-reference-aws-console-sign-in-events.html).
        is_error
        or coalesce({{ json_text('response_elements', '$.ConsoleLogin') }}, 'Success') = 'Failure'
            as is_failed
    from events
),

judged_logins as (
    select
        *,
        principal_type = 'Root' as is_root,
        -- MFA of roles and federated users is their identity provider's affair, and CloudTrail says No (same page).
        not is_failed
        and principal_type in ('Root', 'IAMUser')
        and not coalesce(is_mfa_used, false) as is_without_mfa
    from logins
)

select
    event_at,
    account_id,
    principal_type,
    principal_name,
    source_address,
    is_mfa_used,
    is_failed,
    is_without_mfa
from judged_logins
order by
    is_root desc,
    is_without_mfa desc,
    is_failed desc,
    event_at desc,
    event_id
