"""The egress marts equal the truth of generated networks to the byte; without an inventory, how near is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from athena_project import AthenaProject
from duckdb_project import MODELS_ONLY, DuckdbProject
from flow_log_lines import ACCOUNT, epoch, flow_log_path, write_flow_log
from local_aws import AthenaSpace, LocalAws
from network_lab import FORMATS, V5_FIELDS, NetworkLab
from network_lab.aws_documented_examples import (
    NAT_GATEWAY,
    S3_BY_INTERNET_GATEWAY,
    TCP_FLAGS,
    TRANSIT_GATEWAY,
    DocumentedExample,
)
from shared.comparable_rows import comparable

MARTS = (
    "fct_internet_egress_daily",
    "fct_internet_egress_peers_daily",
    "fct_network_traffic_daily",
    "fct_zone_traffic_daily",
    "fct_nat_gateway_usage_daily",
    "fct_data_transfer_cost_daily",
)
SELECTED = tuple(word for mart in MARTS for word in ("--select", f"+{mart}"))
# What the tests tell apart: the format of the records, and whether there are snapshots of the inventory.
KNOWLEDGE = [(version, True) for version in FORMATS] + [(version, False) for version in (2, 3, 5, 11)]

Rows = list[dict[str, Any]]


class Built:
    """A lab, and the project built over its logs."""

    def __init__(self, lab: NetworkLab, project: DuckdbProject) -> None:
        lab.write(project.logs)
        project.dbt(*MODELS_ONLY, *SELECTED, variables=lab.variables()).check()
        self.lab = lab
        self.truth = lab.truth()
        self.project = project

    def rows(self, mart: str, columns: list[str]) -> Rows:
        """The rows of a mart in some of its columns, as the truth writes them."""
        return [
            {name: row[name] if isinstance(row[name], int) else str(row[name]) for name in columns}
            for row in self.project.rows(mart)
        ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, bool], Built]:
    """Build each format with and without an inventory once."""
    known: dict[tuple[int, bool], Built] = {}

    def build(version: int, with_inventory: bool) -> Built:
        if (version, with_inventory) not in known:
            folder = tmp_path_factory.mktemp(f"v{version}_{'with' if with_inventory else 'without'}_inventory")
            lab = NetworkLab(fields=FORMATS[version], with_inventory=with_inventory)
            known[version, with_inventory] = Built(lab, DuckdbProject(folder))
        return known[version, with_inventory]

    return build


def in_order(rows: Rows) -> Rows:
    return sorted(rows, key=repr)


@pytest.mark.parametrize("version", FORMATS)
def test_every_byte_of_egress_is_counted_once_for_the_resource_that_caused_it(
    built: Callable[[int, bool], Built], version: int
) -> None:
    network = built(version, True)
    expected = network.truth["internet_egress_daily"]
    assert len(expected) > 100
    assert in_order(network.rows("fct_internet_egress_daily", list(expected[0]))) == in_order(expected)


def sums(rows: Rows, key: list[str], measure: str) -> Counter[tuple[Any, ...]]:
    counted: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        counted[tuple(row[name] for name in key)] += row[measure]
    return counted


@pytest.mark.parametrize("version", FORMATS)
def test_what_nat_gateways_process_belongs_to_their_clients(built: Callable[[int, bool], Built], version: int) -> None:
    """A gateway behind a gateway is a client; a gateway that nobody recorded has no name before version 11."""
    network = built(version, True)
    rows = network.truth["nat_gateway_usage_daily"]
    key = [name for name in rows[0] if name != "processed_byte_count"]
    recorded = {row["nat_gateway_id"] for row in network.rows("fct_nat_gateway_usage_daily", ["nat_gateway_id"])}
    gateways_of: dict[str, set[str]] = {}
    for row in rows:
        gateways_of.setdefault(row["client_id"], set()).add(row["nat_gateway_id"])
    public = {row["resource_id"] for row in network.truth["network_interfaces"] if row["public_address"]}

    expected = []
    for row in rows:
        private_gateways = gateways_of[row["client_id"]] - public
        is_second_of_chain = private_gateways and row["nat_gateway_id"] in public
        client_id = min(private_gateways) if is_second_of_chain else row["client_id"]
        gateway_id = row["nat_gateway_id"] if row["nat_gateway_id"] in recorded else "unknown"
        expected.append({**row, "client_id": client_id, "nat_gateway_id": gateway_id})

    found = network.rows("fct_nat_gateway_usage_daily", [*key, "processed_byte_count"])
    assert sums(found, key, "processed_byte_count") == sums(expected, key, "processed_byte_count")
    unknown = {row["client_id"] for row in expected if row["nat_gateway_id"] == "unknown"}
    assert bool(unknown) == (version != 11)


@pytest.mark.parametrize("version", FORMATS)
def test_what_crosses_zones_is_counted_once_per_direction(built: Callable[[int, bool], Built], version: int) -> None:
    """Between a client and a gateway that nobody recorded, only version 11 knows the zones."""
    network = built(version, True)
    rows = network.truth["zone_traffic_daily"]
    key = [name for name in rows[0] if name != "byte_count"]
    usage = network.rows("fct_nat_gateway_usage_daily", ["nat_gateway_id", "client_id"])
    hidden = {row["client_id"] for row in usage if row["nat_gateway_id"] == "unknown"}
    named = {row["nat_gateway_id"] for row in usage}
    gateways = {row["nat_gateway_id"] for row in network.truth["nat_gateway_usage_daily"]}
    expected = [row for row in rows if row["sender_id"] not in hidden | (gateways - named)]

    found = network.rows("fct_zone_traffic_daily", [*key, "byte_count"])
    assert sums(found, key, "byte_count") == sums(expected, key, "byte_count")
    assert (len(expected) == len(rows)) == (version == 11)


@pytest.mark.parametrize(("version", "with_inventory"), KNOWLEDGE)
def test_no_record_is_lost_or_added(built: Callable[[int, bool], Built], version: int, with_inventory: bool) -> None:
    network = built(version, with_inventory)
    found = network.rows("fct_network_traffic_daily", ["event_date", "record_count", "byte_count"])
    for measure in ("record_count", "byte_count"):
        expected = sums(network.truth["record_totals"], ["event_date"], measure)
        assert sums(found, ["event_date"], measure) == expected


def test_without_an_inventory_version_5_counts_every_byte_of_egress(built: Callable[[int, bool], Built]) -> None:
    """Who it was is the id of an interface then, and a load balancer is not known as one; how much it was is right."""
    network = built(5, False)
    key = ["event_date", "region", "destination_kind", "destination_region"]
    found = network.rows("fct_internet_egress_daily", [*key, "byte_count"])
    assert sums(found, key, "byte_count") == sums(network.truth["internet_egress_daily"], key, "byte_count")


@pytest.mark.parametrize("version", [2, 3, 5, 11])
def test_what_is_inferred_rightly_without_an_inventory_is_measured(
    built: Callable[[int, bool], Built], version: int, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """The share of the bytes that are at their place, by day, way out and far end, and by interface of the sender."""
    network = built(version, False)
    interfaces = {
        row["resource_id"]: {row["interface_id"], row["private_address"], row["resource_id"]}
        for row in network.truth["network_interfaces"]
    }
    key = ["event_date", "sender_id", "destination_kind", "destination_region"]
    found = sums(network.rows("fct_internet_egress_daily", [*key, "byte_count"]), key, "byte_count")
    total = right = 0
    for row in network.truth["internet_egress_daily"]:
        names = interfaces.get(row["sender_id"], {row["sender_id"]})
        total += row["byte_count"]
        at_place = sum(
            found[row["event_date"], name, row["destination_kind"], row["destination_region"]] for name in names
        )
        right += min(at_place, row["byte_count"])
    counted = sum(found.values())
    print(
        f"version {version} without an inventory: {right / total:.1%} of the bytes of egress at their sender,", end=" "
    )
    print(f"{counted / total:.1%} of all bytes counted")
    record_testsuite_property(f"egress_inferred_rightly_v{version}", round(right / total, 4))
    assert 0 < right <= total
    assert right <= counted


@pytest.fixture(scope="module")
def on_athena(
    built: Callable[[int, bool], Built],
    local_aws: LocalAws,
    seeded_schema: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AthenaProject:
    """The networks of version 5 with their inventory on Athena."""
    network = built(5, True)
    local_aws.clear_faults()
    project = AthenaProject(AthenaSpace.make(local_aws, "network_truth"), tmp_path_factory.mktemp("network_truth"))
    project.take_seeds(seeded_schema)
    project.upload(network.project.logs)
    networks = [interface.network for interface in network.lab.interfaces]
    days = network.lab.days
    variables = {
        **network.lab.variables(),
        "network_interfaces_path": "network-interfaces",
        "network_interfaces_account_ids": sorted({network.account_id for network in networks}),
        "network_interfaces_regions": sorted({network.region for network in networks}),
        "start_date": days[0].isoformat(),
        "end_date": days[-1].isoformat(),
        "newest_delivery_date": (days[-1] + timedelta(days=1)).isoformat(),
    }
    project.dbt("run", *SELECTED, variables=variables).check()
    return project


@pytest.mark.athena
@pytest.mark.parametrize("mart", MARTS)
def test_athena_has_the_same_rows(built: Callable[[int, bool], Built], on_athena: AthenaProject, mart: str) -> None:
    expected = [comparable(row) for row in built(5, True).project.rows(mart)]
    assert expected
    assert in_order([comparable(row) for row in on_athena.rows(mart)]) == in_order(expected)


# --- AWS's own examples

# The guide's far end is a documentation address, which is no internet; here it is a public one.
FAR_END = ("203.0.113.5", "192.31.196.5")


def filled(
    example: DocumentedExample, day: str, byte_counts: Sequence[int], *, with_direction: bool = False
) -> list[str]:
    """The lines of an example in the format of version 5, on a day, with what it does not tell of each record."""
    start = epoch(f"{day}T12:00:00")
    more = [
        {
            "version": 5,
            "account-id": ACCOUNT,
            "region": "us-east-1",
            "vpc-id": "vpc-1",
            "srcport": 49152,
            "dstport": 443,
            "protocol": 6,
            "packets": 1,
            "bytes": byte_count,
            "start": start,
            "end": start + 59,
            "action": "ACCEPT",
            "log-status": "OK",
            "flow-direction": (meaning.direction if with_direction else None) or "-",
        }
        for byte_count, meaning in zip(byte_counts, example.meanings, strict=True)
    ]
    return [line.replace(*FAR_END) for line in example.lines_in(V5_FIELDS, more)]


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """AWS's examples, each on a day of its own: what one sends has 1,000 bytes, what it gets back 50."""
    project = DuckdbProject(tmp_path_factory.mktemp("documented"))
    up, down = 1_000, 50
    lines = [
        *filled(NAT_GATEWAY, "2026-11-01", (up, up, down, down, up, down)),
        *filled(TRANSIT_GATEWAY, "2026-11-02", (up, down, up, down), with_direction=True),
        *filled(TRANSIT_GATEWAY, "2026-11-03", (up, down, up, down)),
        *TCP_FLAGS.lines_in(V5_FIELDS),
        *S3_BY_INTERNET_GATEWAY.lines_in(V5_FIELDS),
    ]
    write_flow_log(project, flow_log_path("2026-11-03", "1"), " ".join(V5_FIELDS), *lines)
    variables = {"vpc_flow_logs_custom_fields": " ".join(V5_FIELDS)}
    project.dbt(*MODELS_ONLY, *SELECTED, variables=variables).check()
    return project


