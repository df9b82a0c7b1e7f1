-- What grew most: senders to public addresses and S3 buckets, each day against the mean of the seven days with logs before it.
-- The 50 largest growths of each, in bytes. A day with logs and without such traffic counts as 0; the first day is not shown.
with

egress as (
    select * from {{ ref('fct_internet_egress_daily') }}
),

downloads as (
    select * from {{ ref('fct_s3_usage_daily') }}
),

traffic as (
    select * from {{ ref('fct_network_traffic_daily') }}
),

bytes_by_day as (
    select
        'sender' as what,
        sender_id as id,
        event_date,
        sum(byte_count) as byte_count
    from egress
    group by sender_id, event_date
    union all
    select
        'bucket' as what,
        bucket_name as id,
        event_date,
        sum(downloaded_byte_count) as byte_count
    from downloads
    group by bucket_name, event_date
),

days_of_logs as (
    select
        'sender' as what,
        event_date
    from traffic
    group by event_date
    union all
    select
        'bucket' as what,
        event_date
    from downloads
    group by event_date
),

ids as (
    select
        what,
        id
    from bytes_by_day
    group by what, id
),

bytes_on_every_day as (
    select
        ids.what,
        ids.id,
        days_of_logs.event_date,
        coalesce(bytes_by_day.byte_count, 0) as byte_count
    from ids
    inner join days_of_logs
        on ids.what = days_of_logs.what
    left join bytes_by_day
        on
            ids.what = bytes_by_day.what
            and ids.id = bytes_by_day.id
            and days_of_logs.event_date = bytes_by_day.event_date
),

bytes_and_before as (
    select
        what,
        id,
        event_date,
        cast(byte_count as bigint) as byte_count,
        -- Engines round halves differently.
        cast(floor(avg(cast(byte_count as double)) over (
            partition by what, id
            order by event_date
            rows between 7 preceding and 1 preceding
        )) as bigint) as mean_byte_count_before
    from bytes_on_every_day
),

ranked_growths as (
    select
        *,
        row_number() over (
            partition by what
            order by byte_count - mean_byte_count_before desc, event_date, id
        ) as growth_rank
    from bytes_and_before
    where
        {{ window_filter(relation_exists=true) }}
        and byte_count > mean_byte_count_before
)

select
    what,
    growth_rank,
    id,
    event_date,
    byte_count,
    mean_byte_count_before
from ranked_growths
where growth_rank <= 50
order by
    what,
    growth_rank
