-- One row per line of a bill: a sum of billed usage.
-- Adds the class that the estimate has for it, and the region where only the usage type tells.
-- Leaves out snapshots that a later one replaces, and those with a line that can't be read: what is left would be too small.
with

snapshot_lines as (
    select * from {{ ref('stg_billing__billed_usage') }}
),

usage_types as (
    select * from {{ ref('billing_usage_types') }}
),

regions as (
    select * from {{ ref('regions') }}
),

snapshots as (
    select
        account_id,
        billed_month_date,
        bill_source,
        snapshot_at
    from snapshot_lines
    group by
        account_id,
        billed_month_date,
        bill_source,
        snapshot_at
    having count(case when not is_readable then 1 end) = 0
),

last_snapshots as (
    select
        account_id,
        billed_month_date,
        bill_source,
        max(snapshot_at) as snapshot_at
    from snapshots
    group by
        account_id,
        billed_month_date,
        bill_source
),

billed_lines as (
    select
        snapshot_lines.*,
        {{ regex_groups('snapshot_lines.usage_type', '^([A-Z]+[0-9]*)-(.+)$', 2) }} as code_parts
    from snapshot_lines
    inner join last_snapshots
        on
            snapshot_lines.account_id = last_snapshots.account_id
            and snapshot_lines.billed_month_date = last_snapshots.billed_month_date
            and snapshot_lines.bill_source = last_snapshots.bill_source
            and snapshot_lines.snapshot_at = last_snapshots.snapshot_at
    where snapshot_lines.usage_type is not null
),

-- Codes before a usage type: https://docs.aws.amazon.com/cur/latest/userguide/cur-data-transfers-charges.html
region_codes as (
    select
        region,
        usage_type_prefix as region_code
    from regions
    where usage_type_prefix is not null
    union all
    select
        region,
        usage_type_prefix_alt as region_code
    from regions
    where usage_type_prefix_alt <> '(none)'
),

lines_after_first_code as (
    select
        billed_lines.*,
        first_codes.region as code_region,
        case
            when first_codes.region is null then billed_lines.usage_type
            else {{ regex_group('billed_lines.code_parts', 2) }}
        end as text_of_usage
    from billed_lines
    left join region_codes as first_codes
        on {{ regex_group('billed_lines.code_parts', 1) }} = first_codes.region_code
),

lines_with_second_code as (
    select
        *,
        {{ regex_groups('text_of_usage', '^([A-Z]+[0-9]*)-(.+)$', 2) }} as far_code_parts
    from lines_after_first_code
),

-- Transfer between two regions has the code of the source, then that of the destination.
lines_with_suffix as (
    select
        lines_with_second_code.*,
        case
            when far_codes.region is null then lines_with_second_code.text_of_usage
            else {{ regex_group('lines_with_second_code.far_code_parts', 2) }}
        end as usage_type_suffix
    from lines_with_second_code
    left join region_codes as far_codes
        on {{ regex_group('lines_with_second_code.far_code_parts', 1) }} = far_codes.region_code
),

classified_lines as (
    select
        lines_with_suffix.*,
        coalesce(types_of_product.billing_class, types_of_all.billing_class) as billing_class
    from lines_with_suffix
    left join usage_types as types_of_product
        on
            lines_with_suffix.usage_type_suffix = types_of_product.usage_type_suffix
            and lines_with_suffix.product_code = types_of_product.product_code
    left join usage_types as types_of_all
        on
            lines_with_suffix.usage_type_suffix = types_of_all.usage_type_suffix
            and types_of_all.product_code = '*'
)

select
    classified_lines.account_id,
    coalesce(
        told_regions.region,
        classified_lines.code_region,
        -- Without a code it is the first region; of what the seed does not know the start may be another code.
        case when classified_lines.billing_class is not null then regions_without_code.region end,
        'unknown'
    ) as region,
    coalesce(classified_lines.billing_class, 'other') as billing_class,
    classified_lines.bill_source,
    classified_lines.usage_type,
    classified_lines.operation,
    classified_lines.product_code,
    classified_lines.resource_id,
    classified_lines.billed_gb,
    classified_lines.billed_cost,
    classified_lines.currency,
    classified_lines.usage_date as event_date
from classified_lines
left join regions as told_regions
    on classified_lines.region = told_regions.region
left join regions as regions_without_code
    on regions_without_code.usage_type_prefix_alt = '(none)'
