"""DuckDB and Athena give the same rows: every table, row by row, column by column, from the same log files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import awswrangler
import boto3
import pytest
from athena_project import SAMPLE_VARIABLES, AthenaProject
from duckdb_project import MODELS, REPOSITORY, DuckdbProject
from local_aws import AthenaSpace, LocalAws

pytestmark = pytest.mark.athena

# Without newest_delivery_date Athena takes today, DuckDB the newest file: is_complete would differ for that reason.
WINDOW = {"start_date": "2026-11-01", "end_date": "2026-11-07", "newest_delivery_date": "2026-11-09"}
VARIABLES = {**SAMPLE_VARIABLES, **WINDOW}

# Every seed is read by both engines from the same file, each in its own way of writing.
SEEDS = sorted(path.stem for path in (REPOSITORY / "seeds").rglob("*.csv"))

# What an engine can't know or names in its own way; models/marts and models/columns.md say so to the reader.
ENGINE_COLUMNS = {"empty_file_count", "file_path"}


@pytest.fixture(scope="module")
def duckdb_sample(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    project = DuckdbProject(tmp_path_factory.mktemp("agree_duckdb"))
    generator = REPOSITORY / "scripts" / "generate_sample_logs.py"
    subprocess.run([sys.executable, generator, project.logs], check=True, stdout=subprocess.DEVNULL)
    project.dbt("build", variables=WINDOW).check()
    project.dbt("compile", "--select", "resource_type:analysis", variables=WINDOW).check()
    return project


@pytest.fixture(scope="module")
def athena_sample(
    local_aws: LocalAws, duckdb_sample: DuckdbProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AthenaProject]:
    local_aws.clear_faults()
    project = AthenaProject(AthenaSpace.make(local_aws, "engines_agree"), tmp_path_factory.mktemp("agree_athena"))
    project.upload(duckdb_sample.logs)
    project.dbt("build", variables=VARIABLES).check()
    project.dbt("compile", "--select", "resource_type:analysis", variables=VARIABLES).check()
    return project


def comparable(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the engine's own columns; Athena's timestamps have milliseconds, DuckDB's microseconds."""
    return {
        name: value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value
        for name, value in row.items()
        if name not in ENGINE_COLUMNS
    }


@pytest.mark.parametrize("model", [*MODELS, *SEEDS])
def test_both_engines_hold_the_same_rows(
    duckdb_sample: DuckdbProject, athena_sample: AthenaProject, model: str
) -> None:
    on_duckdb = [comparable(row) for row in duckdb_sample.rows(model)]
    on_athena = [comparable(row) for row in athena_sample.rows(model)]
    assert on_duckdb
    assert sorted(on_athena, key=repr) == sorted(on_duckdb, key=repr)


@pytest.mark.parametrize("model", [*MODELS, *SEEDS])
def test_both_engines_have_the_same_columns_in_the_same_order(
    duckdb_sample: DuckdbProject, athena_sample: AthenaProject, model: str
) -> None:
    assert list(athena_sample.rows(model)[0]) == list(duckdb_sample.rows(model)[0])


def test_every_staged_row_names_the_same_file(duckdb_sample: DuckdbProject, athena_sample: AthenaProject) -> None:
    query = "select request_id, file_path from stg_s3_access_logs__requests"
    root = f"{athena_sample.space.location}logs/"
    on_athena = {(row["request_id"], row["file_path"].removeprefix(root)) for row in athena_sample.query(query)}
    on_duckdb = {
        (request_id, str(Path(path).relative_to(duckdb_sample.logs.resolve())))
        for request_id, path in duckdb_sample.query(query)
    }
    assert on_athena == on_duckdb


def test_a_one_day_run_opens_the_objects_of_that_day_and_the_late_days_only(
    local_aws: LocalAws, duckdb_sample: DuckdbProject, athena_sample: AthenaProject
) -> None:
    before = athena_sample.rows("fct_s3_usage_daily")
    local_aws.reset_log()
    day = {**VARIABLES, "start_date": "2026-11-03", "end_date": "2026-11-03"}
    athena_sample.dbt("run", variables=day).check()
    opened = {Path(location).name for location in local_aws.objects_read(f"{athena_sample.space.location}logs/")}
    days = ("2026-11-03", "2026-11-04", "2026-11-05")
    delivered = {
        path.name
        for path in duckdb_sample.logs.rglob("2026-*")
        if path.is_file() and path.name.startswith(days) and path.stat().st_size > 0
    }
    assert opened - {".DS_Store"} == delivered
    assert athena_sample.rows("fct_s3_usage_daily") == before


def test_descriptions_are_visible_in_glue(local_aws: LocalAws, athena_sample: AthenaProject) -> None:
    glue = local_aws.client("glue")
    for model in MODELS:
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


@pytest.mark.parametrize("analysis", sorted(path.stem for path in (REPOSITORY / "analyses").glob("*.sql")))
def test_analyses_give_the_same_answer_in_the_same_order(
    duckdb_sample: DuckdbProject, athena_sample: AthenaProject, analysis: str
) -> None:
    compiled = Path("target", "compiled", "aws_internet_traffic", "analyses", f"{analysis}.sql")
    on_duckdb = duckdb_sample.query((duckdb_sample.folder / compiled).read_text())
    on_athena = athena_sample.query((athena_sample.folder / compiled).read_text())
    assert on_duckdb
    assert [tuple(row.values()) for row in on_athena] == on_duckdb
