-- One row per row of int_network_flows__situated.
-- Adds the traffic class, whether the bytes count here or are seen again, whose they are and how they left.
with

flows as (
    select * from {{ ref('int_network_flows__situated') }}
    where {{ window_filter() }}
),

locations as (
    select * from {{ ref('int_network_addresses__located') }}
    where {{ window_filter() }}
),

-- Whose bytes they are: of a leg inside a translator the client's, else the interface's own.
flows_with_holders as (
    select
        flows.*,
        case
            when flows.is_leaving then flows.to_address
            when flows.is_arriving then flows.from_address
        end as far_address,
        case
            when flows.is_leaving then flows.from_address
            when flows.is_arriving then flows.to_address
        end as our_address,
        case
            when flows.is_leaving then flows.to_aws_service
            when flows.is_arriving then flows.from_aws_service
        end as far_aws_service,
        case
            when flows.is_leaving then flows.to_aws_region
            when flows.is_arriving then flows.from_aws_region
        end as far_aws_region,
        case
            when flows.client_address is not null then flows.client_address
            when flows.is_own_end then null
            when flows.is_arriving then flows.to_address
            else flows.from_address
        end as client_at_gateway,
        case
            when flows.client_address is not null then clients_at_home.interface_id
            when flows.is_own_end then flows.interface_id
            when flows.is_arriving then flows.to_interface_id
            else flows.from_interface_id
        end as holder_interface_id,
        case
            when flows.client_address is not null then clients_at_home.resource_id
            when flows.is_own_end then flows.resource_id
            when flows.is_arriving then flows.to_resource_id
            else flows.from_resource_id
        end as holder_id,
        case
            when flows.client_address is not null then clients_at_home.resource_kind
            when flows.is_own_end then flows.resource_kind
            when flows.is_arriving then flows.to_resource_kind
            else flows.from_resource_kind
        end as holder_kind,
        case
            when flows.client_address is not null then clients_at_home.resource_name
            when flows.is_own_end then flows.resource_name
            when flows.is_arriving then flows.to_resource_name
            else flows.from_resource_name
        end as holder_name,
        case
            when flows.client_address is not null then clients_at_home.account_id
            when flows.is_own_end then flows.account_id
            when flows.is_arriving then flows.to_account_id
            else flows.from_account_id
        end as holder_account_id
    from flows
    left join locations as clients_at_home
        on
            flows.event_date = clients_at_home.event_date
            and coalesce(flows.vpc_id, 'unknown') = clients_at_home.seen_in_vpc_id
            and flows.client_address = clients_at_home.address
),

-- What an interface nearer to the way out has recorded is seen again at those behind it. A translator tells for
-- which client; where it does not (version 2, no pair found), and at load balancers, the far end alone has to do.
exits as (
    select
        event_date,
        region,
        vpc_id,
        far_address,
        case when is_address_translator then coalesce(holder_interface_id, client_at_gateway) end
            as client_id,
        client_at_gateway is not null as has_client,
        is_address_translator
    from flows_with_holders
    where
        record_outcome = 'accepted'
        and far_address is not null
        and (
            resource_kind = 'load_balancer'
            or (is_address_translator and is_own_end <> has_packet_addresses)
        )
),

clients_at_exits as (
    select
        event_date,
        region,
        client_id,
        far_address
    from exits
    where is_address_translator and has_client
    group by event_date, region, client_id, far_address
),

far_ends_at_translators as (
    select
        event_date,
        region,
        far_address
    from exits
    where is_address_translator and not has_client
    group by event_date, region, far_address
),

far_ends_at_balancers as (
    select
        event_date,
        vpc_id,
        far_address
    from exits
    where not is_address_translator
    group by event_date, vpc_id, far_address
),

clients as (
    select
        event_date,
        region,
        client_id
    from clients_at_exits
    group by event_date, region, client_id
),

