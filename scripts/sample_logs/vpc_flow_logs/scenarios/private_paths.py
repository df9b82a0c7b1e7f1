"""Traffic that never leaves by a public address: none of it is egress."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sample_logs.vpc_flow_logs.actors import (
    DATA_CENTRE,
    ENDPOINT_CLIENT,
    EUROPE_DATABASES,
    EUROPE_ENDPOINT,
    EUROPE_INDEXER,
    LEGACY_BILLING,
    LEGACY_DATABASES,
    LEGACY_ENDPOINT,
    LOADER,
    MAIN_ENDPOINT,
    OLD_ENDPOINT_CLIENT,
    PODS,
    S3_US_EAST_1,
    WEB_SERVERS,
    Interface,
)
from sample_logs.vpc_flow_logs.flow_maker import (
    GATEWAY_ENDPOINT,
    INTERNET_GATEWAY_OR_GATEWAY_ENDPOINT,
    PEERING_BETWEEN_REGIONS,
    PEERING_IN_THE_REGION,
    SAME_VPC,
    VIRTUAL_PRIVATE_GATEWAY,
    FlowMaker,
    private_end,
)
from sample_logs.vpc_flow_logs.records import Event, FlowRecord

# Of the two windows that AWS offers (VPC user guide, "Aggregation interval").
LONGEST_WINDOW = timedelta(minutes=10)
CROSS_ZONE_PAIRS = (WEB_SERVERS, LEGACY_DATABASES, EUROPE_DATABASES)
ENDPOINT_PAIRS = ((LOADER, MAIN_ENDPOINT), (LEGACY_BILLING, LEGACY_ENDPOINT), (EUROPE_INDEXER, EUROPE_ENDPOINT))


def cross_zone_chatter(maker: FlowMaker) -> Iterator[Event]:
    """Let two instances in different zones of each network talk: both interfaces log the same bytes."""
    for pair in CROSS_ZONE_PAIRS:
        for number in maker.times(30):
            client, server = pair if number % 3 else reversed(pair)
            yield from between(maker, client, server, 5432)


def pods_in_shared_address_space(maker: FlowMaker) -> Iterator[Event]:
    """Let pods with addresses of 100.64.0.0/10 call a server: no internet either. Their own interface logs nothing."""
    for _ in maker.times(12):
        server = maker.random.choice(WEB_SERVERS)
        talk = maker.talk(maker.random.choice(PODS), private_end(server), 8080, 900, maker.random.byte_count(10, 14))
        yield from maker.seen_by_server(talk, server, SAME_VPC)


def peering_in_the_region(maker: FlowMaker) -> Iterator[Event]:
    """Let a web server query a database of the other network, which the default flow log records."""
    for _ in maker.times(15):
        yield from between(maker, WEB_SERVERS[0], LEGACY_DATABASES[1], 3306, PEERING_IN_THE_REGION)


def peering_between_regions(maker: FlowMaker) -> Iterator[Event]:
    """Let a web server query a database of the other account in the other region."""
    for _ in maker.times(10):
        yield from between(maker, WEB_SERVERS[1], EUROPE_DATABASES[0], 9200, PEERING_BETWEEN_REGIONS)


def virtual_private_network(maker: FlowMaker) -> Iterator[Event]:
    """Let the data centre read from databases, through a virtual private gateway."""
    for server in (LEGACY_DATABASES[0], EUROPE_DATABASES[1]):
        for _ in maker.times(10):
            sent, answered = maker.random.byte_count(9, 12), maker.random.byte_count(14, 22)
            talk = maker.talk(maker.random.choice(DATA_CENTRE), private_end(server), 5432, sent, answered)
            yield from maker.seen_by_server(talk, server, VIRTUAL_PRIVATE_GATEWAY)


def interface_endpoints(maker: FlowMaker) -> Iterator[Event]:
    """Send messages to a VPC endpoint. The records of its interface have `unknown` or a dash for the account."""
    for client, endpoint in ENDPOINT_PAIRS:
        for _ in maker.times(8):
            yield from between(maker, client, endpoint, 443)


def s3_through_the_gateway_endpoint(maker: FlowMaker) -> Iterator[Event]:
    """Read from S3 through a gateway endpoint, which costs nothing and is not egress."""
    for _ in maker.times(25):
        yield from read_by_gateway_endpoint(maker, ENDPOINT_CLIENT, GATEWAY_ENDPOINT)


def s3_by_an_ambiguous_path(maker: FlowMaker) -> Iterator[Event]:
    """Do the same on an older platform, whose traffic path is also that of an internet gateway."""
    for _ in maker.times(8):
        yield from read_by_gateway_endpoint(maker, OLD_ENDPOINT_CLIENT, INTERNET_GATEWAY_OR_GATEWAY_ENDPOINT)


def huge_transfers(maker: FlowMaker) -> Iterator[Event]:
    """Copy databases: byte counts beyond 2^31, beyond 2^32 and of 10^12, and a packet count beyond 2^31."""
    for source, target in CROSS_ZONE_PAIRS:
        for byte_count, packet_count in ((2**31, 1_470_881), (2**32 + 1, 2_941_759), (10**12, 3 * 10**9)):
            talk = maker.talk(private_end(source), private_end(target), 5433, byte_count, 40_000)
            ended_at = talk.started_at + LONGEST_WINDOW
            talk = replace(talk, ended_at=ended_at, sent=replace(talk.sent, packet_count=packet_count))
            yield from maker.seen_by_client(talk, source, SAME_VPC)
            yield from maker.seen_by_server(talk, target, SAME_VPC)


def read_by_gateway_endpoint(maker: FlowMaker, client: Interface, path: int) -> Iterator[FlowRecord]:
    """Yield a read from S3 of the own region. S3's end has no interface, so nothing else is logged."""
    answered = maker.random.byte_count(20, 27)
    talk = maker.talk(private_end(client), maker.random.choice(S3_US_EAST_1), 443, answered // 100, answered)
    yield from maker.seen_by_client(talk, client, path)


def between(
    maker: FlowMaker, client: Interface, server: Interface, port: int, path: int = SAME_VPC
) -> Iterator[FlowRecord]:
    """Yield a conversation of two interfaces, as each of them sees it."""
    sent, answered = maker.random.byte_count(8, 13), maker.random.byte_count(10, 20)
    talk = maker.talk(private_end(client), private_end(server), port, sent, answered)
    yield from maker.seen_by_client(talk, client, path)
    yield from maker.seen_by_server(talk, server, path)
