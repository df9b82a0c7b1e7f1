-- One row per row of the Parquet flow logs delivered in the window's folders.
-- Adds the file. A field that does not apply is null.
with

parquet_rows as (
    select
        {{ flow_log_values('parquet') }},
        {{ delivery_columns('vpc_flow_logs', 'parquet') }}
    from {{ source('vpc_flow_logs', 'parquet') }}
    where {{ delivery_filter('vpc_flow_logs', 'parquet') }}
)

select
    version,
    account_id,
    interface_id,
    srcaddr,
    dstaddr,
    srcport,
    dstport,
    protocol,
    packets,
    bytes,
    start_epoch,
    end_epoch,
    action,
    log_status,
    vpc_id,
    subnet_id,
    instance_id,
    tcp_flags,
    type,
    pkt_srcaddr,
    pkt_dstaddr,
    region,
    az_id,
    sublocation_type,
    sublocation_id,
    pkt_src_aws_service,
    pkt_dst_aws_service,
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
    file_path,
    delivery_date,
    log_account_id,
    log_region
from parquet_rows