flows_with_exits as (
    select
        flows_with_holders.*,
        coalesce(
            clients_at_exits.far_address,
            addresses_at_exits.far_address,
            far_ends_at_translators.far_address,
            far_ends_at_balancers.far_address
        ) is not null as is_far_end_at_exit,
        coalesce(
            clients_at_exits.far_address,
            addresses_at_exits.far_address,
            far_ends_at_translators.far_address
        ) is not null as is_far_end_at_translator,
        case
            when flows_with_holders.traffic_path is not null and flows_with_holders.is_leaving
                then flows_with_holders.traffic_path = 1
            -- Nothing translates IPv6 on its way out.
            when strpos(flows_with_holders.far_address, ':') > 0 then false
            else coalesce(
                    flows_with_holders.is_behind_gateway,
                    coalesce(clients.client_id, client_addresses.client_id) is not null
                )
        end as is_behind_another
    from flows_with_holders
    left join clients_at_exits
        on
            flows_with_holders.event_date = clients_at_exits.event_date
            and flows_with_holders.region = clients_at_exits.region
            and flows_with_holders.far_address = clients_at_exits.far_address
            and flows_with_holders.interface_id = clients_at_exits.client_id
    left join clients_at_exits as addresses_at_exits
        on
            flows_with_holders.event_date = addresses_at_exits.event_date
            and flows_with_holders.region = addresses_at_exits.region
            and flows_with_holders.far_address = addresses_at_exits.far_address
            and flows_with_holders.our_address = addresses_at_exits.client_id
    left join far_ends_at_translators
        on
            flows_with_holders.event_date = far_ends_at_translators.event_date
            and flows_with_holders.region = far_ends_at_translators.region
            and flows_with_holders.far_address = far_ends_at_translators.far_address
    left join far_ends_at_balancers
        on
            flows_with_holders.event_date = far_ends_at_balancers.event_date
            and flows_with_holders.vpc_id = far_ends_at_balancers.vpc_id
            and flows_with_holders.far_address = far_ends_at_balancers.far_address
    left join clients
        on
            flows_with_holders.event_date = clients.event_date
            and flows_with_holders.region = clients.region
            and flows_with_holders.interface_id = clients.client_id
    left join clients as client_addresses
        on
            flows_with_holders.event_date = client_addresses.event_date
            and flows_with_holders.region = client_addresses.region
            and flows_with_holders.our_address = client_addresses.client_id
),

flows_with_endpoints as (
    select
        *,
        -- The VPC User Guide ("Available fields", traffic-path): 7 is a gateway endpoint; 2 is an internet gateway or,
        -- on older platforms, a gateway endpoint. An interface without a public address has no use for the former.
        coalesce(
            traffic_path = 7
            or (
                not is_address_translator
                and is_own_end
                and far_aws_service in ('S3', 'DYNAMODB')
                and far_aws_region = region
                and (
                    (traffic_path = 2 and coalesce(is_behind_gateway, true))
                    or (traffic_path is null and is_behind_another and not is_far_end_at_translator)
                )
            ),
            false
        ) as is_by_gateway_endpoint
    from flows_with_exits
),

