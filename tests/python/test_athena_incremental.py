"""Days on Athena are written once and then switched: every day is whole, old or new, whatever goes wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlparse

import boto3
import pytest
from botocore.config import Config

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = Path(__file__).parent / "projects" / "athena_incremental"
WINDOW_MACROS = ("rebuild_window", "read_date_var", "newest_delivery_date", "shift_date", "report_days_outside_window")
DEADLINE_SECONDS = 120

Row = tuple[str, ...]
Days = dict[str, list[Row]]

pytestmark = pytest.mark.athena


# ---------------------------------------------------------------- what dbt sends, seen and stopped on the way


@dataclass
class Call:
    """One request of dbt that changes something, or the statement it starts."""

    operation: str
    statement: str = ""

    @property
    def changes_something(self) -> bool:
        if self.operation == "StartQueryExecution":
            return not re.match(r"select\b", without_comment(self.statement), re.IGNORECASE)
        return self.operation.startswith(("Create", "Update", "Delete", "Batch"))


def without_comment(statement: str) -> str:
    return re.sub(r"^\s*-- /\*.*?\*/\s*", "", statement, flags=re.DOTALL).strip()


@dataclass
class Wire:
    """A relay between dbt and the stand-in: it notes the calls that change something and runs `before` on each.

    `before` gets the call and its number, counted from 1. True lets it pass; False answers with an error of Athena.
    """

    target: str
    before: Callable[[Call, int], bool] = lambda call, number: True
    calls: list[Call] = field(default_factory=list)

    def __enter__(self) -> Wire:
        wire = self
        lock = threading.Lock()
        host = urlparse(self.target)

        class Relay(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def relay(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                statement = json.loads(body)["QueryString"] if operation == "StartQueryExecution" else ""
                call = Call(operation, statement)
                passes = True
                if call.changes_something:
                    with lock:
                        wire.calls.append(call)
                        number = len(wire.calls)
                    passes = wire.before(call, number)
                if passes:
                    self.forward(body)
                else:
                    self.refuse()

            def forward(self, body: bytes) -> None:
                connection = HTTPConnection(host.hostname, host.port, timeout=DEADLINE_SECONDS)
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection", "server", "date"):
                        self.send_header(name, value)
                self.finish_answer(content, answer.getheader("Content-Length"))
                connection.close()

            def refuse(self) -> None:
                self.send_response(400)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                error = {"__type": "InvalidRequestException", "message": "refused by the test", "Message": "refused"}
                self.finish_answer(json.dumps(error).encode(), None)

            def finish_answer(self, content: bytes, length: str | None) -> None:
                self.send_header("Content-Length", length if self.command == "HEAD" and length else str(len(content)))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = relay  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


# ---------------------------------------------------------------- one schema and one dbt project per test


@dataclass
class Finished:
    """What a run of dbt left behind."""

    exit_code: int
    output: str
    results: dict


@dataclass
class Warehouse:
    """A schema of its own on the stand-in, and the test project that builds into it."""

    endpoint: str
    folder: Path
    schema: str

    def __post_init__(self) -> None:
        options = {
            "endpoint_url": self.endpoint,
            "region_name": "us-east-1",
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "config": Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 2}),
        }
        self.athena = boto3.client("athena", **options)
        self.glue = boto3.client("glue", **options)
        self.s3 = boto3.client("s3", **options)
        self.bucket = self.schema.replace("_", "-")
        self.s3.create_bucket(Bucket=self.bucket)
        shutil.copytree(PROJECT, self.folder, ignore=shutil.ignore_patterns("target", "logs", "macros"))
        (self.folder / "macros").mkdir()
        for name in WINDOW_MACROS:
            shutil.copy(REPOSITORY / "macros" / "windows" / f"{name}.sql", self.folder / "macros")
        for macro in (REPOSITORY / "macros" / "engine" / "athena").glob("*.sql"):
            shutil.copy(macro, self.folder / "macros")

    def start(
        self, model: str, variables: dict, *flags: str, endpoint: str | None = None, target: str = "target"
    ) -> subprocess.Popen[str]:
        environment = os.environ | {
            "AWS_ENDPOINT_URL": endpoint or self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "ATHENA_SCHEMA": self.schema,
            "ATHENA_RESULTS": f"s3://{self.bucket}/results/",
            "ATHENA_DATA": f"s3://{self.bucket}/data/",
            "DBT_TARGET_PATH": str(self.folder / target),
            "DBT_LOG_PATH": str(self.folder / target),
        }
        command = [str(Path(sys.executable).parent / "dbt"), "--no-use-colors", "run", "--select", model]
        command += ["--vars", json.dumps(variables), "--project-dir", ".", "--profiles-dir", ".", *flags]
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def finish(self, process: subprocess.Popen[str], target: str = "target") -> Finished:
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)
        results = self.folder / target / "run_results.json"
        found = json.loads(results.read_text())["results"] if results.exists() else []
        return Finished(process.returncode, output, found[0] if found else {})

    def run(self, model: str, variables: dict, *flags: str, endpoint: str | None = None) -> Finished:
        return self.finish(self.start(model, variables, *flags, endpoint=endpoint))

    def build(self, model: str, variables: dict, *flags: str) -> Finished:
        finished = self.run(model, variables, *flags)
        assert finished.exit_code == 0, finished.output
        return finished

    def query(self, sql: str) -> list[Row]:
        query_id = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.schema},
            ResultConfiguration={"OutputLocation": f"s3://{self.bucket}/results/"},
        )["QueryExecutionId"]
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            status = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
                rows = [row for page in pages for row in page["ResultSet"]["Rows"]]
                return [tuple(cell.get("VarCharValue", "NULL") for cell in row["Data"]) for row in rows[1:]]
            assert status["State"] in ("QUEUED", "RUNNING"), status
            time.sleep(0.02)
        raise AssertionError(f"no answer within {DEADLINE_SECONDS} s: {sql}")

    def days(self, columns: str = "label, amount", table: str = "daily_sums") -> Days:
        """Rows of each day of the table, as a reader of Athena gets them."""
        found: Days = {}
        for day, *rest in self.query(f'select cast(event_date as varchar), {columns} from "{table}"'):
            found.setdefault(day, []).append(tuple(rest))
        return {day: sorted(rows) for day, rows in found.items()}

    def table(self, name: str = "daily_sums") -> dict:
        return self.glue.get_table(DatabaseName=self.schema, Name=name)["Table"]

    def table_names(self) -> set[str]:
        pages = self.glue.get_paginator("get_tables").paginate(DatabaseName=self.schema)
        return {table["Name"] for page in pages for table in page["TableList"]}

    def partition_locations(self, table: str = "daily_sums") -> dict[str, str]:
        pages = self.glue.get_paginator("get_partitions").paginate(DatabaseName=self.schema, TableName=table)
        return {
            part["Values"][0]: part["StorageDescriptor"]["Location"] for page in pages for part in page["Partitions"]
        }

    def data_keys(self) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="data/")
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


@pytest.fixture
def warehouse(athena_endpoint: str, tmp_path: Path) -> Warehouse:
    return Warehouse(athena_endpoint, tmp_path / "project", f"days_{uuid.uuid4().hex[:12]}")


def window(start: str, end: str, *rows: tuple[str, str, int], **more: object) -> dict:
    return {"start_date": start, "end_date": end, "rows": [list(row) for row in rows], **more}


WEEK = tuple(f"2026-11-0{number}" for number in range(1, 8))
# Three days with rows, of which the later window keeps one, empties one and adds one.
BEFORE = window("2026-11-01", "2026-11-03", ("2026-11-01", "a", 1), ("2026-11-02", "b", 2), ("2026-11-03", "c", 3))
BEFORE_DAYS: Days = {"2026-11-01": [("a", "1")], "2026-11-02": [("b", "2")], "2026-11-03": [("c", "3")]}
AFTER = window("2026-11-02", "2026-11-04", ("2026-11-02", "b", 20), ("2026-11-02", "d", 21), ("2026-11-04", "e", 40))
AFTER_DAYS: Days = {
    "2026-11-01": [("a", "1")],
    "2026-11-02": [("b", "20"), ("d", "21")],
    "2026-11-04": [("e", "40")],
}


def assert_days_are_whole(found: Days, old: Days, new: Days) -> None:
    for day in found.keys() | old.keys() | new.keys():
        assert found.get(day, []) in (old.get(day, []), new.get(day, [])), day


# ---------------------------------------------------------------- what a run does


def test_first_run_publishes_the_window_and_leaves_nothing_beside_it(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)

    assert warehouse.days() == BEFORE_DAYS
    assert warehouse.table_names() == {"daily_sums"}
    table = warehouse.table()
    assert table["Parameters"]["projection.enabled"] == "false"
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["label", "amount"]
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == [("event_date", "date")]
    assert set(warehouse.partition_locations()) == {"2026-11-01", "2026-11-02", "2026-11-03"}


def test_later_run_switches_adds_and_drops_days_of_its_window_only(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    first_keys, first_locations = warehouse.data_keys(), warehouse.partition_locations()

    warehouse.build("daily_sums", AFTER)

    assert warehouse.days() == AFTER_DAYS
    assert warehouse.table_names() == {"daily_sums"}
    assert first_keys < warehouse.data_keys(), "what an open query may still read was deleted"
    locations = warehouse.partition_locations()
    assert locations["2026-11-01"] == first_locations["2026-11-01"]
    assert locations["2026-11-02"] != first_locations["2026-11-02"]


def test_window_without_rows_empties_its_days(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    warehouse.build("daily_sums", window("2026-11-02", "2026-11-03"))
    assert warehouse.days() == {"2026-11-01": [("a", "1")]}


def test_first_run_without_rows_makes_an_empty_table_that_later_runs_fill(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", window("2026-11-01", "2026-11-03"))
    assert warehouse.days() == {}
    warehouse.build("daily_sums", AFTER)
    assert warehouse.days() == {day: rows for day, rows in AFTER_DAYS.items() if day != "2026-11-01"}


def test_full_refresh_replaces_columns_and_all_days(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)

    finished = warehouse.build("daily_sums", {**AFTER, "amount_type": "double", "has_label": False}, "--full-refresh")

    assert warehouse.days("amount") == {"2026-11-02": [("20.0",), ("21.0",)], "2026-11-04": [("40.0",)]}
    assert [(column["Name"], column["Type"]) for column in warehouse.table()["StorageDescriptor"]["Columns"]] == [
        ("amount", "double")
    ]
    assert warehouse.table_names() == {"daily_sums"}
    assert "1 days are no longer in the table, 2026-11-01 to 2026-11-01 among them" in finished.output


def test_more_days_than_one_statement_may_write(warehouse: Warehouse) -> None:
    first = date(2026, 1, 1)
    days = [str(first + timedelta(days=number)) for number in range(130)]
    stray = ("2020-02-02", "stray", 1)

    finished = warehouse.build(
        "daily_sums", window(days[0], days[-1], stray, *((day, "a", number) for number, day in enumerate(days)))
    )
    assert warehouse.days() == {day: [("a", str(number))] for number, day in enumerate(days)}
    assert finished.results["adapter_response"]["rows_affected"] == 131

    warehouse.build(
        "daily_sums", window(days[5], days[-1], *((day, "b", number) for number, day in enumerate(days) if number > 9))
    )
    expected = {day: [("a", str(number))] for number, day in enumerate(days) if number < 5}
    expected |= {day: [("b", str(number))] for number, day in enumerate(days) if number > 9}
    assert warehouse.days() == expected
    assert warehouse.table_names() == {"daily_sums"}


def test_rows_outside_the_window_are_named_and_never_published(warehouse: Warehouse) -> None:
    def late(start: str, end: str, *rows: tuple[str, str, str]) -> dict:
        return {"start_date": start, "end_date": end, "late_rows": [list(row) for row in rows]}

    warehouse.build("late_records", late("2026-11-01", "2026-11-01", ("2026-11-01", "known", "2026-11-02")))
    finished = warehouse.build(
        "late_records",
        late(
            "2026-11-02",
            "2026-11-02",
            ("2026-11-02", "own", "2026-11-02"),
            ("2026-11-01", "known", "2026-11-02"),
            ("2026-11-01", "late", "2026-11-03"),
            ("2026-10-20", "later still", "2026-11-03"),
        ),
    )

    assert warehouse.days("label, cast(delivery_date as varchar)", "late_records") == {
        "2026-11-01": [("known", "2026-11-02")],
        "2026-11-02": [("own", "2026-11-02")],
    }
    assert re.search(r"late_records: 2 records of 2026-11-01 were read but lie outside the window", finished.output)
    assert re.search(
        r"late_records: 1 records of 2026-10-20 .*start_date: 2026-10-20, end_date: 2026-10-20", finished.output
    )
    assert warehouse.table_names() == {"late_records"}

    quiet = warehouse.build(
        "late_records",
        late("2026-11-02", "2026-11-02", ("2026-11-02", "own", "2026-11-02"), ("2026-11-01", "known", "2026-11-02")),
    )
    assert "outside the window" not in quiet.output


def test_a_row_without_a_day_is_refused(warehouse: Warehouse) -> None:
    rows = [["2026-11-01", "own", "2026-11-01"], ["unknown", "dayless", "2026-11-01"]]
    finished = warehouse.run("late_records", {"start_date": "2026-11-01", "end_date": "2026-11-01", "late_rows": rows})
    assert finished.exit_code == 1
    assert "1 rows without an event_date" in finished.output
    assert "late_records" not in warehouse.table_names()


# ---------------------------------------------------------------- columns, contracts, descriptions, statistics


def test_added_column_is_filled_in_rebuilt_and_new_days_and_null_in_older_ones(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    warehouse.build("daily_sums", {**AFTER, "has_note": True})
    assert warehouse.days("label, note") == {
        "2026-11-01": [("a", "NULL")],
        "2026-11-02": [("b", "b noted"), ("d", "d noted")],
        "2026-11-04": [("e", "e noted")],
    }
    # A day that still has the shorter column list is rebuilt by a run that adds nothing.
    warehouse.build("daily_sums", window("2026-11-01", "2026-11-01", ("2026-11-01", "a", 5), has_note=True))
    assert warehouse.days("label, note")["2026-11-01"] == [("a", "a noted")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount_type": "double"}, "column amount was bigint and is now double"),
        ({"has_label": False}, "column label string is no longer in the model"),
    ],
)
def test_column_change_that_old_days_cannot_follow_is_refused(warehouse: Warehouse, change: dict, message: str) -> None:
    warehouse.build("daily_sums", BEFORE)
    finished = warehouse.run("daily_sums", {**AFTER, **change})
    assert finished.exit_code == 1
    assert message in " ".join(finished.output.split())
    assert "--full-refresh --select daily_sums" in " ".join(finished.output.split())
    assert warehouse.days() == BEFORE_DAYS
    warehouse.build("daily_sums", AFTER)
    assert warehouse.days() == AFTER_DAYS


def test_contract_and_descriptions_reach_glue(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    warehouse.build("contracted_sums", BEFORE)

    table = warehouse.table("contracted_sums")
    assert table["Description"] == "One row per label and day, under a contract."
    assert table["Parameters"]["comment"] == table["Description"]
    comments = {column["Name"]: column.get("Comment") for column in table["StorageDescriptor"]["Columns"]}
    assert comments == {"label": "What is counted.", "amount": "Sum of the day."}
    assert table["PartitionKeys"][0]["Comment"] == "UTC day of the record."
    assert warehouse.table()["PartitionKeys"][0]["Comment"] == "UTC day of the record, one partition per day`s rows."

    broken = warehouse.run("contracted_sums", {**BEFORE, "contracted_amount_type": "double"})
    assert broken.exit_code == 1
    assert "contract" in broken.output
    assert warehouse.days(table="contracted_sums") == BEFORE_DAYS


def test_statistics_of_the_statement_that_reads_survive(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    response = warehouse.build("contracted_sums", BEFORE).results["adapter_response"]
    assert response["rows_affected"] == 3
    assert response["data_scanned_in_bytes"] > 0


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        (
            "incremental_strategy",
            "insert_overwrite",
            "incremental_strategy must be rebuild_days, found insert_overwrite",
        ),
        ("partitioned_by", "[event_date, label]", "partitioned_by must name one column"),
        ("format", "orc", "needs format parquet"),
        ("external_location", "s3://elsewhere/x", "does not know the config external_location"),
    ],
)
def test_config_that_cannot_be_honoured_is_refused(
    warehouse: Warehouse, setting: str, value: str, message: str
) -> None:
    project_file = warehouse.folder / "dbt_project.yml"
    kept = [line for line in project_file.read_text().splitlines() if not line.strip().startswith(f"+{setting}:")]
    project_file.write_text("\n".join([*kept, f"    +{setting}: {value}", ""]))
    finished = warehouse.run("daily_sums", BEFORE)
    assert finished.exit_code == 1
    assert message in " ".join(finished.output.split())


def test_a_table_with_other_partition_keys_is_left_alone(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    table = warehouse.table()
    kept = {key: table[key] for key in ("StorageDescriptor", "TableType", "Parameters")}
    warehouse.glue.delete_table(DatabaseName=warehouse.schema, Name="daily_sums")
    warehouse.glue.create_table(DatabaseName=warehouse.schema, TableInput={"Name": "daily_sums", **kept})
    for flags in ([], ["--full-refresh"]):
        finished = warehouse.run("daily_sums", AFTER, *flags)
        assert finished.exit_code == 1
        assert "not a table partitioned by event_date date" in " ".join(finished.output.split())


# ---------------------------------------------------------------- faults


def statement_matches(call: Call, pattern: str) -> bool:
    return bool(re.search(pattern, call.statement, re.IGNORECASE | re.DOTALL))


def test_failed_write_changes_nothing(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    with Wire(warehouse.endpoint, lambda call, _: not statement_matches(call, r"create table .*__staged_")) as wire:
        finished = warehouse.run("daily_sums", AFTER, endpoint=wire.endpoint)
    assert finished.exit_code == 1
    assert warehouse.days() == BEFORE_DAYS
    warehouse.build("daily_sums", AFTER)
    assert warehouse.days() == AFTER_DAYS


@pytest.mark.slow
def test_switch_that_fails_at_any_of_seven_days_leaves_every_day_whole(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", window(WEEK[0], WEEK[-1], *((day, "old", 0) for day in WEEK)))
    for failing in range(1, 8):
        before = warehouse.days()
        new = {day: [("new", str(failing))] for day in WEEK}
        switched: list[Call] = []

        def refuse(call: Call, _: int, failing: int = failing, switched: list[Call] = switched) -> bool:
            if statement_matches(call, r"^alter table .*set location"):
                switched.append(call)
            return len(switched) < failing

        with Wire(warehouse.endpoint, refuse) as wire:
            finished = warehouse.run(
                "daily_sums",
                window(WEEK[0], WEEK[-1], *((day, "new", failing) for day in WEEK)),
                endpoint=wire.endpoint,
            )
        assert finished.exit_code == 1
        assert len(switched) >= failing
        found = warehouse.days()
        assert_days_are_whole(found, before, new)
        assert sum(found[day] == new[day] for day in WEEK) == failing - 1
    warehouse.build("daily_sums", window(WEEK[0], WEEK[-1], *((day, "healed", 9) for day in WEEK)))
    assert warehouse.days() == {day: [("healed", "9")] for day in WEEK}


def killed_before(warehouse: Warehouse, number: int, variables: dict, *flags: str) -> bool:
    """Run daily_sums and kill dbt before its change `number`. False: the run made fewer changes and finished."""
    running: list[subprocess.Popen[str]] = []
    started = threading.Event()

    def kill(_: Call, reached: int) -> bool:
        if reached < number:
            return True
        started.wait(DEADLINE_SECONDS)
        running[0].send_signal(signal.SIGKILL)
        return False

    with Wire(warehouse.endpoint, kill) as wire:
        running.append(warehouse.start("daily_sums", variables, *flags, endpoint=wire.endpoint))
        started.set()
        finished = warehouse.finish(running[0])
    if finished.exit_code == 0:
        return False
    assert finished.exit_code == -signal.SIGKILL, finished.output
    return True


def fresh(warehouse: Warehouse, name: str) -> Warehouse:
    return Warehouse(warehouse.endpoint, warehouse.folder.parent / name, f"{warehouse.schema}_{name}")


@pytest.mark.slow
def test_killed_before_each_change_of_a_later_run(warehouse: Warehouse) -> None:
    number = 1
    while True:
        place = fresh(warehouse, f"kill{number}")
        place.build("daily_sums", BEFORE)
        if not killed_before(place, number, AFTER):
            break
        assert_days_are_whole(place.days(), BEFORE_DAYS, AFTER_DAYS)
        place.build("daily_sums", AFTER)
        assert place.days() == AFTER_DAYS
        number += 1
    assert number > 5, "too few changes were met: the test no longer sees them"


@pytest.mark.slow
def test_killed_before_each_change_of_a_first_run(warehouse: Warehouse) -> None:
    number = 1
    while True:
        place = fresh(warehouse, f"kill{number}")
        if not killed_before(place, number, BEFORE):
            break
        if "daily_sums" in place.table_names():
            assert place.days() == BEFORE_DAYS
        place.build("daily_sums", AFTER)
        healed = place.days()
        assert {day: rows for day, rows in healed.items() if day != "2026-11-01"} == {
            day: rows for day, rows in AFTER_DAYS.items() if day != "2026-11-01"
        }
        assert healed.get("2026-11-01", BEFORE_DAYS["2026-11-01"]) == BEFORE_DAYS["2026-11-01"]
        assert place.table()["Parameters"]["projection.enabled"] == "false"
        number += 1
    assert number > 5, "too few changes were met: the test no longer sees them"


@pytest.mark.slow
def test_killed_before_each_change_of_a_full_refresh(warehouse: Warehouse) -> None:
    changed = window("2026-11-02", "2026-11-04", ("2026-11-02", "b", 20), ("2026-11-04", "e", 40), amount_type="double")
    changed_days: Days = {"2026-11-02": [("b", "20.0")], "2026-11-04": [("e", "40.0")]}
    number = 1
    while True:
        place = fresh(warehouse, f"kill{number}")
        place.build("daily_sums", BEFORE)
        if not killed_before(place, number, changed, "--full-refresh"):
            break
        found = place.days()
        assert found in (BEFORE_DAYS, changed_days)
        if found == changed_days:
            place.build("daily_sums", {**changed, "start_date": "2026-11-04"})
            assert place.table()["Parameters"]["projection.enabled"] == "false"
            assert set(place.partition_locations()) == {"2026-11-02", "2026-11-04"}
        else:
            place.build("daily_sums", changed, "--full-refresh")
        assert place.days() == changed_days
        number += 1
    assert number > 8, "too few changes were met: the test no longer sees them"


def test_two_runs_at_once_leave_each_day_from_one_of_them(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    one = window("2026-11-02", "2026-11-05", *((day, "one", 1) for day in WEEK[1:5]))
    two = window("2026-11-03", "2026-11-06", *((day, "two", 2) for day in WEEK[2:6]))
    both_are_ready = threading.Barrier(2, timeout=DEADLINE_SECONDS)

    def wait_for_the_other() -> Callable[[Call, int], bool]:
        waited: list[bool] = []

        def before(call: Call, _: int) -> bool:
            if not waited and statement_matches(call, r"^alter table"):
                waited.append(True)
                both_are_ready.wait()
            return True

        return before

    with (
        Wire(warehouse.endpoint, wait_for_the_other()) as first,
        Wire(warehouse.endpoint, wait_for_the_other()) as second,
    ):
        runs = [
            (warehouse.start("daily_sums", one, endpoint=first.endpoint, target="one"), "one"),
            (warehouse.start("daily_sums", two, endpoint=second.endpoint, target="two"), "two"),
        ]
        finished = [warehouse.finish(process, target) for process, target in runs]
    assert [run.exit_code for run in finished] == [0, 0], [run.output for run in finished]
    assert not both_are_ready.broken
    found = warehouse.days()
    assert found["2026-11-01"] == [("a", "1")]
    assert found["2026-11-02"] == [("one", "1")]
    assert found["2026-11-06"] == [("two", "2")]
    for day in WEEK[2:5]:
        assert found[day] in ([("one", "1")], [("two", "2")]), day
    warehouse.build("daily_sums", two)
    assert warehouse.days() == {
        "2026-11-01": [("a", "1")],
        "2026-11-02": [("one", "1")],
        **{day: [("two", "2")] for day in WEEK[2:6]},
    }


def test_a_day_that_a_rival_added_first_is_taken_over(warehouse: Warehouse) -> None:
    warehouse.build("daily_sums", BEFORE)
    rival_came: list[Finished] = []

    def let_a_rival_in(call: Call, _: int) -> bool:
        if not rival_came and statement_matches(call, r"^alter table .*add if not exists"):
            rival_came.append(
                warehouse.build("daily_sums", window("2026-11-04", "2026-11-04", ("2026-11-04", "rival", 9)))
            )
        return True

    with Wire(warehouse.endpoint, let_a_rival_in) as wire:
        process = warehouse.start("daily_sums", AFTER, endpoint=wire.endpoint, target="slower")
        finished = warehouse.finish(process, "slower")
    assert finished.exit_code == 0, finished.output
    assert rival_came
    assert warehouse.days() == AFTER_DAYS


def test_second_first_run_is_refused(warehouse: Warehouse) -> None:
    rival_came: list[Finished] = []

    def let_a_rival_in(call: Call, _: int) -> bool:
        if not rival_came and statement_matches(call, r"create table .*__staged_"):
            rival_came.append(warehouse.build("daily_sums", BEFORE))
        return True

    with Wire(warehouse.endpoint, let_a_rival_in) as wire:
        process = warehouse.start("daily_sums", AFTER, endpoint=wire.endpoint, target="slower")
        finished = warehouse.finish(process, "slower")
    assert finished.exit_code == 1
    assert "was made by another run" in " ".join(finished.output.split())
    assert warehouse.days() == BEFORE_DAYS


@pytest.fixture(scope="session")
def athena_endpoint() -> Iterator[str]:
    yield os.environ["LOCAL_AWS_ENDPOINT"]
