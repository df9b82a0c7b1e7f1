"""The generated networks are what they say: their records are AWS's, and their truth is the story's."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from duckdb_project import REPOSITORY, DuckdbProject
from network_lab import (
    FORMATS,
    TOPOLOGIES,
    V2_FIELDS,
    V3_FIELDS,
    V5_FIELDS,
    V11_FIELDS,
    NetworkLab,
    Topology,
    address_reused,
    alb,
    chained_nat,
    cross_zone_both_logged,
    cross_zone_one_logged,
    gateway_endpoint_absent,
    gateway_endpoint_present,
    interface_endpoint,
    ipv6_egress_only,
    ipv6_inside,
    nat,
    nat_only_clients_logged,
    nat_only_gateway_logged,
    nlb_client_address_preserved,
    no_data_and_skipped_data,
    overlapping_flow_logs,
    peering,
    prefix_delegation,
    public_instance,
    rejected,
    shared_subnet,
    transit_gateway_nat,
    vpn,
)
from network_lab.aws_documented_examples import (
    DOCUMENTED_EXAMPLES,
    NAT_GATEWAY,
    TCP_FLAGS,
    TRANSIT_GATEWAY,
    DocumentedExample,
)
from network_lab.formats import LabFlowLog
from network_lab.network import Vpc, instance, nat_gateway, transit_gateway_attachment
from network_lab.records import LabRecord
from network_lab.story import INTERNET_GATEWAY, SAME_VPC, Story
from network_lab.truth import LabTruth
from sample_logs.settings import Settings
from sample_logs.vpc_flow_logs.actors import End
from sample_logs.vpc_flow_logs.flow_maker import private_end
from sample_logs.vpc_flow_logs.records import Egress

DAY = date(2026, 11, 1)
FLAGS = {"FIN": 1, "SYN": 2, "RST": 4, "ACK": 16}
FIELDS_WITHOUT_DATA = ["srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "action"]
EXIT_PATHS = ("internet_gateway", "ipv6_gateway", "nat_gateway", "load_balancer")

every_topology = pytest.mark.parametrize("topology", TOPOLOGIES, ids=lambda topology: topology.__name__)
every_format = pytest.mark.parametrize("fields", FORMATS.values(), ids=lambda fields: f"{len(fields)}_fields")


def records_of(lab: NetworkLab) -> list[LabRecord]:
    """All records of the story, logged or not."""
    return [event for event in lab.events if isinstance(event, LabRecord)]


def facts_of(lab: NetworkLab, kind: type) -> list[Any]:
    """All facts of a kind."""
    return [event for event in lab.events if isinstance(event, kind)]


def lines_of(lab: NetworkLab, fields: tuple[str, ...] | None = None) -> list[dict[str, str]]:
    """The written lines in the lab's format, or in another, as text by field."""
    header = " ".join(fields or lab.fields)
    lines = []
    for file in lab.files():
        if file.path.endswith(".log.gz"):
            first, *rest = gzip.decompress(file.content).decode().splitlines()
            if first == header:
                lines += [dict(zip(first.split(), line.split(" "), strict=True)) for line in rest]
    return lines


def byte_count_of(rows: list[dict[str, str]]) -> int:
    """The bytes of lines."""
    return sum(int(row["bytes"]) for row in rows)


def total(rows: list[dict[str, Any]], measure: str = "byte_count") -> int:
    """The sum of a measure of the truth."""
    return sum(row[measure] for row in rows)


def is_public(address: str) -> bool:
    """Whether an address is of the internet, by Python's own tables; 100.64.0.0/10 is not."""
    return ip_address(address).is_global


def story() -> Story:
    """A story of the first day."""
    return Story(Settings(1, DAY, 2, 1), DAY, "by_hand")


def addresses_of(record: LabRecord) -> str:
    """The addresses of a record in the order of AWS's example."""
    row = dict(zip(V5_FIELDS, record.values(LabFlowLog("fl-1", "", "1", "r", V5_FIELDS)), strict=True))
    return " ".join(str(row[name]) for name in ("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr"))


def example_network() -> Vpc:
    """The network of an example."""
    return Vpc("example", "123456789010", "us-east-1", "use1", number=250)


# --- The records are those that AWS documents