classified_flows as (
    select
        *,
        case
            when record_outcome <> 'accepted' then record_outcome
            when (is_leaving or is_arriving) and is_by_gateway_endpoint then 'gateway_endpoint'
            when
                far_aws_service in ('CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING') and is_leaving
                then 'to_cloudfront'
            when is_leaving
                and (far_aws_service is null or coalesce(far_aws_region, 'GLOBAL') = 'GLOBAL')
                then 'internet_egress'
            when is_arriving
                and (far_aws_service is null or coalesce(far_aws_region, 'GLOBAL') = 'GLOBAL')
                then 'internet_ingress'
            when (is_leaving or is_arriving) and far_aws_region = region and far_aws_service = 'EC2'
                then 'intra_region_public_ip'
            when
                (is_leaving or is_arriving) and far_aws_region = region
                then 'aws_service_same_region'
            when is_leaving then 'inter_region_egress'
            when is_arriving then 'inter_region_ingress'
            when traffic_path in (3, 6) then 'on_premises'
            when traffic_path = 5 or from_region <> to_region
                then case
                        when direction = 'ingress' then 'inter_region_ingress' else
                            'inter_region_egress'
                    end
            when 'vpc_endpoint' in (from_resource_kind, to_resource_kind) then 'interface_endpoint'
            when traffic_path = 4 or is_from_in_vpc <> is_to_in_vpc
                then
                    case
                        when from_az_id = to_az_id then 'vpc_peering_same_az'
                        when from_az_id <> to_az_id then 'vpc_peering_cross_az'
                        else 'vpc_peering_unknown_az'
                    end
            when from_az_id = to_az_id then 'same_az'
            when from_az_id <> to_az_id then 'cross_az'
            when source_address is not null then 'inside'
            else 'unknown'
        end as traffic_class
    from flows_with_endpoints
),

-- Interfaces that recorded what they sent to the other end: the other end sees it again.
senders as (
    select
        event_date,
        interface_id
    from flows
    where direction = 'egress' and record_outcome = 'accepted'
    group by event_date, interface_id
),

flows_with_roles as (
    select
        classified_flows.*,
        case
            when classified_flows.record_outcome <> 'accepted' then classified_flows.record_outcome
            when not classified_flows.is_chosen_flow_log then 'other_flow_log'
            when classified_flows.direction is null then 'unknown'
            when classified_flows.traffic_class = 'gateway_endpoint' then 'inside'
            when classified_flows.is_leaving or classified_flows.is_arriving
                then
                    case
                        -- Where the packets' addresses are known, the legs inside a translator name the client.
                        when
                            classified_flows.is_address_translator
                            and classified_flows.has_packet_addresses
                            and classified_flows.is_own_end
                            then 'seen_again'
                        -- A translator behind a translator has recorded its own clients.
                        when
                            classified_flows.is_address_translator
                            and classified_flows.client_at_gateway is not null
                            and classified_flows.holder_kind = 'nat_gateway'
                            and holders.interface_id is not null
                            then 'seen_again'
                        when not classified_flows.is_address_translator
                            and not classified_flows.is_own_end
                            then 'seen_again'
                        when
                            not classified_flows.is_address_translator
                            and classified_flows.resource_kind <> 'load_balancer'
                            and classified_flows.is_behind_another
                            and classified_flows.is_far_end_at_exit
                            then 'seen_again'
                        when classified_flows.is_leaving then 'counted'
                        else 'inbound'
                    end
            when not classified_flows.is_own_end then 'seen_again'
            when classified_flows.direction = 'egress' then 'inside'
            when senders.interface_id is not null then 'seen_again'
            else 'inside'
        end as counting_role,
        senders.interface_id is not null as is_sender_recorded
    from classified_flows
    left join senders
        on
            classified_flows.event_date = senders.event_date
            and classified_flows.from_interface_id = senders.interface_id
    left join senders as holders
        on
            classified_flows.event_date = holders.event_date
            and classified_flows.holder_interface_id = holders.interface_id
)

