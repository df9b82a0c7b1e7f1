-- One row per request, and one per line that can't be read.
-- Takes each line apart, types its fields, and removes requests that were delivered twice.
with

lines as (
    select * from {{ ref('base_s3_access_logs__lines') }}
),

lines_split_at_quotes as (
    select
        *,
        split(line, '"') as parts
    from lines
),

-- Nearly every line has exactly three quoted fields, and splitting is several times faster than
-- a pattern. The pattern is for the others: no request, no referrer, or quotes inside a field,
-- which S3 does not escape. The second and third list of fields begin with an empty one.
lines_split_at_blanks as (
    select
        *,
        split({{ array_element('parts', 1) }}, ' ') as plain_head_fields,
        split({{ array_element('parts', 3) }}, ' ') as plain_middle_fields,
        split({{ array_element('parts', 7) }}, ' ') as plain_tail_fields
    from lines_split_at_quotes
),

lines_by_shape as (
    select
        *,
        {{ array_size('parts') }} = 7
        and {{ array_size('plain_head_fields') }} = 10
        and {{ array_size('plain_middle_fields') }} = 8
        and {{ array_element('parts', 5) }} = ' '
        and starts_with({{ array_element('parts', 7) }}, ' ') as is_plain
    from lines_split_at_blanks
),

lines_with_groups as (
    select
        *,
        case
            when not is_plain and length(line) <= {{ var('s3_access_logs_longest_line') }}
                then {{ regex_groups('line', s3_access_log_pattern(), 6) }}
        end as line_groups
    from lines_by_shape
),

lines_in_fields as (
    select
        line,
        file_path,
        delivery_date,
        account_id,
        region,
        case
            when is_plain then plain_head_fields
            else split(replace({{ regex_group('line_groups', 1) }}, '  ', ' '), ' ')
        end as head_fields,
        case
            when is_plain then {{ array_element('parts', 2) }}
            else {{ regex_group('line_groups', 2) }}
        end as request_uri,
        case
            when is_plain then plain_middle_fields
            else split(' ' || {{ regex_group('line_groups', 3) }}, ' ')
        end as middle_fields,
        case
            when is_plain then {{ array_element('parts', 4) }}
            else {{ regex_group('line_groups', 4) }}
        end as referrer,
        case
            when is_plain then {{ array_element('parts', 6) }}
            else {{ regex_group('line_groups', 5) }}
        end as user_agent,
        case
            when is_plain then plain_tail_fields
            else split(' ' || {{ regex_group('line_groups', 6) }}, ' ')
        end as split_tail_fields
    from lines_with_groups
),

-- A blank inside the host id would move every field behind it. The next one tells: it is a signature version
-- (`SigV2`, `SigV4`, ..) or `-`.
lines_with_whole_host_ids as (
    select
        *,
        case
            when
                {{ array_element('split_tail_fields', 4) }} <> '-'
                and not starts_with({{ array_element('split_tail_fields', 4) }}, 'SigV')
                and (
                    {{ array_element('split_tail_fields', 5) }} = '-'
                    or starts_with({{ array_element('split_tail_fields', 5) }}, 'SigV')
                )
                then
                    array[
                        '',
                        {{ array_element('split_tail_fields', 2) }},
                        {{ array_element('split_tail_fields', 3) }}
                        || ' ' || {{ array_element('split_tail_fields', 4) }}
                    ] || {{ array_tail('split_tail_fields', 5) }}
            else split_tail_fields
        end as tail_fields
    from lines_in_fields
),

