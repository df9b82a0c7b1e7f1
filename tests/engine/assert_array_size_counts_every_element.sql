-- The number of fields decides whether a log line is plain: miscounted, every line takes the slow
-- way or, worse, is taken apart at the wrong places.
with

answers as (
    select
        cases.case_name,
        {{ array_size("split(cases.words, ' ')") }} as answer,
        cases.expected_answer
    from (
        values
        ('three', 'a b c', 3),
        ('one', 'a', 1),
        ('empty text is one empty element', '', 1),
        ('empty elements count', ' a ', 3),
        ('null array', null, null)
    ) as cases (case_name, words, expected_answer)
),

arrays_with_nulls as (
    select
        'null elements count' as case_name,
        {{ array_size("array[cast(null as varchar), 'b']") }} as answer,
        2 as expected_answer
),

all_answers as (
    select * from answers
    union all
    select * from arrays_with_nulls
)

select *
from all_answers
where answer is distinct from expected_answer
