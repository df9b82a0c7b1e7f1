-- One row per event day, log source, account and region that delivered logs.
-- Counts what arrived, late, twice or unreadable, and says whether the day can be trusted.
with

requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where {{ window_filter() }}
),

flow_records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where {{ window_filter() }}
),

events as (
    select * from {{ ref('stg_cloudtrail__events') }}
    where {{ window_filter() }}
),

unreadable_files as (
    select * from {{ source('log_ledger', 'unreadable_log_files') }}
    where {{ window_filter('delivery_date') }}
),

staged_rows as (
    select
        event_date,
        's3_access_logs' as log_source,
        account_id,
        region,
        file_path,
        delivery_date,
        is_readable,
        duplicate_count,
        request_at as event_at,
        cast(null as varchar) as log_status
    from requests
    union all
    select
        event_date,
        'vpc_flow_logs' as log_source,
        log_account_id as account_id,
        log_region as region,
        file_path,
        delivery_date,
        is_readable,
        0 as duplicate_count,
        started_at as event_at,
        log_status
    from flow_records
    union all
    select
        event_date,
        'cloudtrail' as log_source,
        log_account_id as account_id,
        log_region as region,
        file_path,
        delivery_date,
        is_readable,
        duplicate_count,
        event_at,
        cast(null as varchar) as log_status
    from events
),

records as (
    select
        event_date,
        log_source,
        coalesce(account_id, 'unknown') as account_id,
        coalesce(region, 'unknown') as region,
        count(distinct file_path) as file_count,
        count(case when is_readable then 1 end) as record_count,
        count(case when not is_readable then 1 end) as unreadable_count,
        count(case when is_readable and log_status = 'NODATA' then 1 end) as no_data_count,
        count(case when is_readable and log_status = 'SKIPDATA' then 1 end) as skipped_count,
        cast(sum(duplicate_count) as bigint) as duplicate_count,
        count(case when is_readable and delivery_date > event_date then 1 end) as late_count,
        count(distinct case when is_readable then hour(event_at) end) as hour_count,
        min(case when is_readable then event_at end) as first_event_at,
        max(case when is_readable then event_at end) as last_event_at
    from staged_rows
    group by
        event_date,
        log_source,
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
    -- Snapshots are no logs: a day without one can be trusted all the same.
    where log_source in ('s3_access_logs', 'vpc_flow_logs', 'cloudtrail')
    group by
        delivery_date,
        log_source,
        coalesce(account_id, 'unknown'),
        coalesce(region, 'unknown')
),

records_and_files as (
    select
        coalesce(records.event_date, files_left_out.event_date) as event_date,
        coalesce(records.log_source, files_left_out.log_source) as log_source,
        coalesce(records.account_id, files_left_out.account_id) as account_id,
        coalesce(records.region, files_left_out.region) as region,
        coalesce(records.file_count, 0) as file_count,
        coalesce(files_left_out.unreadable_file_count, 0) as unreadable_file_count,
        coalesce(files_left_out.empty_file_count, 0) as empty_file_count,
        coalesce(records.record_count, 0) as record_count,
        coalesce(records.unreadable_count, 0) as unreadable_count,
        coalesce(records.no_data_count, 0) as no_data_count,
        coalesce(records.skipped_count, 0) as skipped_count,
        coalesce(records.duplicate_count, 0) as duplicate_count,
        coalesce(records.late_count, 0) as late_count,
        coalesce(
            hour(records.last_event_at) - hour(records.first_event_at)
            + 1 - records.hour_count,
            0
        ) as gap_hour_count,
        records.first_event_at,
        records.last_event_at
    from records
    full outer join files_left_out
        on
            records.event_date = files_left_out.event_date
            and records.log_source = files_left_out.log_source
            and records.account_id = files_left_out.account_id
            and records.region = files_left_out.region
)

select
    log_source,
    account_id,
    region,
    file_count,
    unreadable_file_count,
    {{ empty_file_count('empty_file_count') }} as empty_file_count,
    record_count,
    unreadable_count,
    no_data_count,
    skipped_count,
    duplicate_count,
    late_count,
    gap_hour_count,
    first_event_at,
    last_event_at,
    unreadable_file_count = 0
    and unreadable_count = 0
    and skipped_count = 0
    -- An interface without traffic has its record, too (NODATA), so an hour without any is a hole. Without requests or calls there
    -- is nothing to log. https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
    and (log_source <> 'vpc_flow_logs' or gap_hour_count = 0)
    and event_date <= date '{{ last_settled_date() }}' as is_complete,
    event_date
from records_and_files
