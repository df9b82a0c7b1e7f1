"""What a topology is handed for each day: it tells what happens, leg by leg, and the records follow from it."""

from collections.abc import Iterator
from dataclasses import replace

from sample_logs.vpc_flow_logs.actors import End
from sample_logs.vpc_flow_logs.flow_maker import (
    GATEWAY_ENDPOINT,
    INTERNET_GATEWAY,
    INTERNET_GATEWAY_OR_GATEWAY_ENDPOINT,
    PEERING_BETWEEN_REGIONS,
    PEERING_IN_THE_REGION,
    SAME_VPC,
    VIRTUAL_PRIVATE_GATEWAY,
    FlowMaker,
    Talk,
    private_end,
    public_end,
)
from sample_logs.vpc_flow_logs.records import Egress, Flow, NatUse, Packets

from network_lab.network import LabInterface
from network_lab.records import LabEvent, LabRecord, ZoneCrossing

__all__ = (
    "GATEWAY_ENDPOINT",
    "INTERNET_GATEWAY",
    "INTERNET_GATEWAY_OR_GATEWAY_ENDPOINT",
    "PEERING_BETWEEN_REGIONS",
    "PEERING_IN_THE_REGION",
    "SAME_VPC",
    "VIRTUAL_PRIVATE_GATEWAY",
    "Story",
)

HTTPS = 443


class Story(FlowMaker):
    """Makes the events of one topology on one day.

    The unit is a leg: packets go from one interface to the next, or come from and go to where there is no interface.
    Each interface at an end of the leg makes one record. Two rules give the addresses (VPC user guide, fields srcaddr
    and dstaddr): of what leaves, the source is the interface's own address; of what arrives, the destination is. The
    other address, and both packet addresses, are those in the packets. AWS's examples of a NAT gateway, a transit
    gateway and a client follow from these two rules.
    """

    def leg(
        self, talk: Talk, packets: Packets, sender: LabInterface, receiver: LabInterface, path: int = SAME_VPC
    ) -> Iterator[LabEvent]:
        """Yield both records of packets that one interface sends to another, and what of it crosses zones."""
        yield self.leaves(talk, packets, sender, path, receiver)
        yield self.arrives(talk, packets, receiver, sender)
        if sender.network.region == receiver.network.region and sender.az_id != receiver.az_id:
            yield ZoneCrossing(talk.started_at, sender, receiver, packets.byte_count)

    def leaves(
        self, talk: Talk, packets: Packets, sender: LabInterface, path: int, receiver: LabInterface | None = None
    ) -> LabRecord:
        """Return the record of packets that leave an interface."""
        own_address = sender.own_address(is_ipv6=packets.source.is_ipv6)
        flow = Flow(packets, "egress", own_address, packets.destination.address, path)
        return LabRecord(self.scenario, sender, talk.started_at, talk.ended_at, flow, next_hop=receiver)

    def arrives(
        self, talk: Talk, packets: Packets, receiver: LabInterface, sender: LabInterface | None = None
    ) -> LabRecord:
        """Return the record of packets that arrive at an interface."""
        own_address = receiver.own_address(is_ipv6=packets.destination.is_ipv6)
        flow = Flow(packets, "ingress", packets.source.address, own_address)
        return LabRecord(self.scenario, receiver, talk.started_at, talk.ended_at, flow, next_hop=sender)

    def between(
        self, talk: Talk, client: LabInterface, server: LabInterface, path: int = SAME_VPC
    ) -> Iterator[LabEvent]:
        """Yield both directions of a conversation between two interfaces: four records."""
        yield from self.leg(talk, talk.sent, client, server, path)
        yield from self.leg(talk, talk.answered, server, client, path)

    def as_client(self, talk: Talk, client: LabInterface, path: int) -> Iterator[LabRecord]:
        """Yield the two records of a client whose server has no interface."""
        yield self.leaves(talk, talk.sent, client, path)
        yield self.arrives(talk, talk.answered, client)

    def as_server(self, talk: Talk, server: LabInterface, path: int) -> Iterator[LabRecord]:
        """Yield the two records of a server whose client has no interface."""
        yield self.arrives(talk, talk.sent, server)
        yield self.leaves(talk, talk.answered, server, path)

    def ask_outside(
        self,
        client: LabInterface,
        far_end: End,
        sent_byte_count: int,
        answered_byte_count: int,
        *,
        source: End | None = None,
        exit_path: str = "internet_gateway",
    ) -> Iterator[LabEvent]:
        """Yield a conversation that an interface has with the outside by a gateway, and its egress."""
        talk = self.talk(source or private_end(client), far_end, HTTPS, sent_byte_count, answered_byte_count)
        yield from self.as_client(talk, client, INTERNET_GATEWAY)
        yield Egress(talk.started_at, client, exit_path, talk.sent)

    def ask_by_public_address(
        self, client: LabInterface, server: LabInterface, sent_byte_count: int, answered_byte_count: int
    ) -> Iterator[LabEvent]:
        """Yield a conversation of two own interfaces by their public addresses: each direction is egress of its sender.

        Each knows itself by its private address and the other by its public one.
        """
        leaves = self.talk(private_end(client), public_end(server), HTTPS, sent_byte_count, answered_byte_count)
        arrives = replace(
            leaves,
            sent=replace(leaves.sent, source=public_end(client), destination=private_end(server)),
            answered=replace(leaves.answered, source=private_end(server), destination=public_end(client)),
        )
        yield from self.as_client(leaves, client, INTERNET_GATEWAY)
        yield from self.as_server(arrives, server, INTERNET_GATEWAY)
        yield Egress(leaves.started_at, client, "internet_gateway", leaves.sent)
        yield Egress(arrives.started_at, server, "internet_gateway", arrives.answered)

    def ask_through_nat(
        self,
        gateway: LabInterface,
        client: LabInterface,
        far_end: End,
        sent_byte_count: int,
        answered_byte_count: int,
        *,
        source: End | None = None,
    ) -> Iterator[LabEvent]:
        """Yield all six records of a conversation through a NAT gateway, its egress, and the gateway's work."""
        talk = self.talk(source or private_end(client), far_end, HTTPS, sent_byte_count, answered_byte_count)
        outside = self.translated(talk, gateway)
        yield from self.leg(talk, talk.sent, client, gateway)
        yield from self.as_client(outside, gateway, INTERNET_GATEWAY)
        yield from self.leg(talk, talk.answered, gateway, client)
        yield Egress(talk.started_at, client, "nat_gateway", outside.sent)
        yield NatUse(talk.started_at, gateway, client, far_end, sent_byte_count + answered_byte_count)

    def translated(self, talk: Talk, gateway: LabInterface) -> Talk:
        """Return the conversation as it is beyond a NAT gateway: with the gateway's address and a port of its own."""
        port = self.random.integer(1_024, 65_535)
        end = private_end(gateway)
        return replace(
            talk,
            sent=replace(talk.sent, source=end, source_port=port),
            answered=replace(talk.answered, destination=end, destination_port=port),
        )

    def sizes(self) -> tuple[int, int]:
        """Return how many bytes a client sends and a server answers."""
        return self.random.byte_count(9, 18), self.random.byte_count(11, 20)
