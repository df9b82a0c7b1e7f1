{#
    Fails for every event day on which a total differs from the same total of another model: what went in came out.
    total, compare_total: aggregate expressions over the model and over compare_model; null counts as 0.
    A day that only one side knows fails too, unless its total is 0.
#}
{% test totals_match(model, total, compare_model, compare_total) %}
with

totals as (
    select
        event_date,
        coalesce({{ total }}, 0) as total
    from {{ model }}
    group by event_date
),

compare_totals as (
    select
        event_date,
        coalesce({{ compare_total }}, 0) as total
    from {{ get_where_subquery(compare_model) }}
    group by event_date
)

select
    event_date,
    totals.total,
    compare_totals.total as compare_total
from totals
full outer join compare_totals using (event_date)
where coalesce(totals.total, 0) <> coalesce(compare_totals.total, 0)
{% endtest %}
