-- One row per event day, account, region, sender, class of transfer as the price list has it, and destination.
-- Adds up the bytes that AWS charges for, or says are free, in each class; processing comes on top of the transfer.
-- What is charged both ways stands for the sender and for the receiver.
with

flows as (
    select * from {{ ref('int_network_flows__classified') }}
    where {{ window_filter() }}
),

s3_transfers as (
    select * from {{ ref('int_s3_transfers__classified') }}
    where {{ window_filter() }}
),

regions as (
    select * from {{ ref('regions') }}
),

transfers as (
    select
        event_date,
        -- Whose gateway or address it is, that account is charged, whosever bytes they are.
        account_id,
        region,
        sender_id,
        case
            when traffic_class = 'aws_service_same_region' then 's3_same_region' else traffic_class
        end as traffic_class,
        case
            when traffic_class = 'internet_egress' then 'internet'
            when traffic_class = 'inter_region_egress' then destination_region
            when traffic_class = 'intra_region_public_ip' then 'same_region'
            else '*'
        end as destination,
        byte_count
    from flows
    where
        counting_role = 'counted'
        -- Charged both ways: what comes in from a public address of the own region costs the receiver, too.
        or (counting_role = 'inbound' and traffic_class = 'intra_region_public_ip')
        or (counting_role = 'inside' and traffic_class = 'inter_region_egress')
    union all
    select
        event_date,
        leg_account_id as account_id,
        region,
        leg_sender_id as sender_id,
        leg_zone_class as traffic_class,
        'same_region' as destination,
        byte_count
    from flows
    where is_leg_counted and leg_source_az_id <> leg_destination_az_id
    union all
    select
        event_date,
        leg_receiver_account_id as account_id,
        region,
        coalesce(leg_receiver_id, 'unknown') as sender_id,
        leg_zone_class as traffic_class,
        'same_region' as destination,
        byte_count
    from flows
    where is_leg_counted and leg_source_az_id <> leg_destination_az_id
    union all
    select
        event_date,
        -- The gateway is charged to its owner, whosever client it serves.
        account_id,
        region,
        sender_id,
        'nat_gateway_processing' as traffic_class,
        'any' as destination,
        byte_count
    from flows
    where nat_gateway_id is not null
    union all
    select
        event_date,
        account_id,
        region,
        sender_id,
        'transit_gateway_processing' as traffic_class,
        'any' as destination,
        byte_count
    from flows
    where is_transit_gateway_inflow
    union all
    select
        event_date,
        leg_account_id as account_id,
        region,
        case when leg_sender_kind = 'vpc_endpoint' then leg_receiver_id else leg_sender_id end
            as sender_id,
        'interface_endpoint_processing' as traffic_class,
        'any' as destination,
        byte_count
    from flows
    where counting_role = 'inside' and traffic_class = 'interface_endpoint'
    union all
    select
        event_date,
        account_id,
        region,
        bucket_name as sender_id,
        traffic_class,
        destination,
        byte_count
    from s3_transfers
    where traffic_class <> 'not_billed'
),

transfers_with_partitions as (
    select
        transfers.*,
        -- From one partition of AWS to another there is only the internet.
        coalesce(
            transfers.traffic_class = 'inter_region_egress'
            and coalesce(regions.aws_partition, {{ sql_literal(var('aws_partition')) }})
            <> far_regions.aws_partition,
            false
        ) as is_to_other_partition
    from transfers
    left join regions
        on transfers.region = regions.region
    left join regions as far_regions
        on transfers.destination = far_regions.region
),

transfers_as_priced as (
    select
        event_date,
        account_id,
        region,
        coalesce(sender_id, 'unknown') as sender_id,
        case when is_to_other_partition then 'internet_egress' else traffic_class end
            as traffic_class,
        case when is_to_other_partition then 'internet' else destination end as destination,
        byte_count
    from transfers_with_partitions
)

select
    account_id,
    region,
    sender_id,
    traffic_class,
    destination,
    cast(sum(byte_count) as bigint) as byte_count,
    event_date
from transfers_as_priced
group by
    event_date,
    account_id,
    region,
    sender_id,
    traffic_class,
    destination
