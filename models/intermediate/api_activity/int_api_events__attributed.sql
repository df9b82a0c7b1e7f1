-- One row per readable event.
-- Names the principal, the address and the error so that people know them, with a word where the
-- record has none, and tells calls of AWS services from those of clients. Leaves out unreadable rows.
-- CloudTrail User Guide, "CloudTrail userIdentity element", is meant by [1], "CloudTrail record
-- contents" by [2] (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/
-- cloudtrail-event-reference-user-identity.html and cloudtrail-event-reference-record-contents.html).
with

events as (
    select * from {{ ref('stg_cloudtrail__events') }}
    where is_readable
),

events_with_caller as (
    select
        *,
        -- Unsigned requests have this word in the place of an account; measured in S3 data events.
        coalesce(caller_account_id = 'ANONYMOUS_PRINCIPAL', false) as is_anonymous,
        -- The last part of an ARN holds the user, or the role and its session [1].
        {{ regex_first_group('principal_arn', "':(?:assumed-role|federated-user)/(.+)$'") }}
            as session_name,
        {{ regex_first_group('principal_arn', "'/([^/]+)$'") }} as arn_name,
        {{ regex_first_group('principal_id', "':(.+)$'") }} as principal_id_session,
        case
            -- No call, but something that a service did or that happened to a resource [2].
            when event_type = 'AwsServiceEvent' then true
            -- An account of an AWS service made the call [1].
            when principal_type = 'AWSService' then true
            -- For calls of services the address is their DNS name, or AWS Internal/# [2].
            when source_address is not null and not {{ is_ip_address('source_address') }} then true
            -- Only the linked service assumes such a role
            -- (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html).
            when session_issuer_arn like '%:role/aws-service-role/%' then true
            -- There when a service made the call [1]; but beside an IP address, which is the
            -- client's [2], older records have signin.amazonaws.com for people in the console
            -- (https://docs.aws.amazon.com/mediastore/latest/ug/monitoring-example-log-file-entries.html).
            when source_address is null and invoked_by is not null then true
            else false
        end as is_aws_service
    from events
)

select
    event_id,
    event_at,
    account_id,
    region,
    case
        when is_anonymous then 'anonymous'
        when principal_arn is not null then principal_arn
        when principal_type = 'Root'
            then coalesce(caller_account_id, principal_id, 'unknown') || ':root'
        when principal_type = 'AWSAccount'
            then coalesce(caller_account_id || ':' || principal_id, caller_account_id, 'none')
        else coalesce(
                principal_id,
                on_behalf_of_user_id,
                invoked_by,
                caller_account_id || ':' || principal_name,
                principal_name,
                'none'
            )
    end as principal_id,
    case
        when is_anonymous then 'anonymous'
        -- The record's name of root is the account's alias [1].
        when principal_type = 'Root' then 'root'
        when principal_type = 'AssumedRole'
            then coalesce(
                    session_name,
                    session_issuer_name || '/' || principal_id_session,
                    principal_name,
                    principal_id,
                    'none'
                )
        when principal_type = 'AWSAccount'
            then coalesce(principal_name, caller_account_id, principal_id, 'none')
        else coalesce(
                principal_name,
                session_name,
                arn_name,
                on_behalf_of_user_id,
                principal_id,
                invoked_by,
                'none'
            )
    end as principal_name,
    case
        when is_anonymous then 'anonymous'
        -- Events of services may say which service, and no type.
        when principal_type is null and invoked_by is not null and is_aws_service then 'AWSService'
        else coalesce(principal_type, 'none')
    end as principal_type,
    principal_arn,
    caller_account_id,
    event_source,
    event_name,
    case
        when error_code is not null then error_code
        when error_message is not null then 'unnamed'
        else 'none'
    end as error_code,
    error_code is not null or error_message is not null as is_error,
    coalesce(source_address, 'none') as source_address,
    is_aws_service,
    is_shared_copy,
    is_mfa_used,
    bucket_name,
    object_key,
    request_parameters,
    response_elements,
    bytes_in,
    bytes_out,
    event_date
from events_with_caller
