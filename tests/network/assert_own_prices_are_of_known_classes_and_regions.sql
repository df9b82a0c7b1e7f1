-- Every price of vars data_transfer_prices_own and s3_request_prices_own is one of a class or tier and of a region that
-- list prices know. If not, the name is misspelled, and the list price is used in its place without a word.
with

transfer_prices as (
    select * from {{ ref('data_transfer_prices') }}
),

request_prices as (
    select * from {{ ref('s3_prices') }}
),

regions as (
    select * from {{ ref('regions') }}
),

known_names as (
    select
        'data_transfer_prices_own' as own_price_var,
        traffic_class as name_of_price
    from transfer_prices
    group by traffic_class
    union all
    select
        's3_request_prices_own' as own_price_var,
        request_price_tier as name_of_price
    from request_prices
    group by request_price_tier
),

own_prices as (
    select
        'data_transfer_prices_own' as own_price_var,
        traffic_class as name_of_price,
        region
    from {{ own_prices('data_transfer_prices_own') }} as transfer_entries
    union all
    select
        's3_request_prices_own' as own_price_var,
        request_price_tier as name_of_price,
        region
    from {{ own_prices('s3_request_prices_own') }} as request_entries
)

select
    own_prices.own_price_var,
    own_prices.name_of_price,
    own_prices.region
from own_prices
left join known_names
    on
        own_prices.own_price_var = known_names.own_price_var
        and own_prices.name_of_price = known_names.name_of_price
left join regions
    on own_prices.region = regions.region
where
    known_names.name_of_price is null
    or (own_prices.region <> '*' and regions.region is null)
