"""query_costs finds every statement of a run, says for what it was, and charges as Athena does."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import query_costs
from athena_project import AthenaProject
from duckdb_project import COVERAGE, REPOSITORY, log_file, log_line
from local_aws import AthenaSpace, LocalAws, RecordedStatement

MB = 1024 * 1024
DAY = "2026-11-01"
VARIABLES = {
    "s3_access_logs_partitioned_path": "s3",
    "s3_access_logs_account_ids": ["111122223333"],
    "s3_access_logs_regions": ["us-east-1"],
    "s3_access_logs_buckets": ["example-bucket"],
    "first_log_date": DAY,
    "newest_delivery_date": "2026-11-05",
    "start_date": DAY,
    "end_date": DAY,
}


class BuiltSpace:
    """A project that was built on the stand-in, and what the stand-in recorded of it."""

    def __init__(self, project: AthenaProject, aws: LocalAws) -> None:
        self.project = project
        aws.reset_log()
        self.output = project.dbt(*COVERAGE, variables=VARIABLES).check().output
        self.statements: list[RecordedStatement] = aws.statements()

    @property
    def results(self) -> Path:
        return self.project.folder / "target" / "run_results.json"

    @property
    def invocation_id(self) -> str:
        return json.loads(self.results.read_text())["metadata"]["invocation_id"]


@pytest.fixture(scope="module")
def built(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> BuiltSpace:
    local_aws.clear_faults()
    project = AthenaProject(AthenaSpace.make(local_aws, "query_costs"), tmp_path_factory.mktemp("query_costs"))
    lines = [log_line(f"R{number}", DAY) for number in range(50)]
    project.space.put(f"logs/{log_file(DAY, 'A')}", "".join(f"{line}\n" for line in lines).encode())
    return BuiltSpace(project, local_aws)


@pytest.fixture
def environment(built: BuiltSpace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in built.project.space.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ATHENA_ASSUME_ROLE_ARN", raising=False)
    return


def kept_rows(built: BuiltSpace, place: Path, *arguments: str) -> list[dict[str, str]]:
    """The rows that a run of the command keeps."""
    assert query_costs.main(["--results", str(built.results), "--keep", str(place), *arguments]) == 0
    (file,) = (place / "athena-query-costs").iterdir()
    assert file.name == f"{built.invocation_id}.csv"
    return list(csv.DictReader(file.open()))


@pytest.mark.athena
@pytest.mark.usefixtures("environment")
def test_every_statement_of_the_run_is_counted_once_at_its_node(built: BuiltSpace, tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    scanned: Counter[str] = Counter()
    for statement in built.statements:
        found = re.search(r'"node_id": "((?:\w+[.])+\w+)"', statement.query)
        node = found[1] if found else "hooks" if '"node_id"' in statement.query else "alter_drop_msck"
        counts[node] += 1
        scanned[node] += statement.data_scanned_bytes
    assert len({node.split(".")[0] for node in counts} & {"model", "test", "hooks", "alter_drop_msck"}) == 4
    assert scanned["model.aws_internet_traffic.stg_s3_access_logs__requests"] > 0
    rows = kept_rows(built, tmp_path)
    assert {row["node_id"]: int(row["statement_count"]) for row in rows} == dict(counts)
    assert {row["node_id"]: int(row["scanned_byte_count"]) for row in rows} == {name: scanned[name] for name in counts}


@pytest.mark.athena
@pytest.mark.usefixtures("environment")
def test_the_total_is_printed_and_money_follows_the_price(
    built: BuiltSpace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = kept_rows(built, tmp_path, "--price-per-tb", "9", "--currency", "EUR")
    printed = capsys.readouterr().out
    billed = sum(int(row["billed_byte_count"]) for row in rows)
    total = next(line for line in printed.splitlines() if line.split()[0] == "total")
    expected = [f"{len(built.statements):,}", "0", f"{sum(each.data_scanned_bytes for each in built.statements):,}"]
    assert total.split()[1:6] == [*expected, f"{billed:,}", f"{Decimal(billed) / 1024**4 * 9:.6f}"]
    assert "cost (EUR)" in printed
    assert {row["currency"] for row in rows} == {"EUR"}
    tests = [row for row in rows if row["resource_type"] == "test"]
    assert re.search(rf"  {len(tests)} data tests +test ", printed)


@pytest.mark.athena
@pytest.mark.usefixtures("environment")
def test_a_run_is_kept_once_and_read_as_a_table(built: BuiltSpace, tmp_path: Path) -> None:
    rows = kept_rows(built, tmp_path)
    assert kept_rows(built, tmp_path) == rows
    query = f"select count(*), sum(scanned_byte_count)::bigint from '{tmp_path}/athena-query-costs/*.csv'"
    assert duckdb.sql(query).fetchall() == [(len(rows), sum(each.data_scanned_bytes for each in built.statements))]
    location = f"{built.project.space.location}costs"
    assert query_costs.main(["--results", str(built.results), "--keep", location, "--dry-run"]) == 0
    s3 = built.project.space.aws.client("s3")
    below = {"Bucket": built.project.space.bucket, "Prefix": f"{built.project.space.prefix}costs/"}
    assert s3.list_objects_v2(**below).get("Contents") is None
    assert query_costs.main(["--results", str(built.results), "--keep", location]) == 0
    (entry,) = s3.list_objects_v2(**below)["Contents"]
    assert entry["Key"].endswith(f"costs/athena-query-costs/{built.invocation_id}.csv")


@pytest.mark.athena
@pytest.mark.usefixtures("environment")
def test_the_kept_files_are_a_table_on_athena(built: BuiltSpace) -> None:
    """With the statement of docs/operating.md."""
    text = (REPOSITORY / "docs" / "operating.md").read_text()
    (ddl,) = re.findall(r"(create external table athena_query_costs.*?)\n\n", text, re.DOTALL)
    space = built.project.space
    assert query_costs.main(["--results", str(built.results), "--keep", f"{space.location}table"]) == 0
    space.run(ddl.replace("s3://example-costs", f"{space.location}table"))
    (row,) = space.query("select sum(scanned_byte_count), count(distinct invocation_id) from athena_query_costs")
    assert (int(row[0]), int(row[1])) == (sum(each.data_scanned_bytes for each in built.statements), 1)


@pytest.mark.athena
@pytest.mark.usefixtures("environment")
def test_a_run_that_the_work_group_does_not_know_is_named(
    built: BuiltSpace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = json.loads(built.results.read_text())
    results["metadata"]["invocation_id"] = "00000000-0000-0000-0000-000000000000"
    (tmp_path / "other.json").write_text(json.dumps(results))
    assert query_costs.main(["--results", str(tmp_path / "other.json")]) == 1
    assert "knows no statement of the run 00000000-0000-0000-0000-000000000000" in capsys.readouterr().err


@pytest.mark.athena
def test_the_summary_of_a_run_says_what_was_scanned_and_what_marts_hold(built: BuiltSpace) -> None:
    results = json.loads(built.results.read_text())["results"]
    main = [answer["adapter_response"].get("data_scanned_in_bytes") for answer in results]
    told = [scanned for scanned in main if scanned is not None]
    billed = sum(max(10, -(-scanned // MB)) for scanned in told)
    (line,) = re.findall(r"Scanned: .*", built.output)
    assert f"in the main statements of {len(told)} models, seeds and tests" in line
    assert f"about {billed / MB * 5:.4f} USD" in line
    assert sum(told) > 0
    assert query_size(line) == pytest.approx(sum(told), rel=0.06)
    assert "  fct_log_coverage_daily: 1 rows\n" in built.output
    assert "  s3_access_logs: 50 records, 0 unreadable records" in built.output


def query_size(line: str) -> float:
    """The bytes that a line of the summary says."""
    number, unit = re.search(r"Scanned: ([0-9.]+) (bytes|kB|MB|GB)", line).groups()
    return float(number) * {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


def execution(state: str = "SUCCEEDED", scanned: int = 0, kind: str = "DML", **more: Any) -> dict[str, Any]:
    """A statement as Athena describes it."""
    return {"Status": {"State": state}, "Statistics": {"DataScannedInBytes": scanned}, "StatementType": kind, **more}


@pytest.mark.parametrize(
    ("statement", "billed"),
    [
        (execution(scanned=1), 10 * MB),
        (execution(scanned=0), 10 * MB),
        (execution(scanned=10 * MB + 1), 11 * MB),
        (execution(scanned=2000 * MB), 2000 * MB),
        (execution(kind="DDL"), 0),
        (execution(kind="UTILITY"), 0),
        (execution(kind="DDL", scanned=50 * MB, SubstatementType="CREATE_TABLE_AS_SELECT"), 50 * MB),
        (execution(kind="DDL", scanned=0, SubstatementType="CREATE_TABLE_AS_SELECT"), 10 * MB),
        (execution("FAILED", scanned=500 * MB), 0),
        (execution("CANCELLED", scanned=500 * MB), 500 * MB),
        (execution("CANCELLED", scanned=0), 0),
    ],
)
def test_bytes_are_billed_as_the_price_list_says(statement: dict[str, Any], billed: int) -> None:
    assert query_costs.billed_bytes(statement) == billed


class ManyExecutions:
    """Athena's two calls, for a work group with more statements than a page, some of them left out of a batch."""

    def __init__(self, ages: list[timedelta], now: datetime) -> None:
        self._times = {f"q{number}": now - age for number, age in enumerate(ages)}
        self.described_count = 0

    def get_paginator(self, name: str) -> ManyExecutions:
        assert name == "list_query_executions"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        size, ids = request["PaginationConfig"]["PageSize"], list(self._times)
        return ({"QueryExecutionIds": ids[start : start + size]} for start in range(0, len(ids), size))

    def batch_get_query_execution(self, **request: Any) -> dict[str, Any]:
        first, *others = request["QueryExecutionIds"]
        assert len(others) < 50
        return {
            "QueryExecutions": [self._describe(query) for query in others],
            "UnprocessedQueryExecutionIds": [{"QueryExecutionId": first}],
        }

    def get_query_execution(self, **request: Any) -> dict[str, Any]:
        return {"QueryExecution": self._describe(request["QueryExecutionId"])}

    def _describe(self, query: str) -> dict[str, Any]:
        self.described_count += 1
        return {"QueryExecutionId": query, "Status": {"State": "SUCCEEDED", "SubmissionDateTime": self._times[query]}}


