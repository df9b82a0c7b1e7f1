"""One record of a flow log, and what the story knows beyond it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sample_logs.vpc_flow_logs.actors import End, Interface
from sample_logs.vpc_flow_logs.flow_logs import FlowLog
from sample_logs.vpc_flow_logs.formats import Value, text_values


@dataclass(frozen=True)
class Packets:
    """The packets that one end sends to the other, as the packets themselves say. Ports are 0 where there are none."""

    source: End
    destination: End
    source_port: int
    destination_port: int
    protocol: int
    packet_count: int
    byte_count: int
    tcp_flags: int = 0


@dataclass(frozen=True)
class Flow:
    """Packets as an interface saw them. Its two addresses differ from the packets' where a gateway stands between."""

    packets: Packets
    direction: str
    source_address: str
    destination_address: str
    traffic_path: int | None = None
    action: str = "ACCEPT"


@dataclass(frozen=True)
class FlowRecord:
    """One record. Without a flow it tells of no traffic (NODATA) or of lost records (SKIPDATA).

    `delivered_after_days` says how late it is delivered: 0 is in the next file.
    """

    scenario: str
    interface: Interface
    started_at: datetime
    ended_at: datetime
    flow: Flow | None = None
    log_status: str = "OK"
    delivered_after_days: int = 0

    @property
    def flow_logs(self) -> tuple[FlowLog, ...]:
        """The flow logs that hold the record."""
        return self.interface.flow_logs

    def values(self, flow_log: FlowLog) -> list[Value]:
        """Return the record's values in the order of the flow log's fields; None is a field that does not apply."""
        interface, flow = self.interface, self.flow
        fields: dict[str, Value] = {
            "version": flow_log.version,
            "account-id": interface.logged_account_id,
            "interface-id": interface.interface_id,
            "vpc-id": interface.network.vpc_id,
            "subnet-id": interface.subnet_id,
            "instance-id": interface.instance_id,
            "region": interface.network.region,
            "az-id": interface.az_id,
            "start": int(self.started_at.timestamp()),
            "end": int(self.ended_at.timestamp()),
            "log-status": self.log_status,
        }
        if flow is not None:
            packets = flow.packets
            fields |= {
                "type": "IPv6" if packets.source.is_ipv6 else "IPv4",
                "srcaddr": flow.source_address,
                "dstaddr": flow.destination_address,
                "srcport": packets.source_port,
                "dstport": packets.destination_port,
                "pkt-srcaddr": packets.source.address,
                "pkt-dstaddr": packets.destination.address,
                "pkt-src-aws-service": packets.source.aws_service,
                "pkt-dst-aws-service": packets.destination.aws_service,
                "protocol": packets.protocol,
                "tcp-flags": packets.tcp_flags,
                "packets": packets.packet_count,
                "bytes": packets.byte_count,
                "flow-direction": flow.direction,
                "traffic-path": flow.traffic_path,
                "action": flow.action,
            }
        return [fields.get(field) for field in flow_log.fields]


@dataclass(frozen=True)
class UnreadableRecord:
    """A record that one flow log holds in a damaged form. Its day is the day it is delivered."""

    record: FlowRecord
    flow_log: FlowLog
    damage: str

    @property
    def scenario(self) -> str:
        """The scenario that made it."""
        return self.record.scenario

    @property
    def started_at(self) -> datetime:
        """The start that stands in the record."""
        return self.record.started_at

    @property
    def ended_at(self) -> datetime:
        """The moment from which it can be delivered, whatever the record says."""
        return self.record.ended_at

    @property
    def delivered_after_days(self) -> int:
        """It is never late: it has no day of its own."""
        return 0

    @property
    def flow_logs(self) -> tuple[FlowLog, ...]:
        """The flow log that holds it."""
        return (self.flow_log,)

    def values(self, flow_log: FlowLog) -> list[Value]:
        """Return the damaged values."""
        values = self.record.values(flow_log)
        if self.damage == "too few values":
            return values[:-3]
        if self.damage == "too many values":
            return [*values, "OK"]
        if self.damage == "a word for a number":
            values[flow_log.fields.index("bytes")] = "many"
            return values
        if self.damage == "end before start":
            values[flow_log.fields.index("end")] = int((self.record.started_at - timedelta(seconds=1)).timestamp())
            return values
        raise ValueError(f"{self.damage!r} is no damage that this class can do.")


Record = FlowRecord | UnreadableRecord


@dataclass(frozen=True)
class Egress:
    """Bytes that leave AWS's private network through a public address, counted once.

    The sender is the interface of the resource that caused them: behind a NAT gateway its client. The record at the
    exit starts at `started_at`.
    """

    started_at: datetime
    sender: Interface
    exit_path: str
    packets: Packets


@dataclass(frozen=True)
class NatUse:
    """Bytes that a NAT gateway processed for a client, in either direction."""

    started_at: datetime
    gateway: Interface
    client: Interface
    far_end: End
    byte_count: int


# What a scenario yields.
Event = Record | Egress | NatUse


def line(record: Record, flow_log: FlowLog) -> str:
    """Return the record as a line of a text file, without its end."""
    return " ".join(text_values(record.values(flow_log)))