def test_a_conversation_through_a_nat_gateway_has_the_records_of_the_guide() -> None:
    network = example_network()
    gateway = nat_gateway(network, 5, "gateway", private_address="10.0.0.220")
    client = instance(network, 1, 5, "client", private_address="10.0.1.5")
    events = list(story().ask_through_nat(gateway, client, End("203.0.113.5"), 1000, 50))
    records = [event for event in events if isinstance(event, LabRecord)]
    documented = Counter(
        (row["instance-id"] == "-", " ".join(list(row.values())[2:]), meaning.direction)
        for row, meaning in zip(NAT_GATEWAY.rows(), NAT_GATEWAY.meanings, strict=True)
    )
    assert Counter((r.interface.instance_id is None, addresses_of(r), r.flow.direction) for r in records) == documented
    assert len(records) == 6
    # Beyond the gateway the packets have a port of the gateway's.
    client_ports, gateway_ports = (
        {
            packets.source_port if packets.source_port != 443 else packets.destination_port
            for packets in (record.flow.packets for record in records)
            if ("10.0.1.5" in (packets.source.address, packets.destination.address)) == is_inside
        }
        for is_inside in (True, False)
    )
    assert len(client_ports) == len(gateway_ports) == 1
    assert client_ports != gateway_ports
    # 1,000 bytes up and 50 down, three times each.
    assert sum(record.flow.packets.byte_count for record in records) == 3150


def test_a_conversation_through_a_transit_gateway_has_the_records_of_the_guide() -> None:
    network = example_network()
    server = instance(network, 2, 5, "server", private_address="10.40.2.236")
    enters = transit_gateway_attachment(network, 1, 5, private_address="10.40.1.175")
    leaves = transit_gateway_attachment(network, 2, 5, private_address="10.40.2.31")
    told = story()
    talk = told.talk(End("10.20.33.164"), private_end(server), 80, 900, 4000)
    events = [*told.leg(talk, talk.sent, enters, server), *told.leg(talk, talk.answered, server, leaves)]
    records = [event for event in events if isinstance(event, LabRecord)]
    documented = Counter(
        (
            row["instance-id"] == "-",
            " ".join(row[name] for name in ("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr")),
            meaning.direction,
            row["tcp-flags"],
        )
        for row, meaning in zip(TRANSIT_GATEWAY.rows(), TRANSIT_GATEWAY.meanings, strict=True)
    )
    assert documented == Counter(
        (r.interface.instance_id is None, addresses_of(r), r.flow.direction, str(r.flow.packets.tcp_flags))
        for r in records
    )


def test_a_small_case_added_up_by_hand() -> None:
    network = example_network()
    gateway, client = nat_gateway(network, 220, "gateway"), instance(network, 2, 5, "client")
    told = story()
    truth = LabTruth()
    for sent, answered in ((1000, 50), (200, 7)):
        for event in told.ask_through_nat(gateway, client, End("192.175.48.150"), sent, answered):
            if not isinstance(event, LabRecord):
                truth.add_fact(event)
    tables = truth.tables((), [DAY])
    place = {"event_date": "2026-11-01", "account_id": "123456789010", "region": "us-east-1"}
    assert tables["internet_egress_daily"] == [
        {
            **place,
            "sender_id": client.resource_id,
            "sender_kind": "ec2_instance",
            "exit_path": "nat_gateway",
            "destination_kind": "internet",
            "destination_region": "none",
            "byte_count": 1200,
            "packet_count": 2,
            "flow_count": 2,
        }
    ]
    assert tables["nat_gateway_usage_daily"] == [
        {
            **place,
            "nat_gateway_id": gateway.resource_id,
            "client_id": client.resource_id,
            "destination_service": "internet",
            "destination_region": "none",
            "processed_byte_count": 1257,
        }
    ]
    assert tables["zone_traffic_daily"] == [
        {
            **place,
            "source_az_id": source,
            "destination_az_id": destination,
            "sender_id": sender.resource_id,
            "byte_count": byte_count,
        }
        for source, destination, sender, byte_count in (
            ("use1-az1", "use1-az2", gateway, 57),
            ("use1-az2", "use1-az1", client, 1200),
        )
    ]


# --- The story and its records tell the same, by two ways of counting


@every_topology
def test_topologies_say_where_their_records_are_documented(topology: Topology) -> None:
    assert "Source: " in " ".join((topology.__doc__ or "").split())


@every_topology
def test_every_topology_happens_on_both_days_and_moves_bytes(topology: Topology) -> None:
    lab = NetworkLab([topology])
    assert {record.started_at.date() for record in records_of(lab)} == set(lab.days)
    with_data = [record for record in records_of(lab) if record.flow]
    assert len(with_data) >= 4
    assert all(record.flow.packets.byte_count > 0 and record.flow.packets.packet_count > 0 for record in with_data)
    assert all(record.started_at < record.ended_at for record in records_of(lab))


@every_topology
def test_what_leaves_by_a_public_gateway_is_the_egress(topology: Topology) -> None:
    lab = NetworkLab([topology])
    leaving = Counter[str]()
    for record in records_of(lab):
        if record.flow and record.flow.traffic_path == INTERNET_GATEWAY:
            leaving[record.started_at.date().isoformat()] += record.flow.packets.byte_count
    told = Counter[str]()
    for row in lab.truth()["internet_egress_daily"]:
        told[row["event_date"]] += row["byte_count"]
        assert row["exit_path"] in EXIT_PATHS
    assert told == leaving


