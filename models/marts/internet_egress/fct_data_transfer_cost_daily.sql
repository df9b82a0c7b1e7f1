-- One row per event day, account, region, sender, class of transfer and currency.
-- Prices whole months, because volume tiers are those of a month, and gives each sender its share of the month's cost.
-- An estimate from list prices: no tax, no credits, no negotiated rates but one's own.
with

transfers as (
    select * from {{ ref('int_data_transfers__charged') }}
    where {{ window_filter() }}
),

prices as (
    select * from {{ ref('int_data_transfer_prices__matched') }}
),

allowances as (
    select * from {{ ref('data_transfer_prices') }}
    where traffic_class = 'internet_egress_free_allowance'
),

regions as (
    select * from {{ ref('regions') }}
),

transfers_of_payers as (
    select
        transfers.*,
        {{ first_day_of_month('transfers.event_date') }} as month_start_date,
        {{ payer_account_id('transfers.account_id') }} as payer_account_id,
        coalesce(regions.aws_partition, {{ sql_literal(var('aws_partition')) }}) as aws_partition
    from transfers
    left join regions
        on transfers.region = regions.region
),

monthly_volumes as (
    select
        month_start_date,
        payer_account_id,
        aws_partition,
        region,
        traffic_class,
        destination,
        sum(byte_count) as byte_count
    from transfers_of_payers
    group by month_start_date, payer_account_id, aws_partition, region, traffic_class, destination
),

volumes_with_allowance as (
    select
        monthly_volumes.month_start_date,
        monthly_volumes.payer_account_id,
        monthly_volumes.region,
        monthly_volumes.traffic_class,
        monthly_volumes.destination,
        monthly_volumes.byte_count,
        allowances.tier_end_gb as free_gb,
        -- Since December 2021 the allowance is one for all regions together; before, one for each.
        sum(monthly_volumes.byte_count) over (
            partition by
                monthly_volumes.month_start_date,
                monthly_volumes.payer_account_id,
                monthly_volumes.aws_partition,
                monthly_volumes.traffic_class,
                case
                    when allowances.tier_scope = 'account_month' then 'all' else
                        monthly_volumes.region
                end
        ) as byte_count_of_allowance
    from monthly_volumes
    left join allowances
        on
            monthly_volumes.aws_partition = allowances.aws_partition
            and monthly_volumes.traffic_class = 'internet_egress'
            and monthly_volumes.month_start_date >= allowances.valid_from
            and monthly_volumes.month_start_date <= coalesce(allowances.valid_to, date '9999-12-31')
),

billable_volumes as (
    select
        month_start_date,
        payer_account_id,
        region,
        traffic_class,
        destination,
        {{ gigabytes('byte_count') }} as volume_gb,
        -- AWS does not say which bytes are the free ones: each region and sender has the same share.
        case
            when free_gb is null then cast(1 as double)
            when free_gb >= {{ gigabytes('byte_count_of_allowance') }} then cast(0 as double)
            else 1 - free_gb / {{ gigabytes('byte_count_of_allowance') }}
        end as billable_share
    from volumes_with_allowance
),

billable_volumes_with_prices as (
    select
        billable_volumes.*,
        billable_volumes.volume_gb * billable_volumes.billable_share as billable_gb,
        prices.tier_start_gb,
        prices.tier_end_gb,
        prices.price_per_gb,
        prices.currency,
        prices.price_confidence
    from billable_volumes
    left join prices
        on
            billable_volumes.month_start_date = prices.month_start_date
            and billable_volumes.region = prices.region
            and billable_volumes.traffic_class = prices.traffic_class
            and billable_volumes.destination = prices.destination
),

tier_costs as (
    select
        *,
        cast(
            case
                when billable_gb <= tier_start_gb then cast(0 as double)
                when tier_end_gb is null or billable_gb < tier_end_gb
                    then billable_gb - tier_start_gb
                else cast(tier_end_gb - tier_start_gb as double)
            end * cast(price_per_gb as double) as decimal(28, 10)
        ) as tier_cost
    from billable_volumes_with_prices
),

month_costs as (
    select
        month_start_date,
        payer_account_id,
        region,
        traffic_class,
        destination,
        volume_gb,
        billable_share,
        currency,
        max({{ price_confidence_order('price_confidence') }}) as confidence_order,
        sum(tier_cost) as month_cost
    from tier_costs
    group by
        month_start_date,
        payer_account_id,
        region,
        traffic_class,
        destination,
        volume_gb,
        billable_share,
        currency
),

sender_costs as (
    select
        transfers_of_payers.event_date,
        transfers_of_payers.account_id,
        transfers_of_payers.region,
        transfers_of_payers.sender_id,
        transfers_of_payers.traffic_class,
        coalesce(month_costs.currency, 'unknown') as currency,
        month_costs.confidence_order,
        transfers_of_payers.byte_count,
        cast(
            {{ gigabytes('transfers_of_payers.byte_count') }}
            * month_costs.billable_share as decimal(28, 9)
        ) as billable_gb,
        cast(
            cast(month_costs.month_cost as double)
            -- A month without bytes costs nothing; one without a price stays without a cost.
            * coalesce(
                {{ gigabytes('transfers_of_payers.byte_count') }}
                / nullif(month_costs.volume_gb, 0),
                0
            ) as decimal(28, 9)
        ) as estimated_cost
    from transfers_of_payers
    inner join month_costs
        on
            transfers_of_payers.month_start_date = month_costs.month_start_date
            and transfers_of_payers.payer_account_id = month_costs.payer_account_id
            and transfers_of_payers.region = month_costs.region
            and transfers_of_payers.traffic_class = month_costs.traffic_class
            and transfers_of_payers.destination = month_costs.destination
)

select
    account_id,
    region,
    sender_id,
    traffic_class,
    currency,
    cast(sum(byte_count) as bigint) as byte_count,
    cast(sum(billable_gb) as decimal(28, 9)) as billable_gb,
    cast(sum(estimated_cost) as decimal(28, 9)) as estimated_cost,
    {{ price_confidence('max(confidence_order)') }} as price_confidence,
    event_date
from sender_costs
group by
    event_date,
    account_id,
    region,
    sender_id,
    traffic_class,
    currency
