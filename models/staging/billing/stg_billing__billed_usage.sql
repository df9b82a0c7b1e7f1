-- One row per line of a snapshot: a sum of billed usage, or the word that there was none.
-- Names the keys that scripts/snapshot_billed_usage.py writes, and keeps lines that can't be read.
with

lines as (
    select * from {{ ref('base_billing__billed_usage_lines') }}
),

lines_with_documents as (
    select
        *,
        case when {{ is_json('line') }} then line end as json_line,
        {{ regex_groups(
            'file_path',
            '_([a-z-]+)_([0-9]{8})T([0-9]{6})Z[.]json',
            3
        ) }} as name_parts
    from lines
),

named_fields as (
    select
        line,
        json_line,
        file_path,
        log_account_id as account_id,
        delivery_date as billed_month_date,
        replace({{ regex_group('name_parts', 1) }}, '-', '_') as bill_source,
        {{ time_of_digits(
            '(' ~ regex_group('name_parts', 2) ~ ' || ' ~ regex_group('name_parts', 3) ~ ')'
        ) }} as snapshot_at,
        {{ json_text('json_line', '$.UsageDate') }} as usage_date_text,
        nullif({{ json_text('json_line', '$.Region') }}, '') as region,
        nullif({{ json_text('json_line', '$.UsageType') }}, '') as usage_type,
        nullif({{ json_text('json_line', '$.Operation') }}, '') as operation,
        nullif({{ json_text('json_line', '$.ProductCode') }}, '') as product_code,
        nullif({{ json_text('json_line', '$.ResourceId') }}, '') as resource_id,
        {{ json_text('json_line', '$.UsageGb') }} as billed_gb_text,
        {{ json_text('json_line', '$.Cost') }} as billed_cost_text,
        {{ json_text('json_line', '$.Currency') }} as currency
    from lines_with_documents
),

typed_fields as (
    select
        *,
        cast({{ parse_iso_time("usage_date_text || 'T00:00:00Z'") }} as date) as usage_date,
        case
            when {{ regex_matches('billed_gb_text', '^-?[0-9]{1,17}([.][0-9]{1,10})?$') }}
                then cast(billed_gb_text as decimal(28, 10))
        end as billed_gb,
        case
            when {{ regex_matches('billed_cost_text', '^-?[0-9]{1,17}([.][0-9]{1,10})?$') }}
                then cast(billed_cost_text as decimal(28, 10))
        end as billed_cost
    from named_fields
),

fields_with_readability as (
    select
        *,
        snapshot_at is not null
        and coalesce(billed_month_date = {{ first_day_of_month('billed_month_date') }}, false)
        and (
            -- Where an account had nothing of the kind in a month, its snapshot is the one line {}.
            coalesce({{ regex_matches('json_line', '^ *[{] *[}] *$') }}, false)
            or (
                usage_date is not null
                and usage_type is not null
                and billed_gb is not null
                and (
                    (billed_cost_text is null and currency is null)
                    or (
                        billed_cost is not null
                        and coalesce({{ regex_matches('currency', '^[A-Z]{3}$') }}, false)
                    )
                )
            )
        ) as is_readable
    from typed_fields
)

select
    is_readable,
    case when not is_readable then line end as unreadable_line,
    account_id,
    region,
    usage_date,
    usage_type,
    operation,
    product_code,
    resource_id,
    billed_gb,
    billed_cost,
    currency,
    bill_source,
    billed_month_date,
    snapshot_at,
    file_path
from fields_with_readability