@every_topology
def test_what_enters_nat_gateways_is_what_they_process(topology: Topology) -> None:
    lab = NetworkLab([topology])
    entering = sum(
        record.flow.packets.byte_count
        for record in records_of(lab)
        if record.interface.resource_kind == "nat_gateway" and record.flow.direction == "ingress"
    )
    assert total(lab.truth()["nat_gateway_usage_daily"], "processed_byte_count") == entering


@every_topology
def test_what_goes_to_an_interface_in_another_zone_is_the_zone_traffic(topology: Topology) -> None:
    lab = NetworkLab([topology])
    crossing = sum(
        record.flow.packets.byte_count
        for record in records_of(lab)
        if record.flow
        and record.flow.direction == "egress"
        and record.next_hop is not None
        and record.next_hop.az_id != record.interface.az_id
    )
    rows = lab.truth()["zone_traffic_daily"]
    assert total(rows) == crossing
    assert all(row["source_az_id"] != row["destination_az_id"] for row in rows)


@pytest.mark.parametrize(
    ("topology", "record_count"),
    [
        (nat, 6),
        (nat_only_gateway_logged, 6),
        (nat_only_clients_logged, 6),
        (gateway_endpoint_absent, 6),
        (prefix_delegation, 6),
        (chained_nat, 14),
        (transit_gateway_nat, 10),
    ],
)
def test_every_conversation_through_nat_gateways_has_all_its_records(topology: Topology, record_count: int) -> None:
    lab = NetworkLab([topology])
    # The records of a conversation share its start and its far end.
    conversations: defaultdict[tuple[datetime, str], list[LabRecord]] = defaultdict(list)
    for record in records_of(lab):
        ends = (record.flow.packets.source.address, record.flow.packets.destination.address)
        (far_end,) = [address for address in ends if is_public(address)]
        conversations[record.started_at, far_end].append(record)
    assert len(conversations) == len(facts_of(lab, Egress))
    assert {len(records) for records in conversations.values()} == {record_count}
    for records in conversations.values():
        by_direction = Counter(record.flow.packets.byte_count for record in records)
        assert sorted(by_direction.values()) == [record_count // 2, record_count // 2]


# --- What each topology is there for


@pytest.mark.parametrize(
    "topology",
    [
        gateway_endpoint_present,
        interface_endpoint,
        peering,
        cross_zone_both_logged,
        cross_zone_one_logged,
        ipv6_inside,
        no_data_and_skipped_data,
        vpn,
    ],
)
def test_nothing_leaves(topology: Topology) -> None:
    truth = NetworkLab([topology]).truth()
    assert truth["internet_egress_daily"] == []
    assert truth["nat_gateway_usage_daily"] == []


def test_only_the_side_with_a_flow_log_is_written() -> None:
    for topology, are_gateways in ((nat_only_gateway_logged, True), (nat_only_clients_logged, False)):
        lab = NetworkLab([topology])
        gateways = {i.interface_id for i in lab.interfaces if i.resource_kind == "nat_gateway"}
        assert {row["interface-id"] in gateways for row in lines_of(lab)} == {are_gateways}
        assert total(lab.truth()["internet_egress_daily"]) > 0


def test_a_client_behind_a_nat_gateway_shows_a_public_destination_inside_the_network() -> None:
    sent = [row for row in lines_of(NetworkLab([nat_only_clients_logged])) if row["flow-direction"] == "egress"]
    assert {(row["traffic-path"], is_public(row["dstaddr"])) for row in sent} == {(str(SAME_VPC), True)}
    assert byte_count_of(sent) == total(NetworkLab([nat_only_clients_logged]).truth()["internet_egress_daily"])
    assert "-" in {row["instance-id"] for row in sent}, "the function has no instance"


def test_the_client_sends_through_the_chain_and_both_gateways_work() -> None:
    lab = NetworkLab([chained_nat])
    truth = lab.truth()
    inner, outer = (
        {row["processed_byte_count"] for row in truth["nat_gateway_usage_daily"] if row["account_id"] == account}
        for account in ("111122223333", "444455556666")
    )
    assert inner
    assert inner == outer
    assert {row["sender_kind"] for row in truth["internet_egress_daily"]} == {"ec2_instance"}
    clients = {row["sender_id"] for row in truth["internet_egress_daily"]}
    assert {row["client_id"] for row in truth["nat_gateway_usage_daily"]} == clients
    # The public gateway sees the private one alone.
    public = next(i for i in lab.interfaces if i.resource_kind == "nat_gateway" and i.public_address)
    private = next(i for i in lab.interfaces if i.resource_kind == "nat_gateway" and not i.public_address)
    handed_in = [
        row
        for row in lines_of(lab)
        if row["interface-id"] == public.interface_id
        and row["flow-direction"] == "ingress"
        and not is_public(row["srcaddr"])
    ]
    assert {row["pkt-srcaddr"] for row in handed_in} == {private.private_address}
    # What the private gateway sends and what the public one receives have the same ports.
    handed_out = [
        row
        for row in lines_of(lab)
        if row["interface-id"] == private.interface_id
        and row["flow-direction"] == "egress"
        and row["pkt-srcaddr"] == private.private_address
    ]
    ports = [{(row["srcport"], row["pkt-dstaddr"], row["start"]) for row in rows} for rows in (handed_in, handed_out)]
    assert ports[0] == ports[1]


def test_transit_gateway_interfaces_show_their_own_address_and_the_packets_ends() -> None:
    lab = NetworkLab([transit_gateway_nat])
    attachments = {i.interface_id: i for i in lab.interfaces if i.resource_kind == "transit_gateway"}
    rows = [row for row in lines_of(lab) if row["interface-id"] in attachments]
    assert {row["flow-direction"] for row in rows} == {"ingress", "egress"}
    for row in rows:
        own = attachments[row["interface-id"]].private_address
        side, packet_side = (
            ("srcaddr", "pkt-srcaddr") if row["flow-direction"] == "egress" else ("dstaddr", "pkt-dstaddr")
        )
        assert row[side] == own
        assert row[packet_side] != own
    # The gateway works in its own account, and the client sends in another.
    truth = lab.truth()
    assert {row["account_id"] for row in truth["internet_egress_daily"]} == {"111122223333"}
    assert {row["account_id"] for row in truth["nat_gateway_usage_daily"]} == {"444455556666"}


def test_load_balancers_send_and_their_targets_stay_inside() -> None:
    for topology in (alb, nlb_client_address_preserved):
        lab = NetworkLab([topology])
        rows = lab.truth()["internet_egress_daily"]
        assert {(row["sender_kind"], row["exit_path"]) for row in rows} == {("load_balancer", "load_balancer")}
    assert {row["sender_id"].split("/")[0] for row in NetworkLab([alb]).truth()["zone_traffic_daily"]} >= {"app"}
    assert NetworkLab([nlb_client_address_preserved]).truth()["zone_traffic_daily"] == []


def test_targets_of_a_network_load_balancer_see_visitors_without_a_public_address_of_their_own() -> None:
    lab = NetworkLab([nlb_client_address_preserved])
    targets = {i.interface_id: i for i in lab.interfaces if i.resource_kind == "ec2_instance"}
    assert {target.public_address for target in targets.values()} == {None}
    rows = [row for row in lines_of(lab) if row["interface-id"] in targets]
    peers = {row["srcaddr"] if row["flow-direction"] == "ingress" else row["dstaddr"] for row in rows}
    assert all(is_public(peer) for peer in peers)
    # Whoever sums egress to public addresses counts these bytes three times: node twice, target once.
    naive = [row for row in lines_of(lab) if row["flow-direction"] == "egress" and is_public(row["dstaddr"])]
    assert byte_count_of(naive) == 2 * total(lab.truth()["internet_egress_daily"])


def test_endpoints_are_told_by_path_or_not_at_all() -> None:
    rows = lines_of(NetworkLab([gateway_endpoint_present]))
    paths = Counter(row["traffic-path"] for row in rows if row["pkt-dst-aws-service"] == "S3")
    assert paths.keys() == {"7", "2"}
    by_nat = NetworkLab([gateway_endpoint_absent]).truth()["internet_egress_daily"]
    assert {(row["destination_kind"], row["destination_region"]) for row in by_nat} == {
        ("S3", "us-east-1"),
        ("DYNAMODB", "us-east-1"),
        ("internet", "none"),
    }
    accounts = {row["account-id"] for row in lines_of(NetworkLab([interface_endpoint]))}
    assert accounts == {"111122223333", "unknown"}


def test_peering_crosses_zones_in_the_region_alone() -> None:
    lab = NetworkLab([peering])
    paths = {row["traffic-path"] for row in lines_of(lab) if row["flow-direction"] == "egress"}
    assert paths == {"4", "5"}
    zones = {(row["source_az_id"], row["destination_az_id"]) for row in lab.truth()["zone_traffic_daily"]}
    assert zones == {("use1-az1", "use1-az2"), ("use1-az2", "use1-az1")}
    assert {row["account_id"] for row in lab.truth()["zone_traffic_daily"]} == {"111122223333", "444455556666"}


def test_zone_traffic_counts_once_however_many_ends_log_it() -> None:
    for topology, seen in ((cross_zone_both_logged, 2), (cross_zone_one_logged, 1)):
        lab = NetworkLab([topology])
        zones = {i.private_address: i.az_id for i in lab.interfaces}
        crossing = [row for row in lines_of(lab) if zones[row["srcaddr"]] != zones[row["dstaddr"]]]
        assert byte_count_of(crossing) == seen * total(lab.truth()["zone_traffic_daily"])
    directions = {row["flow-direction"] for row in crossing}
    assert directions == {"ingress", "egress"}


def test_ipv6_leaves_by_its_gateway_only_when_the_other_end_is_outside() -> None:
    outside = NetworkLab([ipv6_egress_only])
    assert {row["exit_path"] for row in outside.truth()["internet_egress_daily"]} == {"ipv6_gateway"}
    assert len({row["sender_id"] for row in outside.truth()["internet_egress_daily"]}) == 2
    inside = lines_of(NetworkLab([ipv6_inside]))
    assert {row["type"] for row in inside} == {"IPv6"}
    assert all(is_public(row["dstaddr"]) for row in inside)


def test_addresses_change_hands() -> None:
    truth = NetworkLab([address_reused]).truth()
    for kind in ("private_address", "public_address"):
        holders: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for row in truth["network_interfaces"]:
            if row[kind]:
                holders[row[kind]].add((row["event_date"], row["resource_id"]))
        changed = {address for address, by_day in holders.items() if len({owner for _, owner in by_day}) > 1}
        assert len(changed) == 1, kind
        assert len(holders[changed.pop()]) == 2, "one holder each day"
    senders = defaultdict(set)
    for row in truth["internet_egress_daily"]:
        if row["exit_path"] == "nat_gateway":
            senders[row["event_date"]].add(row["sender_id"])
    assert [len(ids) for ids in senders.values()] == [1, 1]
    assert senders["2026-11-01"] != senders["2026-11-02"]


def test_secondary_addresses_and_prefixes_stand_in_the_packet_address_alone() -> None:
    secondary = [row for row in lines_of(NetworkLab([public_instance])) if row["srcaddr"] != row["pkt-srcaddr"]]
    assert secondary
    assert {row["flow-direction"] for row in secondary} == {"egress"}
    lab = NetworkLab([prefix_delegation])
    nodes = {i.interface_id: i for i in lab.interfaces if i.prefixes}
    pods = [row for row in lines_of(lab) if row["interface-id"] in nodes and row["flow-direction"] == "egress"]
    assert pods
    for row in pods:
        node = nodes[row["interface-id"]]
        assert row["srcaddr"] == node.private_address
        first, length = node.prefixes[0].split("/")
        assert length == "28"
        assert 0 <= int(ip_address(row["pkt-srcaddr"])) - int(ip_address(first)) < 16


def test_own_instances_that_talk_by_public_addresses_each_send() -> None:
    rows = NetworkLab([public_instance]).truth()["internet_egress_daily"]
    to_instances = [row for row in rows if row["destination_kind"] == "EC2"]
    assert len({row["sender_id"] for row in to_instances}) == 2
    assert {(row["exit_path"], row["destination_region"]) for row in to_instances} == {
        ("internet_gateway", "us-east-1")
    }


def test_two_flow_logs_write_twice_and_count_once() -> None:
    lab = NetworkLab([overlapping_flow_logs])
    first, second = lines_of(lab), lines_of(lab, V2_FIELDS)
    assert {row["version"] for row in first} == {"5"}
    assert {row["version"] for row in second} == {"2"}
    key = ("interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "start", "bytes")
    in_first = Counter(tuple(row[name] for name in key) for row in first)
    in_second = Counter(tuple(row[name] for name in key) for row in second)
    assert second
    assert in_second < in_first, "the second flow log records some of the interfaces, and nothing else"
    leaving = [row for row in first if row["traffic-path"] == str(INTERNET_GATEWAY)]
    assert byte_count_of(leaving) == total(lab.truth()["internet_egress_daily"])
    assert total(lab.truth()["record_totals"]) == byte_count_of(first) + byte_count_of(second)
    default = NetworkLab([overlapping_flow_logs], V2_FIELDS)
    assert len(lines_of(default)) == len(first) + len(second)
    assert default.truth() == lab.truth()


def test_participants_own_what_they_send_from_shared_subnets() -> None:
    lab = NetworkLab([shared_subnet])
    truth = lab.truth()
    assert {row["account_id"] for row in truth["internet_egress_daily"]} == {"444455556666"}
    assert {row["account_id"] for row in truth["nat_gateway_usage_daily"]} == {"111122223333"}
    assert {row["account-id"] for row in lines_of(lab)} == {"111122223333", "444455556666"}
    assert all("/AWSLogs/111122223333/" in file.path for file in lab.files())


def test_refused_packets_and_records_without_data_are_no_traffic() -> None:
    rows = lines_of(NetworkLab([rejected]))
    refused = [row for row in rows if row["action"] == "REJECT"]
    assert {(row["flow-direction"], row["traffic-path"]) for row in refused} == {("ingress", "-"), ("egress", "-")}
    lab = NetworkLab([no_data_and_skipped_data])
    empty = [row for row in lines_of(lab) if row["log-status"] != "OK"]
    assert {row["log-status"] for row in empty} == {"NODATA", "SKIPDATA"}
    assert {row[name] for row in empty for name in FIELDS_WITHOUT_DATA} == {"-"}
    assert all(row["start"].isdigit() and row["end"].isdigit() for row in empty)


# --- Formats and files


def test_formats_have_the_fields_of_their_version() -> None:
    assert [len(fields) for fields in FORMATS.values()] == [14, 21, 25, 29, 35]
    assert all(len(set(fields)) == len(fields) for fields in FORMATS.values())
    known = (REPOSITORY / "models/staging/vpc_flow_logs/_vpc_flow_logs__sources.yml").read_text()
    assert [field for field in V11_FIELDS if f"name: {field.replace('-', '_')}\n" not in known] == []


@every_format
def test_lines_have_a_value_for_each_field(fields: tuple[str, ...]) -> None:
    lab = NetworkLab(fields=fields)
    rows = [*lines_of(lab), *(lines_of(lab, V2_FIELDS) if fields != V2_FIELDS else [])]
    assert len(rows) == total(lab.truth()["record_totals"], "record_count")
    assert byte_count_of([row for row in rows if row["bytes"] != "-"]) == total(lab.truth()["record_totals"])
    assert not {value for row in rows for value in row.values()} & {"None", "True", "False", ""}
    version = next(number for number, known in FORMATS.items() if known == fields)
    assert {row["version"] for row in lines_of(lab)} == {str(version)}


def test_formats_tell_the_same_records() -> None:
    newest = lines_of(NetworkLab(fields=V11_FIELDS))
    own_fields = set(V3_FIELDS) - {"version"}
    older = lines_of(NetworkLab(fields=V3_FIELDS))
    assert [{name: row[name] for name in own_fields} for row in newest] == [
        {name: row[name] for name in own_fields} for row in older
    ]
    truths = [NetworkLab(fields=fields).truth() for fields in FORMATS.values()]
    assert all(truth == truths[0] for truth in truths)


def test_fields_that_do_not_apply_are_a_dash() -> None:
    lab = NetworkLab(fields=V11_FIELDS)
    interfaces = {i.interface_id: i for i in lab.interfaces}
    for row in lines_of(lab):
        interface = interfaces[row["interface-id"]]
        assert (row["instance-id"] == "-") == (interface.resource_kind != "ec2_instance")
        assert (row["interface-type"] == "-") == (
            interface.resource_kind in ("ec2_instance", "lambda") or "app/" in interface.resource_id
        )
        if row["flow-direction"] != "egress" or row["action"] == "REJECT":
            assert row["traffic-path"] == "-"
        else:
            assert row["traffic-path"].isdigit()
        for end in ("src", "dst"):
            if row[f"pkt-{end}addr"] != "-" and not is_public(row[f"pkt-{end}addr"]):
                assert row[f"pkt-{end}-aws-service"] == "-"
        assert row["sublocation-type"] == row["sublocation-id"] == "-"
        if row["traffic-path"] in ("2", "3", "5", "7", "8"):
            assert row["next-hop-interface-id"] == row["next-hop-az-id"] == "-"
        if row["next-hop-interface-id"] == "-":
            assert row["next-hop-interface-type"] == "-"
        else:
            assert interfaces[row["next-hop-interface-id"]].az_id == row["next-hop-az-id"]


def test_the_next_hop_of_a_client_is_its_nat_gateway_and_the_other_way_round() -> None:
    rows = lines_of(NetworkLab([nat], V11_FIELDS))
    at_clients = [row for row in rows if row["interface-type"] != "nat_gateway"]
    assert {row["next-hop-interface-type"] for row in at_clients} == {"nat_gateway"}
    at_gateway = [row for row in rows if row["interface-type"] == "nat_gateway"]
    assert Counter(row["next-hop-interface-id"] == "-" for row in at_gateway) == {
        True: len(at_gateway) // 2,
        False: len(at_gateway) // 2,
    }


def test_files_lie_where_aws_puts_them_and_come_after_their_records() -> None:
    name = re.compile(
        r"vpc-flow-logs(?:-custom)?/AWSLogs/(\d{12})/vpcflowlogs/([a-z0-9-]+)/(\d{4}/\d\d/\d\d)/"
        r"\1_vpcflowlogs_\2_fl-[0-9a-f]{17}_(\d{8}T\d{4}Z)_[0-9a-f]{8}\.log\.gz"
    )
    files = NetworkLab().files()
    assert len({file.path for file in files}) == len(files)
    for file in files:
        found = name.fullmatch(file.path)
        assert found, file.path
        delivered_at = datetime.strptime(found[4], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        assert found[3] == f"{delivered_at:%Y/%m/%d}"
        header, *rest = gzip.decompress(file.content).decode().splitlines()
        ends = [int(line.split(" ")[header.split(" ").index("end")]) for line in rest]
        assert ends
        assert max(ends) + 600 <= delivered_at.timestamp() <= min(ends) + 600 + 8 * 3600


def test_equal_arguments_give_equal_bytes() -> None:
    first, second = NetworkLab(with_inventory=True), NetworkLab(with_inventory=True)
    assert first.files() == second.files()
    assert first.truth() == second.truth()
    other = NetworkLab(seed=2)
    assert other.truth()["record_totals"] != first.truth()["record_totals"]
    # What one topology tells does not depend on the others.
    alone = NetworkLab([alb]).truth()["internet_egress_daily"]
    assert [row for row in first.truth()["internet_egress_daily"] if row in alone] == alone


def test_writing_puts_every_file_below_the_folder(tmp_path: Path) -> None:
    lab = NetworkLab([nat], with_inventory=True)
    paths = lab.write(tmp_path)
    assert {str(path.relative_to(tmp_path)): path.read_bytes() for path in paths} == {
        file.path: file.content for file in lab.files()
    }


def test_variables_name_what_is_written() -> None:
    lab = NetworkLab([peering, overlapping_flow_logs])
    assert lab.variables() == {
        "vpc_flow_logs_default_path": "vpc-flow-logs/AWSLogs",
        "vpc_flow_logs_custom_path": "vpc-flow-logs-custom/AWSLogs",
        "vpc_flow_logs_custom_fields": " ".join(V5_FIELDS),
        "vpc_flow_logs_account_ids": ["111122223333", "444455556666"],
        "vpc_flow_logs_regions": ["eu-west-1", "us-east-1"],
        "first_log_date": "2026-11-01",
    }
    assert "vpc_flow_logs_custom_fields" not in NetworkLab([nat], V2_FIELDS).variables()


# --- Interfaces, addresses and the inventory


def test_truths_are_in_the_order_of_their_keys() -> None:
    for name, rows in NetworkLab().truth().items():
        assert rows, name
        keys = [tuple(value for value in row.values() if isinstance(value, str)) for row in rows]
        if name != "network_interfaces":
            assert keys == sorted(keys), name


def test_no_address_is_used_by_two_interfaces_of_a_day() -> None:
    for day in ("2026-11-01", "2026-11-02"):
        rows = [row for row in NetworkLab().truth()["network_interfaces"] if row["event_date"] == day]
        addresses = [row[kind] for row in rows for kind in ("private_address", "public_address", "ipv6_address")]
        addresses += [value for row in rows for secondary in row["secondary_addresses"] for value in secondary.values()]
        found = Counter(address for address in addresses if address)
        assert [address for address, count in found.items() if count > 1] == []


def test_records_are_of_interfaces_that_exist_on_the_day() -> None:
    lab = NetworkLab()
    for record in records_of(lab):
        assert lab.days.index(record.started_at.date()) + 1 in record.interface.days


def test_public_addresses_belong_to_whom_the_story_says() -> None:
    with (REPOSITORY / "seeds/aws/aws_ip_intervals.csv").open(encoding="utf-8", newline="") as file:
        intervals = [
            (int(row["ip_version"]), int(row["start_hex"], 16), int(row["end_hex"], 16), row["service"], row["region"])
            for row in csv.DictReader(file)
        ]

    def published(address: str) -> set[tuple[str, str]]:
        parsed = ip_address(address)
        return {
            (service, region)
            for version, first, last, service, region in intervals
            if version == parsed.version and first <= int(parsed) <= last
        }

    lab = NetworkLab()
    ends = {
        end
        for record in records_of(lab)
        if record.flow
        for end in (record.flow.packets.source, record.flow.packets.destination)
        if is_public(end.address)
    }
    assert len(ends) > 30
    for end in ends:
        expected = {(end.aws_service, end.region)} if end.aws_service else set()
        assert published(end.address) == expected, end
    for row in lab.truth()["network_interfaces"]:
        for address in (row["public_address"], row["ipv6_address"]):
            assert address is None or published(address) == {("EC2", row["region"])}


def test_the_inventory_shows_the_interfaces_of_each_day() -> None:
    lab = NetworkLab(with_inventory=True)
    found = []
    for file in lab.files():
        if not file.path.startswith("network-interfaces/"):
            continue
        _, account_id, region, year, month, day, name = file.path.split("/")
        assert name == f"{account_id}_network-interfaces_{region}_{year}{month}{day}T000000Z.json.gz"
        for line in gzip.decompress(file.content).decode().splitlines():
            shown = json.loads(line)
            assert shown["OwnerId"] == account_id
            primary, *others = shown["PrivateIpAddresses"]
            assert primary["Primary"]
            assert not any(other["Primary"] for other in others)
            assert primary["PrivateIpAddress"] == shown["PrivateIpAddress"]
            found.append(
                (
                    f"{year}-{month}-{day}",
                    shown["NetworkInterfaceId"],
                    shown["InterfaceType"],
                    shown["Description"],
                    account_id,
                    region,
                    shown["VpcId"],
                    shown["SubnetId"],
                    shown["AvailabilityZoneId"],
                    shown["Attachment"].get("InstanceId"),
                    shown["PrivateIpAddress"],
                    primary.get("Association", {}).get("PublicIp"),
                    [address["Ipv6Address"] for address in shown["Ipv6Addresses"]],
                    [other["PrivateIpAddress"] for other in others],
                    [prefix["Ipv4Prefix"] for prefix in shown["Ipv4Prefixes"]],
                )
            )
    expected = [
        (
            row["event_date"],
            row["interface_id"],
            row["interface_type"],
            row["description"],
            row["account_id"],
            row["region"],
            row["vpc_id"],
            row["subnet_id"],
            row["az_id"],
            row["resource_id"] if row["resource_kind"] == "ec2_instance" else None,
            row["private_address"],
            row["public_address"],
            [row["ipv6_address"]] if row["ipv6_address"] else [],
            [secondary["private_address"] for secondary in row["secondary_addresses"]],
            row["prefixes"],
        )
        for row in lab.truth()["network_interfaces"]
    ]
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert any(
        "T093000Z" in f.path for f in NetworkLab([nat], with_inventory=True, inventory_taken_at=time(9, 30)).files()
    )


# --- AWS's own examples


@pytest.mark.parametrize("example", DOCUMENTED_EXAMPLES, ids=lambda example: example.name)
def test_meanings_of_documented_examples_agree_with_their_records(example: DocumentedExample) -> None:
    assert len(example.lines) == len(example.meanings)
    for row, meaning in zip(example.rows(), example.meanings, strict=True):
        source, destination = (row.get(f"pkt-{end}", row[end]) for end in ("srcaddr", "dstaddr"))
        if meaning.direction is None:
            assert {row[name] for name in FIELDS_WITHOUT_DATA} == {"-"}
        else:
            assert (meaning.sender_address, meaning.receiver_address) == (source, destination)
        if "tcp-flags" in row:
            assert int(row["tcp-flags"]) in {
                sum(FLAGS[flag] for flag in meaning.flags),
            }
        if "flow-direction" in row:
            assert row["flow-direction"] == meaning.direction
            assert (row["traffic-path"] != "-") == meaning.leaves_for_far_end
        if "action" in row:
            expected = {"ACCEPT": "accepted", "REJECT": "rejected", "-": row["log-status"]}[row["action"]]
            assert {"NODATA": "no_data", "SKIPDATA": "skipped"}.get(expected, expected) == meaning.outcome
        assert row.get("bytes", "-") == ("-" if meaning.byte_count is None else str(meaning.byte_count))


def test_documented_examples_can_be_written_in_another_format() -> None:
    sent = sum(m.byte_count for m in TCP_FLAGS.meanings if m.leaves_for_far_end)
    assert sent == 376 + 632 + 63388 + 967
    filled = [{"version": 5, "bytes": 1000 + number} for number in range(6)]
    lines = NAT_GATEWAY.lines_in(V5_FIELDS, filled)
    assert [line.split()[V5_FIELDS.index("bytes")] for line in lines] == [str(1000 + n) for n in range(6)]
    assert {len(line.split()) for line in lines} == {len(V5_FIELDS)}
    assert [sum(m.leaves_for_far_end for m in example.meanings) for example in (NAT_GATEWAY, TRANSIT_GATEWAY)] == [1, 0]


# --- The project reads it


@pytest.mark.slow
def test_staging_keeps_every_record_of_both_formats(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    lab = NetworkLab(with_inventory=True)
    lab.write(project.logs)
    project.dbt("run", "--select", "stg_vpc_flow_logs__records", variables=lab.variables()).check()
    staged = project.query(
        "select event_date::varchar, count(*) filter (is_readable), sum(byte_count)::bigint "
        "from stg_vpc_flow_logs__records group by event_date order by event_date"
    )
    assert staged == [tuple(row.values()) for row in lab.truth()["record_totals"]]
