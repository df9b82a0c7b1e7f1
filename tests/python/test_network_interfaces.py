"""What is known of network interfaces: equal to the sample's truth, whole in every run, and apart from the logs."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from duckdb_project import (
    MODELS_ONLY,
    REPOSITORY,
    SAMPLE_FORMAT,
    SAMPLE_VARIABLES,
    WHOLE_MODELS,
    DuckdbProject,
    log_file,
    log_line,
)
from shared.comparable_rows import comparable

if TYPE_CHECKING:
    from local_aws import AthenaSpace

ACCOUNT, REGION = "111122223333", "us-east-1"


def snapshot(day: str, time: str = "060000", suffix: str = ".gz") -> str:
    """Path of a snapshot of the account and region on a day (YYYY-MM-DD)."""
    folder = f"inventory/network-interfaces/{ACCOUNT}/{REGION}/{day.replace('-', '/')}"
    return f"{folder}/{ACCOUNT}_network-interfaces_{REGION}_{day.replace('-', '')}T{time}Z.json{suffix}"


def interface(number: int, **fields: Any) -> dict[str, Any]:
    """An interface as DescribeNetworkInterfaces shows it, with little about it."""
    return {
        "NetworkInterfaceId": f"eni-{number:017x}",
        "InterfaceType": "interface",
        "OwnerId": ACCOUNT,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": f"10.0.0.{number}"}],
        **fields,
    }


def write_snapshot(project: DuckdbProject, path: str, *lines: dict[str, Any] | str) -> Path:
    """Write a snapshot, one line each; as gzip where the path says so."""
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    file = project.logs / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(text.encode()) if path.endswith(".gz") else text.encode())
    return file


def spans(project: DuckdbProject) -> list[tuple[Any, ...]]:
    """The last digits of every interface, with its days."""
    return project.query(
        "select right(interface_id, 1), valid_from, valid_to from dim_network_interfaces"
        " order by interface_id, valid_from"
    )


def build(project: DuckdbProject, **variables: Any) -> str:
    """Build and test the inventory and the coverage of the logs; return what dbt printed."""
    words = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
    selection = ("--select", "+int_network_addresses__owned", "+fct_log_coverage_daily")
    return project.dbt("build", *words, *selection, variables=variables).check().output


# --- The sample


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """The inventory of the sample logs."""
    project = DuckdbProject(tmp_path_factory.mktemp("sample_inventory"))
    generator = REPOSITORY / "scripts" / "generate_sample_logs.py"
    subprocess.run([sys.executable, generator, project.logs, "--days", "2"], check=True, stdout=subprocess.DEVNULL)
    project.dbt("build", "--select", "+int_network_addresses__owned", variables=SAMPLE_FORMAT).check()
    return project


@pytest.fixture(scope="module")
def truth(sample: DuckdbProject) -> dict[str, Any]:
    return json.loads((sample.logs / "truth.json").read_text())


def test_interfaces_of_the_sample_equal_its_truth(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    same = ("interface_id", "interface_type", "resource_kind", "resource_id", "resource_name")
    same += ("account_id", "region", "vpc_id", "subnet_id", "az_id")
    expected = [
        {
            **{name: interface[name] for name in same},
            "private_addresses": interface["private_address"],
            "public_addresses": interface["public_address"],
            "ipv6_addresses": interface["ipv6_address"],
            "has_public_address": interface["public_address"] is not None,
            "ipv4_prefixes": None,
            "ipv6_prefixes": None,
            "valid_from": date(2026, 11, 1),
            "valid_to": None,
            "knowledge_source": "inventory",
        }
        for interface in truth["vpc_flow_logs"]["interfaces"]
    ]
    found = sample.rows("dim_network_interfaces")
    assert len(found) > 20
    assert sorted(found, key=lambda row: row["interface_id"]) == sorted(expected, key=lambda row: row["interface_id"])


def test_addresses_of_the_sample_equal_its_truth(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    expected = {
        (interface["interface_id"], role, interface[f"{name}_address"])
        for interface in truth["vpc_flow_logs"]["interfaces"]
        for role, name in (("private", "private"), ("public", "public"), ("ipv6", "ipv6"))
        if interface[f"{name}_address"]
    }
    found = sample.query("select interface_id, address_role, address from int_network_addresses__owned")
    assert len(found) == len(expected)
    assert set(found) == expected


def test_every_snapshot_of_the_sample_is_staged(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    found = sample.query(
        "select cast(snapshot_date as varchar), snapshot_account_id, region, count(interface_id), bool_and(is_readable)"
        " from stg_inventory__network_interfaces group by all"
    )
    expected = [
        (row["snapshot_date"], row["account_id"], row["region"], row["interface_count"], True)
        for row in truth["inventory"]["snapshots"]
    ]
    assert sorted(found) == sorted(expected)
    assert 0 in {row["interface_count"] for row in truth["inventory"]["snapshots"]}


# --- Snapshots and logs


@pytest.fixture
def project(tmp_path: Path) -> DuckdbProject:
    """Logs of two days in November, and nothing else yet."""
    made = DuckdbProject(tmp_path)
    for day in ("2026-11-02", "2026-11-03"):
        made.write_log(log_file(day, "A"), log_line(f"R{day}", day))
    return made


def test_without_a_snapshot_the_tables_are_empty(project: DuckdbProject) -> None:
    build(project)
    assert [project.rows(model) for model in WHOLE_MODELS] == [[], [], []]


def test_all_snapshots_are_read_whatever_the_window_and_move_none(project: DuckdbProject) -> None:
    write_snapshot(project, snapshot("2026-10-01"), interface(1), interface(2))
    write_snapshot(project, snapshot("2026-11-20", suffix=""), interface(1), interface(3))
    expected = [
        ("1", date(2026, 10, 1), None),
        ("2", date(2026, 10, 1), date(2026, 11, 19)),
        ("3", date(2026, 11, 20), None),
    ]
    for start in ("from the first", "2026-11-01"):
        output = project.dbt(*MODELS_ONLY).check().output
        assert f"Window: event days {start} to 2026-11-03, delivery folders up to 2026-11-05" in output
        assert spans(project) == expected
    write_snapshot(project, snapshot("2026-11-21"), "{}")
    build(project, start_date="2026-11-02", end_date="2026-11-02")
    assert [valid_to for _, _, valid_to in spans(project)] == [
        date(2026, 11, 20),
        date(2026, 11, 19),
        date(2026, 11, 20),
    ]


def test_snapshots_may_expire(project: DuckdbProject) -> None:
    first = write_snapshot(project, snapshot("2026-11-02"), interface(1))
    write_snapshot(project, snapshot("2026-11-03"), interface(1))
    build(project)
    first.unlink()
    build(project)
    assert spans(project) == [("1", date(2026, 11, 3), None)]


def test_the_inventory_is_no_log(project: DuckdbProject) -> None:
    write_snapshot(project, snapshot("2026-11-03"), interface(1))
    (project.logs / snapshot("2026-11-02")).parent.mkdir(parents=True)
    (project.logs / snapshot("2026-11-02")).write_bytes(b"\x1f\x8bbroken")
    build(project)
    coverage = project.query("select distinct log_source, is_complete from fct_log_coverage_daily")
    assert {source for source, _ in coverage} == {"s3_access_logs"}


def test_what_cannot_be_read_is_named_and_ends_no_span(project: DuckdbProject) -> None:
    write_snapshot(project, snapshot("2026-11-02"), interface(1))
    damaged = json.dumps(interface(2))[:-5]
    write_snapshot(project, snapshot("2026-11-03"), interface(3), damaged)
    whole = gzip.compress(f"{json.dumps(interface(4))}\n".encode() * 1000)
    cut = project.logs / snapshot("2026-11-04")
    cut.parent.mkdir(parents=True)
    cut.write_bytes(whole[: len(whole) // 2])
    empty = write_snapshot(project, snapshot("2026-11-05"))
    output = build(project)
    assert f"left out: {cut.resolve()} is not a whole gzip file" in output
    assert f"left out: {empty.resolve()} holds no record" in output
    assert "WARN 1 every_line_of_a_snapshot_can_be_read" in output
    assert project.query("select unreadable_line from stg_inventory__network_interfaces where not is_readable") == [
        (damaged,)
    ]
    assert spans(project) == [("1", date(2026, 11, 2), None)]
    write_snapshot(project, snapshot("2026-11-06"), interface(3))
    build(project)
    assert spans(project) == [("1", date(2026, 11, 2), date(2026, 11, 5)), ("3", date(2026, 11, 6), None)]


HOSTILE = [
    "x'; drop table dim_network_interfaces; --",
    '"; select 1',
    "{{ 1 / 0 }} {% raw %} {# no #} ${x} %s",
    "<script>alert(1)</script>",
    "../../etc/passwd\\",
    "two  blanks, é 漢字 🙂 and a\ttab and a\nline end",
    "ELB app/",
]


def test_names_are_text_whatever_they_hold(project: DuckdbProject) -> None:
    write_snapshot(
        project,
        snapshot("2026-11-02"),
        *(
            interface(number, TagSet=[{"Key": text, "Value": "-"}, {"Key": "Name", "Value": text}], Description=text)
            for number, text in enumerate(HOSTILE)
        ),
    )
    build(project)
    rows = sorted(project.rows("dim_network_interfaces"), key=lambda row: row["interface_id"])
    assert [row["resource_name"] for row in rows] == HOSTILE
    assert {row["resource_kind"] for row in rows[:-1]} == {"network_interface"}


# --- Athena

VERBS = (
    "is_json_refuses",
    "json_texts_are",
    "regex_first_group_takes",
    "day_before_is",
    "element_position_is",
    "rows_of_array_gives",
)


@pytest.mark.athena
@pytest.mark.slow
def test_both_engines_know_the_same(athena_space: AthenaSpace, project: DuckdbProject, tmp_path: Path) -> None:
    """With every awkward file at once; then once more with a newer snapshot, which must replace the whole tables."""
    from athena_project import AthenaProject

    generator = REPOSITORY / "scripts" / "generate_sample_logs.py"
    subprocess.run([sys.executable, generator, tmp_path / "sample", "--days", "2"], check=True)
    (tmp_path / "sample" / "inventory").rename(project.logs / "inventory")
    write_snapshot(project, snapshot("2026-11-02", "070000"), interface(1), "{", "no JSON", '{"TagSet": [7]}')
    write_snapshot(project, snapshot("2026-11-02", "080000"), interface(1, TagSet={"Key": "Name"}), interface(2))
    hostile = (interface(number, Description=text, InstanceName=text) for number, text in enumerate(HOSTILE))
    prefixes = {"Ipv4Prefixes": [{"Ipv4Prefix": "10.0.1.16/28"}], "Ipv6Prefixes": [{"Ipv6Prefix": "2600:1f18::/80"}]}
    write_snapshot(project, snapshot("2026-11-03"), *hostile, interface(9, **prefixes))
    athena = AthenaProject(athena_space, tmp_path / "athena")
    variables = {**SAMPLE_VARIABLES, "start_date": "2026-11-02", "end_date": "2026-11-02"}
    selection = ("--select", "+int_network_addresses__owned", *(f"assert_{verb}*" for verb in VERBS))

    for last_day, words in (("2026-11-03", ("--exclude-resource-type", "unit_test")), ("2026-11-05", ())):
        if last_day != "2026-11-03":
            write_snapshot(project, snapshot(last_day), interface(1), interface(9))
        athena.upload(project.logs / "inventory", below="inventory")
        build(project)
        athena.dbt("build", *words, *selection, variables=variables).check()
        for model in WHOLE_MODELS:
            on_duckdb = [comparable(row) for row in project.rows(model)]
            on_athena = [comparable(row) for row in athena.rows(model)]
            assert len(on_duckdb) > 20
            assert sorted(on_athena, key=repr) == sorted(on_duckdb, key=repr), model
    glue = athena_space.aws.client("glue")
    tables = {table["Name"] for table in glue.get_tables(DatabaseName=athena_space.schema)["TableList"]}
    assert {name for name in tables if "__staged_" in name or "__definition_" in name} == set()
    table = glue.get_table(DatabaseName=athena_space.schema, Name="dim_network_interfaces")["Table"]
    assert table["Parameters"]["comment"].startswith("One row per network interface")
    assert all(column.get("Comment") for column in table["StorageDescriptor"]["Columns"])
