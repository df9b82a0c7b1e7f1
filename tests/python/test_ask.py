"""Questions are answered in the terminal: right days, right rows, and nothing that a log's text could do."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from ask import with_unit, write_json, write_table
from athena_project import AthenaProject
from duckdb_project import REPOSITORY
from local_aws import AthenaSpace

SCRIPT = REPOSITORY / "scripts" / "ask.py"
HOSTILE = "\x1b[2J\x1b]0;title\x07a\rb\nc\x9b31m\u202e"
SHOWN = r"\x1b[2J\x1b]0;title\x07a\rb\nc\x9b31m\u202e"
FORMULA = '=cmd|"/c calc"!A0'

# Rows of a day: bucket, address, category, requests and bytes; two days more lie outside the seven.
CLIENTS = [
    ("2026-11-10", "example-bucket", "198.51.100.1", 3, 1_500_000_000),
    ("2026-11-04", "example-bucket", "198.51.100.2", 1_234, 2_000_000_000),
    ("2026-11-03", "example-bucket", "198.51.100.3", 1, 9_000_000_000_000),
    ("2026-11-01", "example-bucket", HOSTILE, 1, 7),
    ("2026-11-01", FORMULA, "198.51.100.4", 2, 8),
]
COLUMNS = ["bucket_name", "download_rank", "remote_address", "downloaded_byte_count", "request_count"]


def literal(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def row(day: str, bucket: str, address: str, requests: int, byte_count: int) -> str:
    return (
        f"select date '{day}' as event_date, {literal(bucket)} as bucket_name, {literal(address)} as remote_address, "
        f"cast({requests} as bigint) as request_count, cast({byte_count} as bigint) as downloaded_byte_count"
    )


# The two tables that the question of the downloaders needs, for both engines.
TABLES = {
    "fct_s3_clients_daily": " union all ".join(row(*values) for values in CLIENTS),
    "fct_log_coverage_daily": "select date '2026-11-10' as event_date union all select date '2026-11-01' as event_date",
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "by hand.duckdb"
    with duckdb.connect(str(path)) as connection:
        for name, query in TABLES.items():
            connection.execute(f"create table {name} as {query}")
        connection.execute(
            "create table int_network_flows__summed as select date '2026-11-10' as event_date, "
            "'accepted' as record_outcome, unnest(['10.0.0.1', '10.0.0.2', '2600:1f18::a']) as source_address, "
            "'192.31.196.7' as destination_address, "
            "'eni-a' as interface_id, 'fl-a' as flow_log_id, 'egress' as flow_direction, 5::bigint as byte_count, "
            "1::bigint as packet_count, 1::bigint as record_count"
        )
        connection.execute(
            "create table int_network_addresses__classified as select date '2026-11-10' as event_date, "
            "'192.31.196.7' as address, true as is_public, 'EC2' as aws_service"
        )
    return path


def ask(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command the way a user does."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "WAREHOUSE"))}
    return subprocess.run(
        [sys.executable, SCRIPT, *words],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


# --- Answers


def test_the_answer_is_about_the_last_seven_days(warehouse: Path) -> None:
    before = warehouse.read_bytes()
    answer = ask("s3_top_downloaders", "--warehouse", warehouse)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.split("\n") == [
        "The 50 addresses that downloaded the most bytes from each bucket, in the right order: bytes sent of "
        "successful downloads, not the sizes of the objects.",
        "2026-11-04 to 2026-11-10 (UTC)",
        "",
        "  bucket_name     download_rank  remote_address  downloaded_byte_count  request_count",
        "  example-bucket              1  198.51.100.2            2,000,000,000          1,234",
        "  example-bucket              2  198.51.100.1            1,500,000,000              3",
        "",
    ]
    assert warehouse.read_bytes() == before


def test_days_limit_and_units_are_as_asked(warehouse: Path) -> None:
    words = ("--start", "2026-11-03", "--end", "2026-11-10", "--limit", "2", "--human")
    answer = ask("s3_top_downloaders", *words, WAREHOUSE=str(warehouse))
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split("\n")[1:] == [
        "2026-11-03 to 2026-11-10 (UTC)",
        "",
        "  bucket_name     download_rank  remote_address  downloaded_byte_count  request_count",
        "  example-bucket              1  198.51.100.3                   9.0 TB              1",
        "  example-bucket              2  198.51.100.2                   2.0 GB          1,234",
        "",
    ]
    assert answer.stderr == "\n2 of 3 rows; all of them with --limit 0.\n"


def test_text_of_strangers_steers_no_terminal_and_no_spreadsheet(warehouse: Path) -> None:
    day = ("--start", "2026-11-01", "--end", "2026-11-01", "--warehouse", str(warehouse))
    answer = ask("s3_top_downloaders", *day, "--format", "csv")
    assert answer.returncode == 0, answer.stderr
    assert list(csv.reader(io.StringIO(answer.stdout))) == [
        COLUMNS,
        ["'" + FORMULA, "1", "198.51.100.4", "8", "2"],
        ["example-bucket", "1", SHOWN, "7", "1"],
    ]
    rows = COLUMNS, [(FORMULA, 1, "198.51.100.4", 8, 2), ("example-bucket", 1, HOSTILE, 7, 1)]
    table, objects = io.StringIO(), io.StringIO()
    write_table(rows, False, table)
    write_json(rows, objects)
    for text in (answer.stdout, table.getvalue(), objects.getvalue()):
        assert [letter for letter in text if not (letter.isprintable() or letter == "\n")] == []
    assert SHOWN in table.getvalue()
    assert json.loads(objects.getvalue()) == [dict(zip(COLUMNS, values, strict=True)) for values in rows[1]]


def test_values_are_written_as_what_they_are() -> None:
    values = {
        "port": 65535,
        "byte_count": 1_234_567,
        "estimated_cost": Decimal("0.100000000"),
        "is_public": True,
        "nothing": None,
        "event_date": date(2026, 11, 1),
    }
    table, objects = io.StringIO(), io.StringIO()
    write_table((list(values), [tuple(values.values())]), False, table)
    write_json((list(values), [tuple(values.values())]), objects)
    assert table.getvalue().split("\n")[1].split() == ["65535", "1,234,567", "0.100000000", "yes", "-", "2026-11-01"]
    assert json.loads(objects.getvalue()) == [
        {**values, "estimated_cost": "0.100000000", "event_date": "2026-11-01"},
    ]


@pytest.mark.parametrize(
    ("byte_count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (10**21, "1000.0 EB")],
)
def test_bytes_are_told_in_the_largest_unit(byte_count: int, text: str) -> None:
    assert with_unit(byte_count) == text


def make_ask(**values: str) -> subprocess.CompletedProcess[str]:
    """Run `make ask` with the Python of the tests; -o: the virtual environment is not looked at."""
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    words = [f"{name}={value}" for name, value in values.items()]
    return subprocess.run(
        ["make", "--no-print-directory", "-o", ".venv/.ready", f"BIN={Path(sys.executable).parent}", "ask", *words],
        cwd=REPOSITORY,
        env={name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "MAKE"))},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_make_asks_about_an_address(warehouse: Path) -> None:
    question = {"Q": "network_traffic_from_address", "FORMAT": "csv", "WAREHOUSE": str(warehouse)}
    answer = make_ask(**question, ADDRESS="2600:1F18:0:0::000A")
    assert answer.returncode == 0, answer.stderr
    rows = list(csv.reader(io.StringIO(answer.stdout)))
    assert rows[1:] == [["accepted", "1", "2600:1f18::a", "192.31.196.7", "True", "EC2", "5", "1", "1"]]


# --- What is no question


def test_without_a_question_all_are_listed() -> None:
    answer = ask()
    assert (answer.returncode, answer.stderr) == (0, "")
    names = re.findall(r"^(\w+)(?: \(ADDRESS=10[.]0[.]0[.]1\))?\n    \S.*[.]$", answer.stdout, re.MULTILINE)
    assert sorted(names) == sorted(path.stem for path in (REPOSITORY / "analyses").glob("*.sql"))
    assert "network_traffic_to_address (ADDRESS=10.0.0.1)\n" in answer.stdout


@pytest.mark.parametrize("name", ["no_such_question", "../README", "network_top_ports network_rejected", "-- \x1b[2J"])
def test_a_wrong_question_is_named_and_all_are_listed(name: str) -> None:
    answer = ask("--", name)
    assert (answer.returncode, answer.stdout) == (2, "")
    shown = name.replace("\x1b", r"\x1b")
    assert answer.stderr.startswith(f"There is no question '{shown}'.\n")
    assert "\nnetwork_top_ports\n" in answer.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--start", "2026-13-01"), "expected a day of the calendar, found '2026-13-01'"),
        (("--end", "yesterday"), "expected a day such as 2026-11-01, found 'yesterday'"),
        (
            ("--start", "2026-11-02", "--end", "2026-11-01"),
            "the first day, 2026-11-02, lies after the last, 2026-11-01",
        ),
        (("--limit", "-1"), "expected a number of rows, or 0 for all, found '-1'"),
        (("--address", "10.0.0.1"), "s3_top_downloaders asks about no single address"),
        (("--address", "fe80::1%eth0"), "expected one IPv4 or IPv6 address such as 10.0.0.1, found 'fe80::1%eth0'"),
        (("--address", "1' or '1'='1"), "expected one IPv4 or IPv6 address such as 10.0.0.1"),
    ],
)
def test_wrong_words_are_named(words: tuple[str, ...], message: str) -> None:
    answer = ask("s3_top_downloaders", *words)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert message in answer.stderr


@pytest.mark.parametrize(
    "address",
    [
        "$(shell touch {})",
        "$$(touch {})",
        "`touch {}`",
        "'; touch {}; '",
        '"; touch {}; "',
        "10.0.0.1\ntouch {}\n",
        "{{{{ 7 * 7 }}}}",
        "[a, b]",
    ],
)
def test_an_address_from_a_log_becomes_no_command(tmp_path: Path, address: str) -> None:
    mark = tmp_path / "touched"
    answer = make_ask(Q="network_traffic_from_address", ADDRESS=address.format(mark))
    assert answer.returncode == 2
    assert "expected one IPv4 or IPv6 address such as 10.0.0.1" in answer.stderr
    assert not mark.exists()


# --- What is in the way


def test_a_warehouse_in_use_and_a_missing_one_are_named(tmp_path: Path, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)):
        answer = ask("s3_top_downloaders", "--warehouse", warehouse)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert f"{warehouse} is being written by another process (PID {os.getpid()})" in answer.stderr
    missing = ask("s3_top_downloaders", "--warehouse", tmp_path / "missing.duckdb")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "missing.duckdb does not exist. Build it first" in missing.stderr


def test_a_warehouse_without_days_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    answer = ask("s3_top_downloaders", "--warehouse", path)
    assert answer.returncode == 1
    assert "The warehouse lacks a table" in answer.stderr
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table fct_log_coverage_daily (event_date date)")
    answer = ask("s3_top_downloaders", "--warehouse", path)
    assert (answer.returncode, answer.stderr) == (
        1,
        "The tables hold no day. Build some first: make build, or dbt build --target athena.\n",
    )


def test_a_missing_variable_of_athena_is_named() -> None:
    answer = ask("s3_top_downloaders", DBT_TARGET="athena", AWS_REGION="us-east-1")
    assert answer.returncode == 1
    assert answer.stderr == "The environment variable ATHENA_SCHEMA is missing. See the README, On Athena.\n"


@pytest.mark.athena
def test_athena_answers_the_same(athena_space: AthenaSpace, tmp_path: Path) -> None:
    project = AthenaProject(athena_space, tmp_path)
    athena_space.aws.client("glue").create_database(DatabaseInput={"Name": athena_space.schema})
    environment = {**athena_space.environment, "DBT_TARGET": "athena", "ATHENA_POLL_INTERVAL": "0.05"}
    nothing = ask("s3_top_downloaders", **environment)
    assert nothing.returncode == 1
    assert "Athena does not answer" in nothing.stderr
    assert "Traceback" not in nothing.stderr
    for name, query in TABLES.items():
        project.query(f'create table "{athena_space.schema}"."{name}" as {query}')
    answer = ask("s3_top_downloaders", "--format", "json", **environment)
    assert answer.returncode == 0, answer.stderr
    assert [tuple(found.values()) for found in json.loads(answer.stdout)] == [
        ("example-bucket", 1, "198.51.100.2", 2_000_000_000, 1_234),
        ("example-bucket", 2, "198.51.100.1", 1_500_000_000, 3),
    ]
