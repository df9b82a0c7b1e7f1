{#
    Fails for every event day on which a total differs from the same total of another model: what went in came out. All totals
    that are compared with one model are one query, so that each model is read once.
    totals: list of {total, compare_total}, aggregate expressions over the model and over compare_model; null counts as 0. A
    failing row holds them in this order. A day that only one side knows fails too, unless its totals are 0.
#}
{% test totals_match(model, compare_model, totals) %}
with

totals as (
    select
        event_date
        {%- for pair in totals %},
        coalesce({{ pair.total }}, 0) as total_{{ loop.index }}
        {%- endfor %}
    from {{ model }}
    group by event_date
),

compare_totals as (
    select
        event_date
        {%- for pair in totals %},
        coalesce({{ pair.compare_total }}, 0) as total_{{ loop.index }}
        {%- endfor %}
    from {{ get_where_subquery(compare_model) }}
    group by event_date
)

select
    event_date
    {%- for pair in totals %},
    totals.total_{{ loop.index }},
    compare_totals.total_{{ loop.index }} as compare_total_{{ loop.index }}
    {%- endfor %}
from totals
full outer join compare_totals using (event_date)
where
    {% for pair in totals -%}
    coalesce(totals.total_{{ loop.index }}, 0) <> coalesce(compare_totals.total_{{ loop.index }}, 0)
    {{- '\n    or ' if not loop.last }}
    {%- endfor %}
{% endtest %}
