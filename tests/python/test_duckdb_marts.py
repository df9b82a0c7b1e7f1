"""The marts on DuckDB: equal to the truth of the sample logs, to the byte, however the days are built."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from duckdb_project import (
    BUILD,
    COVERAGE,
    MODELS,
    MODELS_ONLY,
    PARTIAL_MODELS,
    REPOSITORY,
    S3_MODELS,
    SAMPLE_FORMAT,
    DuckdbProject,
    delivery_day,
    log_file,
    log_line,
)
from opened_files import OpenedFiles
from shared.comparable_rows import as_truth
from truth_rows import assert_rows_of_truth


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """The sample logs, built in one go without dates."""
    project = DuckdbProject(tmp_path_factory.mktemp("sample"))
    subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "generate_sample_logs.py", project.logs],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    project.dbt("build", variables=SAMPLE_FORMAT).check()
    return project


@pytest.fixture(scope="module")
def truth(sample: DuckdbProject) -> dict[str, Any]:
    return json.loads((sample.logs / "truth.json").read_text())


LOG_SOURCES = ("s3_access_logs", "vpc_flow_logs", "cloudtrail")


@pytest.mark.parametrize(
    ("log_source", "mart"),
    [
        ("s3_access_logs", "s3_usage_daily"),
        ("s3_access_logs", "s3_clients_daily"),
        ("vpc_flow_logs", "internet_egress_daily"),
        ("vpc_flow_logs", "nat_gateway_usage_daily"),
        ("cloudtrail", "api_activity_daily"),
        ("cloudtrail", "api_clients_daily"),
    ],
)
def test_mart_equals_the_truth_to_the_byte(
    sample: DuckdbProject, truth: dict[str, Any], log_source: str, mart: str
) -> None:
    assert_rows_of_truth(sample.rows(f"fct_{mart}"), truth[log_source][mart])


# Price lists of both regions of the sample, July 2024 to now, in USD for 1,000 requests
# (https://aws.amazon.com/s3/pricing/): one price for PUT, COPY, POST and LIST, one for the others; DELETE is free.
REQUEST_PRICES = {
    "GET": "0.0004",
    "HEAD": "0.0004",
    "OPTIONS": "0.0004",
    "PUT": "0.005",
    "POST": "0.005",
    "COPY": "0.005",
}
FREE = ("BATCH.DELETE.OBJECT", "REST.POST.MULTI_OBJECT_DELETE", "S3.EXPIRE.OBJECT", "S3.CREATE.DELETEMARKER")
LISTS = ("REST.GET.BUCKET", "REST.GET.BUCKETVERSIONS")


def request_price(operation: str, region: str) -> Decimal | None:
    """The price of 1,000 requests; None where none is known: outside known regions, and of some transitions."""
    method = operation.split(".")[1]
    if method == "DELETE" or operation in FREE or operation.endswith("_GET"):  # the write half of a copy is paid
        return Decimal(0)
    if operation == "S3.TRANSITION_SIA.OBJECT":
        return Decimal("0.01") if region == "us-east-1" else None
    return None if region == "unknown" else Decimal(REQUEST_PRICES["PUT" if operation in LISTS else method])


def test_requests_cost_what_the_price_list_says(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    regions = {row["bucket_name"]: row["region"] for row in sample.rows("fct_s3_usage_daily")}
    expected: Counter[tuple[str, str]] = Counter()
    unknown_count = 0
    for row in truth["s3_access_logs"]["s3_usage_daily"]:
        region = regions[row["bucket_name"]]
        price = request_price(row["operation"], region)
        if row["transfer_class"] != "not_billed" and price is None:
            unknown_count += row["request_count"]
        elif row["transfer_class"] != "not_billed":
            expected[row["event_date"], region] += row["request_count"] * price / 1000
    assert unknown_count > 0
    assert min(expected[f"2026-11-0{day}", region] for day in range(1, 8) for region in ("us-east-1", "eu-west-1")) > 0
    found = {
        (str(day), region): cost
        for day, region, cost in sample.query(
            "select event_date, region, sum(estimated_request_cost) from fct_s3_usage_daily "
            "where estimated_request_cost is not null and transfer_class <> 'not_billed' group by all"
        )
    }
    assert found == dict(expected)
    query = "select sum(request_count)::integer from fct_s3_usage_daily where estimated_request_cost is null"
    assert sample.query(query) == [(unknown_count,)]


def test_every_interface_shows_what_it_recorded(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    expected = truth["vpc_flow_logs"]["network_traffic_daily"]
    measures = ("record_count", "byte_count", "packet_count")
    key = [name for name in expected[0] if name not in measures]
    sums: dict[tuple[Any, ...], Counter[str]] = {}
    for row in sample.rows("fct_network_traffic_daily"):
        place = tuple(as_truth(row[name]) for name in key)
        sums.setdefault(place, Counter()).update({name: row[name] for name in measures})
    # The truth leaves the network of version 2 unknown; the inventory tells it.
    networks = {row["interface_id"]: row["vpc_id"] for row in truth["vpc_flow_logs"]["interfaces"]}
    told = {}
    for row in expected:
        place = {**row, "vpc_id": networks[row["interface_id"]]}
        told.setdefault(tuple(place[name] for name in key), Counter()).update({name: row[name] for name in measures})
    assert sums == told


@pytest.mark.parametrize("log_source", LOG_SOURCES)
def test_coverage_equals_the_truth(sample: DuckdbProject, truth: dict[str, Any], log_source: str) -> None:
    found = [row for row in sample.rows("fct_log_coverage_daily") if row["log_source"] == log_source]
    # A row of files without a record has no part in the truth's rows.
    assert_rows_of_truth([row for row in found if row["file_count"]], truth[log_source]["log_coverage_daily"])


@pytest.mark.parametrize("log_source", LOG_SOURCES)
def test_empty_files_are_counted_on_their_delivery_day(
    sample: DuckdbProject, truth: dict[str, Any], log_source: str
) -> None:
    counted = dict(
        sample.query(
            "select strftime(event_date, '%Y-%m-%d'), sum(empty_file_count)::integer "
            "from fct_log_coverage_daily where log_source = ? group by all",
            [log_source],
        )
    )
    assert sum(counted.values()) > 0
    for day, delivered in truth[log_source]["delivery_days"].items():
        assert counted.get(day, 0) == delivered["empty_file_count"], day


def test_every_line_is_a_request_a_duplicate_or_unreadable(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    (counts,) = sample.query(
        "select count(*) filter (is_readable), sum(duplicate_count)::integer, count(*) filter (not is_readable) "
        "from stg_s3_access_logs__requests"
    )
    totals = truth["s3_access_logs"]["totals"]
    assert counts == (totals["request_count"], totals["duplicate_count"], totals["unreadable_count"])
    assert sum(counts) == totals["line_count"]


def test_every_flow_line_is_a_record_or_unreadable(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    (counts,) = sample.query(
        "select count(*) filter (is_readable), count(*) filter (not is_readable), "
        "count(*) filter (is_readable and log_status = 'NODATA'), "
        "count(*) filter (is_readable and log_status = 'SKIPDATA') from stg_vpc_flow_logs__records"
    )
    totals = truth["vpc_flow_logs"]["totals"]
    assert counts == tuple(
        totals[name] for name in ("record_count", "unreadable_count", "no_data_count", "skipped_count")
    )
    assert sum(counts[:2]) == totals["line_count"]


def test_every_event_is_one_a_duplicate_or_unreadable(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    (counts,) = sample.query(
        "select count(*) filter (is_readable), sum(duplicate_count)::integer, count(*) filter (not is_readable) "
        "from stg_cloudtrail__events"
    )
    totals = truth["cloudtrail"]["totals"]
    assert counts == (totals["record_count"], totals["duplicate_count"], totals["unreadable_count"])
    assert sum(counts) == totals["delivered_record_count"]


def test_the_requests_of_both_logs_meet(sample: DuckdbProject, truth: dict[str, Any]) -> None:
    seen = dict(
        sample.query("select seen_by, sum(request_count)::integer from fct_s3_log_comparison_daily group by all")
    )
    assert seen["both"] == len(truth["cloudtrail"]["findings"]["request_ids_in_s3_log"])


def test_unreadable_lines_keep_their_text(sample: DuckdbProject) -> None:
    lines = Counter(
        line
        for path in sample.logs.rglob("*")
        if path.is_file() and path.name[:2] == "20"
        for line in path.read_text().splitlines()
    )
    unreadable = [
        row[0] for row in sample.query("select unreadable_line from stg_s3_access_logs__requests where not is_readable")
    ]
    assert unreadable
    assert all(lines[line] for line in unreadable)


def test_a_second_run_changes_nothing(sample: DuckdbProject, tmp_path: Path) -> None:
    again = DuckdbProject(tmp_path)
    again.logs.symlink_to(sample.logs)
    again.warehouse.parent.mkdir()
    shutil.copy(sample.warehouse, again.warehouse)
    again.dbt(*BUILD, variables=SAMPLE_FORMAT).check()
    assert again.everything() == sample.everything()


def test_days_built_one_by_one_equal_days_built_at_once(sample: DuckdbProject, tmp_path: Path) -> None:
    daily = DuckdbProject(tmp_path)
    daily.logs.symlink_to(sample.logs)
    for day in range(1, 9):  # lines that can't be read belong to the day of their delivery, the 8th too
        window = {"start_date": f"2026-11-0{day}", "end_date": f"2026-11-0{day}"}
        daily.dbt(*MODELS_ONLY, variables={**window, **SAMPLE_FORMAT}).check()
    assert daily.everything() == sample.everything()


def test_half_a_gigabyte_of_memory_is_enough(
    sample: DuckdbProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader's buffers alone can take more than that, whatever the files hold."""
    small = DuckdbProject(tmp_path)
    small.logs.symlink_to(sample.logs)
    monkeypatch.setenv("DUCKDB_MEMORY_LIMIT", "512MB")
    small.dbt(*MODELS_ONLY, variables=SAMPLE_FORMAT).check()
    assert small.everything() == sample.everything()