def egress_of(project: DuckdbProject, *columns: str) -> Rows:
    rows = [{name: str(row[name]) for name in columns} for row in project.rows("fct_internet_egress_daily")]
    return in_order(rows)


def test_awss_examples_leave_once(documented: DuckdbProject) -> None:
    answered = Counter[str]()
    for line, meaning in zip(TCP_FLAGS.lines, TCP_FLAGS.meanings, strict=True):
        if meaning.leaves_for_far_end:
            started_at = dict(zip(TCP_FLAGS.fields, line.split(), strict=True))["start"]
            answered[str(datetime.fromtimestamp(int(started_at), tz=UTC).date())] += meaning.byte_count or 0
    expected = [
        {
            "event_date": day,
            "sender_id": "i-01234567890123456",
            "exit_path": "internet_gateway",
            "byte_count": str(count),
        }
        for day, count in answered.items()
    ]
    expected += [
        {
            "event_date": "2026-11-01",
            "sender_id": "i-01234567890123456",
            "exit_path": "nat_gateway",
            "byte_count": "1000",
        },
        {
            "event_date": "2021-03-26",
            "sender_id": "i-0c50d5961bcb2d47b",
            "exit_path": "internet_gateway",
            "byte_count": "471",
        },
    ]
    assert len(answered) == 2
    assert egress_of(documented, *expected[0]) == in_order(expected)


def test_awss_nat_gateway_processes_both_ways(documented: DuckdbProject) -> None:
    rows = documented.rows("fct_nat_gateway_usage_daily")
    assert [(row["client_id"], row["processed_byte_count"]) for row in rows] == [("i-01234567890123456", 1_050)]


@pytest.mark.parametrize(
    ("day", "roles"),
    [
        ("2026-11-02", {"inside": 1_050, "seen_again": 1_050}),
        # Without flow-direction nothing tells which of its two addresses a server with a single peer has.
        ("2026-11-03", {"unknown": 1_050, "seen_again": 1_050}),
    ],
)
def test_awss_transit_gateway_is_inside_and_counts_each_byte_once(
    documented: DuckdbProject, day: str, roles: dict[str, int]
) -> None:
    found = Counter[str]()
    for row in documented.rows("fct_network_traffic_daily"):
        if str(row["event_date"]) == day:
            found[row["counting_role"]] += row["byte_count"]
    assert found == roles
