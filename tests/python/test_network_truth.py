"""The egress marts equal the truth of generated networks to the byte; without an inventory, how near is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from duckdb_project import MODELS_ONLY, DuckdbProject
from network_lab import FORMATS, NetworkLab

MARTS = (
    "fct_internet_egress_daily",
    "fct_internet_egress_peers_daily",
    "fct_network_traffic_daily",
    "fct_zone_traffic_daily",
    "fct_nat_gateway_usage_daily",
    "fct_data_transfer_cost_daily",
)
# What the tests tell apart: the format of the records, and whether there are snapshots of the inventory.
KNOWLEDGE = [(version, True) for version in FORMATS] + [(version, False) for version in (2, 3, 5, 11)]

Rows = list[dict[str, Any]]


class Built:
    """A lab, and the project built over its logs."""

    def __init__(self, lab: NetworkLab, project: DuckdbProject) -> None:
        lab.write(project.logs)
        select = [word for mart in MARTS for word in ("--select", f"+{mart}")]
        project.dbt(*MODELS_ONLY, *select, variables=lab.variables()).check()
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
