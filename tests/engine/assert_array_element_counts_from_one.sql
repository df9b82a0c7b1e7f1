-- A log line's fields are taken by position: counted from elsewhere, every column holds its
-- neighbour's value; an error beyond the end would stop the run at the first short line.
with

answers as (
    select
        cases.case_name,
        {{ array_element("split(cases.words, ' ')", 'cases.wanted_position') }} as answer,
        cases.expected_answer
    from (
        values
        ('first', 'a b c', 1, 'a'),
        ('last', 'a b c', 3, 'c'),
        ('one beyond the end', 'a b c', 4, null),
        ('far beyond the end', 'a b c', 1000, null),
        ('empty text is one empty element', '', 1, ''),
        ('two blanks hold an empty element', 'a  c', 2, ''),
        ('null array', null, 1, null),
        ('null position', 'a b c', null, null)
    ) as cases (case_name, words, wanted_position, expected_answer)
)

select *
from answers
where answer is distinct from expected_answer
