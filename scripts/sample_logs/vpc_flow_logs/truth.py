"""What a correct reader finds in the sample VPC flow logs.

Every number is added up from the record at the moment it is made, never from a written line. The object
`vpc_flow_logs` of the truth file has these keys:

- `totals` and `event_days` (by event day): `line_count`, lines or rows without header lines; `record_count`, readable
  records, those without a flow too; `unreadable_count`, damaged ones, on the day they are delivered; `no_data_count`,
  `skipped_count` (NODATA, SKIPDATA); `late_count`, records delivered on a later day than they started.
  line_count = record_count + unreadable_count, in total and on each day. The day of a record is the UTC day of `start`.
- `delivery_days` (by delivery day): `file_count` (all files, the empty ones too), `empty_file_count` (a header line and
  nothing else), `line_count`, `unreadable_count`. Files that are no logs are not counted: `ignored_files` names them.
- `scenarios`: lines by scenario.
- `flow_logs`: flow_log_id, prefix, account_id, region, file_format, and the `fields` as the header line of a text file
  has them.
- `log_coverage_daily`: rows of event_date, account_id, region (both of the folder), with file_count (files with a line
  of that event day), record_count, unreadable_count, no_data_count, skipped_count, duplicate_count (always 0: flow
  records have no key), late_count, gap_hour_count (hours between the first and the last in which none
  began), first_event_at and last_event_at (of `start`; null without records).
- `network_traffic_daily`: rows of event_date, account_id (the record's; the folder's where it is `-` or `unknown`),
  region (the record's, else the folder's), vpc_id (`unknown` where the format lacks it), interface_id, record_outcome
  (accepted, rejected, no_data, skipped), traffic_direction, with record_count, byte_count, packet_count (0 without a
  flow). Every record of every flow log counts. traffic_direction goes by the two addresses that the interface saw:
  inside (neither is public), outbound_to_public, inbound_from_public, between_public (both are), unknown (there are
  none).

What follows is known from the story alone, and is what attribution must arrive at:

- `internet_egress_daily`: rows of event_date, account_id, region, sender_id (the resource that caused the bytes: behind
  a NAT gateway its client), sender_kind, exit_path (nat_gateway, internet_gateway, load_balancer, ipv6_gateway: that
  of the internet or an egress-only one), destination_kind (`internet`, or the AWS service of the address),
  destination_region (`none` for the internet), with byte_count, packet_count, flow_count (one for each conversation and
  window). Bytes that leave AWS's private network through a public address, each counted once, however many interfaces
  and flow logs recorded it. Not in it: what was rejected, gateway endpoints, peering, private gateways, IPv6 inside a
  network, and what SKIPDATA hides.
- `nat_gateway_usage_daily`: rows of event_date, account_id, region, nat_gateway_id, client_id, destination_service
  (`internet` or the AWS service), destination_region (as above), with processed_byte_count: both directions.
- `interfaces`: the network interfaces, with the resource each belongs to, its addresses and its place.
"""

from collections import Counter, defaultdict
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from sample_logs.truth_tables import Key, coverage_as_json, days_as_json, row
from sample_logs.vpc_flow_logs.actors import INTERFACES, End, Interface
from sample_logs.vpc_flow_logs.delivery import LogFile
from sample_logs.vpc_flow_logs.flow_logs import FLOW_LOGS
from sample_logs.vpc_flow_logs.records import Egress, FlowRecord, NatUse, Record

