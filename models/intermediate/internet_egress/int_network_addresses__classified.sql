-- One row per event day and address that an interface saw on it.
-- Adds the special-purpose network that holds the address, and whether the address is public.
with

records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where {{ window_filter() }}
),

networks as (
    select * from {{ ref('special_purpose_networks') }}
),

addresses as (
    select
        event_date,
        source_address as address
    from records
    where is_readable and source_address is not null
    union all
    select
        event_date,
        destination_address as address
    from records
    where is_readable and destination_address is not null
),

different_addresses as (
    select
        event_date,
        address,
        count(*) as record_count
    from addresses
    group by event_date, address
),

addresses_in_hex as (
    select
        event_date,
        address,
        record_count,
        {{ address_to_hex('address') }} as address_hex
    from different_addresses
),

addresses_in_networks as (
    select
        addresses_in_hex.event_date,
        addresses_in_hex.address,
        addresses_in_hex.address_hex,
        addresses_in_hex.record_count,
        networks.category,
        networks.counts_as_internet,
        row_number() over (
            partition by addresses_in_hex.event_date, addresses_in_hex.address
            order by networks.prefix_length desc nulls last
        ) as network_rank
    from addresses_in_hex
    left join networks
        on
            length(addresses_in_hex.address_hex) = length(networks.start_hex)
            and addresses_in_hex.address_hex between networks.start_hex and networks.end_hex
)

select
    address,
    address_hex,
    case
        when address_hex is null then 'unknown'
        else coalesce(category, 'none')
    end as special_purpose,
    case when address_hex is not null then coalesce(counts_as_internet, true) end as is_public,
    record_count,
    event_date
from addresses_in_networks
where network_rank = 1
