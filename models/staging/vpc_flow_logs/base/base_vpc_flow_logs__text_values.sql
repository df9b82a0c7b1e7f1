-- One row per line of the text flow logs delivered in the window's folders, values as they stand.
-- Adds all values as an array, whether they are as many as the format has fields, and the file.
-- Leaves out blank lines.
with
{% for table in flow_log_text_tables() %}
    {{ table }}_lines as (
        select
            {{ flow_log_values(table) }},
            {{ is_whole_flow_log_line(table) }} as is_whole_line,
            {{ flow_log_line_values(table) }} as line_values,
            {{ delivery_columns('vpc_flow_logs', table) }}
        from {{ source('vpc_flow_logs', table) }}
        where
            {{ delivery_filter('vpc_flow_logs', table) }}
            and not {{ is_blank_flow_log_line(table) }}
    ),
{% endfor %}
all_lines as (
    {% for table in flow_log_text_tables() -%}
        select * from {{ table }}_lines
        {{- '\n        union all\n' if not loop.last }}
    {% endfor -%}
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
    is_whole_line,
    line_values,
    file_path,
    delivery_date,
    log_account_id,
    log_region
from all_lines
