-- Who changed in the days asked for what may make S3 buckets public, and from where: first the changes whose request
-- opens the bucket to everybody, then the others, the latest first. `opens_to_all` tells of the request alone: a block
-- on the bucket or the account may still keep it shut, and conditions of a policy are not weighed, but taken for a limit.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and event_source like 's3%.amazonaws.com'
        -- CloudTrail's names of these calls
        -- (https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html).
        and event_name in (
            'CreateBucket',
            'PutBucketAcl',
            'PutBucketPolicy',
            'DeleteBucketPolicy',
            'PutBucketPublicAccessBlock',
            'DeleteBucketPublicAccessBlock',
            'PutAccountPublicAccessBlock',
            'DeleteAccountPublicAccessBlock',
            'PutBucketOwnershipControls',
            'DeleteBucketOwnershipControls',
            'PutBucketWebsite'
        )
        and not is_shared_copy
),

-- A policy has one statement as an object, or lists several
-- (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
statements as (
    select
        events.event_id,
        events.account_id,
        events.event_date,
        events.request_parameters as statement_text
    from events
    where
        {{ json_text('events.request_parameters', '$.bucketPolicy.Statement.Effect') }} is not null
    union all
    select
        events.event_id,
        events.account_id,
        events.event_date,
        listed.statement_text
    from events
    cross join
        {{ rows_of_array(json_elements('events.request_parameters', '$.bucketPolicy.Statement')) }}
            as listed (statement_text)
),

open_policies as (
    select
        event_id,
        account_id,
        event_date
    from statements
    where
        {{ regex_matches('statement_text', '"Effect"[^"]*"Allow"') }}
        and {{ regex_matches('statement_text', '"Principal"[^"]*(?:"[*]"|"AWS"[^}]*"[*]")') }}
        and not {{ regex_matches('statement_text', '"Condition"') }}
    group by
        event_id,
        account_id,
        event_date
),

changes as (
    select
        events.*,
        -- The groups and canned ACLs that are everybody
        -- (https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html).
        {{ regex_matches('events.request_parameters', '(?:AllUsers|AuthenticatedUsers)"') }}
        or {{ regex_matches(
            'events.request_parameters',
            '"x-amz-acl"[^"]*"(?:public-read|public-read-write|authenticated-read)"'
        ) }} as has_open_acl,
        -- A setting that the request leaves out is off
        -- (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html).
        events.event_name in ('DeleteBucketPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
        or (
            events.event_name in ('PutBucketPublicAccessBlock', 'PutAccountPublicAccessBlock')
            and not (
                {{ regex_matches('events.request_parameters', '"BlockPublicAcls"[^"a-z]*"?true') }}
                and {{ regex_matches(
                    'events.request_parameters', '"IgnorePublicAcls"[^"a-z]*"?true'
                ) }}
                and {{ regex_matches(
                    'events.request_parameters', '"BlockPublicPolicy"[^"a-z]*"?true'
                ) }}
                and {{ regex_matches(
                    'events.request_parameters', '"RestrictPublicBuckets"[^"a-z]*"?true'
                ) }}
            )
        ) as has_lifted_block,
        open_policies.event_date is not null as has_open_policy
    from events
    left join open_policies
        on
            events.event_id = open_policies.event_id
            and events.account_id = open_policies.account_id
            and events.event_date = open_policies.event_date
),

judged_changes as (
    select
        *,
        coalesce(has_open_acl or has_lifted_block or has_open_policy, false) as opens_to_all
    from changes
)

select
    event_at,
    account_id,
    event_name,
    coalesce(bucket_name, 'all of the account') as bucket_name,
    opens_to_all,
    principal_name,
    principal_id,
    source_address,
    is_aws_service,
    error_code,
    event_id
from judged_changes
where opens_to_all or event_name <> 'CreateBucket'
order by
    opens_to_all desc,
    event_at desc,
    account_id,
    event_id
