-- One row per event day and S3 operation that occurred on it.
-- Adds the category, the request price tier and what counts as a download or an upload. Leaves out unreadable lines.
with

requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where {{ window_filter() }}
),

known_operations as (
    select * from {{ ref('s3_operations') }}
),

operations as (
    select
        event_date,
        operation,
        count(*) as request_count
    from requests
    where is_readable
    group by event_date, operation
),

matches as (
    select
        operations.event_date,
        operations.operation,
        operations.request_count,
        known_operations.category as operation_category,
        known_operations.request_price_tier,
        known_operations.counts_as_download,
        known_operations.counts_as_upload,
        row_number() over (
            partition by operations.event_date, operations.operation
            order by known_operations.match_order
        ) as match_rank
    from operations
    inner join known_operations
        on
            operations.operation = known_operations.operation_pattern
            or (
                not known_operations.is_exact
                and operations.operation like known_operations.operation_pattern
            )
)

select
    operation,
    operation_category,
    request_price_tier,
    counts_as_download,
    counts_as_upload,
    request_count,
    event_date
from matches
where match_rank = 1
