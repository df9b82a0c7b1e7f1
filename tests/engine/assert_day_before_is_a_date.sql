-- A span of days ends on the day before the next: a timestamp, or a day of another month, would leave days
-- on which nobody owns an address.
with

cases as (
    select
        listed.day,
        listed.expected_answer
    from (
        values
        (date '2026-11-02', date '2026-11-01'),
        (date '2026-11-01', date '2026-10-31'),
        (date '2026-01-01', date '2025-12-31'),
        (date '2028-03-01', date '2028-02-29'),
        (cast(null as date), cast(null as date))
    ) as listed (day, expected_answer)
),

answers as (
    select
        day,
        {{ day_before('day') }} as answer,
        expected_answer
    from cases
)

select *
from answers
where
    answer is distinct from expected_answer
    or cast(answer as varchar) is distinct from cast(expected_answer as varchar)
