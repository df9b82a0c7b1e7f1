-- File names are told from other objects by a pattern: matched only as a whole or regardless of
-- case, one engine reads files that the other leaves out.
with

answers as (
    select
        'in the middle' as case_name,
        {{ regex_matches("'a-123-b'", '[0-9]{3}') }} as answer,
        true as expected_answer
    union all
    select
        'nowhere' as case_name,
        {{ regex_matches("'a-12-b'", '[0-9]{3}') }} as answer,
        false as expected_answer
    union all
    select
        'anchored at both ends' as case_name,
        {{ regex_matches("'a-123-b'", '^[0-9]{3}$') }} as answer,
        false as expected_answer
    union all
    select
        'case matters' as case_name,
        {{ regex_matches("'LOG'", 'log') }} as answer,
        false as expected_answer
    union all
    select
        'escaped dot' as case_name,
        {{ regex_matches("'a_gz'", 'a\\.gz') }} as answer,
        false as expected_answer
    union all
    select
        'quote in the pattern' as case_name,
        {{ regex_matches("'it''s'", "t's$") }} as answer,
        true as expected_answer
    union all
    select
        'beyond ASCII' as case_name,
        {{ regex_matches("'größe'", '^gr.{2}e$') }} as answer,
        true as expected_answer
    union all
    select
        'empty text' as case_name,
        {{ regex_matches("''", '^$') }} as answer,
        true as expected_answer
    union all
    select
        'null' as case_name,
        {{ regex_matches('cast(null as varchar)', '.') }} as answer,
        cast(null as boolean) as expected_answer
)

select *
from answers
where answer is distinct from expected_answer
