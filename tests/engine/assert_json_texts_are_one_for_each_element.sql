-- An interface's addresses and tags are lists: an element that is left out would shift a tag's value to
-- another key, and an error would let one damaged line stop the run.
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
        ('blank and quote inside', '{"list":[{"key":"a ''b"},{"key":"c"}]}', 2, 'a ''b|c'),
        ('absent in one', '{"list":[{"other":"b"},{"key":"c"}]}', 2, '(null)|c'),
        ('null in one', '{"list":[{"key":null},{"key":"c"}]}', 2, '(null)|c'),
        ('object in one', '{"list":[{"key":{"key":"a"}},{"key":"c"}]}', 2, '(null)|c'),
        ('array in one', '{"list":[{"key":["a"]},{"key":"c"}]}', 2, '(null)|c'),
        ('number', '{"list":[{"key":7},{"key":"c"}]}', 2, '7|c'),
        ('empty text', '{"list":[{"key":""},{"key":"c"}]}', 2, '|c'),
        ('element that is no object', '{"list":["a",{"key":"c"}]}', 2, '(null)|c'),
        ('empty array', '{"list":[]}', 0, '(null)|(null)'),
        ('object in place of the array', '{"list":{"key":"a"}}', null, '(null)|(null)'),
        ('text in place of the array', '{"list":"a"}', null, '(null)|(null)'),
        ('no array', '{"other":[{"key":"a"}]}', null, '(null)|(null)'),
        ('null array', '{"list":null}', null, '(null)|(null)'),
        ('cut off', '{"list":[{"key":"a"}', null, '(null)|(null)'),
        ('no JSON', '***', null, '(null)|(null)'),
        ('empty', '', null, '(null)|(null)'),
        ('null', null, null, '(null)|(null)')
    ) as listed (case_name, document, expected_size, expected_answer)
),

answers as (
    select
        case_name,
        expected_size,
        expected_answer,
        {{ json_texts('document', '$.list', '$.key') }} as texts,
        {{ json_texts('document', '$.list', '$.key.key') }} as deeper_texts
    from cases
),

sizes_and_elements as (
    select
        case_name,
        expected_size,
        expected_answer,
        {{ array_size('texts') }} as answer_size,
        coalesce({{ array_element('texts', 1) }}, '(null)') || '|'
        || coalesce({{ array_element('texts', 2) }}, '(null)') as answer,
        coalesce({{ array_element('deeper_texts', 1) }}, '(null)') as deeper_answer,
        case when case_name = 'object in one' then 'a' else '(null)' end as expected_deeper_answer
    from answers
)

select *
from sizes_and_elements
where
    answer_size is distinct from expected_size
    or answer <> expected_answer
    or deeper_answer <> expected_deeper_answer
