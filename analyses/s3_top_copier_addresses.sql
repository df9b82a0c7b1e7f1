-- The 50 addresses that copied the most out of each bucket in the days asked for, the largest first.
-- Server-side copies as the source bucket logs them; the bytes stay inside S3.
with

clients as (
    select * from {{ ref('fct_s3_clients_daily') }}
    where {{ window_filter(relation_exists=true) }}
),

copies as (
    select
        bucket_name,
        remote_address,
        cast(sum(copied_byte_count) as bigint) as copied_byte_count,
        cast(sum(request_count) as bigint) as request_count
    from clients
    where operation_category = 'copy_read'
    group by
        bucket_name,
        remote_address
),

ranked_copies as (
    select
        *,
        row_number() over (
            partition by bucket_name
            order by copied_byte_count desc, remote_address
        ) as copy_rank
    from copies
)

select
    bucket_name,
    copy_rank,
    remote_address,
    copied_byte_count,
    request_count
from ranked_copies
where copy_rank <= 50
order by
    bucket_name,
    copy_rank
