-- One row per event day, hour, flow log, interface and everything else that decides about its bytes: addresses, direction, path.
-- Adds up the records of a conversation: ports and windows are gone. Leaves out unreadable rows; coverage counts them.
with

records as (
    select * from {{ ref('stg_vpc_flow_logs__records') }}
    where {{ window_filter() }}
),

readable_records as (
    select
        event_date,
        {{ flow_event_hour('started_at') }} as event_hour,
        coalesce(flow_log_id, 'unknown') as flow_log_id,
        coalesce(account_id, 'unknown') as account_id,
        coalesce(region, 'unknown') as region,
        vpc_id,
        subnet_id,
        az_id,
        {{ recording_interface_id('interface_id', 'resource_id') }} as interface_id,
        instance_id,
        interface_type,
        source_address,
        destination_address,
        packet_source_address,
        packet_destination_address,
        packet_source_aws_service,
        packet_destination_aws_service,
        flow_direction,
        traffic_path,
        next_hop_interface_id,
        next_hop_az_id,
        next_hop_interface_type,
        case
            when log_status = 'NODATA' then 'no_data'
            when log_status = 'SKIPDATA' then 'skipped'
            when action = 'ACCEPT' then 'accepted'
            when action = 'REJECT' then 'rejected'
            else 'unknown'
        end as record_outcome,
        packet_count,
        byte_count
    from records
    where is_readable
)

select
    event_hour,
    flow_log_id,
    account_id,
    region,
    vpc_id,
    subnet_id,
    az_id,
    interface_id,
    instance_id,
    interface_type,
    source_address,
    destination_address,
    packet_source_address,
    packet_destination_address,
    packet_source_aws_service,
    packet_destination_aws_service,
    flow_direction,
    traffic_path,
    next_hop_interface_id,
    next_hop_az_id,
    next_hop_interface_type,
    record_outcome,
    count(*) as record_count,
    cast(coalesce(sum(packet_count), 0) as bigint) as packet_count,
    cast(coalesce(sum(byte_count), 0) as bigint) as byte_count,
    event_date
from readable_records
group by
    event_date,
    event_hour,
    flow_log_id,
    account_id,
    region,
    vpc_id,
    subnet_id,
    az_id,
    interface_id,
    instance_id,
    interface_type,
    source_address,
    destination_address,
    packet_source_address,
    packet_destination_address,
    packet_source_aws_service,
    packet_destination_aws_service,
    flow_direction,
    traffic_path,
    next_hop_interface_id,
    next_hop_az_id,
    next_hop_interface_type,
    record_outcome
