-- One row per event day, account, region, principal, service, call and error code.
-- Counts events, their known bytes and the addresses they came from.
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
    max(principal_arn) as principal_arn,
    count(*) as event_count,
    cast(sum(bytes_in) as bigint) as bytes_in,
    cast(sum(bytes_out) as bigint) as bytes_out,
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
