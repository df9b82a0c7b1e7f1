-- One row per label and day, straight from the var `rows`; the partition column stands first on purpose.
select
    cast(nullif(given.event_date, 'null') as date) as event_date,
    {% if var('has_label') -%} given.label, {%- endif %}
    cast(given.amount as {{ var('amount_type') }}) as amount
    {%- if var('extra_date') %},
    cast(given.event_date as date) as extra
    {%- endif %}
    {%- if var('has_note') %},
    cast(given.label || ' noted' as varchar) as note
    {%- endif %}
from (
    values
    {% for day, label, amount in var('rows') -%}
    ('{{ day }}', '{{ label }}', {{ amount }}),
    {% endfor -%}
    ('', '', 0)
) as given (event_date, label, amount)
where given.event_date <> ''
