"""DuckDB and Athena give the same rows: every table, row by row, column by column, from the same log files."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awswrangler
import boto3
import duckdb
import pytest
from athena_project import AthenaProject
from duckdb_project import (
    BILLING_MODELS,
    BUILD,
    MODELS,
    PARTIAL_MODELS,
    REPOSITORY,
    SAMPLE_FORMAT,
    SAMPLE_VARIABLES,
    WHOLE_MODELS,
    DuckdbProject,
    delivery_day,
)
from local_aws import AthenaSpace, LocalAws, RecordedStatement
from shared.comparable_rows import comparable

pytestmark = pytest.mark.athena

# Without newest_delivery_date Athena takes today, DuckDB the newest file: is_complete would differ for that reason.
WINDOW = {"start_date": "2026-11-01", "end_date": "2026-11-07", "newest_delivery_date": "2026-11-09"}
BILL = {
    "billed_usage_path": "billing/billed-usage",
    "billed_usage_account_ids": SAMPLE_VARIABLES["network_interfaces_account_ids"],
    "first_billed_date": "2026-11-01",
}
VARIABLES = {**SAMPLE_VARIABLES, **WINDOW, **BILL}
DUCKDB_VARIABLES = {**SAMPLE_FORMAT, **WINDOW}

# The day that a later run rebuilds.
DAY = "2026-11-03"

# Every seed is read by both engines from the same file, each in its own way of writing.
SEEDS = sorted(path.stem for path in (REPOSITORY / "seeds").rglob("*.csv"))


def write_bill(project: DuckdbProject) -> None:
    """Write a bill beside the sample logs: replaced and damaged snapshots, awkward numbers and texts, every class."""
    account_id, other_id, *_ = BILL["billed_usage_account_ids"]
    usage_types = ["DataTransfer-Out-Bytes", "USE1-DataTransfer-Regional-Bytes", "USE1-EUC1-AWS-Out-Bytes"]
    usage_types += ["USE1-NatGateway-Bytes", "USE1-VpcEndpoint-Bytes", "USE1-VpcEndpoint-GWLBE-Bytes", "AWS-In-Bytes"]
    usage_types += ["TransitGateway-Bytes", "CloudFront-Out-Bytes", "LAX1-x'; drop table t; --é-Bytes", "USE1-"]
    bill = [
        {"UsageDate": f"2026-11-0{day}", "UsageType": usage_type, "UsageGb": usage_gb, "Cost": cost, "Currency": "USD"}
        for day in (1, 2)
        for usage_type in usage_types
        for usage_gb, cost in (("0.3333333333", "0.0300000001"), ("12345.6789", "-1.5"), ("0.0000000001", "0"))
    ]
    nat = {"UsageDate": "2026-11-01", "Region": "us-east-1", "UsageType": "NatGateway-Bytes", "UsageGb": "0.7"}
    for account, source, taken_on, lines in (
        (account_id, "cost-and-usage-report", "20261203", bill),
        (account_id, "cost-and-usage-report", "20261103", bill[:3]),
        (account_id, "nat-gateway-metrics", "20261103", [{**nat, "ResourceId": "nat-01"}]),
        (other_id, "cost-explorer", "20261103", [{**bill[0], "Currency": "CNY"}, {**bill[0], "Region": "eu-west-1"}]),
        (other_id, "cost-explorer", "20261203", [bill[0], {"UsageDate": "2026-11-31"}, {}, [], "text", 1e3]),
        (other_id, "nat-gateway-metrics", "20261103", [{}]),
    ):
        folder = project.logs / BILL["billed_usage_path"] / account / "2026/11/01"
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        name = f"{account}_billed-usage_{source}_{taken_on}T010203Z.json.gz"
        (folder / name).write_bytes(gzip.compress(text.encode()))


@pytest.fixture(scope="module")
def duckdb_sample(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    project = DuckdbProject(tmp_path_factory.mktemp("agree_duckdb"))
    generator = REPOSITORY / "scripts" / "generate_sample_logs.py"
    subprocess.run([sys.executable, generator, project.logs], check=True, stdout=subprocess.DEVNULL)
    write_bill(project)
    project.dbt(*BUILD, variables=DUCKDB_VARIABLES).check()
    project.dbt("compile", "--select", "resource_type:analysis", variables=DUCKDB_VARIABLES).check()
    return project


@pytest.fixture(scope="module")
def athena_sample(
    local_aws: LocalAws, duckdb_sample: DuckdbProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AthenaProject]:
    local_aws.clear_faults()
    project = AthenaProject(AthenaSpace.make(local_aws, "engines_agree"), tmp_path_factory.mktemp("agree_athena"))
    project.upload(duckdb_sample.logs)
    # With the tests of models. The seeds' rows are compared below, and DuckDB tests them.
    project.dbt("build", "--exclude", "path:seeds,resource_type:test", variables=VARIABLES).check()
    project.dbt("compile", "--select", "resource_type:analysis", variables=VARIABLES).check()
    return project


@pytest.mark.parametrize("model", [*MODELS, *PARTIAL_MODELS, *WHOLE_MODELS, *BILLING_MODELS, *SEEDS])
def test_both_engines_hold_the_same_rows_and_columns(
    duckdb_sample: DuckdbProject, athena_sample: AthenaProject, model: str
) -> None:
    on_duckdb, on_athena = duckdb_sample.rows(model), athena_sample.rows(model)
    assert on_duckdb
    assert on_athena
    assert list(on_athena[0]) == list(on_duckdb[0]), "other columns, or in another order"
    assert sorted(map(comparable, on_athena), key=repr) == sorted(map(comparable, on_duckdb), key=repr)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("stg_s3_access_logs__requests", "request_id"),
        ("stg_vpc_flow_logs__records", "interface_id"),
        ("stg_cloudtrail__events", "event_id"),
        ("stg_inventory__network_interfaces", "interface_id"),
        ("stg_billing__billed_usage", "usage_type"),
    ],
)
def test_every_staged_row_names_the_same_file(
    duckdb_sample: DuckdbProject, athena_sample: AthenaProject, model: str, name: str
) -> None:
    query = f"select {name}, file_path, count(*) as row_count from {model} group by {name}, file_path"
    root = f"{athena_sample.space.location}logs/"
    on_athena = {
        (row[name], row["file_path"].removeprefix(root)): row["row_count"] for row in athena_sample.query(query)
    }
    on_duckdb = {
        (value, str(Path(path).relative_to(duckdb_sample.logs.resolve()))): row_count
        for value, path, row_count in duckdb_sample.query(query)
    }
    assert on_athena == on_duckdb


@dataclass(frozen=True)
class OneDayRun:
    """What a later run of one day did: bytes got of each object, and its statements by the model they were for."""

    objects: dict[str, int]
    statements: dict[str, list[RecordedStatement]]


@pytest.fixture(scope="module")
def one_day_run(local_aws: LocalAws, athena_sample: AthenaProject) -> OneDayRun:
    marts = ("fct_s3_usage_daily", "fct_network_traffic_daily", "fct_api_activity_daily")
    before = [athena_sample.rows(mart) for mart in marts]
    local_aws.reset_log()
    athena_sample.dbt("run", variables={**VARIABLES, "start_date": DAY, "end_date": DAY}).check()
    statements: dict[str, list[RecordedStatement]] = {}
    for statement in local_aws.statements():
        if found := re.search(r'"node_id": "model[.]aws_internet_traffic[.](\w+)"', statement.query):
            statements.setdefault(found[1], []).append(statement)
    run = OneDayRun(local_aws.objects_read("s3://"), statements)
    assert [athena_sample.rows(mart) for mart in marts] == before
    return run


def test_a_one_day_run_opens_the_objects_of_that_day_and_the_late_days_only(
    duckdb_sample: DuckdbProject, athena_sample: AthenaProject, one_day_run: OneDayRun
) -> None:
    # The stand-in reads its own copies of CloudTrail files, below a prefix of the same bucket.
    below = f"{athena_sample.space.prefix}logs/"
    opened = {Path(location).name for location in one_day_run.objects if below in location}
    delivered = {
        path.name
        for path in duckdb_sample.logs.rglob("*")
        if path.is_file() and delivery_day(path) in ("03", "04", "05") and path.stat().st_size > 0
    }
    # Snapshots of the inventory and of bills are no logs: all are read whatever the window.
    delivered |= {path.name for path in duckdb_sample.logs.rglob("*_network-interfaces_*")}
    delivered |= {path.name for path in duckdb_sample.logs.rglob("*_billed-usage_*")}
    assert {Path(name).suffix for name in delivered} == {"", ".gz", ".parquet"}
    # Objects that are no logs lie in the same folders; only their names tell them apart.
    assert opened - {".DS_Store"} == delivered


def stored_bytes(local_aws: LocalAws, locations: Iterable[str]) -> int:
    """Add up the sizes of objects as they lie in S3."""
    s3 = local_aws.client("s3")
    places = (location.removeprefix("s3://").split("/", 1) for location in locations)
    return sum(s3.head_object(Bucket=bucket, Key=key)["ContentLength"] for bucket, key in places)


@pytest.mark.parametrize(
    ("model", "folder"),
    [
        ("stg_vpc_flow_logs__records", "vpcflowlogs"),
        ("stg_cloudtrail__events", "CloudTrail"),
        ("stg_s3_access_logs__requests", "s3-access-logs"),
    ],
)
def test_staging_scans_each_byte_of_its_days_once(
    local_aws: LocalAws, athena_sample: AthenaProject, one_day_run: OneDayRun, model: str, folder: str
) -> None:
    """Athena bills what a query scans: of text the compressed bytes, of Parquet the columns that are read."""
    below = f"{athena_sample.space.prefix}logs/"
    opened = [place for place in one_day_run.objects if below in place and folder in place.split(below)[1]]
    stored = stored_bytes(local_aws, opened)
    (scanned,) = (each.data_scanned_bytes for each in one_day_run.statements[model] if "create table" in each.query)
    assert 0 < stored * 0.95 < scanned <= stored * 1.05


def test_tables_are_read_by_the_day_and_are_few_files(
    local_aws: LocalAws, athena_sample: AthenaProject, one_day_run: OneDayRun
) -> None:
    data = athena_sample.space.location.removeprefix("s3://").split("/", 1)
    pages = local_aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=data[0], Prefix=data[1])
    files = [item["Key"] for page in pages for item in page.get("Contents", [])]
    partition = re.compile(r"/(\w+)/[0-9a-f-]{36}/event_date=([0-9-]+)/")
    file_counts = Counter(found[0] for key in files if (found := partition.search(key)))
    # One file for each raw table that staging puts together, of flow logs three.
    assert {count for key, count in file_counts.items() if "stg_vpc_flow_logs__records" not in key} == {1}
    assert max(file_counts.values()) <= 3
    read = {found.groups() for place in one_day_run.objects if (found := partition.search(place))}
    assert len({table for table, day in read if day == DAY}) > 10
    # Staging looks whether late records of other days are there already; costs are those of a month.
    assert {table for table, day in read if day != DAY} == {
        "stg_vpc_flow_logs__records",
        "stg_cloudtrail__events",
        "stg_s3_access_logs__requests",
        "int_data_transfers__charged",
        "fct_data_transfer_cost_daily",
    }


def test_files_say_the_least_and_the_most_of_every_column(
    local_aws: LocalAws, athena_sample: AthenaProject, tmp_path: Path
) -> None:
    """A reader passes over parts of a file by these, whatever a query filters by, but for timestamps.

    Trino writes those as INT96, of which Parquet defines no order (https://parquet.apache.org/docs/file-format/types/).
    """
    s3 = local_aws.client("s3")
    bucket, prefix = athena_sample.space.location.removeprefix("s3://").split("/", 1)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    tables = [
        (match[1], key) for key in keys if (match := re.search(rf"/((?:fct|stg|int)_\w+)/.*/event_date={DAY}/", key))
    ]
    assert len({table for table, _ in tables}) > 20
    for number, (table, key) in enumerate(tables):
        s3.download_file(bucket, key, str(tmp_path / f"{table}.{number}"))
    with duckdb.connect() as connection:
        told = connection.execute(
            """
            select
                regexp_extract(file_name, '(\\w+)[.][0-9]+$', 1) as table_name,
                path_in_schema as column_name,
                bool_and(stats_min_value is not null and stats_max_value is not null or stats_null_count = num_values)
            from parquet_metadata(?)
            where type <> 'INT96'
            group by all
            """,
            [str(tmp_path / "*")],
        ).fetchall()
    assert {table for table, _, _ in told} == {table for table, _ in tables}
    assert [(table, column) for table, column, is_told in told if not is_told] == []


def test_a_model_takes_few_statements(one_day_run: OneDayRun) -> None:
    """Each waits for Athena's queue. Columns, rows, days, and where a contract is held, its columns: five."""
    counts = {model: len(statements) for model, statements in one_day_run.statements.items()}
    assert len(counts) > 30
    # Staging counts late records of other days in three more.
    assert {model for model, count in counts.items() if count > 5} == {model for model in counts if "stg_" in model} - {
        "stg_inventory__network_interfaces",
        "stg_billing__billed_usage",
    }
    assert max(counts.values()) <= 8


def test_both_engines_find_the_same_bill(duckdb_sample: DuckdbProject, athena_sample: AthenaProject) -> None:
    """Both sides are there for some rows, and each alone for others: else equal rows would say little."""
    for rows in (duckdb_sample.rows("fct_billed_transfer_daily"), athena_sample.rows("fct_billed_transfer_daily")):
        sides = {(row["billed_gb"] is not None, row["estimated_byte_count"] is not None) for row in rows}
        assert sides == {(True, True), (True, False), (False, True)}
        assert any(row["cost_ratio"] is not None for row in rows)
        assert len({row["billing_class"] for row in rows}) == 9


def test_descriptions_are_visible_in_glue(local_aws: LocalAws, athena_sample: AthenaProject) -> None:
    glue = local_aws.client("glue")
    for model in (*MODELS, *PARTIAL_MODELS, *WHOLE_MODELS, *BILLING_MODELS):
        table = glue.get_table(DatabaseName=athena_sample.space.schema, Name=model)["Table"]
        assert table["Parameters"]["comment"].startswith("One row per"), model
        columns = table["StorageDescriptor"]["Columns"]
        assert columns
        assert all(column.get("Comment") for column in columns), model


def test_awswrangler_reads_a_mart(
    athena_sample: AthenaProject, duckdb_sample: DuckdbProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in athena_sample.space.environment.items():
        monkeypatch.setenv(name, value)
    boto3.setup_default_session()
    try:
        frame = awswrangler.athena.read_sql_query(
            "select sum(downloaded_byte_count) as byte_count, count(*) as row_count from fct_s3_clients_daily",
            database=athena_sample.space.schema,
            workgroup=athena_sample.space.work_group,
            s3_output=athena_sample.space.results,
            ctas_approach=False,
        )
    finally:
        boto3.DEFAULT_SESSION = None
    expected = duckdb_sample.query("select sum(downloaded_byte_count)::bigint, count(*) from fct_s3_clients_daily")
    assert [tuple(int(value) for value in row) for row in frame.itertuples(index=False)] == expected


@pytest.mark.parametrize(
    ("analysis", "finding", "is_found"),
    [
        ("api_access_keys_created", "access_keys_created", lambda row: row["error_code"] == "none"),
        ("api_trail_changes", "trail_changes", lambda row: row["error_code"] == "none"),
        ("api_public_bucket_changes", "buckets_opened", lambda row: row["opens_to_all"]),
        ("api_security_groups_opened", "security_groups_opened", lambda row: True),
    ],
)
def test_analyses_find_the_changes_of_the_story(
    duckdb_sample: DuckdbProject,
    athena_sample: AthenaProject,
    analysis: str,
    finding: str,
    is_found: Callable[[dict[str, Any]], bool],
) -> None:
    truth = json.loads((duckdb_sample.logs / "truth.json").read_text())["cloudtrail"]["findings"][finding]
    compiled = Path("target", "compiled", "aws_internet_traffic", "analyses", f"{analysis}.sql")
    rows = athena_sample.query((athena_sample.folder / compiled).read_text())
    names = ("account_id", "principal_id", "source_address", "event_id")
    found = [
        {"event_date": str(row["event_at"])[:10], **{name: row[name] for name in names}}
        for row in rows
        if is_found(row)
    ]
    expected = [{name: row[name] for name in ("event_date", *names)} for row in truth]
    assert expected
    assert sorted(found, key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize("analysis", sorted(path.stem for path in (REPOSITORY / "analyses").glob("*.sql")))
def test_analyses_give_the_same_answer_in_the_same_order(
    duckdb_sample: DuckdbProject, athena_sample: AthenaProject, analysis: str
) -> None:
    compiled = Path("target", "compiled", "aws_internet_traffic", "analyses", f"{analysis}.sql")
    on_duckdb = duckdb_sample.query((duckdb_sample.folder / compiled).read_text())
    on_athena = athena_sample.query((athena_sample.folder / compiled).read_text())
    assert on_duckdb
    assert [tuple(row.values()) for row in on_athena] == on_duckdb
