-- The 50 addresses that read the most objects from each bucket in the days asked for, the most first.
-- Reads that AWS services made are left out.
with

events as (
    select * from {{ ref('int_api_events__attributed') }}
    where {{ window_filter(relation_exists=true) }}
),

object_reads as (
    select
        coalesce(bucket_name, 'unknown') as bucket_name,
        source_address,
        count(*) as event_count,
        cast(sum(bytes_out) as bigint) as bytes_out
    from events
    where
        event_source = 's3.amazonaws.com'
        and event_name = 'GetObject'
        and not is_aws_service
        and not is_shared_copy
    group by
        coalesce(bucket_name, 'unknown'),
        source_address
),

ranked_readers as (
    select
        *,
        row_number() over (
            partition by bucket_name
            order by event_count desc, source_address
        ) as reader_rank
    from object_reads
)

select
    bucket_name,
    reader_rank,
    source_address,
    event_count,
    bytes_out
from ranked_readers
where reader_rank <= 50
order by
    bucket_name,
    reader_rank
