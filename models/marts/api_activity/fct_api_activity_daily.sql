-- One row per event day, account, region, principal, service, call and error code.
-- Counts events, those that AWS services made, their known bytes and the addresses they came from.
-- Leaves out unreadable records; the coverage mart counts them.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where {{ window_filter() }}
)

select
    account_id,
    region,
    principal_id,
    principal_type,
    event_source,
    event_name,
    error_code,
    max(principal_name) as principal_name,
    max(principal_arn) as principal_arn,
    count(case when not is_shared_copy then 1 end) as event_count,
    count(case when is_aws_service and not is_shared_copy then 1 end) as aws_service_event_count,
    count(case when is_shared_copy then 1 end) as shared_copy_count,
    cast(sum(case when not is_shared_copy then bytes_in end) as bigint) as bytes_in,
    cast(sum(case when not is_shared_copy then bytes_out end) as bigint) as bytes_out,
    count(distinct nullif(source_address, 'none')) as source_address_count,
    event_date
from events
group by
    event_date,
    account_id,
    region,
    principal_id,
    principal_type,
    event_source,
    event_name,
    error_code
