-- Which subnets sent and received the most accepted bytes in the days asked for: the 50 largest.
-- What the interfaces in them recorded, of each interface and hour one flow log: a byte between two interfaces of one subnet is
-- sent once and received once. Needs the field subnet-id (version 3) or an inventory (docs/network_interfaces.md).
with

flows as (
    select * from {{ ref('int_network_flows__summed') }}
    where
        {{ window_filter(relation_exists=true) }}
        and record_outcome = 'accepted'
),

flow_logs as (
    select * from {{ ref('int_flow_logs__ranked') }}
    where {{ window_filter(relation_exists=true) }}
),

interfaces as (
    select * from {{ ref('int_network_interfaces__identified') }}
    where {{ window_filter(relation_exists=true) }}
),

flows_in_subnets as (
    select
        interfaces.subnet_id,
        interfaces.vpc_id,
        flows.interface_id,
        case
            when flows.flow_direction is not null then flows.flow_direction
            when flows.source_address in (interfaces.own_ipv4_address, interfaces.own_ipv6_address)
                then 'egress'
            when
                flows.destination_address
                in (interfaces.own_ipv4_address, interfaces.own_ipv6_address)
                then 'ingress'
        end as direction,
        flows.byte_count
    from flows
    inner join flow_logs
        on
            flows.event_date = flow_logs.event_date
            and flows.event_hour = flow_logs.event_hour
            and flows.interface_id = flow_logs.interface_id
            and flows.flow_log_id = flow_logs.flow_log_id
    inner join interfaces
        on
            flows.event_date = interfaces.event_date
            and flows.interface_id = interfaces.interface_id
    where flow_logs.flow_log_rank = 1 and interfaces.subnet_id is not null
),

subnets as (
    select
        subnet_id,
        vpc_id,
        count(distinct interface_id) as interface_count,
        cast(sum(byte_count) as bigint) as byte_count,
        cast(sum(case when direction = 'egress' then byte_count else 0 end) as bigint)
            as sent_byte_count,
        cast(sum(case when direction = 'ingress' then byte_count else 0 end) as bigint)
            as received_byte_count
    from flows_in_subnets
    group by
        subnet_id,
        vpc_id
),

ranked_subnets as (
    select
        *,
        row_number() over (
            order by byte_count desc, subnet_id, vpc_id nulls last
        ) as subnet_rank
    from subnets
)

select
    subnet_rank,
    subnet_id,
    vpc_id,
    interface_count,
    byte_count,
    sent_byte_count,
    received_byte_count
from ranked_subnets
where subnet_rank <= 50
order by subnet_rank
