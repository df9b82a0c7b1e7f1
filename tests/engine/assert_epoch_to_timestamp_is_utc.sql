-- The start of a flow decides its UTC day: read in the session's zone, flows around midnight land in
-- another day's sums.
with

answers as (
    select
        cases.case_name,
        {{ epoch_to_timestamp('cases.seconds') }} as answer,
        cast(cases.expected_time as timestamp) as expected_answer
    from (
        values
        ('the epoch', cast(0 as bigint), '1970-01-01 00:00:00'),
        ('last second of a day', cast(1793577599 as bigint), '2026-11-01 23:59:59'),
        ('first second of a day', cast(1793577600 as bigint), '2026-11-02 00:00:00'),
        ('leap day', cast(1709208000 as bigint), '2024-02-29 12:00:00'),
        ('beyond 32 bits', cast(4102444799 as bigint), '2099-12-31 23:59:59'),
        ('null', null, null)
    ) as cases (case_name, seconds, expected_time)
)

select *
from answers
where answer is distinct from expected_answer
