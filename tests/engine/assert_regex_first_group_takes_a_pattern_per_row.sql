-- The rules that tell a resource from a description are rows of a seed: a pattern taken from another row,
-- or an empty text in place of null, would give an interface the wrong owner or one without a name.
with

cases as (
    select
        listed.case_name,
        listed.description,
        listed.pattern,
        listed.expected_answer
    from (
        values
        ('own pattern', 'ELB app/web/50dc', 'ELB app/([^/]+)/', 'web'),
        ('another pattern', 'NAT Gateway nat-0a1', 'Gateway (nat-[0-9a-f]+)', 'nat-0a1'),
        ('first match', 'a1 a2', 'a([0-9])', '1'),
        ('group that is not captured', 'x: vpce-1', 'x:? (?:y )?(vpce-[0-9]+)', 'vpce-1'),
        ('a plus taken literally', 'Cache+node', 'Cache\+(.+)', 'node'),
        ('no match', 'ELB classic', 'ELB app/([^/]+)/', null),
        ('empty group', 'ELB app//50dc', 'ELB app/([^/]*)/', null),
        ('no pattern', 'ELB app/web/50dc', null, null),
        ('no text', null, 'ELB app/([^/]+)/', null)
    ) as listed (case_name, description, pattern, expected_answer)
),

answers as (
    select
        case_name,
        {{ regex_first_group('description', 'pattern') }} as answer,
        expected_answer
    from cases
)

select *
from answers
where answer is distinct from expected_answer
