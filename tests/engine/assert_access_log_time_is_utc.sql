-- The time decides a request's UTC day: read in another zone it lands in another day's sums; an
-- error instead of null would let one bad line stop the run.
with

answers as (
    select
        cases.case_name,
        {{ parse_access_log_time('cases.logged_time') }} as answer,
        cast(cases.expected_time as timestamp) as expected_answer
    from (
        values
        ('as the S3 User Guide has it', '06/Feb/2019:00:00:38 +0000', '2019-02-06 00:00:38'),
        ('last second of a year', '31/Dec/2026:23:59:59 +0000', '2026-12-31 23:59:59'),
        ('first second of a day', '01/Nov/2026:00:00:00 +0000', '2026-11-01 00:00:00'),
        ('leap day', '29/Feb/2024:12:00:00 +0000', '2024-02-29 12:00:00'),
        ('no leap day', '29/Feb/2023:12:00:00 +0000', null),
        ('31st of a short month', '31/Apr/2026:12:00:00 +0000', null),
        ('east of Greenwich, the day before', '01/Jan/2026:00:30:00 +0530', '2025-12-31 19:00:00'),
        ('west of Greenwich, the day after', '31/Dec/2025:23:30:00 -0800', '2026-01-01 07:30:00'),
        ('hour 24', '06/Feb/2019:24:00:00 +0000', null),
        ('minute 60', '06/Feb/2019:00:60:00 +0000', null),
        ('no zone', '06/Feb/2019:00:00:38', null),
        ('unknown month', '06/Foo/2019:00:00:38 +0000', null),
        ('month as a number', '06/02/2019:00:00:38 +0000', null),
        ('ISO 8601', '2019-02-06T00:00:38Z', null),
        ('cut off', '06/Feb/2019:00:0', null),
        ('text behind it', '06/Feb/2019:00:00:38 +0000]', null),
        ('dash', '-', null),
        ('empty', '', null),
        ('null', null, null)
    ) as cases (case_name, logged_time, expected_time)
)

select *
from answers
where answer is distinct from expected_answer
