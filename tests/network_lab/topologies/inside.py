"""Traffic that does not leave for the internet: endpoints, peering, zones, virtual private gateways, IPv6 inside."""

from collections.abc import Iterator
from dataclasses import replace

from sample_logs.vpc_flow_logs.flow_maker import ipv6_end, private_end

from network_lab.network import (
    BEHIND_A_CARRIER,
    ON_PREMISES,
    OWN_S3,
    SECOND_ACCOUNT,
    LabInterface,
    endpoint_interface,
    instance,
    vpc,
)
from network_lab.records import LabEvent
from network_lab.story import (
    GATEWAY_ENDPOINT,
    HTTPS,
    INTERNET_GATEWAY_OR_GATEWAY_ENDPOINT,
    PEERING_BETWEEN_REGIONS,
    PEERING_IN_THE_REGION,
    SAME_VPC,
    VIRTUAL_PRIVATE_GATEWAY,
    Story,
)

DATABASE_PORT = 5432
CONVERSATIONS = 3


def gateway_endpoint_present(story: Story) -> Iterator[LabEvent]:
    """Reach S3 of the own region through a gateway endpoint: no egress.

    Two records, at the client, with S3's public address and path 7; on an older platform path 2, which is that of an
    internet gateway as well. Neither client has a public address. Source: VPC user guide, field traffic-path; that the
    endpoint has no interface: the endpoints' guide.
    """
    network = vpc("endpoint-present", 10)
    for name, host, path in (
        ("loader", 5, GATEWAY_ENDPOINT),
        ("old-reader", 6, INTERNET_GATEWAY_OR_GATEWAY_ENDPOINT),
    ):
        client = instance(network, 1, host, f"endpoint-present-{name}")
        for far_end in OWN_S3[:CONVERSATIONS]:
            talk = story.talk(private_end(client), far_end, HTTPS, *story.sizes())
            yield from story.as_client(talk, client, path)


def interface_endpoint(story: Story) -> Iterator[LabEvent]:
    """Call an AWS service by the private address of an interface endpoint in the same zone.

    Four records, two at each interface; those of the endpoint's have `unknown` for the account. Source: VPC user guide,
    field account-id. The account of the client's records is its own.
    """
    network = vpc("interface-endpoint", 12)
    endpoint = endpoint_interface(network, 1, 200, "lab-queues")
    for host in (5, 6):
        client = instance(network, 1, host, f"endpoint-client-{host}")
        yield from conversations(story, client, endpoint, HTTPS)


def peering(story: Story) -> Iterator[LabEvent]:
    """Let networks talk that are peered: in the region to the same and to another zone, and between regions.

    Each end logs the private addresses; what leaves has path 4 in the region and path 5 between regions. The peered
    networks belong to another account. What crosses zones in the region is zone traffic; between regions it is not.
    Source: VPC user guide, field traffic-path; the rest deduced.
    """
    home, peer = vpc("peering", 13), vpc("peering-peer", 14, SECOND_ACCOUNT)
    distant = vpc("peering-distant", 15, SECOND_ACCOUNT, "eu-west-1")
    client = instance(home, 1, 5, "peering-client")
    for zone in (1, 2):
        server = instance(peer, zone, 15, f"peering-database-{zone}")
        yield from conversations(story, client, server, DATABASE_PORT, PEERING_IN_THE_REGION)
    distant_server = instance(distant, 1, 15, "peering-distant-database")
    for event in conversations(story, client, distant_server, DATABASE_PORT, PEERING_BETWEEN_REGIONS):
        # The other region's interface is not named as the next hop (deduced).
        yield replace(event, next_hop=None)


def cross_zone_both_logged(story: Story) -> Iterator[LabEvent]:
    """Let two instances in different zones talk, and two in one zone: each interface logs all bytes of both ways.

    What crosses zones counts once for each direction, though both ends log it. Source: deduced from "Flow logs basics".
    """
    network = vpc("cross-zone-both", 16)
    client = instance(network, 1, 5, "both-client")
    for zone in (1, 2):
        yield from conversations(story, client, instance(network, zone, 15, f"both-database-{zone}"), DATABASE_PORT)


def cross_zone_one_logged(story: Story) -> Iterator[LabEvent]:
    """Do the same where only one end's subnet has a flow log, once the client's and once the server's.

    The bytes count once for each direction all the same: of one direction there is only the sender's record, of the
    other only the receiver's. Source: as for `cross_zone_both_logged`.
    """
    network = vpc("cross-zone-one", 17)
    client, unlogged_client = (
        instance(network, 1, 5, "one-client"),
        instance(network, 1, 6, "one-unlogged-client", is_logged=False),
    )
    server, unlogged_server = (
        instance(network, 2, 15, "one-database"),
        instance(network, 2, 16, "one-unlogged-database", is_logged=False),
    )
    yield from conversations(story, client, unlogged_server, DATABASE_PORT)
    yield from conversations(story, unlogged_client, server, DATABASE_PORT)


def ipv6_inside(story: Story) -> Iterator[LabEvent]:
    """Let two instances of one network and zone talk by IPv6: all addresses are public ones, and nothing leaves.

    Four records with path 1. Source: VPC user guide, fields srcaddr and traffic-path.
    """
    network = vpc("ipv6-inside", 19)
    client = instance(network, 1, 5, "inner-ipv6-client", has_ipv6=True)
    server = instance(network, 1, 15, "inner-ipv6-server", has_ipv6=True)
    for _ in range(CONVERSATIONS):
        talk = story.talk(ipv6_end(client), ipv6_end(server), DATABASE_PORT, *story.sizes())
        yield from story.between(talk, client, server)


def vpn(story: Story) -> Iterator[LabEvent]:
    """Answer clients on premises through a virtual private gateway, and an office behind its carrier's translation.

    Two records, at the server, with the far end's own address; what leaves has path 3. Neither 192.168.0.0/16 nor
    100.64.0.0/10 is the internet. Source: VPC user guide, field traffic-path; RFC 6598.
    """
    network = vpc("vpn", 26)
    server = instance(network, 1, 15, "vpn-database")
    for far_end in (*ON_PREMISES[:CONVERSATIONS], *BEHIND_A_CARRIER[:CONVERSATIONS]):
        talk = story.talk(far_end, private_end(server), DATABASE_PORT, *story.sizes())
        yield from story.as_server(talk, server, VIRTUAL_PRIVATE_GATEWAY)


def conversations(
    story: Story, client: LabInterface, server: LabInterface, port: int, path: int = SAME_VPC
) -> Iterator[LabEvent]:
    """Yield several conversations between the private addresses of two interfaces."""
    for _ in range(CONVERSATIONS):
        talk = story.talk(private_end(client), private_end(server), port, *story.sizes())
        yield from story.between(talk, client, server, path)