def statements(project: DuckdbProject, first_day: int, last_day: int) -> Counter[str]:
    """Build a window of November 2026; return how many statements each model took, and the hooks as `master`."""
    log = project.folder / "dbt_logs" / "dbt.log"
    log.unlink(missing_ok=True)
    window = {"start_date": f"2026-11-0{first_day}", "end_date": f"2026-11-0{last_day}"}
    project.dbt("run", "--threads", "1", "--log-level-file", "debug", variables={**window, **SAMPLE_FORMAT}).check()
    return Counter(re.findall(r'Using duckdb connection "(master|model[^"]+)"', log.read_text()))


def test_a_week_takes_as_many_statements_as_a_day(sample: DuckdbProject, tmp_path: Path) -> None:
    """A statement costs dbt more time than DuckDB needs for a small table: none may be made for each day or file."""
    again = DuckdbProject(tmp_path)
    again.logs.symlink_to(sample.logs)
    again.warehouse.parent.mkdir()
    shutil.copy(sample.warehouse, again.warehouse)
    day, week = statements(again, 3, 3), statements(again, 1, 9)
    assert day.keys() >= {f"model.aws_internet_traffic.{model}" for model in (*MODELS, *PARTIAL_MODELS)}
    # Staging asks what became of records outside the window, if there are any. What fills dbt's caches is counted with
    # the first model, which with one thread is the same one in both runs.
    assert {name: (day[name], week[name]) for name in day if abs(day[name] - week[name]) > 1} == {}
    assert [name for name in day if name != "master" and day[name] > 15] == []


