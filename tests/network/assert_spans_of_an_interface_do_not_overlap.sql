-- Two spans of an interface that share a day would give every byte of that day to two owners.
with

spans as (
    select * from {{ ref('dim_network_interfaces') }}
),

spans_with_next as (
    select
        interface_id,
        valid_from,
        valid_to,
        lead(valid_from) over (
            partition by interface_id
            order by valid_from
        ) as next_valid_from
    from spans
)

select *
from spans_with_next
where
    valid_to < valid_from
    or next_valid_from <= valid_to
    or (next_valid_from is not null and valid_to is null)
