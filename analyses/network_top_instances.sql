-- Which instances sent and received the most accepted bytes in the days asked for: the 50 largest.
-- What their own interfaces recorded, of each interface and hour one flow log. Needs the field instance-id (version 3) or an
-- inventory (docs/network_interfaces.md).
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

flows_of_instances as (
    select
        interfaces.resource_id,
        interfaces.resource_name,
        interfaces.account_id,
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
    where flow_logs.flow_log_rank = 1 and interfaces.resource_kind = 'ec2_instance'
),

instances as (
    select
        resource_id as instance_id,
        account_id,
        max(resource_name) as instance_name,
        cast(sum(byte_count) as bigint) as byte_count,
        cast(sum(case when direction = 'egress' then byte_count else 0 end) as bigint)
            as sent_byte_count,
        cast(sum(case when direction = 'ingress' then byte_count else 0 end) as bigint)
            as received_byte_count
    from flows_of_instances
    group by
        resource_id,
        account_id
),

ranked_instances as (
    select
        *,
        row_number() over (
            order by byte_count desc, instance_id, account_id
        ) as instance_rank
    from instances
)

select
    instance_rank,
    instance_id,
    instance_name,
    account_id,
    byte_count,
    sent_byte_count,
    received_byte_count
from ranked_instances
where instance_rank <= 50
order by instance_rank
