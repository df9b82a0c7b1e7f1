-- Joined text is compared between engines and shown to readers: a null that became a word or took
-- the whole text with it would make one line read differently on the two engines.
with

answers as (
    select
        'several' as case_name,
        {{ array_to_text("array['a', 'b', 'c']", "', '") }} as answer,
        'a, b, c' as expected_answer
    union all
    select
        'one' as case_name,
        {{ array_to_text("array['a']", "', '") }} as answer,
        'a' as expected_answer
    union all
    select
        'null elements' as case_name,
        {{ array_to_text("array['a', cast(null as varchar), 'c']", "' '") }} as answer,
        'a c' as expected_answer
    union all
    select
        'empty elements stay' as case_name,
        {{ array_to_text("array['a', '', 'c']", "' '") }} as answer,
        'a  c' as expected_answer
    union all
    select
        'quote as separator' as case_name,
        {{ array_to_text("array['a', 'b']", "''''") }} as answer,
        'a''b' as expected_answer
    union all
    select
        'empty array' as case_name,
        {{ array_to_text(array_tail("array['a']", 2), "' '") }} as answer,
        '' as expected_answer
    union all
    select
        'null array' as case_name,
        {{ array_to_text("split(cast(null as varchar), ' ')", "' '") }} as answer,
        cast(null as varchar) as expected_answer
)

select *
from answers
where answer is distinct from expected_answer
