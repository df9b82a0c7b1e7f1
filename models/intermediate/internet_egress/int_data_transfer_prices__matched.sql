-- One row per first day of validity, region, class of transfer, destination and volume tier that was charged somewhere.
-- Chooses for each the row of the price list that fits best: the user's own price, the region's, then the fallback's.
with

transfers as (
    select * from {{ ref('int_data_transfers__charged') }}
),

list_prices as (
    select * from {{ ref('data_transfer_prices') }}
),

regions as (
    select * from {{ ref('regions') }}
),

prices as (
    select
        aws_partition,
        region,
        traffic_class,
        destination,
        tier_start_gb,
        tier_end_gb,
        price_per_gb,
        currency,
        valid_from,
        valid_to,
        confidence,
        1 as origin_order
    from list_prices
    union all
    select
        aws_partition,
        region,
        traffic_class,
        destination,
        tier_start_gb,
        tier_end_gb,
        price_per_gb,
        currency,
        valid_from,
        valid_to,
        confidence,
        origin_order
    from {{ own_prices('data_transfer_prices_own') }} as own_prices
),

charged_combinations as (
    select
        -- The tiers are those of a whole month, so one price list holds for it.
        {{ first_day_of_month('event_date') }} as month_start_date,
        region,
        traffic_class,
        destination
    from transfers
    group by
        {{ first_day_of_month('event_date') }},
        region,
        traffic_class,
        destination
),

fitting_prices as (
    select
        charged_combinations.month_start_date,
        charged_combinations.region,
        charged_combinations.traffic_class,
        charged_combinations.destination,
        prices.tier_start_gb,
        prices.tier_end_gb,
        prices.price_per_gb,
        prices.currency,
        case
            when prices.origin_order = 0 then 'own'
            when prices.valid_from > charged_combinations.month_start_date then 'extrapolated'
            else prices.confidence
        end as price_confidence,
        rank() over (
            partition by
                charged_combinations.month_start_date, charged_combinations.region,
                charged_combinations.traffic_class, charged_combinations.destination
            order by
                prices.origin_order,
                case when prices.region = '*' then 2 else 1 end,
                case when prices.destination = charged_combinations.destination then 1 else 2 end
        ) as fit_rank,
        -- All tiers of a price list together: a later one may have other limits.
        rank() over (
            partition by
                charged_combinations.month_start_date, charged_combinations.region,
                charged_combinations.traffic_class, charged_combinations.destination,
                prices.origin_order, prices.region, prices.destination
            order by
                case
                    when prices.valid_from <= charged_combinations.month_start_date then 1 else 2
                end,
                case
                    when
                        prices.valid_from <= charged_combinations.month_start_date
                        then prices.valid_from
                end desc,
                prices.valid_from
        ) as validity_rank
    from charged_combinations
    left join regions
        on charged_combinations.region = regions.region
    inner join prices
        on
            coalesce(regions.aws_partition, {{ sql_literal(var('aws_partition')) }})
            = prices.aws_partition
            and prices.region in (charged_combinations.region, '*')
            and charged_combinations.traffic_class = prices.traffic_class
            and prices.destination in (charged_combinations.destination, '*')
            and charged_combinations.month_start_date
            <= coalesce(prices.valid_to, date '9999-12-31')
            -- Before the first day known of a list price it may have been the same; one's own was not.
            and (
                prices.origin_order <> 0
                or charged_combinations.month_start_date >= prices.valid_from
            )
)

select
    month_start_date,
    region,
    traffic_class,
    destination,
    tier_start_gb,
    tier_end_gb,
    price_per_gb,
    currency,
    price_confidence
from fitting_prices
where fit_rank = 1 and validity_rank = 1
