"""Interfaces with public addresses of their own, and IPv6 to the internet."""

from collections.abc import Iterator

from sample_logs.vpc_flow_logs.actors import End
from sample_logs.vpc_flow_logs.flow_maker import ipv6_end

from network_lab.network import (
    INTERNET,
    IPV6_INTERNET,
    OTHER_S3,
    OWN_S3,
    SecondaryAddress,
    instance,
    nat_gateway,
    vpc,
)
from network_lab.records import LabEvent
from network_lab.story import Story

IPV6_EXIT = "ipv6_gateway"


def public_instance(story: Story) -> Iterator[LabEvent]:
    """Send straight from instances with public addresses.

    Two records for each conversation, with the interface's private address and path 8. Of a secondary private address,
    which has an Elastic IP address of its own, srcaddr shows the primary address and pkt-srcaddr the secondary one.
    Source: VPC user guide, fields srcaddr, pkt-srcaddr and traffic-path.

    Two own instances of the region talk by their public addresses: each logs its own private address and the other's
    public one, and each direction is egress of its sender, to EC2. The addresses are public, so none of it is zone
    traffic here. Source: deduced.
    """
    network = vpc("public-instance", 21)
    exporter = instance(network, 1, 50, "public-exporter", is_public=True)
    secondary = SecondaryAddress(network.private_address(1, "public", 52), network.elastic_address(1, 52))
    relay = instance(network, 1, 51, "public-relay", is_public=True, secondary_addresses=(secondary,))
    for far_end in (INTERNET[0], INTERNET[10], OTHER_S3[1], OWN_S3[0]):
        yield from story.ask_outside(exporter, far_end, *story.sizes())
    for far_end in INTERNET[1:4]:
        source = End(secondary.private_address)
        yield from story.ask_outside(relay, far_end, *story.sizes(), source=source)
    receiver = instance(network, 1, 53, "public-receiver", is_public=True)
    for _ in range(3):
        yield from story.ask_by_public_address(exporter, receiver, *story.sizes())


def prefix_delegation(story: Story) -> Iterator[LabEvent]:
    """Let pods with addresses of a /28 that is delegated to their node's interface use a NAT gateway.

    The node's records show its primary address and the pod's as the packet address; the gateway's records know the pod
    alone. The node is the sender. Source: VPC user guide, fields srcaddr and pkt-srcaddr; "Traffic through a NAT
    gateway"; that a delegated address counts as a secondary one: deduced. (No pod can leave by an internet gateway: its
    address has no Elastic IP address.)
    """
    network = vpc("prefix-delegation", 27)
    gateway = nat_gateway(network, 220, "prefix-delegation-gateway")
    for zone in (1, 2):
        node = instance(
            network, zone, 5, f"node-{zone}", prefixes=(f"{network.private_address(zone, 'private', 16)}/28",)
        )
        for number, far_end in enumerate(INTERNET[:3]):
            pod = End(network.private_address(zone, "private", 18 + number))
            yield from story.ask_through_nat(gateway, node, far_end, *story.sizes(), source=pod)


def ipv6_egress_only(story: Story) -> Iterator[LabEvent]:
    """Let a private IPv6 client send through an egress-only internet gateway, and a public one by the internet gateway.

    Two records for each conversation, with the IPv6 addresses as they are. Source: VPC user guide, fields srcaddr and
    traffic-path. It names no path for an egress-only gateway: that it is 8, and that nothing tells the two gateways
    apart, is deduced.
    """
    network = vpc("ipv6-egress-only", 18)
    private = instance(network, 1, 5, "ipv6-private-client", has_ipv6=True)
    public = instance(network, 1, 50, "ipv6-public-client", is_public=True, has_ipv6=True)
    for client in (private, public):
        for number in range(3):
            far_end = IPV6_INTERNET[number % len(IPV6_INTERNET)]
            yield from story.ask_outside(client, far_end, *story.sizes(), source=ipv6_end(client), exit_path=IPV6_EXIT)
