"""The questions that AWS's predefined flow log queries ask get right answers: each byte once, the largest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from duckdb_project import MODELS_ONLY, DuckdbProject
from flow_log_lines import epoch, flow_log_path, write_flow_log

HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
    "log-status vpc-id subnet-id instance-id tcp-flags pkt-srcaddr pkt-dstaddr flow-direction"
)
FORMAT = {"vpc_flow_logs_custom_fields": HEADER}
DAY = {"start_date": "2026-11-01", "end_date": "2026-11-01"}
SKEWED_DAY = {"start_date": "2026-11-02", "end_date": "2026-11-02"}

CLIENT, SERVER, GATEWAY, FAR, RESOLVER = "10.0.1.5", "10.0.1.9", "10.0.0.220", "192.31.196.7", "10.0.0.2"
CLIENT_6, SERVER_6 = "2600:1f18::5", "2600:1f18::9"
SCANNER = "192.52.193.9"


def line(
    interface: str,
    direction: str,
    ends: str,
    byte_count: int,
    *,
    flags: int = 0,
    packet: str = "",
    start: str = "2026-11-01T12:00:00",
    **fields: object,
) -> str:
    """One record; `ends` are source and destination with their ports, `packet` the addresses inside where others."""
    source, source_port, _, destination, destination_port = ends.replace("/", " ").split()
    inside = packet or f"{source} {destination}"
    of_interface = {
        "eni-c": "subnet-a i-c",
        "eni-s": "subnet-a i-s",
        "eni-n": "subnet-b -",
    }.get(interface, f"subnet-{interface[4:]} i-{interface[4:]}")
    values = {"protocol": 6, "packets": 2, "action": "ACCEPT", **fields}
    return (
        f"5 111122223333 {interface} {source} {destination} {source_port} {destination_port} {values['protocol']} "
        f"{values['packets']} {byte_count} {epoch(start)} {epoch(start)} {values['action']} OK "
        f"vpc-1 {of_interface} {flags} {inside} {direction}"
    )


REFUSED = tuple(
    line("eni-s", "ingress", f"{SCANNER}/40000 to {SERVER}/3389", 60, flags=2, action="REJECT") for _ in range(3)
)
SSH_AT_SERVER = (
    line("eni-s", "ingress", f"{CLIENT}/50000 to {SERVER}/22", 300, flags=2),
    line("eni-s", "egress", f"{SERVER}/22 to {CLIENT}/50000", 700, flags=18),
)
FLOWS = (
    # What a NAT gateway and its client record of 1,000 bytes out and 50 back, as AWS's example has it (docs/egress.md).
    # The port that the gateway chose is one of administration, by chance.
    line("eni-c", "egress", f"{CLIENT}/39812 to {FAR}/443", 1000, flags=3),
    line("eni-c", "ingress", f"{FAR}/443 to {CLIENT}/39812", 50, flags=19),
    line("eni-n", "ingress", f"{CLIENT}/39812 to {GATEWAY}/443", 1000, flags=3, packet=f"{CLIENT} {FAR}"),
    line("eni-n", "egress", f"{GATEWAY}/8443 to {FAR}/443", 1000, flags=3),
    line("eni-n", "ingress", f"{FAR}/443 to {GATEWAY}/8443", 50, flags=19),
    line("eni-n", "egress", f"{GATEWAY}/443 to {CLIENT}/39812", 50, flags=19, packet=f"{FAR} {CLIENT}"),
    # SSH inside, recorded at both ends, at one of them in two intervals.
    line("eni-c", "egress", f"{CLIENT}/50000 to {SERVER}/22", 200, flags=2),
    line("eni-c", "egress", f"{CLIENT}/50000 to {SERVER}/22", 100, start="2026-11-01T12:01:00"),
    line("eni-c", "ingress", f"{SERVER}/22 to {CLIENT}/50000", 700, flags=18, start="2026-11-01T12:02:00"),
    *SSH_AT_SERVER,
    line("eni-c", "egress", f"{CLIENT}/50001 to {RESOLVER}/53", 40, protocol=17),
    line("eni-s", "egress", f"{SERVER_6}/443 to {CLIENT_6}/50002", 500, flags=18),
    line("eni-c", "ingress", f"{SERVER_6}/443 to {CLIENT_6}/50002", 500, flags=18),
    *REFUSED,
    line("eni-s", "ingress", f"{SCANNER}/40000 to {SERVER}/22", 60, flags=2, action="REJECT"),
    line("eni-c", "ingress", f"{SCANNER}/40000 to {CLIENT}/3389", 60, flags=2, action="REJECT"),
    # Another day.
    line("eni-c", "egress", f"{CLIENT}/39812 to {FAR}/443", 10**9, flags=3, start="2026-11-03T12:00:00"),
)
# What a second flow log of the server's interface records again.
SECOND_FLOW_LOG = (*SSH_AT_SERVER, *REFUSED)

# Sixty senders of 1 to 60 bytes, in an order that is no order; the last ten are no answer to "who are the 50 largest".
NUMBERS = [(7 * number) % 61 for number in range(1, 61)]
SKEWED = tuple(
    line(
        f"eni-{number:02d}",
        "egress",
        f"10.9.0.{number}/50000 to 10.8.0.{number}/22",
        number,
        flags=2,
        packets=number,
        start="2026-11-02T12:00:00",
        action=action,
    )
    for number in NUMBERS
    for action in ("ACCEPT", "REJECT")
)
LARGEST = list(range(60, 10, -1))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    assert sorted(NUMBERS) == list(range(1, 61))
    project = DuckdbProject(tmp_path_factory.mktemp("network_analyses"))
    write_flow_log(project, flow_log_path("2026-11-01", "A"), HEADER, *FLOWS)
    write_flow_log(project, flow_log_path("2026-11-01", "B", flow_log="fl-0b"), HEADER, *SECOND_FLOW_LOG)
    write_flow_log(project, flow_log_path("2026-11-02", "A"), HEADER, *SKEWED)
    project.dbt(*MODELS_ONLY, variables=FORMAT).check()
    return project


def answers(project: DuckdbProject, variables: Mapping[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    """The answers of all analyses of flow logs."""
    project.dbt("compile", "--select", "path:analyses/network_*", variables={**FORMAT, **variables}).check()
    compiled = project.folder / "target" / "compiled" / "aws_internet_traffic" / "analyses"
    return {path.stem: project.query(path.read_text()) for path in compiled.glob("network_*.sql")}


Answers = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def of_day(project: DuckdbProject) -> Answers:
    return answers(project, DAY)


@pytest.fixture(scope="module")
def of_skewed_day(project: DuckdbProject) -> Answers:
    return answers(project, SKEWED_DAY)


@pytest.fixture(scope="module")
def of_client(project: DuckdbProject) -> Answers:
    return answers(project, {**DAY, "asked_address": CLIENT})


def test_top_addresses_count_each_pair_once(of_day: Answers) -> None:
    assert of_day["network_top_addresses"] == [
        (1, CLIENT, False, None, 3140, 1000 + 1000 + 300 + 40, 50 + 50 + 700, 8),
        (2, GATEWAY, False, None, 2100, 1000 + 50, 1000 + 50, 4),
        (3, FAR, True, None, 2100, 50 + 50, 1000 + 1000, 4),
        (4, SERVER, False, None, 1000, 700, 300, 3),
        (5, CLIENT_6, True, "EC2", 500, 0, 500, 1),
        (6, SERVER_6, True, "EC2", 500, 500, 0, 1),
        (7, RESOLVER, False, None, 40, 0, 40, 1),
    ]


def test_top_packet_addresses_look_through_the_gateway(of_day: Answers) -> None:
    assert of_day["network_top_packet_addresses"] == [
        (1, FAR, True, None, 2100, 50 + 50, 1000 + 1000, 4),
        (2, CLIENT, False, None, 2090, 1000 + 300 + 40, 50 + 700, 6),
        (3, GATEWAY, False, None, 1050, 1000, 50, 2),
        (4, SERVER, False, None, 1000, 700, 300, 3),
        (5, CLIENT_6, True, "EC2", 500, 0, 500, 1),
        (6, SERVER_6, True, "EC2", 500, 500, 0, 1),
        (7, RESOLVER, False, None, 40, 0, 40, 1),
    ]


def test_packet_pairs_look_through_the_gateway(of_day: Answers) -> None:
    assert [row[1:] for row in of_day["network_top_packet_address_pairs"]] == [
        (1, GATEWAY, False, FAR, True, 1000, 1, "eni-n"),
        (2, CLIENT, False, FAR, True, 1000, 1, "eni-c"),
        (3, SERVER, False, CLIENT, False, 700, 1, "eni-c"),
        (4, SERVER_6, True, CLIENT_6, True, 500, 1, "eni-c"),
        (5, CLIENT, False, SERVER, False, 300, 2, "eni-c"),
        (6, FAR, True, GATEWAY, False, 50, 1, "eni-n"),
        (7, FAR, True, CLIENT, False, 50, 1, "eni-c"),
        (8, CLIENT, False, RESOLVER, False, 40, 1, "eni-c"),
    ]


def test_ip_versions_tell_once_and_as_recorded(of_day: Answers) -> None:
    once = 1000 + 50 + 1000 + 1000 + 50 + 50 + 300 + 700 + 40
    recorded = once + (300 + 700) + (300 + 700)  # SSH at the other end, by two flow logs
    assert [row[1:] for row in of_day["network_bytes_by_ip_version"]] == [
        ("IPv4", once, recorded, 14),
        ("IPv6", 500, 1000, 2),
    ]


def test_instances_and_subnets_come_by_what_their_interfaces_recorded(of_day: Answers) -> None:
    sent, received = 1000 + 300 + 40, 50 + 700 + 500
    assert of_day["network_top_instances"] == [
        (1, "i-c", None, "111122223333", sent + received, sent, received),
        (2, "i-s", None, "111122223333", 1500, 700 + 500, 300),
    ]
    assert of_day["network_top_subnets"] == [
        (1, "subnet-a", "vpc-1", 2, sent + received + 1500, sent + 1200, received + 300),
        (2, "subnet-b", "vpc-1", 1, 2100, 1000 + 50, 1000 + 50),
    ]


def test_accepted_tcp_counts_openings_and_no_answers(of_day: Answers) -> None:
    assert of_day["network_accepted_tcp"] == [
        (1, GATEWAY, FAR, 443, "https", 1, 2, 1000),
        (2, CLIENT, GATEWAY, 443, "https", 1, 2, 1000),
        (3, CLIENT, FAR, 443, "https", 1, 2, 1000),
        (4, CLIENT, SERVER, 22, "ssh", 1, 2, 300),
    ]


def test_rejected_tcp_counts_each_refusal_once(of_day: Answers) -> None:
    assert of_day["network_rejected_tcp"] == [
        (1, SCANNER, SERVER, 3389, "rdp", 3, 6),
        (2, SCANNER, CLIENT, 3389, "rdp", 1, 2),
        (3, SCANNER, SERVER, 22, "ssh", 1, 2),
    ]


def test_ssh_and_rdp_tell_what_was_allowed_and_what_was_refused(of_day: Answers) -> None:
    rows = [(*row[:9], *(f"{moment:%H:%M:%S}" for moment in row[9:])) for row in of_day["network_ssh_and_rdp"]]
    assert rows == [
        ("ACCEPT", 1, CLIENT, False, SERVER, 22, "ssh", 300 + 700, 3, "12:00:00", "12:02:00"),
        ("REJECT", 1, SCANNER, True, SERVER, 3389, "rdp", 180, 3, "12:00:00", "12:00:00"),
        ("REJECT", 2, SCANNER, True, CLIENT, 3389, "rdp", 60, 1, "12:00:00", "12:00:00"),
        ("REJECT", 3, SCANNER, True, SERVER, 22, "ssh", 60, 1, "12:00:00", "12:00:00"),
    ]


def test_a_port_of_administration_that_a_gateway_chose_by_chance_is_none(of_day: Answers) -> None:
    assert of_day["network_admin_port_traffic"] == [(1, CLIENT, False, SERVER, 22, "ssh", 300 + 700, 3)]


def test_traffic_of_one_address_is_told_by_the_other_end(of_client: Answers) -> None:
    assert of_client["network_traffic_from_address"] == [
        ("accepted", 1, CLIENT, GATEWAY, False, None, 1000, 2, 1),
        ("accepted", 2, CLIENT, FAR, True, None, 1000, 2, 1),
        ("accepted", 3, CLIENT, SERVER, False, None, 300, 4, 2),
        ("accepted", 4, CLIENT, RESOLVER, False, None, 40, 2, 1),
    ]
    assert of_client["network_traffic_to_address"] == [
        ("accepted", 1, CLIENT, SERVER, False, None, 700, 2, 1),
        ("accepted", 2, CLIENT, GATEWAY, False, None, 50, 2, 1),
        ("accepted", 3, CLIENT, FAR, True, None, 50, 2, 1),
        ("rejected", 1, CLIENT, SCANNER, True, None, 60, 2, 1),
    ]
    assert of_client["network_tcp_traffic_of_address"] == [
        (1, CLIENT, GATEWAY, 443, "https", 1000, 2, 1),
        (2, CLIENT, FAR, 443, "https", 1000, 2, 1),
        (3, CLIENT, SERVER, 22, "ssh", 300, 4, 2),
    ]


def test_an_address_may_be_written_in_capitals(project: DuckdbProject) -> None:
    found = answers(project, {**DAY, "asked_address": CLIENT_6.upper()})
    assert [row[:4] for row in found["network_traffic_to_address"]] == [("accepted", 1, CLIENT_6, SERVER_6)]
    assert found["network_traffic_from_address"] == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.256",
        "10.0.0",
        "1' or '1' = '1",
        "{{ 7 * 7 }}",
        "::1::",
        "fe80::1%eth0",
        "10.0.0.1\n",
        "0:0:0:0:0:0:0:0:0",
    ],
)
def test_what_is_no_address_becomes_no_sql(project: DuckdbProject, address: str) -> None:
    run = project.dbt(
        "compile", "--select", "network_traffic_from_address", variables={**FORMAT, **DAY, "asked_address": address}
    )
    assert run.exit_code != 0
    assert "var asked_address must be one IPv4 or IPv6 address such as 10.0.0.1" in run.output


# Of each analysis: where the number of the row's sender or receiver stands, below one rank.
SKEWED_COLUMNS = {
    "network_top_address_pairs": (2, 4),
    "network_top_packet_address_pairs": (2, 4),
    "network_top_instances": (1,),
    "network_top_subnets": (1,),
    "network_accepted_tcp": (1, 2),
    "network_rejected_tcp": (1, 2),
    "network_ssh_and_rdp": (2, 4),
    "network_admin_port_traffic": (1, 3),
    "network_tcp_traffic_of_address": (1, 2),
    "network_traffic_from_address": (2, 3),
    "network_traffic_to_address": (2, 3),
}


@pytest.mark.parametrize("analysis", SKEWED_COLUMNS)
def test_the_fifty_largest_come_first(of_skewed_day: Answers, analysis: str) -> None:
    rows = of_skewed_day[analysis]
    lists = len({row[0] for row in rows} & {"ACCEPT", "REJECT", "accepted", "rejected"}) or 1
    for column in SKEWED_COLUMNS[analysis]:
        assert [int(str(row[column]).replace("-", ".").split(".")[-1]) for row in rows] == LARGEST * lists


@pytest.mark.parametrize("analysis", ["network_top_addresses", "network_top_packet_addresses"])
def test_the_fifty_largest_addresses_come_first(of_skewed_day: Answers, analysis: str) -> None:
    """Two addresses share each number of bytes."""
    found = [(row[1], row[4]) for row in of_skewed_day[analysis]]
    assert found == [(f"10.{net}.0.{number}", number) for number in range(60, 35, -1) for net in (8, 9)]
