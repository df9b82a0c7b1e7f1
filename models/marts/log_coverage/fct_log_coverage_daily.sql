-- One row per event day, log source, account and region that delivered logs.
-- Counts what arrived, late, twice or unreadable, and says whether the day can be trusted.
{% set last_settled_date = shift_date(newest_delivery_date(), -(var('late_days') | int)) -%}
with

requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where {{ window_filter() }}
),

unreadable_files as (
    select * from {{ source('log_ledger', 'unreadable_log_files') }}
    where {{ window_filter('delivery_date') }}
),

s3_records as (
    select
        event_date,
        's3_access_logs' as log_source,
        coalesce(account_id, 'unknown') as account_id,
        coalesce(region, 'unknown') as region,
        count(distinct file_path) as file_count,
        count(case when is_readable then 1 end) as record_count,
        count(case when not is_readable then 1 end) as unreadable_count,
        cast(sum(duplicate_count) as bigint) as duplicate_count,
        count(case when is_readable and delivery_date > event_date then 1 end) as late_count,
        min(request_at) as first_event_at,
        max(request_at) as last_event_at
    from requests
    group by
        event_date,
        coalesce(account_id, 'unknown'),
        coalesce(region, 'unknown')
),

files_left_out as (
    select
        delivery_date as event_date,
        log_source,
        coalesce(account_id, 'unknown') as account_id,
        coalesce(region, 'unknown') as region,
        count(case when problem is not null then 1 end) as unreadable_file_count,
        count(case when problem is null then 1 end) as empty_file_count
    from unreadable_files
    group by
        delivery_date,
        log_source,
        coalesce(account_id, 'unknown'),
        coalesce(region, 'unknown')
),

records_and_files as (
    select
        coalesce(s3_records.event_date, files_left_out.event_date) as event_date,
        coalesce(s3_records.log_source, files_left_out.log_source) as log_source,
        coalesce(s3_records.account_id, files_left_out.account_id) as account_id,
        coalesce(s3_records.region, files_left_out.region) as region,
        s3_records.file_count,
        files_left_out.unreadable_file_count,
        files_left_out.empty_file_count,
        s3_records.record_count,
        s3_records.unreadable_count,
        s3_records.duplicate_count,
        s3_records.late_count,
        s3_records.first_event_at,
        s3_records.last_event_at
    from s3_records
    full outer join files_left_out
        on
            s3_records.event_date = files_left_out.event_date
            and s3_records.log_source = files_left_out.log_source
            and s3_records.account_id = files_left_out.account_id
            and s3_records.region = files_left_out.region
)

select
    log_source,
    account_id,
    region,
    coalesce(file_count, 0) as file_count,
    coalesce(unreadable_file_count, 0) as unreadable_file_count,
    {{ empty_file_count('coalesce(empty_file_count, 0)') }} as empty_file_count,
    coalesce(record_count, 0) as record_count,
    coalesce(unreadable_count, 0) as unreadable_count,
    coalesce(duplicate_count, 0) as duplicate_count,
    coalesce(late_count, 0) as late_count,
    first_event_at,
    last_event_at,
    coalesce(unreadable_file_count, 0) = 0
    and coalesce(unreadable_count, 0) = 0
    and event_date <= date '{{ last_settled_date }}' as is_complete,
    event_date
from records_and_files
