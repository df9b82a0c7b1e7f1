-- Lines that splitting cannot take apart get their fields from these groups: off by one or from
-- another match, every column of such a line holds its neighbour's value.
with

cases_with_groups as (
    select
        cases.case_name,
        {{ regex_groups('cases.line', '([a-z]+)=([0-9]*)(?:;([a-z]+))?', 3) }} as found_groups,
        cases.expected_first,
        cases.expected_second,
        cases.expected_third
    from (
        values
        ('all groups', 'key=12;tail', 'key', '12', 'tail'),
        ('somewhere in the text', '-- key=12;tail --', 'key', '12', 'tail'),
        ('the first of two matches', 'a=1;b c=3;d', 'a', '1', 'b'),
        ('a group that takes no part', 'key=12', 'key', '12', null),
        ('an empty group', 'key=', 'key', null, null),
        ('no match', 'nothing here', null, null, null),
        ('empty text', '', null, null, null),
        ('null', null, null, null, null)
    ) as cases (case_name, line, expected_first, expected_second, expected_third)
),

answers as (
    select
        *,
        {{ regex_group('found_groups', 1) }} as first_answer,
        {{ regex_group('found_groups', 2) }} as second_answer,
        {{ regex_group('found_groups', 3) }} as third_answer
    from cases_with_groups
)

select
    case_name,
    first_answer,
    second_answer,
    third_answer
from answers
where
    first_answer is distinct from expected_first
    or second_answer is distinct from expected_second
    or third_answer is distinct from expected_third
