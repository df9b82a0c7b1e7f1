-- Every price of var data_transfer_prices_own is one of a class and a region that list prices know.
-- If not, the name is misspelled, and the list price is used in its place without a word.
with

known_prices as (
    select * from {{ ref('data_transfer_prices') }}
),

regions as (
    select * from {{ ref('regions') }}
),

known_classes as (
    select traffic_class
    from known_prices
    group by traffic_class
),

own_prices as (
    select
        traffic_class,
        region
    from {{ own_prices() }} as entries
)

select
    own_prices.traffic_class,
    own_prices.region
from own_prices
left join known_classes
    on own_prices.traffic_class = known_classes.traffic_class
left join regions
    on own_prices.region = regions.region
where
    known_classes.traffic_class is null
    or (own_prices.region <> '*' and regions.region is null)
