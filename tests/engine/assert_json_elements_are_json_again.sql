-- The permissions of a security group are a list of objects: an element that is left out, or whose text is
-- no JSON, would hide a port that was opened to the world.
with

cases as (
    select
        listed.case_name,
        listed.document,
        listed.expected_size,
        listed.expected_answer
    from (
        values
        ('several, in order', '{"list":[{"key":"b"},{"key":"a"}]}', 2, 'b|a'),
        ('escaped', '{"list":[{"key":"a \"b\" \\ \u00e9"},{"key":"''"}]}', 2, 'a "b" \ é|'''),
        ('blanks around', ' { "list" : [ { "key" : "a" } , { "key" : 7 } ] } ', 2, 'a|7'),
        ('deeper', '{"list":[{"a":{"key":"b"},"key":"a"},{"key":{"key":"b"}}]}', 2, 'a|(null)'),
        ('null and text', '{"list":[null,"key"]}', 2, '(null)|(null)'),
        ('empty array', '{"list":[]}', 0, '(null)|(null)'),
        ('object instead', '{"list":{"key":"a"}}', null, '(null)|(null)'),
        ('text instead', '{"list":"a"}', null, '(null)|(null)'),
        ('no array', '{"other":[{"key":"a"}]}', null, '(null)|(null)'),
        ('null array', '{"list":null}', null, '(null)|(null)'),
        ('cut off', '{"list":[{"key":"a"}', null, '(null)|(null)'),
        ('no JSON', '***', null, '(null)|(null)'),
        ('null', null, null, '(null)|(null)')
    ) as listed (case_name, document, expected_size, expected_answer)
),

elements as (
    select
        case_name,
        expected_size,
        expected_answer,
        {{ json_elements('document', '$.list') }} as texts
    from cases
),

first_elements as (
    select
        case_name,
        expected_size,
        expected_answer,
        {{ array_size('texts') }} as answer_size,
        {{ array_element('texts', 1) }} as first_text,
        {{ array_element('texts', 2) }} as second_text
    from elements
),

answers as (
    select
        *,
        coalesce({{ json_text('first_text', '$.key') }}, '(null)') || '|'
        || coalesce({{ json_text('second_text', '$.key') }}, '(null)') as answer
    from first_elements
)

select *
from answers
where
    answer_size is distinct from expected_size
    or answer <> expected_answer