COUNTS = ("line_count", "record_count", "unreadable_count", "no_data_count", "skipped_count", "late_count")
FILE_COUNTS = ("file_count", "empty_file_count", "line_count", "unreadable_count")
COVERAGE_MEASURES = (
    "record_count",
    "unreadable_count",
    "no_data_count",
    "skipped_count",
    "duplicate_count",
    "late_count",
)
TRAFFIC_KEY = (
    "event_date",
    "account_id",
    "region",
    "vpc_id",
    "interface_id",
    "record_outcome",
    "traffic_direction",
)
TRAFFIC_MEASURES = ("record_count", "byte_count", "packet_count")
EGRESS_KEY = (
    "event_date",
    "account_id",
    "region",
    "sender_id",
    "sender_kind",
    "exit_path",
    "destination_kind",
    "destination_region",
)
EGRESS_MEASURES = ("byte_count", "packet_count", "flow_count")
NAT_KEY = (
    "event_date",
    "account_id",
    "region",
    "nat_gateway_id",
    "client_id",
    "destination_service",
    "destination_region",
)
NAT_MEASURES = ("processed_byte_count",)

# The networks of the story's addresses that are not on the internet (IANA special-purpose address registry).
PRIVATE_NETWORKS = tuple(
    ip_network(network) for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)

Sums = defaultdict[Key, Counter[str]]


class Truth:
    """Adds up records and files."""

    def __init__(self) -> None:
        self.ignored_files: list[str] = []
        self._days: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._delivery_days: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._scenarios: Counter[str] = Counter()
        self._coverage: Sums = defaultdict(Counter)
        self._coverage_files: defaultdict[Key, set[str]] = defaultdict(set)
        self._coverage_moments: defaultdict[Key, list[datetime]] = defaultdict(list)
        self._traffic: Sums = defaultdict(Counter)
        self._egress: Sums = defaultdict(Counter)
        self._nat_usage: Sums = defaultdict(Counter)

    def add_file(self, file: LogFile, *, is_empty: bool) -> None:
        """Count a file that is written."""
        self._delivery_days[file.delivery_date.isoformat()].update(file_count=1, empty_file_count=int(is_empty))

    def add(self, record: Record, file: LogFile) -> None:
        """Count a record in a file that holds it."""
        self._scenarios[record.scenario] += 1
        delivery_day = self._delivery_days[file.delivery_date.isoformat()]
        delivery_day["line_count"] += 1
        if isinstance(record, FlowRecord):
            self._add_readable(record, file)
        else:
            delivery_day["unreadable_count"] += 1
            self._add_to_day(file.delivery_date.isoformat(), file, {"unreadable_count": 1})

    def add_fact(self, fact: Egress | NatUse) -> None:
        """Count what no single record tells."""
        event_date = fact.started_at.date().isoformat()
        if isinstance(fact, Egress):
            network = fact.sender.network
            key = (
                event_date,
                network.account_id,
                network.region,
                fact.sender.resource_id,
                fact.sender.resource_kind,
                fact.exit_path,
                *destination(fact.packets.destination),
            )
            self._egress[key].update(
                byte_count=fact.packets.byte_count, packet_count=fact.packets.packet_count, flow_count=1
            )
        else:
            network = fact.gateway.network
            key = (
                event_date,
                network.account_id,
                network.region,
                fact.gateway.resource_id,
                fact.client.resource_id,
                *destination(fact.far_end),
            )
            self._nat_usage[key]["processed_byte_count"] += fact.byte_count

    def _add_readable(self, record: FlowRecord, file: LogFile) -> None:
        event_date = record.started_at.date().isoformat()
        counts = {
            "record_count": 1,
            "no_data_count": int(record.log_status == "NODATA"),
            "skipped_count": int(record.log_status == "SKIPDATA"),
            "late_count": int(file.delivery_date > record.started_at.date()),
        }
        coverage = self._add_to_day(event_date, file, counts)
        self._coverage_moments[coverage].append(record.started_at)

        interface, fields = record.interface, file.flow_log.fields
        logged_account_id = interface.logged_account_id or "unknown"
        key = (
            event_date,
            file.flow_log.account_id if logged_account_id == "unknown" else logged_account_id,
            interface.network.region if "region" in fields else file.flow_log.region,
            interface.network.vpc_id if "vpc-id" in fields else "unknown",
            interface.interface_id,
            outcome(record),
            direction(record),
        )
        packets = record.flow.packets if record.flow else None
        self._traffic[key].update(
            record_count=1,
            byte_count=packets.byte_count if packets else 0,
            packet_count=packets.packet_count if packets else 0,
        )

    def _add_to_day(self, event_date: str, file: LogFile, counts: dict[str, int]) -> Key:
        self._days[event_date].update(line_count=1, **counts)
        coverage = (event_date, file.flow_log.account_id, file.flow_log.region)
        self._coverage[coverage].update(counts)
        self._coverage_files[coverage].add(file.path)
        return coverage

    def as_json(self) -> dict[str, Any]:
        """Return the whole truth as plain JSON values, rows in the order of their keys."""
        return {
            **days_as_json(self._days, self._delivery_days, COUNTS, FILE_COUNTS),
            "scenarios": dict(self._scenarios),
            "ignored_files": sorted(self.ignored_files),
            "flow_logs": [
                {
                    "flow_log_id": flow_log.flow_log_id,
                    "prefix": flow_log.prefix,
                    "account_id": flow_log.account_id,
                    "region": flow_log.region,
                    "file_format": "parquet" if flow_log.is_parquet else "plain-text",
                    "fields": " ".join(flow_log.fields),
                }
                for flow_log in FLOW_LOGS
            ],
            "log_coverage_daily": coverage_as_json(
                self._coverage, COVERAGE_MEASURES, self._coverage_files, self._coverage_moments
            ),
            "network_traffic_daily": rows(TRAFFIC_KEY, TRAFFIC_MEASURES, self._traffic),
            "internet_egress_daily": rows(EGRESS_KEY, EGRESS_MEASURES, self._egress),
            "nat_gateway_usage_daily": rows(NAT_KEY, NAT_MEASURES, self._nat_usage),
            "interfaces": [described(interface) for interface in INTERFACES],
        }


