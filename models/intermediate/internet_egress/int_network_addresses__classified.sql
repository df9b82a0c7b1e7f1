-- One row per event day and address at an end of a flow on it, or that an S3 request came from.
-- Adds the special-purpose network and the AWS service and region that hold the address, and whether it is public.
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where {{ window_filter() }}
),

s3_requests as (
    select * from {{ ref('stg_s3_access_logs__requests') }}
    where {{ window_filter() }}
),

networks as (
    select * from {{ ref('special_purpose_networks') }}
),

aws_intervals as (
    select * from {{ ref('aws_ip_intervals') }}
),

bucketed_intervals as (
    select
        *,
        coalesce(valid_to, date '9999-12-31') as last_valid_date,
        -- No prefix that AWS publishes is shorter than this, so none crosses from one bucket to the next.
        substr(start_hex, 1, {{ address_bucket_length('start_hex') }}) as address_bucket,
        min(valid_from) over () as first_valid_from
    from aws_intervals
),

addresses as (
    select
        event_date,
        source_address as address,
        record_count
    from flows
    where source_address is not null
    union all
    select
        event_date,
        destination_address as address,
        record_count
    from flows
    where destination_address is not null
    union all
    select
        event_date,
        packet_source_address as address,
        record_count
    from flows
    where packet_source_address is not null
    union all
    select
        event_date,
        packet_destination_address as address,
        record_count
    from flows
    where packet_destination_address is not null
    union all
    select
        event_date,
        remote_address as address,
        1 as record_count
    from s3_requests
    where is_readable and remote_address is not null
),

different_addresses as (
    select
        event_date,
        address,
        cast(sum(record_count) as bigint) as record_count
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
),

addresses_with_publicness as (
    select
        event_date,
        address,
        address_hex,
        record_count,
        case
            when address_hex is null then 'unknown'
            else coalesce(category, 'none')
        end as special_purpose,
        case when address_hex is not null then coalesce(counts_as_internet, true) end as is_public,
        substr(address_hex, 1, {{ address_bucket_length('address_hex') }}) as address_bucket
    from addresses_in_networks
    where network_rank = 1
)

select
    addresses_with_publicness.address,
    addresses_with_publicness.address_hex,
    addresses_with_publicness.special_purpose,
    addresses_with_publicness.is_public,
    bucketed_intervals.service as aws_service,
    bucketed_intervals.region as aws_region,
    addresses_with_publicness.record_count,
    addresses_with_publicness.event_date
from addresses_with_publicness
left join bucketed_intervals
    on
        addresses_with_publicness.address_bucket = bucketed_intervals.address_bucket
        and length(addresses_with_publicness.address_hex) = length(bucketed_intervals.start_hex)
        and addresses_with_publicness.address_hex >= bucketed_intervals.start_hex
        and addresses_with_publicness.address_hex <= bucketed_intervals.end_hex
        and addresses_with_publicness.is_public
        -- Days before the first snapshot are read with it.
        and (
            addresses_with_publicness.event_date >= bucketed_intervals.valid_from
            or bucketed_intervals.valid_from = bucketed_intervals.first_valid_from
        )
        and addresses_with_publicness.event_date <= bucketed_intervals.last_valid_date
