"""What a scenario is handed: the day, a random stream of its own, and a maker of records."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sample_logs.random_stream import RandomStream
from sample_logs.settings import Settings
from sample_logs.vpc_flow_logs.actors import End, Interface
from sample_logs.vpc_flow_logs.records import Egress, Flow, FlowRecord, NatUse, Packets

QUIET_DAY_NUMBER = 4
QUIET_DAY_DIVISOR = 12
SECONDS_PER_DAY = 86_400
TCP = 6

# Traffic paths (VPC user guide, "Available fields").
SAME_VPC = 1
INTERNET_GATEWAY_OR_GATEWAY_ENDPOINT = 2
VIRTUAL_PRIVATE_GATEWAY = 3
PEERING_IN_THE_REGION = 4
PEERING_BETWEEN_REGIONS = 5
GATEWAY_ENDPOINT = 7
INTERNET_GATEWAY = 8

# Flags over a window that holds a whole connection: SYN and FIN of the client; SYN-ACK and FIN of the server.
CLIENT_FLAGS = 3
SERVER_FLAGS = 19
LARGEST_PACKET = 1_460


@dataclass(frozen=True)
class Talk:
    """One conversation in one aggregation window: what the client sends, and what the server answers."""

    started_at: datetime
    ended_at: datetime
    sent: Packets
    answered: Packets


class FlowMaker:
    """Makes the records of one scenario on one UTC day."""

    def __init__(self, settings: Settings, day: date, scenario: str) -> None:
        self.day = day
        self.day_number = (day - settings.start_date).days + 1
        self.scenario = scenario
        self.random = RandomStream(settings.seed, "vpc_flow_logs", day.isoformat(), scenario)
        self._scale = settings.scale

    def times(self, count: int) -> range:
        """Return a range over so many conversations times the scale; on the quiet day there are far fewer."""
        scaled = count * self._scale
        if self.day_number == QUIET_DAY_NUMBER:
            scaled = max(1, scaled // QUIET_DAY_DIVISOR)
        return range(scaled)

    def moment(self, first_second: int = 0, last_second: int = SECONDS_PER_DAY - 1) -> datetime:
        """Return a moment of the day, in whole seconds as flow logs have them."""
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        return midnight + timedelta(seconds=self.random.integer(first_second, last_second))

    def window(self, started_at: datetime | None = None) -> tuple[datetime, datetime]:
        """Return the start and the end of an aggregation window of at most a minute; it may end on the next day."""
        started_at = started_at or self.moment()
        return started_at, started_at + timedelta(seconds=self.random.integer(1, 59))

    def talk(
        self,
        client: End,
        server: End,
        server_port: int,
        sent_byte_count: int,
        answered_byte_count: int,
        *,
        started_at: datetime | None = None,
    ) -> Talk:
        """Return a TCP conversation that the client began."""
        client_port = self.random.integer(32_768, 60_999)
        return Talk(
            *self.window(started_at),
            packets(client, server, client_port, server_port, sent_byte_count, CLIENT_FLAGS),
            packets(server, client, server_port, client_port, answered_byte_count, SERVER_FLAGS),
        )

    def seen_by_client(
        self, talk: Talk, interface: Interface, path: int, delivered_after_days: int = 0
    ) -> Iterator[FlowRecord]:
        """Yield the records at the client's own interface: what goes out, and what comes back."""
        yield self.seen(talk, interface, leaving(talk.sent, path), delivered_after_days)
        yield self.seen(talk, interface, entering(talk.answered), delivered_after_days)

    def seen_by_server(
        self, talk: Talk, interface: Interface, path: int, delivered_after_days: int = 0
    ) -> Iterator[FlowRecord]:
        """Yield the records at the server's own interface: what comes in, and what goes back."""
        yield self.seen(talk, interface, entering(talk.sent), delivered_after_days)
        yield self.seen(talk, interface, leaving(talk.answered, path), delivered_after_days)

    def seen(self, talk: Talk, interface: Interface, flow: Flow, delivered_after_days: int = 0) -> FlowRecord:
        """Return the record of a flow at an interface."""
        return FlowRecord(
            self.scenario,
            interface,
            talk.started_at,
            talk.ended_at,
            flow,
            delivered_after_days=delivered_after_days,
        )

    def through_nat(
        self, gateway: Interface, client: Interface, far_end: End, sent_byte_count: int, answered_byte_count: int
    ) -> Iterator[FlowRecord | Egress | NatUse]:
        """Yield all six records of a conversation through a NAT gateway.

        Two are seen at the client's interface, four at the gateway's, where the packets outside bear the gateway's
        address (VPC user guide, "Traffic through a NAT gateway").
        """
        talk = self.talk(private_end(client), far_end, 443, sent_byte_count, answered_byte_count)
        gateway_end = private_end(gateway)
        outer_port = self.random.integer(1_024, 65_535)
        outside_sent = Packets(
            gateway_end,
            far_end,
            outer_port,
            443,
            TCP,
            talk.sent.packet_count,
            talk.sent.byte_count,
            talk.sent.tcp_flags,
        )
        outside_answered = Packets(
            far_end,
            gateway_end,
            443,
            outer_port,
            TCP,
            talk.answered.packet_count,
            talk.answered.byte_count,
            talk.answered.tcp_flags,
        )
        yield from self.seen_by_client(talk, client, SAME_VPC)
        inner_sent = Flow(talk.sent, "ingress", client.private_address, gateway.private_address)
        inner_answered = Flow(talk.answered, "egress", gateway.private_address, client.private_address, SAME_VPC)
        yield self.seen(talk, gateway, inner_sent)
        yield self.seen(talk, gateway, leaving(outside_sent, INTERNET_GATEWAY))
        yield self.seen(talk, gateway, entering(outside_answered))
        yield self.seen(talk, gateway, inner_answered)
        yield Egress(talk.started_at, client, "nat_gateway", outside_sent)
        yield NatUse(talk.started_at, gateway, client, far_end, sent_byte_count + answered_byte_count)

    def upload(
        self,
        sender: Interface,
        far_end: End,
        sent_byte_count: int,
        *,
        server_port: int = 443,
        started_at: datetime | None = None,
        delivered_after_days: int = 0,
    ) -> Iterator[FlowRecord | Egress]:
        """Yield the two records of an interface with a public address that sends straight to the far end."""
        answered_byte_count = max(60, sent_byte_count // 50)
        talk = self.talk(
            private_end(sender), far_end, server_port, sent_byte_count, answered_byte_count, started_at=started_at
        )
        yield from self.seen_by_client(talk, sender, INTERNET_GATEWAY, delivered_after_days)
        yield Egress(talk.started_at, sender, "internet_gateway", talk.sent)


def packets(
    source: End, destination: End, source_port: int, destination_port: int, byte_count: int, tcp_flags: int
) -> Packets:
    """Return TCP packets that hold so many bytes."""
    packet_count = -(-byte_count // LARGEST_PACKET)
    return Packets(source, destination, source_port, destination_port, TCP, packet_count, byte_count, tcp_flags)


def leaving(sent: Packets, path: int | None) -> Flow:
    """Return packets that leave the interface they come from."""
    return Flow(sent, "egress", sent.source.address, sent.destination.address, path)


def entering(received: Packets) -> Flow:
    """Return packets that arrive at the interface they go to."""
    return Flow(received, "ingress", received.source.address, received.destination.address)


def private_end(interface: Interface) -> End:
    """Return the interface's private IPv4 address as an end of a conversation."""
    return End(interface.private_address)


def public_end(interface: Interface) -> End:
    """Return the interface's public IPv4 address, by which others reach it: an internet gateway translates."""
    if interface.public_address is None:
        raise ValueError(f"{interface.resource_name} has no public address.")
    return End(interface.public_address, "EC2", interface.network.region)


def ipv6_end(interface: Interface) -> End:
    """Return the interface's IPv6 address, which is a public one of EC2."""
    if interface.ipv6_address is None:
        raise ValueError(f"{interface.resource_name} has no IPv6 address.")
    return End(interface.ipv6_address, "EC2", interface.network.region)
