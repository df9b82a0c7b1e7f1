-- The 50 addresses that downloaded the most from each bucket in the days asked for, the largest first.
-- Bytes that were sent, not the sizes of the objects; copies inside S3 are no downloads.
with

clients as (
    select * from {{ ref('fct_s3_clients_daily') }}
    where {{ window_filter(relation_exists=true) }}
),

downloads as (
    select
        bucket_name,
        remote_address,
        cast(sum(downloaded_byte_count) as bigint) as downloaded_byte_count,
        cast(sum(request_count) as bigint) as request_count
    from clients
    where downloaded_byte_count > 0
    group by
        bucket_name,
        remote_address
),

ranked_downloads as (
    select
        *,
        row_number() over (
            partition by bucket_name
            order by downloaded_byte_count desc, remote_address
        ) as download_rank
    from downloads
)

select
    bucket_name,
    download_rank,
    remote_address,
    downloaded_byte_count,
    request_count
from ranked_downloads
where download_rank <= 50
order by
    bucket_name,
    download_rank
