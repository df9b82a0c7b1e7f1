-- A line that was cut off holds its first fields still: taken for whole, an interface would lose the
-- addresses that stood behind the cut.
with

cases as (
    select
        listed.case_name,
        listed.document,
        listed.expected_answer
    from (
        values
        ('object', '{"key":"a"}', true),
        ('empty object', '{}', true),
        ('blanks around', ' { "key" : [1, 2.5, true, null] } ', true),
        ('escapes', '{"key":"a \"b\" \\ \u00e9 \n"}', true),
        ('letters beyond ascii', '{"key":"é 漢字 🙂"}', true),
        ('array', '[]', true),
        ('cut off behind a value', '{"key":"a"', false),
        ('cut off inside a text', '{"key":"a', false),
        ('cut off behind a comma', '{"key":"a",', false),
        ('two documents', '{}{}', false),
        ('text behind it', '{"key":"a"} x', false),
        ('single quotes', '{''key'':''a''}', false),
        ('no quotes', '{key:1}', false),
        ('no JSON', '***', false),
        ('empty', '', false),
        ('null', null, null)
    ) as listed (case_name, document, expected_answer)
),

answers as (
    select
        case_name,
        {{ is_json('document') }} as answer,
        expected_answer
    from cases
)

select *
from answers
where answer is distinct from expected_answer
