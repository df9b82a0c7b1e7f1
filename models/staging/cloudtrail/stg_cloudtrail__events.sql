-- One row per event of an account, and one per record that can't be read.
-- Types the fields of a record, lifts what is useful out of its JSON parts, and marks the copies of
-- a call that several accounts were told of. Leaves out what was delivered twice or is replaced.
with

records as (
    select * from {{ ref('base_cloudtrail__records') }}
),

named_fields as (
    select
        *,
        {{ parse_iso_time('event_time') }} as event_at,
        {{ json_flag('management_event') }} as is_management_event,
        {{ json_flag('read_only') }} as is_read_only,
        {{ json_flag('mfa_authenticated') }} as is_mfa_authenticated,
        {{ parse_iso_time('session_creation_date') }} as session_created_at,
        {{ json_flag('session_credential_from_console') }} as is_from_console,
        -- Other services call other things by these names.
        case
            when event_source like 's3%.amazonaws.com'
                then {{ json_text('request_parameters', '$.bucketName') }}
        end as bucket_name,
        case
            when event_source like 's3%.amazonaws.com'
                then {{ json_text('request_parameters', '$.key') }}
        end as object_key,
        {{ json_text('additional_event_data', '$.bytesTransferredIn') }} as bytes_in_text,
        {{ json_text('additional_event_data', '$.bytesTransferredOut') }} as bytes_out_text,
        {{ json_text('additional_event_data', '$.MFAUsed') }} as mfa_used,
        coalesce(recipient_account_id, log_account_id) as account_id,
        coalesce(aws_region, log_region) as region
    from records
),

typed_fields as (
    select
        *,
        {{ json_number('bytes_in_text') }} as bytes_in_number,
        {{ json_number('bytes_out_text') }} as bytes_out_number,
        coalesce(addendum_reason = 'UPDATED_DATA', false) as is_correction
    from named_fields
),

-- No transfer comes near 10^15 bytes; a larger number is damage, and a few of them would overflow a
-- day's sum.
counted_bytes as (
    select
        *,
        case
            when bytes_in_number < 1000000000000000 then cast(bytes_in_number as bigint)
        end as bytes_in,
        case
            when bytes_out_number < 1000000000000000 then cast(bytes_out_number as bigint)
        end as bytes_out
    from typed_fields
),

records_with_readability as (
    select
        *,
        event_at is not null
        and event_source is not null
        and event_name is not null
        and (
            bytes_in_text is null
            or coalesce(cast(bytes_in as double) = bytes_in_number, false)
        )
        and (
            bytes_out_text is null
            or coalesce(cast(bytes_out as double) = bytes_out_number, false)
        ) as is_readable
    from counted_bytes
),

-- The event id is the key of an event (CloudTrail User Guide, "CloudTrail record contents"). A record
-- whose addendum says UPDATED_DATA carries what an earlier one lacked, under an id of its own, and
-- names the earlier one's (same page, `addendum`): it takes the earlier one's place, the one
-- delivered last before the others. One that names no other corrects the event of its own id. Of
-- plain copies, such as those of several trails, the one delivered first stays.
records_with_keys as (
    select
        *,
        case when not is_readable then record_text end as unreadable_record,
        case when is_readable then cast(event_at as date) else delivery_date end as event_date,
        case when is_correction then coalesce(original_event_id, event_id) else event_id end
            as key_event_id,
        case when is_correction then delivery_date end as correction_date,
        case when is_correction then file_path end as correction_path,
        case when is_correction then event_id end as correction_id
    from records_with_readability
),

numbered_copies as (
    select
        *,
        row_number() over (
            partition by is_readable, account_id, key_event_id
            order by
                correction_date desc nulls last,
                correction_path desc nulls last,
                correction_id desc nulls last,
                delivery_date,
                file_path
        ) as copy_number,
        count(*) over (partition by is_readable, account_id, key_event_id) as copy_count
    from records_with_keys
),

events_once as (
    select * from numbered_copies
    where
        not is_readable
        or key_event_id is null
        or copy_number = 1
),

-- The accounts that a call concerns receive an event each, with ids of their own and the same
-- sharedEventID (same page, `sharedEventID`). That of the calling account stands for all, as it
-- knows the caller best; where the caller's account delivers no logs, that of the lowest number.
events_with_counting_account as (
    select
        *,
        case
            when is_readable and shared_event_id is not null
                then coalesce(
                        min(case when account_id = caller_account_id then account_id end) over (
                            partition by
                                is_readable, event_date, coalesce(shared_event_id, event_id)
                        ),
                        min(account_id) over (
                            partition by
                                is_readable, event_date, coalesce(shared_event_id, event_id)
                        )
                    )
            else account_id
        end as counting_account_id
    from events_once
)

select
    event_id,
    event_at,
    event_version,
    event_source,
    event_name,
    event_type,
    event_category,
    api_version,
    is_management_event,
    is_read_only,
    request_id,
    shared_event_id,
    principal_type,
    principal_id,
    principal_arn,
    caller_account_id,
    principal_name,
    access_key_id,
    invoked_by,
    identity_provider,
    on_behalf_of_user_id,
    on_behalf_of_identity_store_arn,
    is_mfa_authenticated,
    session_created_at,
    session_issuer_type,
    session_issuer_id,
    session_issuer_arn,
    session_issuer_account_id,
    session_issuer_name,
    ec2_role_delivery,
    federated_provider,
    federated_attributes,
    source_identity,
    is_from_console,
    source_address,
    user_agent,
    error_code,
    error_message,
    request_parameters,
    response_elements,
    additional_event_data,
    service_event_details,
    event_context,
    edge_device_details,
    resources,
    resource_arn,
    resource_type,
    resource_account_id,
    bucket_name,
    object_key,
    case when is_readable then bytes_in end as bytes_in,
    case when is_readable then bytes_out end as bytes_out,
    case mfa_used when 'Yes' then true when 'No' then false end as is_mfa_used,
    tls_version,
    cipher_suite,
    host_header,
    key_exchange,
    vpc_endpoint_id,
    vpc_endpoint_account_id,
    addendum_reason,
    updated_fields,
    original_request_id,
    original_event_id,
    is_readable,
    unreadable_record,
    case
        when is_readable and key_event_id is not null then copy_count - 1
        else 0
    end as duplicate_count,
    account_id <> counting_account_id as is_shared_copy,
    account_id,
    region,
    log_account_id,
    log_region,
    file_path,
    delivery_date,
    event_date
from events_with_counting_account