named_fields as (
    select
        line,
        file_path,
        delivery_date,
        account_id,
        region,
        {{ log_field('head_fields', 1) }} as bucket_owner_id,
        {{ log_field('head_fields', 2) }} as bucket_name,
        {{ parse_access_log_time(
            "substr(" ~ array_element('head_fields', 3) ~ " || ' ' || "
            ~ array_element('head_fields', 4) ~ ", 2, 26)"
        ) }} as request_at,
        {{ log_field('head_fields', 5) }} as remote_address,
        {{ log_field('head_fields', 6) }} as requester,
        {{ log_field('head_fields', 7) }} as request_id,
        {{ log_field('head_fields', 8) }} as operation,
        {{ log_field('head_fields', 9) }} as object_key,
        nullif(request_uri, '-') as request_uri,
        {{ log_field('middle_fields', 2) }} as http_status_text,
        {{ log_field('middle_fields', 3) }} as error_code,
        {{ log_field('middle_fields', 4) }} as bytes_sent_text,
        {{ log_field('middle_fields', 5) }} as object_size_text,
        {{ log_field('middle_fields', 6) }} as total_time_ms_text,
        {{ log_field('middle_fields', 7) }} as turn_around_time_ms_text,
        nullif(referrer, '-') as referrer,
        nullif(user_agent, '-') as user_agent,
        {{ log_field('tail_fields', 2) }} as version_id,
        {{ log_field('tail_fields', 3) }} as host_id,
        {{ log_field('tail_fields', 4) }} as signature_version,
        {{ log_field('tail_fields', 5) }} as cipher_suite,
        {{ log_field('tail_fields', 6) }} as authentication_type,
        {{ log_field('tail_fields', 7) }} as host_header,
        {{ log_field('tail_fields', 8) }} as tls_version,
        {{ log_field('tail_fields', 9) }} as access_point_arn,
        {{ log_field('tail_fields', 10) }} as acl_required,
        {{ log_field('tail_fields', 11) }} as source_region,
        coalesce({{ array_element('tail_fields', 11) }}, '') <> '' as has_source_region,
        nullif({{ array_to_text(array_tail('tail_fields', 12), "' '") }}, '') as additional_fields
    from lines_with_whole_host_ids
),

typed_fields as (
    select
        *,
        try_cast(http_status_text as integer) as http_status,
        try_cast(bytes_sent_text as bigint) as bytes_sent,
        try_cast(object_size_text as bigint) as object_size,
        try_cast(total_time_ms_text as bigint) as total_time_ms,
        try_cast(turn_around_time_ms_text as bigint) as turn_around_time_ms
    from named_fields
),

lines_with_readability as (
    select
        *,
        -- Only digits: a cast alone would let '1.5' or ' 7' pass on one engine and not on the other.
        -- No object or answer of S3 comes near 10^15 bytes; a larger number is damage, and a few of
        -- them would overflow a day's sum.
        {{ regex_matches(
            "coalesce(http_status_text, '') || coalesce(bytes_sent_text, '') || coalesce(object_size_text, '')"
            ~ " || coalesce(total_time_ms_text, '') || coalesce(turn_around_time_ms_text, '')",
            '^[0-9]*$'
        ) }}
        and (http_status is null) = (http_status_text is null)
        and (bytes_sent is null) = (bytes_sent_text is null)
        and (object_size is null) = (object_size_text is null)
        and coalesce(bytes_sent, 0) < 1000000000000000
        and coalesce(object_size, 0) < 1000000000000000
        and (total_time_ms is null) = (total_time_ms_text is null)
        and (turn_around_time_ms is null) = (turn_around_time_ms_text is null)
        and bucket_name is not null
        and operation is not null
        and request_at is not null as is_readable
    from typed_fields
),

-- Delivery is best effort and may repeat a line (S3 User Guide, "Best-effort server log delivery").
-- The version id is part of the key because one multi-object delete can name several versions of
-- one object. Copies that differ were damaged; the line then decides, so that every run keeps the same one.
numbered_copies as (
    select
        *,
        row_number() over (
            partition by is_readable, request_id, operation, object_key, version_id
            order by delivery_date, file_path, line
        ) as copy_number,
        count(*) over (
            partition by is_readable, request_id, operation, object_key, version_id
        ) as copy_count
    from lines_with_readability
)

select
    request_id,
    request_at,
    bucket_owner_id,
    bucket_name,
    remote_address,
    requester,
    operation,
    object_key,
    request_uri,
    case when is_readable then http_status end as http_status,
    error_code,
    case when is_readable then coalesce(bytes_sent, 0) end as bytes_sent,
    case when is_readable then object_size end as object_size,
    case when is_readable then total_time_ms end as total_time_ms,
    case when is_readable then turn_around_time_ms end as turn_around_time_ms,
    referrer,
    user_agent,
    version_id,
    host_id,
    signature_version,
    cipher_suite,
    authentication_type,
    host_header,
    tls_version,
    access_point_arn,
    coalesce(acl_required = 'Yes', false) as is_acl_required,
    source_region,
    has_source_region,
    additional_fields,
    is_readable,
    case when not is_readable then line end as unreadable_line,
    case when is_readable then copy_count - 1 else 0 end as duplicate_count,
    account_id,
    region,
    file_path,
    delivery_date,
    case when is_readable then cast(request_at as date) else delivery_date end as event_date
from numbered_copies
where not is_readable or copy_number = 1
