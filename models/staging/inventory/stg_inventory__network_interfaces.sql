-- One row per line of a snapshot: a network interface, or the word that there was none.
-- Names the fields of DescribeNetworkInterfaces, and keeps lines that can't be read.
with

lines as (
    select * from {{ ref('base_inventory__network_interface_lines') }}
),

lines_with_documents as (
    select
        *,
        case when {{ is_json('line') }} then line end as json_line,
        {{ regex_groups(
            'file_path',
            '_([0-9]{8})T([0-9]{6})Z[.]json',
            2
        ) }} as time_parts
    from lines
),

-- Fields: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
named_fields as (
    select
        line,
        json_line,
        file_path,
        log_account_id as snapshot_account_id,
        log_region as region,
        {{ time_of_digits(
            '(' ~ regex_group('time_parts', 1) ~ ' || ' ~ regex_group('time_parts', 2) ~ ')'
        ) }} as snapshot_at,
        {{ json_text('json_line', '$.NetworkInterfaceId') }} as interface_id,
        nullif({{ json_text('json_line', '$.InterfaceType') }}, '') as interface_type,
        nullif({{ json_text('json_line', '$.Description') }}, '') as description,
        nullif({{ json_text('json_line', '$.RequesterId') }}, '') as requester_id,
        {{ json_text('json_line', '$.RequesterManaged') }} as requester_managed,
        nullif({{ json_text('json_line', '$.OwnerId') }}, '') as owner_account_id,
        nullif({{ json_text('json_line', '$.Attachment.InstanceId') }}, '')
            as attachment_instance_id,
        nullif({{ json_text('json_line', '$.Attachment.InstanceOwnerId') }}, '')
            as attachment_instance_owner_id,
        nullif({{ json_text('json_line', '$.Status') }}, '') as status,
        nullif({{ json_text('json_line', '$.VpcId') }}, '') as vpc_id,
        nullif({{ json_text('json_line', '$.SubnetId') }}, '') as subnet_id,
        nullif({{ json_text('json_line', '$.AvailabilityZone') }}, '') as availability_zone,
        nullif({{ json_text('json_line', '$.AvailabilityZoneId') }}, '') as az_id,
        {{ json_texts('json_line', '$.PrivateIpAddresses', '$.PrivateIpAddress') }} as private_list,
        {{ json_texts('json_line', '$.PrivateIpAddresses', '$.Association.PublicIp') }}
            as public_list,
        {{ json_texts('json_line', '$.Ipv6Addresses', '$.Ipv6Address') }} as ipv6_list,
        {{ json_texts('json_line', '$.Ipv4Prefixes', '$.Ipv4Prefix') }} as ipv4_prefix_list,
        {{ json_texts('json_line', '$.Ipv6Prefixes', '$.Ipv6Prefix') }} as ipv6_prefix_list,
        {{ json_texts('json_line', '$.TagSet', '$.Key') }} as tag_keys,
        {{ json_texts('json_line', '$.TagSet', '$.Value') }} as tag_values,
        nullif({{ json_text('json_line', '$.InstanceName') }}, '') as instance_name
    from lines_with_documents
),

fields_with_readability as (
    select
        *,
        -- Where an account has no interface in a region, its snapshot is the one line {}.
        snapshot_at is not null
        and coalesce(
            {{ regex_matches('interface_id', '^eni-[0-9a-f]+$') }},
            {{ regex_matches('json_line', '^ *[{] *[}] *$') }},
            false
        ) as is_readable
    from named_fields
)

select
    is_readable,
    case when not is_readable then line end as unreadable_line,
    interface_id,
    interface_type,
    description,
    requester_id,
    case requester_managed when 'true' then true when 'false' then false end
        as is_requester_managed,
    owner_account_id,
    attachment_instance_id,
    attachment_instance_owner_id,
    status,
    vpc_id,
    subnet_id,
    availability_zone,
    az_id,
    nullif({{ array_to_text('private_list', "' '") }}, '') as private_addresses,
    nullif({{ array_to_text('public_list', "' '") }}, '') as public_addresses,
    nullif({{ array_to_text('ipv6_list', "' '") }}, '') as ipv6_addresses,
    nullif({{ array_to_text('ipv4_prefix_list', "' '") }}, '') as ipv4_prefixes,
    nullif({{ array_to_text('ipv6_prefix_list', "' '") }}, '') as ipv6_prefixes,
    nullif(
        {{ array_element('tag_values', element_position('tag_keys', "'Name'")) }}, ''
    ) as interface_name,
    instance_name,
    coalesce(owner_account_id, snapshot_account_id) as account_id,
    region,
    snapshot_account_id,
    snapshot_at,
    cast(snapshot_at as date) as snapshot_date,
    file_path
from fields_with_readability
