-- One row per event day, account, region, source address, principal, service, and whether an AWS
-- service called. Counts events, errors and known bytes of each address.
-- Leaves out unreadable records; the coverage mart counts them.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where {{ window_filter() }}
)

select
    account_id,
    region,
    source_address,
    is_aws_service,
    principal_id,
    event_source,
    max(principal_name) as principal_name,
    max(principal_type) as principal_type,
    count(case when not is_shared_copy then 1 end) as event_count,
    count(case when is_error and not is_shared_copy then 1 end) as error_count,
    count(case when is_shared_copy then 1 end) as shared_copy_count,
    cast(sum(case when not is_shared_copy then bytes_in end) as bigint) as bytes_in,
    cast(sum(case when not is_shared_copy then bytes_out end) as bigint) as bytes_out,
    event_date
from events
group by
    event_date,
    account_id,
    region,
    source_address,
    is_aws_service,
    principal_id,
    event_source
