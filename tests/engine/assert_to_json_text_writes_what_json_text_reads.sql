-- Parts of a record that are not lifted are kept as JSON text: a null that became the word null, or
-- text that no longer reads as what went in, would lose them.
with

answers as (
    select
        'array of text' as case_name,
        {{ to_json_text("array['a', 'b']") }} as answer,
        '["a","b"]' as expected_answer
    union all
    select
        'quotes' as case_name,
        {{ json_text(to_json_text("array['say \"a\" \\ é']"), '$[0]') }} as answer,
        'say "a" \ é' as expected_answer
    union all
    select
        'null element' as case_name,
        {{ to_json_text("array['a', cast(null as varchar)]") }} as answer,
        '["a",null]' as expected_answer
    union all
    select
        'null array' as case_name,
        {{ to_json_text("split(cast(null as varchar), ' ')") }} as answer,
        cast(null as varchar) as expected_answer
)

select *
from answers
where answer is distinct from expected_answer
