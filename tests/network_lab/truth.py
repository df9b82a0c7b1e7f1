"""What a correct reader finds in the lab's logs, added up from the story alone.

Every table is a list of dicts in the order of its key.

- `internet_egress_daily`: event_date, account_id (owner of the sender's interface), region, sender_id, sender_kind,
  exit_path (internet_gateway, ipv6_gateway, nat_gateway, load_balancer), destination_kind (`internet`, or the service
  of AWS's published ranges), destination_region (`none` for the internet), with byte_count, packet_count, flow_count
  (one for each conversation). Behind NAT gateways the sender is the client at the beginning of the chain.
- `nat_gateway_usage_daily`: event_date, account_id (owner of the gateway), region, nat_gateway_id, client_id,
  destination_service, destination_region, with processed_byte_count: both directions. In a chain each gateway has
  processed the bytes, and the client is that at the beginning for both.
- `zone_traffic_daily`: event_date, account_id (owner of the sender's interface), region, source_az_id,
  destination_az_id, sender_id, with byte_count: what one interface sends to another in a different zone of the region,
  each direction once. In it: instances, also of peered networks; clients and NAT gateways (the gateway is the sender of
  what it hands back); load balancer nodes and their targets. Not in it: own instances that talk by their public
  addresses. In the lab nothing crosses zones by IPv6, at a transit gateway, at an interface endpoint, or between a
  network load balancer and its target. A leg counts even where neither end is logged, but no topology has one.
- `record_totals`: event_date, with record_count and byte_count of all lines that are written.
- `network_interfaces`: event_date, and each interface that exists on the day as an inventory shows it, as in the truth
  of the sample logs, with secondary_addresses and prefixes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sample_logs.vpc_flow_logs.records import Egress
from sample_logs.vpc_flow_logs.truth import (
    EGRESS_KEY,
    EGRESS_MEASURES,
    NAT_KEY,
    NAT_MEASURES,
    Sums,
    described,
    destination,
    rows,
)

from network_lab.network import LabInterface
from network_lab.records import LabEvent, LabRecord, ZoneCrossing

ZONE_KEY = ("event_date", "account_id", "region", "source_az_id", "destination_az_id", "sender_id")
ZONE_MEASURES = ("byte_count",)
TOTALS_KEY = ("event_date",)
TOTALS_MEASURES = ("record_count", "byte_count")
INTERFACE_ORDER = ("event_date", "interface_id")

Rows = list[dict[str, Any]]


class LabTruth:
    """Adds up facts and written records."""

    def __init__(self) -> None:
        self._egress: Sums = defaultdict(Counter)
        self._nat_usage: Sums = defaultdict(Counter)
        self._zones: Sums = defaultdict(Counter)
        self._totals: Sums = defaultdict(Counter)

    def add_fact(self, fact: LabEvent) -> None:
        """Count what the story knows beyond the records."""
        day = fact.started_at.date().isoformat()
        if isinstance(fact, Egress):
            sender, packets = fact.sender, fact.packets
            key = (
                *(day, sender.account_id, sender.network.region, sender.resource_id, sender.resource_kind),
                *(fact.exit_path, *destination(packets.destination)),
            )
            self._egress[key].update(byte_count=packets.byte_count, packet_count=packets.packet_count, flow_count=1)
        elif isinstance(fact, ZoneCrossing):
            sender, receiver = fact.sender, fact.receiver
            key = (day, sender.account_id, sender.network.region, sender.az_id, receiver.az_id, sender.resource_id)
            self._zones[key].update(byte_count=fact.byte_count)
        else:
            gateway = fact.gateway
            key = (
                *(day, gateway.account_id, gateway.network.region, gateway.resource_id, fact.client.resource_id),
                *destination(fact.far_end),
            )
            self._nat_usage[key].update(processed_byte_count=fact.byte_count)

    def add_written(self, record: LabRecord) -> None:
        """Count a line that is written; a record in two flow logs is two of them."""
        byte_count = record.flow.packets.byte_count if record.flow else 0
        self._totals[(record.started_at.date().isoformat(),)].update(record_count=1, byte_count=byte_count)

    def tables(self, interfaces: Iterable[LabInterface], days: list[date]) -> dict[str, Rows]:
        """Return all tables by name."""
        return {
            "internet_egress_daily": rows(EGRESS_KEY, EGRESS_MEASURES, self._egress),
            "nat_gateway_usage_daily": rows(NAT_KEY, NAT_MEASURES, self._nat_usage),
            "zone_traffic_daily": rows(ZONE_KEY, ZONE_MEASURES, self._zones),
            "record_totals": rows(TOTALS_KEY, TOTALS_MEASURES, self._totals),
            "network_interfaces": sorted(
                (
                    row_of_interface(interface, day)
                    for interface in interfaces
                    for number, day in enumerate(days, start=1)
                    if number in interface.days
                ),
                key=lambda row: tuple(row[name] for name in INTERFACE_ORDER),
            ),
        }


def row_of_interface(interface: LabInterface, day: date) -> dict[str, Any]:
    """Return an interface as an inventory shows it on a day."""
    return {
        "event_date": day.isoformat(),
        **described(interface),
        "account_id": interface.account_id,
        "secondary_addresses": [
            {"private_address": secondary.private_address, "public_address": secondary.public_address}
            for secondary in interface.secondary_addresses
        ],
        "prefixes": list(interface.prefixes),
    }
