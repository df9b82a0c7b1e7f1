{#
    True when the values of a flow record have the form of their fields, whatever the delivery format. Over the columns of
    stg_vpc_flow_logs__records, with start_epoch and end_epoch. A field that does not apply is NULL and has every form.
    Field list: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
    Counters of 10^15 and more are damage: an interface would have to send 13 Tbit/s to count as much in ten minutes. No
    flow is older than VPC itself (2009-08-26, https://aws.amazon.com/blogs/aws/introducing-amazon-virtual-private-cloud/).
    The forms of ids and addresses show values that stand in the wrong place.
#}
{%- macro has_flow_record_form() -%}
    coalesce(format_version >= 2, true)
        and coalesce(source_port between 0 and 65535, true)
        and coalesce(destination_port between 0 and 65535, true)
        and coalesce(protocol_number between 0 and 255, true)
        and coalesce(packet_count between 0 and 999999999999999, true)
        and coalesce(byte_count between 0 and 999999999999999, true)
        and coalesce(start_epoch between 1251244800 and 4102444799, true)
        and coalesce(end_epoch between 1251244800 and 4102444799, true)
        and coalesce(end_epoch >= start_epoch, true)
        and coalesce(action in ('ACCEPT', 'REJECT'), true)
        and coalesce(log_status in ('OK', 'NODATA', 'SKIPDATA'), true)
        and coalesce(flow_direction in ('ingress', 'egress'), true)
        and coalesce(interface_id like 'eni-%', true)
        and coalesce(vpc_id like 'vpc-%', true)
        and coalesce(subnet_id like 'subnet-%', true)
        and coalesce(instance_id like 'i-%', true)
        and {{ flow_log_values_match(
            ['source_address', 'destination_address', 'packet_source_address', 'packet_destination_address'],
            '[0-9]{1,3}(?:[.][0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*'
        ) }}
{%- endmacro -%}
