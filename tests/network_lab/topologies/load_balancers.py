"""Load balancers between visitors and instances."""

from collections.abc import Iterator

from sample_logs.vpc_flow_logs.flow_maker import private_end
from sample_logs.vpc_flow_logs.records import Egress

from network_lab.network import VISITORS, application_load_balancer, instance, network_load_balancer, vpc
from network_lab.records import LabEvent
from network_lab.story import HTTPS, INTERNET_GATEWAY, Story

TARGET_PORT = 8080


def alb(story: Story) -> Iterator[LabEvent]:
    """Serve visitors by the two nodes of an application load balancer, each with a target in its own and another zone.

    The node ends the visitor's connection and opens its own to the target: two records at the node for the visitor,
    and four for the inner leg, whose addresses are private. The load balancer is the sender of what visitors get; the
    target's bytes are inside, and cross zones where node and target are in different ones. Source: deduced.
    """
    network = vpc("alb", 8)
    nodes = [application_load_balancer(network, zone, 31, "lab-web") for zone in (1, 2)]
    targets = [instance(network, zone, 11, f"alb-web-{zone}") for zone in (1, 2)]
    for number, (node, target) in enumerate((node, target) for node in nodes for target in targets):
        visitor = VISITORS[number]
        sent, answered = story.sizes()
        outer = story.talk(visitor, private_end(node), HTTPS, sent, answered)
        # The headers that the load balancer adds, and those that it takes away.
        inner = story.talk(
            private_end(node),
            private_end(target),
            TARGET_PORT,
            sent + 180,
            answered + 40,
            started_at=outer.started_at,
        )
        yield from story.as_server(outer, node, INTERNET_GATEWAY)
        yield from story.between(inner, node, target)
        yield Egress(outer.started_at, node, "load_balancer", outer.answered)


def nlb_client_address_preserved(story: Story) -> Iterator[LabEvent]:
    """Serve visitors by a network load balancer that keeps the visitor's address; node and target share a zone.

    Records for each visit: at the node in from the visitor and out to it; out to the target (source the node, packet
    source the visitor) and in from it (destination the node, packet destination the visitor); at the target in from
    the visitor and out to it, by path 1, though it has no public address. The bytes that the visitor gets count once,
    for the load balancer. Source: deduced from the fields srcaddr and pkt-srcaddr and from "Client IP preservation" in
    the load balancers' guide.
    """
    network = vpc("nlb", 9)
    for zone in (1, 2):
        node = network_load_balancer(network, zone, 31, "lab-stream")
        target = instance(network, zone, 11, f"nlb-stream-{zone}")
        for visitor in VISITORS[10 * zone : 10 * zone + 3]:
            sent, answered = story.sizes()
            outer = story.talk(visitor, private_end(node), HTTPS, sent, answered)
            inner = story.talk(visitor, private_end(target), TARGET_PORT, sent, answered, started_at=outer.started_at)
            yield from story.as_server(outer, node, INTERNET_GATEWAY)
            yield from story.between(inner, node, target)
            yield Egress(outer.started_at, node, "load_balancer", outer.answered)