select
    account_id,
    region,
    coalesce(vpc_id, 'unknown') as vpc_id,
    interface_id,
    flow_log_id,
    event_hour,
    record_outcome,
    {{ traffic_direction('is_source_public', 'is_destination_public') }} as traffic_direction,
    traffic_class,
    counting_role,
    coalesce(holder_id, client_at_gateway, resource_id) as sender_id,
    coalesce(holder_kind, 'unknown') as sender_kind,
    holder_name as sender_name,
    coalesce(holder_account_id, account_id) as sender_account_id,
    case
        when counting_role not in ('counted', 'inbound') then 'none'
        when is_address_translator then 'nat_gateway'
        when resource_kind = 'load_balancer' then 'load_balancer'
        when strpos(far_address, ':') > 0 then 'ipv6_gateway'
        when is_behind_another then 'nat_gateway'
        else 'internet_gateway'
    end as exit_path,
    far_address,
    case when far_address is not null then coalesce(far_aws_service, 'internet') end
        as destination_kind,
    case
        when far_address is not null and far_aws_service is null then 'none'
        when far_address is not null then coalesce(far_aws_region, 'unknown')
        when traffic_class = 'inter_region_egress' then coalesce(to_region, 'unknown')
    end as destination_region,
    case
        when
            is_address_translator
            and record_outcome = 'accepted'
            and is_chosen_flow_log
            and case
                when has_packet_addresses then not is_own_end
                else is_own_end and (is_leaving or is_arriving)
            end
            then resource_id
        -- The client's records alone show that there is a gateway, and not which.
        when
            counting_role in ('counted', 'inbound')
            and not is_address_translator
            and is_behind_another
            and resource_kind <> 'load_balancer'
            then case when is_next_hop_nat_gateway then next_hop_resource_id else 'unknown' end
    end as nat_gateway_id,
    -- The leg that the interface itself recorded, whatever the packets say of their ends.
    case
        when direction = 'egress' then az_id
        when next_hop_az_id is not null then next_hop_az_id
        else from_az_id
    end as leg_source_az_id,
    case
        when direction = 'ingress' then az_id
        when next_hop_az_id is not null then next_hop_az_id
        -- What leaves ends its leg at a gateway, not at the far end.
        when destination_address = to_address and not is_leaving then to_az_id
    end as leg_destination_az_id,
    case
        when direction = 'egress' then resource_id
        when is_next_hop_nat_gateway and is_own_end then next_hop_resource_id
        else coalesce(from_resource_id, source_address)
    end as leg_sender_id,
    case when direction = 'egress' then resource_kind else from_resource_kind end
        as leg_sender_kind,
    case when direction = 'egress' then account_id else coalesce(from_account_id, account_id) end
        as leg_account_id,
    case
        when direction = 'ingress' then resource_id
        when is_next_hop_nat_gateway then next_hop_resource_id
        when destination_address = to_address and not is_leaving
            then coalesce(to_resource_id, to_address)
    end as leg_receiver_id,
    case
        when direction = 'ingress' then account_id
        when destination_address = to_address and not is_leaving
            then coalesce(to_account_id, account_id)
        else account_id
    end as leg_receiver_account_id,
    case
        when 'vpc_endpoint' in (from_resource_kind, to_resource_kind)
            or resource_kind = 'transit_gateway'
            then 'cross_az_via_privatelink_or_tgw'
        when
            traffic_path = 4 or (is_from_in_vpc <> is_to_in_vpc and is_own_end)
            then 'vpc_peering_cross_az'
        else 'cross_az'
    end as leg_zone_class,
    coalesce(
        resource_kind = 'transit_gateway'
        and direction = 'ingress'
        and record_outcome = 'accepted'
        and is_chosen_flow_log,
        false
    ) as is_transit_gateway_inflow,
    coalesce(
        record_outcome = 'accepted'
        and is_chosen_flow_log
        and (
            is_leg_inside
            -- Version 11 tells the zone of the gateway that the flow goes through next, recorded or not.
            or (
                counting_role in ('counted', 'inbound')
                and is_next_hop_nat_gateway
                and not is_address_translator
            )
        )
        and (
            direction = 'egress'
            or (
                direction = 'ingress'
                and (not is_own_end or is_address_translator or not is_sender_recorded)
            )
        ),
        false
    ) as is_leg_counted,
    case
        when holder_id is null then 4
        when is_address_translator and is_own_end and client_address is null then 4
        when client_address is not null then 3
        when traffic_path is null and not is_in_inventory then 3
        when is_behind_another and not is_far_end_at_exit then 3
        when is_in_inventory and has_packet_addresses then 1
        else 2
    end as confidence_order,
    record_count,
    packet_count,
    byte_count,
    event_date
from flows_with_roles
