-- Which days of which logs should not be relied on in the days asked for, and why.
with

coverage as (
    select * from {{ ref('fct_log_coverage_daily') }}
    where {{ window_filter(relation_exists=true) }}
)

select
    event_date,
    log_source,
    account_id,
    region,
    unreadable_file_count,
    unreadable_count,
    skipped_count,
    gap_hour_count,
    late_count,
    duplicate_count
from coverage
where not is_complete
order by
    event_date,
    log_source,
    account_id,
    region
