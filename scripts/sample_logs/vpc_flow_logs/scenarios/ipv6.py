"""IPv6: every address of an instance is a public one, also where the traffic stays inside."""

from collections.abc import Iterator

from sample_logs.vpc_flow_logs.actors import (
    BACKUP_AGENT,
    DUAL_STACK_SERVER,
    EUROPE_INNER_IPV6_CLIENT,
    INNER_IPV6_CLIENT,
    IPV6_VISITORS,
    LEGACY_SERVER,
)
from sample_logs.vpc_flow_logs.flow_maker import INTERNET_GATEWAY, SAME_VPC, FlowMaker, ipv6_end
from sample_logs.vpc_flow_logs.records import Egress, Event


def ipv6_visits(maker: FlowMaker) -> Iterator[Event]:
    """Answer visitors who come by IPv6, in each of the three flow logs."""
    for server in (DUAL_STACK_SERVER, LEGACY_SERVER, BACKUP_AGENT):
        for _ in maker.times(15):
            visitor = maker.random.choice(IPV6_VISITORS)
            sent, answered = maker.random.byte_count(8, 11), maker.random.byte_count(14, 21)
            talk = maker.talk(visitor, ipv6_end(server), 443, sent, answered)
            yield from maker.seen_by_server(talk, server, INTERNET_GATEWAY)
            yield Egress(talk.started_at, server, "ipv6_gateway", talk.answered)


def ipv6_egress_only(maker: FlowMaker) -> Iterator[Event]:
    """Send from private subnets through an egress-only internet gateway.

    The documentation names no traffic path of its own for this gateway, so the records show that of an internet
    gateway: a reader needs the route of the subnet to tell the two apart.
    """
    for client in (INNER_IPV6_CLIENT, EUROPE_INNER_IPV6_CLIENT):
        for _ in maker.times(10):
            sent, answered = maker.random.byte_count(12, 18), maker.random.byte_count(12, 22)
            talk = maker.talk(ipv6_end(client), maker.random.choice(IPV6_VISITORS), 443, sent, answered)
            yield from maker.seen_by_client(talk, client, INTERNET_GATEWAY)
            yield Egress(talk.started_at, client, "ipv6_gateway", talk.sent)


def ipv6_inside_a_network(maker: FlowMaker) -> Iterator[Event]:
    """Let two instances of one network talk by IPv6: both addresses are public, and no byte leaves."""
    for client, server in ((INNER_IPV6_CLIENT, DUAL_STACK_SERVER), (EUROPE_INNER_IPV6_CLIENT, BACKUP_AGENT)):
        for _ in maker.times(8):
            sent, answered = maker.random.byte_count(8, 12), maker.random.byte_count(10, 18)
            talk = maker.talk(ipv6_end(client), ipv6_end(server), 8080, sent, answered)
            yield from maker.seen_by_client(talk, client, SAME_VPC)
            yield from maker.seen_by_server(talk, server, SAME_VPC)
