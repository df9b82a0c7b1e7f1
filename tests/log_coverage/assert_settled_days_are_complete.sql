-- The window's days that can get no more records and yet are not complete. A warning, because somebody has to know, and the days
-- around them are right all the same. Days that are still to settle are left out: they would warn in every run.
{{ config(severity='warn') }}

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
    gap_hour_count
from coverage
where
    not is_complete
    and event_date <= date '{{ last_settled_date() }}'
