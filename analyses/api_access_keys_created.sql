-- Which access keys were created in the days asked for, for whom, by whom and from where, the latest first.
-- Without a user name in the request IAM makes the key for the caller
-- (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html). Attempts that failed have no key.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and event_source = 'iam.amazonaws.com'
        and event_name = 'CreateAccessKey'
        and not is_shared_copy
),

keys_created as (
    select
        *,
        {{ json_text('request_parameters', '$.userName') }} as requested_user_name,
        {{ json_text('response_elements', '$.accessKey.userName') }} as key_user_name,
        {{ json_text('response_elements', '$.accessKey.accessKeyId') }} as new_access_key_id
    from events
)

select
    event_at,
    account_id,
    principal_name,
    principal_id,
    source_address,
    is_aws_service,
    coalesce(requested_user_name, key_user_name, principal_name) as key_owner_name,
    coalesce(requested_user_name, key_user_name, principal_name) <> principal_name
        as is_for_another_user,
    new_access_key_id,
    error_code,
    event_id
from keys_created
order by
    event_at desc,
    account_id,
    event_id
