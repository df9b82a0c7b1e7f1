"""What a topology yields: records with their next hop, and the facts behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sample_logs.vpc_flow_logs.flow_logs import FlowLog
from sample_logs.vpc_flow_logs.formats import Value
from sample_logs.vpc_flow_logs.records import Egress, FlowRecord, NatUse

from network_lab.network import LabInterface


@dataclass(frozen=True)
class LabRecord(FlowRecord):
    """A record that knows the interface next to its own: the receiver of what leaves, the sender of what arrives."""

    next_hop: LabInterface | None = None

    def values(self, flow_log: FlowLog) -> list[Value]:
        """Return the record's values in the order of the flow log's fields; None is a field that does not apply."""
        fields: dict[str, Value] = {"interface-type": self.interface.told_type}
        if self.next_hop is not None:
            fields |= {
                "next-hop-interface-id": self.next_hop.interface_id,
                "next-hop-subnet-id": self.next_hop.subnet_id,
                "next-hop-az-id": self.next_hop.az_id,
                "next-hop-vpc-id": self.next_hop.network.vpc_id,
                "next-hop-interface-type": self.next_hop.told_type,
            }
        known = zip(flow_log.fields, super().values(flow_log), strict=True)
        return [fields.get(field, value) for field, value in known]


@dataclass(frozen=True)
class ZoneCrossing:
    """Bytes that one interface sends to another in a different zone of the same region."""

    started_at: datetime
    sender: LabInterface
    receiver: LabInterface
    byte_count: int


LabEvent = LabRecord | Egress | NatUse | ZoneCrossing


def interfaces_of(event: LabEvent) -> Iterable[LabInterface]:
    """Return the interfaces that take part in an event."""
    if isinstance(event, LabRecord):
        return [event.interface] if event.next_hop is None else [event.interface, event.next_hop]
    if isinstance(event, Egress):
        return [event.sender]
    return [event.gateway, event.client] if isinstance(event, NatUse) else [event.sender, event.receiver]
