-- One row per flow record, and one per line that can't be read.
-- Names and types the fields of every format, and says which rows have the form of a flow record.
-- Flow records have no key: two equal ones may be genuine and both stay.
with

text_values as (
    select * from {{ ref('base_vpc_flow_logs__text_values') }}
),

parquet_values as (
    select * from {{ ref('base_vpc_flow_logs__parquet_values') }}
),

text_records as (
    select
        {{ flow_log_number('version', 'integer') }} as format_version,
        {{ flow_log_value('account_id') }} as interface_account_id,
        {{ flow_log_value('interface_id') }} as interface_id,
        {{ flow_log_value('srcaddr') }} as source_address,
        {{ flow_log_value('dstaddr') }} as destination_address,
        {{ flow_log_number('srcport', 'integer') }} as source_port,
        {{ flow_log_number('dstport', 'integer') }} as destination_port,
        {{ flow_log_number('protocol', 'integer') }} as protocol_number,
        {{ flow_log_number('packets', 'bigint') }} as packet_count,
        {{ flow_log_number('bytes', 'bigint') }} as byte_count,
        {{ flow_log_number('start_epoch', 'bigint') }} as start_epoch,
        {{ flow_log_number('end_epoch', 'bigint') }} as end_epoch,
        {{ flow_log_value('action') }} as action,
        {{ flow_log_value('log_status') }} as log_status,
        {{ flow_log_value('vpc_id') }} as vpc_id,
        {{ flow_log_value('subnet_id') }} as subnet_id,
        {{ flow_log_value('instance_id') }} as instance_id,
        {{ flow_log_number('tcp_flags', 'integer') }} as tcp_flags,
        {{ flow_log_value('type') }} as traffic_type,
        {{ flow_log_value('pkt_srcaddr') }} as packet_source_address,
        {{ flow_log_value('pkt_dstaddr') }} as packet_destination_address,
        {{ flow_log_value('region') }} as interface_region,
        {{ flow_log_value('az_id') }} as az_id,
        {{ flow_log_value('sublocation_type') }} as sublocation_type,
        {{ flow_log_value('sublocation_id') }} as sublocation_id,
        {{ flow_log_value('pkt_src_aws_service') }} as packet_source_aws_service,
        {{ flow_log_value('pkt_dst_aws_service') }} as packet_destination_aws_service,
        {{ flow_log_value('flow_direction') }} as flow_direction,
        {{ flow_log_number('traffic_path', 'integer') }} as traffic_path,
        {{ flow_log_value('ecs_cluster_arn') }} as ecs_cluster_arn,
        {{ flow_log_value('ecs_cluster_name') }} as ecs_cluster_name,
        {{ flow_log_value('ecs_container_instance_arn') }} as ecs_container_instance_arn,
        {{ flow_log_value('ecs_container_instance_id') }} as ecs_container_instance_id,
        {{ flow_log_value('ecs_container_id') }} as ecs_container_id,
        {{ flow_log_value('ecs_second_container_id') }} as ecs_second_container_id,
        {{ flow_log_value('ecs_service_name') }} as ecs_service_name,
        {{ flow_log_value('ecs_task_definition_arn') }} as ecs_task_definition_arn,
        {{ flow_log_value('ecs_task_arn') }} as ecs_task_arn,
        {{ flow_log_value('ecs_task_id') }} as ecs_task_id,
        {{ flow_log_value('reject_reason') }} as reject_reason,
        {{ flow_log_value('resource_id') }} as resource_id,
        {{ flow_log_number('encryption_status', 'integer') }} as encryption_status,
        {{ flow_log_value('instance_tag') }} as instance_tag,
        {{ flow_log_value('instance_tag_2') }} as instance_tag_2,
        {{ flow_log_value('interface_tag') }} as interface_tag,
        {{ flow_log_value('interface_tag_2') }} as interface_tag_2,
        {{ flow_log_value('asg_tag') }} as asg_tag,
        {{ flow_log_value('asg_tag_2') }} as asg_tag_2,
        {{ flow_log_value('interface_type') }} as interface_type,
        {{ flow_log_value('next_hop_interface_id') }} as next_hop_interface_id,
        {{ flow_log_value('next_hop_subnet_id') }} as next_hop_subnet_id,
        {{ flow_log_value('next_hop_az_id') }} as next_hop_az_id,
        {{ flow_log_value('next_hop_vpc_id') }} as next_hop_vpc_id,
        {{ flow_log_value('next_hop_interface_type') }} as next_hop_interface_type,
        -- A word or an address in the place of a number means that the line is damaged, or that the
        -- file has other fields, or another order of them, than its raw table declares.
        is_whole_line
        and {{ flow_log_values_match(
            ['version', 'srcport', 'dstport', 'protocol', 'tcp_flags', 'traffic_path', 'encryption_status'],
            '[0-9]{1,5}'
        ) }}
        and {{ flow_log_values_match(
            ['packets', 'bytes', 'start_epoch', 'end_epoch'], '[0-9]{1,15}'
        ) }} as has_numbers,
        line_values,
        log_account_id,
        log_region,
        file_path,
        delivery_date
    from text_values
),

