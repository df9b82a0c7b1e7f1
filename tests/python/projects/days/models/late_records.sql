-- One row per record with the day it was delivered; some lie outside the window.
select
    given.label,
    cast(given.delivery_date as date) as delivery_date,
    cast(nullif(given.event_date, 'unknown') as date) as event_date
from (
    values
    {% for day, label, delivery_day in var('late_rows') -%}
    ('{{ day }}', '{{ label }}', '{{ delivery_day }}'),
    {% endfor -%}
    ('', '', '')
) as given (event_date, label, delivery_date)
where given.event_date <> ''
