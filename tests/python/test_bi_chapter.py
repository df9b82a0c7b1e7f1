"""The steps of docs/bi.md work: its blocks run on the exported marts of the sample, or on the stand-in for Athena."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from athena_project import AthenaProject
from duckdb_project import MODELS_ONLY, REPOSITORY, SAMPLE_FORMAT, DuckdbProject
from export_marts import marts
from local_aws import AthenaSpace

CHAPTER = (REPOSITORY / "docs" / "bi.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", CHAPTER, re.MULTILINE | re.DOTALL)
WEEK = "event_date between date '2026-11-01' and date '2026-11-07'"
SENDERS = (
    "select sender_id, sum(byte_count)::bigint as byte_count from fct_internet_egress_daily "
    "where {} group by sender_id order by byte_count desc, sender_id"
)


def block(language: str, word: str) -> str:
    """The one block of a language that has a word."""
    (found,) = (text for kind, text in BLOCKS if kind == language and word in text)
    return found


def run_block(text: str) -> dict[str, Any]:
    """Run a block of Python, and return the names that it leaves."""
    names: dict[str, Any] = {}
    exec(compile(text, "docs/bi.md", "exec"), names)  # noqa: S102 - the text is this repository's
    return names


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """The sample, built, with its marts exported beside."""
    project = DuckdbProject(tmp_path_factory.mktemp("bi"))
    generator = REPOSITORY / "scripts" / "generate_sample_logs.py"
    subprocess.run([sys.executable, generator, project.logs], check=True, stdout=subprocess.DEVNULL)
    project.dbt(*MODELS_ONLY, variables=SAMPLE_FORMAT).check()
    export = [sys.executable, REPOSITORY / "scripts" / "export_marts.py", project.folder / "exported_marts"]
    subprocess.run([*export, "--warehouse", project.warehouse], check=True, stdout=subprocess.DEVNULL)
    return project


@pytest.fixture
def beside_the_export(sample: DuckdbProject, monkeypatch: pytest.MonkeyPatch) -> DuckdbProject:
    """The folder that the blocks are run in."""
    monkeypatch.chdir(sample.folder)
    return sample


def test_every_block_is_run_here() -> None:
    assert sorted(kind for kind, _ in BLOCKS) == ["python"] * 4 + ["sql"] * 2


def test_the_blocks_of_sql_answer(beside_the_export: DuckdbProject) -> None:
    with duckdb.connect() as connection:
        connection.execute(block("sql", "create view"))
        answer = connection.execute(block("sql", "limit 10")).fetchall()
    expected = beside_the_export.query(SENDERS.format(WEEK))[:10]
    assert [(sender, byte_count) for sender, _, byte_count in answer] == expected
    assert len(expected) == 10


def test_a_filter_by_day_opens_the_files_of_these_days_only(beside_the_export: DuckdbProject) -> None:
    with duckdb.connect() as connection:
        connection.execute(block("sql", "create view"))
        plan = connection.execute(
            "explain analyze select count(*) from fct_internet_egress_daily where event_date = date '2026-11-03'"
        ).fetchall()[0][1]
    assert re.search(r"Scanning Files: 1/\d+|Total Files Read: 1\b", plan), plan


def test_the_exported_marts_are_the_marts(beside_the_export: DuckdbProject) -> None:
    connection = run_block(block("python", "connection.execute"))["connection"]
    views = {
        name for (name,) in connection.execute("select view_name from duckdb_views() where not internal").fetchall()
    }
    with duckdb.connect(str(beside_the_export.warehouse), read_only=True) as warehouse:
        for mart in marts():
            rows = sorted(warehouse.execute(f"select * from {mart}").fetchall(), key=repr)
            assert (mart in views) == bool(rows), mart
            if rows:
                assert sorted(connection.execute(f"select * from {mart}").fetchall(), key=repr) == rows, mart
                described = [reader.execute(f"describe {mart}").fetchall() for reader in (connection, warehouse)]
                assert [row[:2] for row in described[0]] == [row[:2] for row in described[1]], mart
    assert len(views) > 10


def test_the_block_of_all_marts_keeps_currencies_apart(beside_the_export: DuckdbProject) -> None:
    costs = run_block(block("python", "connection.execute"))["costs"]
    expected = beside_the_export.query(
        "select currency, sum(estimated_cost) from fct_data_transfer_cost_daily group by currency"
    )
    assert sorted(costs) == sorted(expected)
    assert len(costs) > 1


def test_the_block_of_pandas_answers(beside_the_export: DuckdbProject) -> None:
    by_sender = run_block(block("python", "pyarrow.dataset"))["by_sender"]
    expected = beside_the_export.query(SENDERS.format("true"))
    assert sorted(by_sender.items()) == sorted(expected)


def test_columns_that_do_not_add_up_are_named(sample: DuckdbProject) -> None:
    """Every column that the marts describe as a count of different things stands in the chapter."""
    with duckdb.connect(str(sample.warehouse), read_only=True) as connection:
        found = connection.execute(
            "select column_name from duckdb_columns() where table_name like 'fct_%' and comment like 'Different %'"
        ).fetchall()
    assert len(found) == 2
    assert [name for (name,) in found if f"`{name}`" not in CHAPTER] == []


# --- Who keeps the DuckDB file open

KEEPER = (
    "import duckdb, sys; connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == 'reader'); "
    "print('open', flush=True); sys.stdin.read()"
)


def keep_open(warehouse: Path, role: str) -> subprocess.Popen[str]:
    """Another process with the file open until its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEPER, warehouse, role], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "open\n"
    return process


