"""The topologies of the lab. Each docstring says what AWS logs there, and where that is written."""

from collections.abc import Callable, Iterator

from network_lab.records import LabEvent
from network_lab.story import Story
from network_lab.topologies.flow_log_cases import (
    no_data_and_skipped_data,
    overlapping_flow_logs,
    rejected,
    shared_subnet,
)
from network_lab.topologies.inside import (
    cross_zone_both_logged,
    cross_zone_one_logged,
    gateway_endpoint_present,
    interface_endpoint,
    ipv6_inside,
    peering,
    vpn,
)
from network_lab.topologies.load_balancers import alb, nlb_client_address_preserved
from network_lab.topologies.nat_gateways import (
    address_reused,
    chained_nat,
    gateway_endpoint_absent,
    nat,
    nat_only_clients_logged,
    nat_only_gateway_logged,
    transit_gateway_nat,
)
from network_lab.topologies.public_addresses import ipv6_egress_only, prefix_delegation, public_instance

Topology = Callable[[Story], Iterator[LabEvent]]

TOPOLOGIES: tuple[Topology, ...] = (
    nat,
    nat_only_gateway_logged,
    nat_only_clients_logged,
    chained_nat,
    transit_gateway_nat,
    alb,
    nlb_client_address_preserved,
    gateway_endpoint_present,
    gateway_endpoint_absent,
    interface_endpoint,
    peering,
    cross_zone_both_logged,
    cross_zone_one_logged,
    ipv6_egress_only,
    ipv6_inside,
    address_reused,
    public_instance,
    prefix_delegation,
    overlapping_flow_logs,
    shared_subnet,
    rejected,
    no_data_and_skipped_data,
    vpn,
)
