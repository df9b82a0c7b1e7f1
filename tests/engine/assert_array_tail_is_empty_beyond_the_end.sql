-- The tail holds the fields that AWS adds to a log in the future: cut wrongly, the fields known
-- today are repeated in it or the first new one is lost; an error would stop at every short line.
with

tails as (
    select
        cases.case_name,
        {{ array_tail("split(cases.words, ' ')", 'cases.first_position') }} as tail,
        cases.expected_text,
        cases.expected_size
    from (
        values
        ('all', 'a b c', 1, 'a b c', 3),
        ('from the second', 'a b c', 2, 'b c', 2),
        ('only the last', 'a b c', 3, 'c', 1),
        ('one beyond the end', 'a b c', 4, '', 0),
        ('far beyond the end', 'a b c', 1000, '', 0),
        ('null array', null, 1, null, null),
        ('null position', 'a b c', null, null, null)
    ) as cases (case_name, words, first_position, expected_text, expected_size)
),

answers as (
    select
        case_name,
        {{ array_to_text('tail', "' '") }} as answer,
        expected_text,
        {{ array_size('tail') }} as answered_size,
        expected_size
    from tails
)

select *
from answers
where
    answer is distinct from expected_text
    or answered_size is distinct from expected_size