def outcome(record: FlowRecord) -> str:
    """Return what became of the packets."""
    if record.flow is None:
        return {"NODATA": "no_data", "SKIPDATA": "skipped"}[record.log_status]
    return {"ACCEPT": "accepted", "REJECT": "rejected"}[record.flow.action]


def direction(record: FlowRecord) -> str:
    """Return between what kinds of address the interface saw the packets go."""
    if record.flow is None:
        return "unknown"
    return {
        (False, False): "inside",
        (False, True): "outbound_to_public",
        (True, False): "inbound_from_public",
        (True, True): "between_public",
    }[is_public(record.flow.source_address), is_public(record.flow.destination_address)]


def is_public(address: str) -> bool:
    """Return whether the address is one of the internet, AWS's public ones included."""
    parsed = ip_address(address)
    return not any(parsed in network for network in PRIVATE_NETWORKS)


def destination(far_end: End) -> tuple[str, str]:
    """Return the kind and the region of a far end."""
    return far_end.aws_service or "internet", far_end.region or "none"


def described(interface: Interface) -> dict[str, Any]:
    """Return an interface as an inventory shows it."""
    return {
        "interface_id": interface.interface_id,
        "interface_type": interface.interface_type,
        "description": interface.description,
        "resource_kind": interface.resource_kind,
        "resource_id": interface.resource_id,
        "resource_name": interface.resource_name,
        "private_address": interface.private_address,
        "public_address": interface.public_address,
        "ipv6_address": interface.ipv6_address,
        "account_id": interface.network.account_id,
        "region": interface.network.region,
        "vpc_id": interface.network.vpc_id,
        "subnet_id": interface.subnet_id,
        "az_id": interface.az_id,
    }


def rows(key_names: Key, measures: Key, sums: Sums) -> list[dict[str, Any]]:
    """Return the rows of a table in the order of their keys."""
    return [row(key_names, key, {name: sums[key][name] for name in measures}) for key in sorted(sums)]
