-- Parameters of a call are anybody's text: an error would let one record stop the run, and an
-- object taken for a bucket's name would differ between the engines.
with

cases as (
    select
        listed.case_name,
        listed.document,
        listed.expected_answer
    from (
        values
        ('text', '{"key":"a b"}', 'a b'),
        ('escaped', '{"key":"a \"b\" \\ \u00e9"}', 'a "b" \ é'),
        ('blanks around', ' { "key" : "a" } ', 'a'),
        ('empty text', '{"key":""}', ''),
        ('whole number', '{"key":12}', '12'),
        ('true', '{"key":true}', 'true'),
        ('null inside', '{"key":null}', null),
        ('object', '{"key":{"key":"a"}}', null),
        ('array', '{"key":["a"]}', null),
        ('absent', '{"other":"a"}', null),
        ('other case', '{"Key":"a"}', null),
        ('deeper', '{"other":{"key":"a"}}', null),
        ('array above', '[{"key":"a"}]', null),
        ('text alone', '"key"', null),
        ('cut off', '{"key":', null),
        ('no JSON', '***', null),
        ('empty', '', null),
        ('null', null, null)
    ) as listed (case_name, document, expected_answer)
),

answers as (
    select
        case_name,
        {{ json_text('document', '$.key') }} as answer,
        expected_answer
    from cases
),

-- Written differently, but the same number.
numbers as (
    select
        listed.case_name,
        cast({{ json_text('listed.document', '$.key') }} as double) as answer,
        cast(listed.expected_text as double) as expected_answer
    from (
        values
        ('one decimal', '{"key":1.0}', '1'),
        ('exponent', '{"key":1.2345678E7}', '12345678'),
        ('beyond 32 bits', '{"key":4294967296}', '4294967296')
    ) as listed (case_name, document, expected_text)
),

wrong_texts as (
    select case_name
    from answers
    where answer is distinct from expected_answer
),

wrong_numbers as (
    select case_name
    from numbers
    where answer is distinct from expected_answer
)

select * from wrong_texts
union all
select * from wrong_numbers
