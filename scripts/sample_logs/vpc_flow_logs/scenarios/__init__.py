"""The scenarios of the story. Each yields its records of one day, from a random stream of its own.

The truth file counts records by a scenario's function name.
"""

from collections.abc import Callable, Iterator

from sample_logs.vpc_flow_logs.flow_maker import FlowMaker
from sample_logs.vpc_flow_logs.records import Event
from sample_logs.vpc_flow_logs.scenarios import (
    delivery_faults,
    gaps,
    ipv6,
    load_balancers,
    nat_gateways,
    oddities,
    private_paths,
    public_instances,
    rejections,
)

SCENARIOS: tuple[Callable[[FlowMaker], Iterator[Event]], ...] = (
    nat_gateways.s3_through_the_nat_gateway,
    nat_gateways.websites_through_nat_gateways,
    nat_gateways.aws_services_through_nat_gateways,
    load_balancers.web_visits,
    load_balancers.mirrored_website,
    public_instances.growing_uploads,
    public_instances.relayed_mail,
    public_instances.file_server_downloads,
    public_instances.backups_to_s3,
    public_instances.uploads_to_another_region,
    private_paths.cross_zone_chatter,
    private_paths.pods_in_shared_address_space,
    private_paths.peering_in_the_region,
    private_paths.peering_between_regions,
    private_paths.virtual_private_network,
    private_paths.interface_endpoints,
    private_paths.s3_through_the_gateway_endpoint,
    private_paths.s3_by_an_ambiguous_path,
    private_paths.huge_transfers,
    ipv6.ipv6_visits,
    ipv6.ipv6_egress_only,
    ipv6.ipv6_inside_a_network,
    rejections.refused_scans,
    rejections.refused_uploads,
    gaps.idle_interfaces,
    gaps.skipped_records,
    oddities.protocols_without_ports,
    oddities.identical_records,
    oddities.unreadable_records,
    delivery_faults.delivered_late,
    delivery_faults.around_midnight,
)
