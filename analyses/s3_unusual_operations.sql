-- The 100 first uses of an operation by a caller at a bucket in the days asked for, changes of settings first.
-- First: not on any earlier day, back to 90 days before the days asked for. A bucket's first day of logs is left out.
{%- set window = rebuild_window(true) %}
with

usage as (
    select * from {{ ref('fct_s3_usage_daily') }}
    where
        event_date between date '{{ shift_date(window.start_date, -90) }}'
        and date '{{ window.end_date }}'
),

usage_by_caller as (
    select
        event_date,
        bucket_name,
        -- Sessions of a role have a name each: arn:aws:sts::<account>:assumed-role/<role>/<session>.
        case
            when requester like '%:assumed-role/%'
                then
                    {{ array_element("split(requester, '/')", 1) }}
                    || '/' || {{ array_element("split(requester, '/')", 2) }}
            else requester
        end as caller,
        operation,
        operation_category = 'config'
        and {{ array_element("split(operation, '.')", 2) }} in ('PUT', 'POST', 'DELETE')
            as is_settings_change,
        request_count,
        error_count
    from usage
),

operations_by_day as (
    select
        event_date,
        bucket_name,
        caller,
        operation,
        is_settings_change,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(error_count) as bigint) as error_count
    from usage_by_caller
    group by
        event_date,
        bucket_name,
        caller,
        operation,
        is_settings_change
),

operations_with_first_days as (
    select
        *,
        min(event_date) over (partition by bucket_name, caller, operation) as first_used_date,
        min(event_date) over (partition by bucket_name) as first_logged_date
    from operations_by_day
)

select
    event_date,
    bucket_name,
    caller,
    operation,
    is_settings_change,
    request_count,
    error_count
from operations_with_first_days
where
    {{ window_filter(relation_exists=true) }}
    and event_date = first_used_date
    and event_date > first_logged_date
order by
    is_settings_change desc,
    event_date,
    bucket_name,
    caller,
    operation
limit 100
