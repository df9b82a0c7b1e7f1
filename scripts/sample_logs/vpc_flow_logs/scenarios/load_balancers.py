"""A load balancer between the internet and two web servers."""

from collections.abc import Iterator

from sample_logs.vpc_flow_logs.actors import BALANCER_NODES, MIRROR, WEB_SERVERS, WEB_VISITORS, End
from sample_logs.vpc_flow_logs.flow_maker import INTERNET_GATEWAY, SAME_VPC, FlowMaker, private_end
from sample_logs.vpc_flow_logs.records import Egress, Event


def web_visits(maker: FlowMaker) -> Iterator[Event]:
    """Serve visitors: each visit is seen at the load balancer's interface four times and at the server's twice."""
    for _ in maker.times(60):
        yield from served(maker, maker.random.favourite(WEB_VISITORS), maker.random.byte_count(12, 19))


def mirrored_website(maker: FlowMaker) -> Iterator[Event]:
    """Let one address fetch far more from the load balancer than any other."""
    for _ in maker.times(15):
        yield from served(maker, MIRROR, maker.random.byte_count(24, 25))


def served(maker: FlowMaker, visitor: End, answered_byte_count: int) -> Iterator[Event]:
    """Yield a request to a node of the load balancer, which passes it on to a server, often in another zone.

    The node ends the visitor's connection and opens its own to the server, with somewhat more bytes for its headers.
    """
    node = maker.random.choice(BALANCER_NODES)
    server = maker.random.choice(WEB_SERVERS)
    sent = maker.random.integer(400, 4_000)
    outer = maker.talk(visitor, private_end(node), 443, sent, answered_byte_count)
    inner = maker.talk(
        private_end(node), private_end(server), 8080, sent + 180, answered_byte_count + 40, started_at=outer.started_at
    )
    yield from maker.seen_by_server(outer, node, INTERNET_GATEWAY)
    yield from maker.seen_by_client(inner, node, SAME_VPC)
    yield from maker.seen_by_server(inner, server, SAME_VPC)
    yield Egress(outer.started_at, node, "load_balancer", outer.answered)
