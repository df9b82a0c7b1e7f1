-- One row per readable event.
-- Names the principal and the address with a word where the record has none, and tells AWS services
-- from addresses. Leaves out unreadable records; the coverage mart counts them.
with

events as (
    select * from {{ ref('stg_cloudtrail__events') }}
    where is_readable
)

select
    event_id,
    account_id,
    region,
    -- CloudTrail User Guide, "CloudTrail userIdentity element": unsigned requests have this account.
    case
        when caller_account_id = 'ANONYMOUS_PRINCIPAL' then 'anonymous'
        else coalesce(principal_id, principal_arn, invoked_by, 'none')
    end as principal_id,
    coalesce(principal_type, 'none') as principal_type,
    principal_arn,
    event_source,
    event_name,
    case
        when error_code is not null then error_code
        when error_message is not null then 'unnamed'
        else 'none'
    end as error_code,
    error_code is not null or error_message is not null as is_error,
    coalesce(source_address, 'none') as source_address,
    coalesce(not {{ is_ip_address('source_address') }}, false) as is_aws_service,
    bytes_in,
    bytes_out,
    event_date
from events