parquet_records as (
    select
        version as format_version,
        account_id as interface_account_id,
        interface_id,
        srcaddr as source_address,
        dstaddr as destination_address,
        srcport as source_port,
        dstport as destination_port,
        protocol as protocol_number,
        packets as packet_count,
        bytes as byte_count,
        start_epoch,
        end_epoch,
        action,
        log_status,
        vpc_id,
        subnet_id,
        instance_id,
        tcp_flags,
        type as traffic_type,
        pkt_srcaddr as packet_source_address,
        pkt_dstaddr as packet_destination_address,
        region as interface_region,
        az_id,
        sublocation_type,
        sublocation_id,
        pkt_src_aws_service as packet_source_aws_service,
        pkt_dst_aws_service as packet_destination_aws_service,
        flow_direction,
        traffic_path,
        ecs_cluster_arn,
        ecs_cluster_name,
        ecs_container_instance_arn,
        ecs_container_instance_id,
        ecs_container_id,
        ecs_second_container_id,
        ecs_service_name,
        ecs_task_definition_arn,
        ecs_task_arn,
        ecs_task_id,
        reject_reason,
        resource_id,
        encryption_status,
        instance_tag,
        instance_tag_2,
        interface_tag,
        interface_tag_2,
        asg_tag,
        asg_tag_2,
        interface_type,
        next_hop_interface_id,
        next_hop_subnet_id,
        next_hop_az_id,
        next_hop_vpc_id,
        next_hop_interface_type,
        true as has_numbers,
        split(cast(null as varchar), ' ') as line_values,
        log_account_id,
        log_region,
        file_path,
        delivery_date
    from parquet_values
),

records as (
    select * from text_records
    union all
    select * from parquet_records
),

records_with_readability as (
    select
        *,
        has_numbers
        and {{ has_flow_record_form() }} as is_readable
    from records
)

select
    case when is_readable then format_version end as format_version,
    interface_account_id,
    interface_id,
    source_address,
    destination_address,
    case when is_readable then source_port end as source_port,
    case when is_readable then destination_port end as destination_port,
    case when is_readable then protocol_number end as protocol_number,
    case when is_readable then packet_count end as packet_count,
    case when is_readable then byte_count end as byte_count,
    case when is_readable then {{ epoch_to_timestamp('start_epoch') }} end as started_at,
    case when is_readable then {{ epoch_to_timestamp('end_epoch') }} end as ended_at,
    action,
    log_status,
    vpc_id,
    subnet_id,
    instance_id,
    case when is_readable then tcp_flags end as tcp_flags,
    traffic_type,
    packet_source_address,
    packet_destination_address,
    interface_region,
    az_id,
    sublocation_type,
    sublocation_id,
    packet_source_aws_service,
    packet_destination_aws_service,
    flow_direction,
    case when is_readable then traffic_path end as traffic_path,
    ecs_cluster_arn,
    ecs_cluster_name,
    ecs_container_instance_arn,
    ecs_container_instance_id,
    ecs_container_id,
    ecs_second_container_id,
    ecs_service_name,
    ecs_task_definition_arn,
    ecs_task_arn,
    ecs_task_id,
    reject_reason,
    resource_id,
    case when is_readable then encryption_status end as encryption_status,
    instance_tag,
    instance_tag_2,
    interface_tag,
    interface_tag_2,
    asg_tag,
    asg_tag_2,
    interface_type,
    next_hop_interface_id,
    next_hop_subnet_id,
    next_hop_az_id,
    next_hop_vpc_id,
    next_hop_interface_type,
    is_readable,
    case
        when not is_readable then {{ valid_text(array_to_text('line_values', "' '")) }}
    end as unreadable_line,
    -- AWS writes `unknown` for the account of some interfaces that its services made.
    case
        when is_readable and interface_account_id <> 'unknown' then interface_account_id
        else log_account_id
    end as account_id,
    case
        when is_readable and interface_region is not null then interface_region
        else log_region
    end as region,
    {{ flow_log_id('file_path') }} as flow_log_id,
    log_account_id,
    log_region,
    file_path,
    delivery_date,
    case
        when is_readable and start_epoch is not null
            then cast({{ epoch_to_timestamp('start_epoch') }} as date)
        else delivery_date
    end as event_date
from records_with_readability