def test_tests_and_documentation_work_by_themselves(sample: DuckdbProject) -> None:
    sample.dbt("test", variables=SAMPLE_FORMAT).check()
    sample.dbt("docs", "generate", variables=SAMPLE_FORMAT).check()
    catalog = json.loads((sample.folder / "target" / "catalog.json").read_text())
    for model in MODELS:
        assert catalog["nodes"][f"model.aws_internet_traffic.{model}"]["metadata"]["comment"]


@pytest.mark.skipif(sys.platform != "linux", reason="opened files are watched with Linux's inotify")
def test_a_day_opens_its_own_files_and_those_of_the_late_days_only(sample: DuckdbProject, tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    shutil.copytree(sample.logs, project.logs)
    with OpenedFiles(project.logs) as opened:
        project.dbt(
            *MODELS_ONLY, variables={"start_date": "2026-11-03", "end_date": "2026-11-03", **SAMPLE_FORMAT}
        ).check()
    of_these_days = {path for path in log_files(project.logs) if delivery_day(path) in ("03", "04", "05")}
    assert {path.suffix for path in of_these_days} >= {"", ".gz", ".parquet"}
    # Snapshots of the inventory are read whole: what they know reaches beyond any window.
    snapshots = set(project.logs.rglob("*_network-interfaces_*"))
    assert snapshots
    assert opened.paths == of_these_days | snapshots


def log_files(folder: Path) -> list[Path]:
    """The files below a folder of sample logs that are logs by their name."""
    return [path for path in folder.rglob("*") if path.is_file() and delivery_day(path)]


def test_late_records_outside_the_window_name_the_day_to_rebuild(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    project.write_log(log_file("2026-11-01", "A"), log_line("ONTIME", "2026-11-01"))
    project.write_log(log_file("2026-11-05", "B"), log_line("ONTIME5", "2026-11-05"), log_line("LATE", "2026-11-01"))
    first = project.dbt(*COVERAGE, variables={"start_date": "2026-11-01", "end_date": "2026-11-01"}).check()
    assert "lie outside the window" not in first.output  # the file of the 5th is not read
    second = project.dbt(*COVERAGE, variables={"start_date": "2026-11-05", "end_date": "2026-11-05"}).check()
    assert (
        "stg_s3_access_logs__requests: 1 records of 2026-11-01 were read but lie outside the window, "
        "and the table holds 0 of them. "
        "Rebuild the day: --vars '{start_date: 2026-11-01, end_date: 2026-11-01, late_days: 4}'"
    ) in second.output
    assert project.query("select request_id from stg_s3_access_logs__requests order by 1") == [
        ("ONTIME",),
        ("ONTIME5",),
    ]
    healed = project.dbt(
        *COVERAGE,
        variables={"start_date": "2026-11-01", "end_date": "2026-11-01", "late_days": 4, "lookback_days": 5},
    ).check()
    assert "lie outside the window" not in healed.output
    assert project.query(
        "select request_id, delivery_date - event_date from stg_s3_access_logs__requests order by 1"
    ) == [
        ("LATE", 4),
        ("ONTIME", 0),
        ("ONTIME5", 0),
    ]


def test_a_day_whose_records_vanish_from_its_files_becomes_empty(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    project.write_log(log_file("2026-11-01", "A"), log_line("A", "2026-11-01"))
    file = project.write_log(log_file("2026-11-02", "B"), log_line("B", "2026-11-02"))
    project.dbt(*MODELS_ONLY).check()
    file.write_text(log_line("C", "2026-11-01") + "\n")
    project.dbt(*MODELS_ONLY).check()
    for model in S3_MODELS:
        assert set(project.days(model)) == {"2026-11-01"}, model
    assert project.query("select request_id from stg_s3_access_logs__requests order by 1") == [("A",), ("C",)]


def test_a_run_after_a_pause_reaches_back_to_the_last_whole_run(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    project.write_log(log_file("2026-11-01", "A"), log_line("A", "2026-11-01"))
    project.dbt(*MODELS_ONLY).check()
    for day in range(2, 21):
        project.write_log(log_file(f"2026-11-{day:02}", f"{day}"), log_line(f"R{day:02}", f"2026-11-{day:02}"))
    project.dbt(*MODELS_ONLY).check()
    assert project.query("select count(*), count(distinct event_date) from stg_s3_access_logs__requests") == [(20, 20)]


def test_a_first_build_of_more_rows_than_a_row_group_loses_none(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    row_count = 130_000  # a row group of DuckDB holds 122,880
    project.write_log(
        log_file("2026-11-01", "A"), *(log_line(f"R{number}", "2026-11-01") for number in range(row_count))
    )
    for arguments in ((), ("--full-refresh",)):
        project.dbt(*MODELS_ONLY, *arguments).check()
        assert project.query("select sum(request_count)::integer from fct_s3_usage_daily") == [(row_count,)]
        assert project.query("select sum(record_count)::integer from fct_log_coverage_daily") == [(row_count,)]


def test_empty_runs_do_not_replace_days(sample: DuckdbProject) -> None:
    before = sample.rows("fct_s3_usage_daily")
    run = sample.dbt("run", "--empty")
    assert run.exit_code != 0
    assert "its days would be replaced by incomplete ones" in run.output
    assert sample.rows("fct_s3_usage_daily") == before
