-- The position of a tag's key picks its value: 0 in place of null is an error on Athena, and one tag less
-- would give an interface the value of another tag for a name.
with

cases as (
    select
        listed.case_name,
        split(listed.sentence, ' ') as words,
        listed.expected_answer
    from (
        values
        ('first', 'Name team', 1),
        ('second', 'team Name', 2),
        ('first of two', 'team Name Name', 2),
        ('other case', 'name NAME', null),
        ('part of a word', 'Names', null),
        ('empty text', '', null),
        ('no array', null, null)
    ) as listed (case_name, sentence, expected_answer)
),

answers as (
    select
        case_name,
        {{ element_position('words', "'Name'") }} as answer,
        expected_answer
    from cases
)

select *
from answers
where answer is distinct from expected_answer
