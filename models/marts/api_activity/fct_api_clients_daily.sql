-- One row per event day, account, region, source address, principal and service.
-- Counts events, errors and known bytes of each address.
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
    count(*) as event_count,
    count(case when is_error then 1 end) as error_count,
    cast(sum(bytes_in) as bigint) as bytes_in,
    cast(sum(bytes_out) as bigint) as bytes_out,
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
