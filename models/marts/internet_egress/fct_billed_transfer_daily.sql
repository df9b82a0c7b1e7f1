-- One row per event day, account, region, class of billing and source of the billed numbers.
-- Puts the estimate beside the bill, for the days and accounts that the bill knows.
-- Leaves out estimates that no line of a bill stands for: free transfer inside a region, and by endpoints and transit gateways.
with

billed_usage as (
    select * from {{ ref('int_billed_usage__classified') }}
),

transfer_costs as (
    select * from {{ ref('fct_data_transfer_cost_daily') }}
),

billed_sums as (
    select
        event_date,
        account_id,
        region,
        billing_class,
        bill_source,
        sum(billed_gb) as billed_gb,
        -- Two currencies are never added up, and a part without a cost leaves the whole unknown.
        case
            when min(currency) = max(currency) and count(billed_cost) = count(*)
                then sum(billed_cost)
        end as billed_cost,
        case when min(currency) <> max(currency) then 'several' else min(currency) end
            as billed_currency
    from billed_usage
    group by
        event_date,
        account_id,
        region,
        billing_class,
        bill_source
),

-- The metrics of NAT gateways know those of one region; a bill knows all of an account.
covered_days as (
    select
        event_date,
        account_id,
        bill_source,
        case when bill_source = 'nat_gateway_metrics' then region end as covered_region
    from billed_sums
    group by
        event_date,
        account_id,
        bill_source,
        case when bill_source = 'nat_gateway_metrics' then region end
),

classified_costs as (
    select
        *,
        case
            when
                traffic_class in ('cross_az', 'vpc_peering_cross_az', 'intra_region_public_ip')
                then 'regional_transfer'
            when
                traffic_class in (
                    'internet_egress',
                    'inter_region_egress',
                    'nat_gateway_processing',
                    'interface_endpoint_processing',
                    'transit_gateway_processing',
                    'to_cloudfront'
                )
                then traffic_class
        end as billing_class
    from transfer_costs
),

estimated_sums as (
    select
        event_date,
        account_id,
        region,
        billing_class,
        cast(sum(byte_count) as bigint) as byte_count,
        case
            when min(currency) = max(currency) and count(estimated_cost) = count(*)
                then sum(estimated_cost)
        end as estimated_cost,
        case when min(currency) <> max(currency) then 'several' else min(currency) end
            as estimated_currency
    from classified_costs
    where billing_class is not null
    group by
        event_date,
        account_id,
        region,
        billing_class
),

both_sides as (
    select
        event_date,
        account_id,
        region,
        billing_class,
        bill_source,
        billed_gb,
        billed_cost,
        billed_currency,
        cast(null as bigint) as estimated_byte_count,
        cast(null as decimal(28, 9)) as estimated_cost,
        cast(null as varchar) as estimated_currency
    from billed_sums
    union all
    select
        estimated_sums.event_date,
        estimated_sums.account_id,
        estimated_sums.region,
        estimated_sums.billing_class,
        covered_days.bill_source,
        cast(null as decimal(28, 10)) as billed_gb,
        cast(null as decimal(28, 10)) as billed_cost,
        cast(null as varchar) as billed_currency,
        estimated_sums.byte_count as estimated_byte_count,
        estimated_sums.estimated_cost,
        estimated_sums.estimated_currency
    from estimated_sums
    inner join covered_days
        on
            estimated_sums.event_date = covered_days.event_date
            and estimated_sums.account_id = covered_days.account_id
            and (
                covered_days.covered_region is null
                or (
                    estimated_sums.region = covered_days.covered_region
                    and estimated_sums.billing_class = 'nat_gateway_processing'
                )
            )
),

-- One row of each side at most: these sums put them beside each other.
rows_beside_each_other as (
    select
        event_date,
        account_id,
        region,
        billing_class,
        bill_source,
        cast(sum(billed_gb) as decimal(28, 10)) as billed_gb,
        cast(sum(billed_cost) as decimal(28, 10)) as billed_cost,
        max(billed_currency) as billed_currency,
        cast(sum(estimated_byte_count) as bigint) as estimated_byte_count,
        cast(sum(estimated_cost) as decimal(28, 9)) as estimated_cost,
        max(estimated_currency) as estimated_currency
    from both_sides
    group by
        event_date,
        account_id,
        region,
        billing_class,
        bill_source
)

select
    account_id,
    region,
    billing_class,
    bill_source,
    billed_gb,
    billed_cost,
    billed_currency,
    estimated_byte_count,
    cast({{ gigabytes('estimated_byte_count') }} as decimal(28, 10)) as estimated_gb,
    estimated_cost,
    estimated_currency,
    cast(
        {{ gigabytes('estimated_byte_count') }}
        / nullif(cast(billed_gb as double), 0) as decimal(28, 6)
    ) as byte_ratio,
    case
        when billed_currency = estimated_currency
            then cast(
                    cast(estimated_cost as double)
                    / nullif(cast(billed_cost as double), 0) as decimal(28, 6)
                )
    end as cost_ratio,
    event_date
from rows_beside_each_other
