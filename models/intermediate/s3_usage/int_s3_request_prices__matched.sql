-- One row per event day, region and price tier of the requests on it: the price of 1,000 requests that holds.
-- Chooses the row of the price list that fits best: the user's own price, the region's, then the fallback's.
with

operations as (
    select * from {{ ref('int_s3_operations__categorized') }}
),

list_prices as (
    select * from {{ ref('s3_prices') }}
),

regions as (
    select * from {{ ref('regions') }}
),

prices as (
    select
        aws_partition,
        region,
        request_price_tier,
        price_per_1000,
        currency,
        valid_from,
        valid_to,
        confidence,
        1 as origin_order
    from list_prices
    -- Logs do not tell the storage class of an object.
    where storage_class = 'STANDARD'
    union all
    select
        aws_partition,
        region,
        request_price_tier,
        price_per_1000,
        currency,
        valid_from,
        valid_to,
        confidence,
        origin_order
    from {{ own_prices('s3_request_prices_own') }} as own_prices
),

days as (
    select
        event_date,
        request_price_tier
    from operations
    group by event_date, request_price_tier
),

places as (
    select
        region,
        aws_partition
    from regions
    union all
    select
        'unknown' as region,
        {{ sql_literal(var('aws_partition')) }} as aws_partition
),

fitting_prices as (
    select
        days.event_date,
        places.region,
        days.request_price_tier,
        prices.price_per_1000,
        prices.currency,
        case
            when prices.origin_order = 0 then 'own'
            when prices.valid_from > days.event_date then 'extrapolated'
            else prices.confidence
        end as price_confidence,
        row_number() over (
            partition by days.event_date, places.region, days.request_price_tier
            order by
                prices.origin_order,
                case when prices.region = '*' then 2 else 1 end,
                case when prices.valid_from <= days.event_date then 1 else 2 end,
                case when prices.valid_from <= days.event_date then prices.valid_from end desc,
                prices.valid_from
        ) as fit_rank
    from days
    cross join places
    inner join prices
        on
            places.aws_partition = prices.aws_partition
            and prices.region in (places.region, '*')
            and days.request_price_tier = prices.request_price_tier
            and days.event_date <= coalesce(prices.valid_to, date '9999-12-31')
            -- Before the first day known of a list price it may have been the same; one's own was not.
            and (prices.origin_order <> 0 or days.event_date >= prices.valid_from)
)

select
    region,
    request_price_tier,
    price_per_1000,
    currency,
    price_confidence,
    event_date
from fitting_prices
where fit_rank = 1
