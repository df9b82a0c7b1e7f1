-- One row per event day, account, region, NAT gateway, client, service and region at the other end.
-- Adds up what the gateway processed for the client, both ways, and what a gateway endpoint would have done for nothing.
with

flows as (
    select * from {{ ref('int_network_flows__classified') }}
    where {{ window_filter() }} and nat_gateway_id is not null
),

prices as (
    select * from {{ ref('int_data_transfer_prices__matched') }}
    where traffic_class = 'nat_gateway_processing' and tier_start_gb = 0
),

usage as (
    select
        event_date,
        account_id,
        region,
        nat_gateway_id,
        sender_id as client_id,
        coalesce(destination_kind, 'private') as destination_service,
        coalesce(destination_region, 'none') as destination_region,
        max(sender_kind) as client_kind,
        max(sender_name) as client_name,
        cast(sum(byte_count) as bigint) as processed_byte_count,
        max(confidence_order) as confidence_order
    from flows
    group by
        event_date,
        account_id,
        region,
        nat_gateway_id,
        sender_id,
        coalesce(destination_kind, 'private'),
        coalesce(destination_region, 'none')
),

priced_usage as (
    select
        usage.*,
        -- Gateway endpoints lead to these two services, in the own region only
        -- (https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html).
        usage.destination_service in ('S3', 'DYNAMODB')
        and usage.destination_region = usage.region as is_avoidable,
        cast(
            {{ gigabytes('usage.processed_byte_count') }}
            * cast(prices.price_per_gb as double) as decimal(28, 9)
        ) as estimated_cost,
        coalesce(prices.currency, 'unknown') as currency,
        {{ price_confidence_order('prices.price_confidence') }} as price_order
    from usage
    left join prices
        on
            {{ first_day_of_month('usage.event_date') }} = prices.month_start_date
            and usage.region = prices.region
)

select
    account_id,
    region,
    nat_gateway_id,
    client_id,
    destination_service,
    destination_region,
    client_kind,
    client_name,
    processed_byte_count,
    estimated_cost,
    is_avoidable,
    case when is_avoidable then estimated_cost else cast(0 as decimal(28, 9)) end as avoidable_cost,
    currency,
    {{ price_confidence('price_order') }} as price_confidence,
    {{ attribution_confidence('confidence_order') }} as attribution_confidence,
    event_date
from priced_usage
