-- The 50 requesters that copied the most bytes out of each bucket in the days asked for, the largest first.
-- Server-side copies as the source bucket logs them; the bytes stay inside S3.
with

usage as (
    select * from {{ ref('fct_s3_usage_daily') }}
    where {{ window_filter(relation_exists=true) }}
),

copies as (
    select
        bucket_name,
        requester,
        cast(sum(copied_byte_count) as bigint) as copied_byte_count,
        cast(sum(request_count) as bigint) as request_count
    from usage
    where operation_category = 'copy_read'
    group by
        bucket_name,
        requester
),

ranked_copies as (
    select
        *,
        row_number() over (
            partition by bucket_name
            order by copied_byte_count desc, requester
        ) as copy_rank
    from copies
)

select
    bucket_name,
    copy_rank,
    requester,
    copied_byte_count,
    request_count
from ranked_copies
where copy_rank <= 50
order by
    bucket_name,
    copy_rank
