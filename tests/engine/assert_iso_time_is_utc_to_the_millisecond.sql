-- The time decides an event's UTC day: another form taken for it, or a fraction rounded up over
-- midnight, moves the event to another day's sums on one of the engines.
with

answers as (
    select
        cases.case_name,
        {{ parse_iso_time('cases.logged_time') }} as answer,
        cast(cases.expected_time as timestamp(3)) as expected_answer
    from (
        values
        ('as CloudTrail has it', '2026-11-01T23:59:59Z', '2026-11-01 23:59:59.000'),
        ('first second of a year', '2026-01-01T00:00:00Z', '2026-01-01 00:00:00.000'),
        ('milliseconds', '2026-11-01T12:00:00.123Z', '2026-11-01 12:00:00.123'),
        ('one digit', '2026-11-01T12:00:00.5Z', '2026-11-01 12:00:00.500'),
        ('more digits are cut off', '2026-12-31T23:59:59.999999999Z', '2026-12-31 23:59:59.999'),
        ('leap day', '2024-02-29T12:00:00Z', '2024-02-29 12:00:00.000'),
        ('no leap day', '2023-02-29T12:00:00Z', null),
        ('31st of a short month', '2026-04-31T12:00:00Z', null),
        ('month 13', '2026-13-01T12:00:00Z', null),
        ('hour 24', '2026-11-01T24:00:00Z', null),
        ('second 60', '2026-11-01T23:59:60Z', null),
        ('other zone', '2026-11-01T12:00:00+00:00', null),
        ('no zone', '2026-11-01T12:00:00', null),
        ('compact', '20261101T120000Z', null),
        ('blank for T', '2026-11-01 12:00:00Z', null),
        ('lower case', '2026-11-01t12:00:00z', null),
        ('date only', '2026-11-01', null),
        ('week date', '2026-W44-7T12:00:00Z', null),
        ('text behind it', '2026-11-01T12:00:00Z ', null),
        ('line end behind it', '2026-11-01T12:00:00Z' || chr(10), null),
        ('digits beyond ASCII', '２026-11-01T12:00:00Z', null),
        ('number', '1793534399', null),
        ('empty', '', null),
        ('null', null, null)
    ) as cases (case_name, logged_time, expected_time)
)

select *
from answers
where answer is distinct from expected_answer