def test_all_pages_of_the_run_are_asked_and_no_more() -> None:
    now = datetime(2026, 11, 8, tzinfo=UTC)
    ages = [timedelta(minutes=number) for number in range(500)]
    athena = ManyExecutions(ages, now)
    found = list(query_costs.executions_since(athena, "example", now - timedelta(minutes=120)))
    assert [each["QueryExecutionId"] for each in found if each["QueryExecutionId"] == "q100"] == ["q100"]
    assert {each["QueryExecutionId"] for each in found} == {f"q{number}" for number in range(121)}
    assert athena.described_count == 200  # 121 of the run fill three pages; the next is all older


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--price-per-tb", "cheap"], "expected an amount of money such as 5.00, found 'cheap'"),
        (["--price-per-tb", "-1"], "expected an amount of money such as 5.00, found '-1'"),
        (["--price-per-tb", "nan"], "expected an amount of money"),
        (["--work-group", ""], "say --work-group, or set the environment variable ATHENA_WORK_GROUP"),
        (["--keep", "https://example.com/x"], "expected a folder or s3://bucket/prefix"),
    ],
)
def test_wrong_arguments_are_named(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATHENA_WORK_GROUP", "example")
    monkeypatch.setenv("ATHENA_SCHEMA", "example")
    with pytest.raises(SystemExit, match="2"):
        query_costs.main(arguments)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist. Run dbt build first"),
        ("{", "is no run_results.json of dbt (JSONDecodeError"),
        ("[]", "is no run_results.json of dbt (TypeError"),
        ('{"metadata": {}}', "is no run_results.json of dbt (KeyError"),
    ],
)
def test_a_file_of_results_that_is_none_is_named(
    content: str | None,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ATHENA_WORK_GROUP", "example")
    monkeypatch.setenv("ATHENA_SCHEMA", "example")
    file = tmp_path / "run_results.json"
    if content is not None:
        file.write_text(content)
    assert query_costs.main(["--results", str(file)]) == 1
    assert said in capsys.readouterr().err


def test_a_price_that_is_none_is_named() -> None:
    with pytest.raises(query_costs.CostsError, match=r"expected such as [{]per_tb: 5.00, currency: USD[}], found 5"):
        query_costs.Price.of(5, "dbt_project.yml")
