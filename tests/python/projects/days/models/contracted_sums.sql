-- One row per label and day of daily_sums, read from its table, so that the statement scans bytes.
select
    label,
    event_date,
    cast(sum(amount) as {{ var('contracted_amount_type', 'bigint') }}) as amount
from {{ ref('daily_sums') }}
group by label, event_date
