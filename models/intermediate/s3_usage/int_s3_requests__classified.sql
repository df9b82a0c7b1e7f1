-- One row per readable request.
-- Adds whether S3 charges the bucket's account for it, and the class of transfer that its bytes are.
-- The one place of this rule: the S3 marts and int_s3_transfers__classified read it.
with

requests as (
    select * from {{ ref('int_s3_requests__measured') }}
),

addresses as (
    select * from {{ ref('int_network_addresses__classified') }}
),

unbilled_errors as (
    select * from {{ ref('s3_unbilled_errors') }}
),

requests_with_callers as (
    select
        *,
        {{ is_requester_pays_bucket('bucket_name') }} as is_requester_pays,
        case
            when requester = 'anonymous' then true
            when {{ regex_matches('requester', '^arn:[a-z-]+:(iam|sts):{2}[0-9]{12}:') }}
                then
                    account_id <> 'unknown'
                    and {{ array_element("split(requester, ':')", 5) }} <> account_id
            -- A canonical user id; services of AWS have names.
            when {{ regex_matches('requester', '^[0-9a-f]{64}$') }}
                then requester <> bucket_owner_id
        end as is_from_other_account
    from requests
),

requests_with_addresses as (
    select
        requests_with_callers.*,
        addresses.is_public,
        addresses.aws_service,
        addresses.aws_region,
        unbilled_errors.applies_to as unbilled_for,
        unbilled_errors.confidence as unbilled_confidence
    from requests_with_callers
    left join addresses
        on
            requests_with_callers.event_date = addresses.event_date
            and requests_with_callers.remote_address = addresses.address
    left join unbilled_errors
        on
            requests_with_callers.http_status = unbilled_errors.http_status
            and requests_with_callers.error_code = unbilled_errors.error_code
            and requests_with_callers.event_date >= unbilled_errors.valid_from
),

requests_with_billing as (
    select
        *,
        case
            -- Who pays for errors: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorCodeBilling.html
            when http_status >= 500 then false
            -- Error documents and redirects of websites are charged (same page).
            when operation_category = 'website' then true
            -- The requester pays what succeeds; the owner what is refused, and SOAP requests
            -- (https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html#ChargeDetails).
            when is_requester_pays and is_from_other_account
                then http_status = 403 or requester = 'anonymous' or operation like 'SOAP.%'
            when unbilled_for = 'everyone' then false
            when unbilled_for = 'other_accounts' then not coalesce(is_from_other_account, false)
            else true
        end as is_billed
    from requests_with_addresses
),

classified_requests as (
    select
        *,
        case
            when not coalesce(is_billed, false) then 'not_billed'
            -- Origin access control signs with this name; the address is then missing in the log.
            when requester = 'svc:cloudfront.amazonaws.com' then 'to_cloudfront'
            when aws_service in ('CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING') then 'to_cloudfront'
            -- S3's own work, and services of AWS that act inside it.
            when remote_address = 'none' then 'aws_internal'
            when source_region = region then 's3_same_region'
            when source_region is not null and region <> 'unknown' then 'inter_region_egress'
            when source_region is not null then 'unknown'
            -- Without a region: PrivateLink and Direct Connect, or addresses that are not AWS's
            -- (https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html, Source region);
            -- in older lines gateway endpoints, too.
            when is_public is null then 'unknown'
            when not is_public then 'private_network'
            when coalesce(aws_region, 'GLOBAL') = 'GLOBAL' then 'internet_egress'
            when region = 'unknown' then 'unknown'
            when aws_region = region then 's3_same_region'
            else 'inter_region_egress'
        end as transfer_class,
        coalesce(source_region, aws_region) as far_region
    from requests_with_billing
)

select
    account_id,
    region,
    bucket_name,
    remote_address,
    requester,
    operation,
    operation_category,
    request_price_tier,
    object_key,
    http_status_class,
    transfer_class,
    case when transfer_class = 'inter_region_egress' then far_region end as transfer_region,
    case
        when transfer_class = 'unknown' then 4
        when transfer_class = 'not_billed' and unbilled_confidence = 'assumed' then 3
        -- Logs do not tell which accounts are of the bucket's organization.
        when transfer_class = 'not_billed' and unbilled_for = 'other_accounts' then 2
        when
            transfer_class in ('not_billed', 'aws_internal')
            or requester = 'svc:cloudfront.amazonaws.com'
            or source_region is not null
            then 1
        when has_source_region then 2
        else 3
    end as confidence_order,
    bytes_sent,
    downloaded_byte_count,
    uploaded_byte_count,
    copied_byte_count,
    error_byte_count,
    is_error,
    event_date
from classified_requests