def test_a_reader_of_the_file_shuts_a_run_out(sample: DuckdbProject) -> None:
    with keep_open(sample.warehouse, "reader") as reader:
        run = sample.dbt("run", "--select", "fct_log_coverage_daily", variables=SAMPLE_FORMAT)
        reader.communicate()
    assert run.exit_code != 0
    assert f"the warehouse {sample.warehouse} is in use by another process" in run.output
    assert "`the warehouse .. is in use by another process ..`" in CHAPTER


def test_a_run_shuts_a_reader_of_the_file_out_and_not_one_of_the_export(beside_the_export: DuckdbProject) -> None:
    with keep_open(beside_the_export.warehouse, "writer") as writer:
        with pytest.raises(duckdb.IOException, match=r"Could not set lock on file .*: Conflicting lock is held in "):
            duckdb.connect(str(beside_the_export.warehouse), read_only=True)
        with duckdb.connect() as connection:
            connection.execute(block("sql", "create view"))
            assert connection.execute("select count(*) from fct_internet_egress_daily").fetchone()[0] > 0
        writer.communicate()
    assert "`Could not set lock on file ..: Conflicting lock is held in ..`" in CHAPTER


# --- Athena


@pytest.mark.athena
def test_the_blocks_of_athena_answer(
    athena_space: AthenaSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = AthenaProject(athena_space, tmp_path)
    athena_space.aws.client("glue").create_database(DatabaseInput={"Name": athena_space.schema})
    rows = [("i-1", "2026-11-01", 5), ("i-2", "2026-11-01", 7), ("i-1", "2026-11-07", 4), ("i-1", "2026-11-08", 100)]
    query = " union all ".join(
        f"select '{sender}' as sender_id, cast({byte_count} as bigint) as byte_count, date '{day}' as event_date"
        for sender, day, byte_count in rows
    )
    project.query(f'create table "{athena_space.schema}"."fct_internet_egress_daily" as {query}')
    for name, value in athena_space.environment.items():
        monkeypatch.setenv(name, value)
    assert run_block(block("python", "pyathena"))["rows"] == [("i-1", 9), ("i-2", 7)]
    boto3.setup_default_session()
    try:
        frame = run_block(block("python", "awswrangler"))["frame"]
    finally:
        boto3.DEFAULT_SESSION = None
    assert sorted(zip(frame["sender_id"], frame["byte_count"], strict=True)) == [("i-1", 5), ("i-2", 7)]
