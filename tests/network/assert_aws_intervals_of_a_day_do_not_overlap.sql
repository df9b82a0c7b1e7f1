-- An address in two intervals of one day would match both, and its bytes would count twice. Two intervals that share a day
-- share the first day of the later one, which is the day of an edition; so the days of editions are enough.
with

intervals as (
    select * from {{ ref('aws_ip_intervals') }}
),

editions as (
    select * from {{ ref('aws_ip_snapshots') }}
),

intervals_of_a_day as (
    select
        editions.valid_from as edition_date,
        intervals.ip_version,
        intervals.start_hex,
        intervals.end_hex,
        lead(intervals.start_hex) over (
            partition by editions.valid_from, intervals.ip_version
            order by intervals.start_hex, intervals.end_hex
        ) as next_start_hex
    from editions
    inner join intervals
        on
            editions.valid_from >= intervals.valid_from
            and editions.valid_from <= coalesce(intervals.valid_to, date '9999-12-31')
)

select *
from intervals_of_a_day
where
    end_hex < start_hex
    or next_start_hex <= end_hex
