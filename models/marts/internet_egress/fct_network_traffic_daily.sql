-- One row per event day, account, region, VPC, interface, outcome of the record and direction.
-- Sums what each interface recorded: a flow that passes several interfaces is recorded by each.
-- Leaves out unreadable rows; the coverage mart counts them.
with

records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where {{ window_filter() }}
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
    where {{ window_filter() }}
),

records_with_ends as (
    select
        records.event_date,
        records.account_id,
        records.region,
        records.vpc_id,
        records.interface_id,
        records.log_status,
        records.action,
        records.packet_count,
        records.byte_count,
        sources.is_public as is_source_public,
        destinations.is_public as is_destination_public
    from records
    left join addresses as sources
        on
            records.event_date = sources.event_date
            and records.source_address = sources.address
    left join addresses as destinations
        on
            records.event_date = destinations.event_date
            and records.destination_address = destinations.address
    where records.is_readable
),

classified_records as (
    select
        event_date,
        coalesce(account_id, 'unknown') as account_id,
        coalesce(region, 'unknown') as region,
        coalesce(vpc_id, 'unknown') as vpc_id,
        coalesce(interface_id, 'unknown') as interface_id,
        case
            when log_status = 'NODATA' then 'no_data'
            when log_status = 'SKIPDATA' then 'skipped'
            when action = 'ACCEPT' then 'accepted'
            when action = 'REJECT' then 'rejected'
            else 'unknown'
        end as record_outcome,
        {{ traffic_direction('is_source_public', 'is_destination_public') }} as traffic_direction,
        packet_count,
        byte_count
    from records_with_ends
)

select
    account_id,
    region,
    vpc_id,
    interface_id,
    record_outcome,
    traffic_direction,
    count(*) as record_count,
    cast(coalesce(sum(packet_count), 0) as bigint) as packet_count,
    cast(coalesce(sum(byte_count), 0) as bigint) as byte_count,
    event_date
from classified_records
group by
    event_date,
    account_id,
    region,
    vpc_id,
    interface_id,
    record_outcome,
    traffic_direction
