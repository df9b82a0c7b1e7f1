"""Days on Athena are written once and then switched: every day is whole, old or new, whatever goes wrong."""

from __future__ import annotations

import json
import shutil
import signal
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dbt_server import DbtProcess

if TYPE_CHECKING:
    from local_aws import AthenaSpace, LocalAws

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = Path(__file__).parent / "projects" / "days"
WINDOW_MACROS = (
    "rebuild_window",
    "read_date_var",
    "newest_delivery_date",
    "shift_date",
    "report_days_outside_window",
    "refuse_incomplete_days",
)
DEADLINE_SECONDS = 180
# Statements and requests that change something; dbt puts a comment line before most statements.
CHANGING_STATEMENT = r"^\s*(?:--[^\n]*\n\s*)?(?:create|insert|alter|drop)\b"
CHANGING_REQUEST = r"^glue:(?:Create|Update|Delete|Batch)"

Days = dict[str, list[tuple[str | None, ...]]]

pytestmark = pytest.mark.athena


@dataclass
class Finished:
    """What a run of dbt left behind."""

    exit_code: int
    output: str
    result: dict[str, Any]

    @property
    def message(self) -> str:
        """The output on one line, so that a sentence can be looked for however dbt broke its lines."""
        return " ".join(self.output.split())


@dataclass
class Run:
    """A run of dbt that may not be over."""

    process: DbtProcess
    folder: Path

    def finish(self) -> Finished:
        """Wait for the end."""
        output, _ = self.process.communicate(DEADLINE_SECONDS)
        assert self.process.returncode is not None
        results = self.folder / "run_results.json"
        found = json.loads(results.read_text())["results"] if results.exists() else []
        return Finished(self.process.returncode, output, found[0] if found else {})


@dataclass
class Warehouse:
    """A schema of its own on the stand-in, and the test project that builds into it."""

    space: AthenaSpace
    folder: Path
    runs: int = 0

    def start(self, variables: dict[str, Any], *flags: str, model: str = "daily_sums") -> Run:
        """Start to build a model."""
        self.runs += 1
        results = self.folder / "runs" / str(self.runs)
        results.mkdir(parents=True)
        environment = self.space.environment | {"DBT_TARGET_PATH": str(results), "DBT_LOG_PATH": str(results)}
        arguments = ["--no-use-colors", "run", "--select", model, "--vars", json.dumps(variables)]
        arguments += ["--project-dir", ".", "--profiles-dir", ".", *flags]
        return Run(DbtProcess(arguments, environment, self.folder), results)

    def run(self, variables: dict[str, Any], *flags: str, model: str = "daily_sums") -> Finished:
        """Build a model, well or not."""
        return self.start(variables, *flags, model=model).finish()

    def build(self, variables: dict[str, Any], *flags: str, model: str = "daily_sums") -> Finished:
        """Build a model, which must succeed."""
        finished = self.run(variables, *flags, model=model)
        assert finished.exit_code == 0, finished.output
        return finished

    def days(self, columns: str = "label, amount", table: str = "daily_sums") -> Days:
        """Return the rows of each day of a table, as a reader of Athena gets them."""
        found: Days = {}
        for day, *rest in self.space.query(f'select cast(event_date as varchar), {columns} from "{table}"'):
            found.setdefault(day, []).append(tuple(rest))
        return {day: sorted(rows) for day, rows in found.items()}

    def table(self, name: str = "daily_sums") -> dict[str, Any]:
        """Return Glue's description of a table."""
        return self.space.aws.client("glue").get_table(DatabaseName=self.space.schema, Name=name)["Table"]

    def drop_table(self) -> None:
        """Delete the entry of daily_sums in Glue."""
        self.space.aws.client("glue").delete_table(DatabaseName=self.space.schema, Name="daily_sums")

    def table_names(self) -> set[str]:
        """Return the names of all tables and views of the schema; none where a killed run has not even made that."""
        glue = self.space.aws.client("glue")
        try:
            pages = list(glue.get_paginator("get_tables").paginate(DatabaseName=self.space.schema))
        except glue.exceptions.EntityNotFoundException:
            return set()
        return {table["Name"] for page in pages for table in page["TableList"]}

    def partition_locations(self) -> dict[str, str]:
        """Return where the partition of each day of daily_sums points."""
        paginator = self.space.aws.client("glue").get_paginator("get_partitions")
        pages = paginator.paginate(DatabaseName=self.space.schema, TableName="daily_sums")
        return {one["Values"][0]: one["StorageDescriptor"]["Location"] for page in pages for one in page["Partitions"]}

    def data_keys(self) -> set[str]:
        """Return the keys of all objects of the warehouse."""
        paginator = self.space.aws.client("s3").get_paginator("list_objects_v2")
        pages = paginator.paginate(Bucket=self.space.bucket, Prefix=f"{self.space.prefix}warehouse/")
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


@pytest.fixture
def warehouse(athena_space: AthenaSpace, tmp_path: Path) -> Warehouse:
    """Give a test the project with the real macros, and a schema to build it into."""
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs", "macros"))
    macros = [REPOSITORY / "macros" / "windows" / f"{name}.sql" for name in WINDOW_MACROS]
    macros += (REPOSITORY / "macros" / "engine" / "athena").glob("*.sql")
    (folder / "macros").mkdir()
    for macro in macros:
        shutil.copy(macro, folder / "macros")
    return Warehouse(athena_space, folder)


def window(start: str, end: str, *rows: tuple[str, str, int], **more: object) -> dict[str, Any]:
    """Return the vars of a run of daily_sums."""
    return {"start_date": start, "end_date": end, "rows": [list(row) for row in rows], **more}


def late(start: str, end: str, *rows: tuple[str, str, str]) -> dict[str, Any]:
    """Return the vars of a run of late_records."""
    return {"start_date": start, "end_date": end, "late_rows": [list(row) for row in rows]}


WEEK = tuple(f"2026-11-0{number}" for number in range(1, 8))
# Three days with rows, of which the later window rewrites one, empties one and adds one.
BEFORE = window("2026-11-01", "2026-11-03", ("2026-11-01", "a", 1), ("2026-11-02", "b", 2), ("2026-11-03", "c", 3))
BEFORE_DAYS: Days = {"2026-11-01": [("a", "1")], "2026-11-02": [("b", "2")], "2026-11-03": [("c", "3")]}
AFTER = window("2026-11-02", "2026-11-04", ("2026-11-02", "b", 20), ("2026-11-02", "d", 21), ("2026-11-04", "e", 40))
AFTER_DAYS: Days = {
    "2026-11-01": [("a", "1")],
    "2026-11-02": [("b", "20"), ("d", "21")],
    "2026-11-04": [("e", "40")],
}
# And back again: 2026-11-03 comes, 2026-11-04 goes.
BACK = {**BEFORE, "start_date": "2026-11-02", "end_date": "2026-11-04"}


def assert_days_are_whole(found: Days, old: Days, new: Days) -> None:
    """Fail unless each day is as it was or as it is to be."""
    for day in found.keys() | old.keys() | new.keys():
        assert found.get(day, []) in (old.get(day, []), new.get(day, [])), day


# What a run does


def test_first_run_publishes_the_window_and_leaves_nothing_beside_it(warehouse: Warehouse) -> None:
    """A first run ends in a plain partitioned table, the partition column last whatever the model's order."""
    warehouse.build(BEFORE)

    assert warehouse.days() == BEFORE_DAYS
    assert warehouse.table_names() == {"daily_sums"}
    table = warehouse.table()
    assert table["Parameters"]["projection.enabled"] == "false"
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["label", "amount"]
    assert [(key["Name"], key["Type"]) for key in table["PartitionKeys"]] == [("event_date", "date")]
    assert set(warehouse.partition_locations()) == {"2026-11-01", "2026-11-02", "2026-11-03"}


def test_later_run_switches_adds_and_drops_days_of_its_window_only(warehouse: Warehouse) -> None:
    """Days before the window stay where they are, and no object is deleted: an open query may still read it."""
    warehouse.build(BEFORE)
    first_keys, first_locations = warehouse.data_keys(), warehouse.partition_locations()

    warehouse.build(AFTER)

    assert warehouse.days() == AFTER_DAYS
    assert warehouse.table_names() == {"daily_sums"}
    assert first_keys < warehouse.data_keys()
    locations = warehouse.partition_locations()
    assert locations["2026-11-01"] == first_locations["2026-11-01"]
    assert locations["2026-11-02"] != first_locations["2026-11-02"]

    warehouse.build(window("2026-11-02", "2026-11-04"))
    assert warehouse.days() == {"2026-11-01": [("a", "1")]}, "a window without rows must empty its days"


def test_first_run_without_rows_makes_an_empty_table_that_later_runs_fill(warehouse: Warehouse) -> None:
    """An empty source is no error; the table is there to be read."""
    warehouse.build(window("2026-11-01", "2026-11-03"))
    assert warehouse.days() == {}
    warehouse.build(AFTER)
    assert warehouse.days() == {day: AFTER_DAYS[day] for day in ("2026-11-02", "2026-11-04")}


def test_full_refresh_replaces_columns_and_all_days(warehouse: Warehouse) -> None:
    """After it the table is what a first run would have made; days that are gone are named."""
    warehouse.build(BEFORE)
    finished = warehouse.build({**AFTER, "amount_type": "double", "has_label": False}, "--full-refresh")

    assert warehouse.days("amount") == {"2026-11-02": [("20.0",), ("21.0",)], "2026-11-04": [("40.0",)]}
    columns = warehouse.table()["StorageDescriptor"]["Columns"]
    assert [(column["Name"], column["Type"]) for column in columns] == [("amount", "double")]
    assert set(warehouse.partition_locations()) == {"2026-11-02", "2026-11-04"}
    assert warehouse.table_names() == {"daily_sums"}
    assert "1 days are no longer in the table, 2026-11-01 to 2026-11-01 among them" in finished.message


def test_more_days_than_one_statement_may_write(warehouse: Warehouse) -> None:
    """130 days and a stray one are written in two statements, on a first run and on a later one."""
    first = date(2026, 1, 1)
    days = [str(first + timedelta(days=number)) for number in range(130)]
    rows = [(day, "a", number) for number, day in enumerate(days)]

    finished = warehouse.build(window(days[0], days[-1], ("2020-02-02", "stray", 1), *rows))
    assert warehouse.days() == {day: [("a", str(number))] for number, day in enumerate(days)}
    assert finished.result["adapter_response"]["rows_affected"] == 131
    assert "1 records of 2020-02-02 were read but lie outside the window" in finished.message

    rows = [(day, "b", number) for number, day in enumerate(days) if number > 9]
    warehouse.build(window(days[5], days[-1], *rows))
    expected = {day: [("a", str(number))] for number, day in enumerate(days) if number < 5}
    expected |= {day: [("b", str(number))] for number, day in enumerate(days) if number > 9}
    assert warehouse.days() == expected
    assert warehouse.table_names() == {"daily_sums"}


def test_rows_outside_the_window_are_named_and_never_published(warehouse: Warehouse) -> None:
    """Late records are said, with the day to rebuild, unless the table holds them already."""
    warehouse.build(late("2026-11-01", "2026-11-01", ("2026-11-01", "known", "2026-11-02")), model="late_records")
    finished = warehouse.build(
        late(
            "2026-11-02",
            "2026-11-02",
            ("2026-11-02", "own", "2026-11-02"),
            ("2026-11-01", "known", "2026-11-02"),
            ("2026-11-01", "late", "2026-11-03"),
            ("2026-10-20", "later still", "2026-11-03"),
        ),
        model="late_records",
    )

    assert warehouse.days("label, cast(delivery_date as varchar)", "late_records") == {
        "2026-11-01": [("known", "2026-11-02")],
        "2026-11-02": [("own", "2026-11-02")],
    }
    assert "late_records: 2 records of 2026-11-01 were read but lie outside the window" in finished.message
    assert "late_records: 1 records of 2026-10-20 were read but lie outside the window" in finished.message
    assert "start_date: 2026-10-20, end_date: 2026-10-20" in finished.message
    assert warehouse.table_names() == {"late_records"}

    known_only = [("2026-11-02", "own", "2026-11-02"), ("2026-11-01", "known", "2026-11-02")]
    quiet = warehouse.build(late("2026-11-02", "2026-11-02", *known_only), model="late_records")
    assert "outside the window" not in quiet.message


def test_a_row_without_a_day_is_refused(warehouse: Warehouse) -> None:
    """A row that belongs to no day would be lost without a word."""
    rows = [("2026-11-01", "own", "2026-11-01"), ("unknown", "dayless", "2026-11-01")]
    finished = warehouse.run(late("2026-11-01", "2026-11-01", *rows), model="late_records")
    assert finished.exit_code == 1
    assert "1 rows without an event_date" in finished.message
    assert "late_records" not in warehouse.table_names()


def test_work_group_that_chooses_the_output_location_itself(warehouse: Warehouse) -> None:
    """Athena then refuses external_location; the days lie where the work group wants them."""
    name = f"{warehouse.space.work_group}_enforced"
    warehouse.space.aws.client("athena").create_work_group(
        Name=name,
        Configuration={
            "ResultConfiguration": {"OutputLocation": f"{warehouse.space.location}enforced/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    warehouse.space.environment["ATHENA_WORK_GROUP"] = name
    warehouse.build(BEFORE)
    warehouse.build(AFTER)
    assert warehouse.days() == AFTER_DAYS
    for location in warehouse.partition_locations().values():
        assert location.startswith(f"{warehouse.space.location}enforced/")


def test_the_sweep_takes_what_later_runs_retired_and_nothing_else(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The layout that the macros write is the one that scripts/sweep_retired_data.py reads."""
    import sweep_retired_data

    warehouse.build(BEFORE)
    warehouse.build(AFTER)
    for name, value in warehouse.space.aws.environment().items():
        monkeypatch.setenv(name, value)
    arguments = ["--data", warehouse.space.environment["ATHENA_DATA"], "--schema", warehouse.space.schema, "--apply"]
    assert sweep_retired_data.main(arguments, now=datetime.now(UTC) + timedelta(hours=25)) == 0

    assert warehouse.days() == AFTER_DAYS
    shown = [
        location.removeprefix(f"s3://{warehouse.space.bucket}/")
        for location in warehouse.partition_locations().values()
    ]
    assert {key.rpartition("/")[0] + "/" for key in warehouse.data_keys()} == set(shown)


# Columns, contracts, descriptions, statistics


def test_added_column_is_filled_in_rebuilt_and_new_days_and_null_in_older_ones(warehouse: Warehouse) -> None:
    """Glue keeps a column list per partition; days switched under a shorter one must show the new column too."""
    warehouse.build(BEFORE)
    warehouse.build({**AFTER, "has_note": True})
    assert warehouse.days("label, note") == {
        "2026-11-01": [("a", None)],
        "2026-11-02": [("b", "b noted"), ("d", "d noted")],
        "2026-11-04": [("e", "e noted")],
    }
    # 2026-11-01 still has the shorter list; this run adds no column and rebuilds it.
    warehouse.build(window("2026-11-01", "2026-11-01", ("2026-11-01", "a", 5), has_note=True))
    assert warehouse.days("label, note")["2026-11-01"] == [("a", "a noted")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount_type": "double"}, "column amount was bigint and is now double"),
        ({"has_label": False}, "column label string is no longer in the model"),
        ({"extra_date": True}, "column extra is new and of type date, which Athena cannot add"),
    ],
)
def test_column_change_that_old_days_cannot_follow_is_refused(
    warehouse: Warehouse, change: dict[str, Any], message: str
) -> None:
    """The error names model, column, both types and the way out; nothing is changed."""
    warehouse.build(BEFORE)
    finished = warehouse.run({**AFTER, **change})
    assert finished.exit_code == 1
    assert message in finished.message
    assert "dbt build --full-refresh --select daily_sums" in finished.message
    assert warehouse.days() == BEFORE_DAYS
    warehouse.build(AFTER)
    assert warehouse.days() == AFTER_DAYS


def test_contract_descriptions_and_statistics(warehouse: Warehouse) -> None:
    """A contract holds, descriptions are in Glue, and run_results.json has what the statement scanned."""
    warehouse.build(BEFORE)
    response = warehouse.build(BEFORE, model="contracted_sums").result["adapter_response"]
    assert response["rows_affected"] == 3
    assert response["data_scanned_in_bytes"] > 0

    table = warehouse.table("contracted_sums")
    assert table["Description"] == "One row per label and day, under a contract."
    assert table["Parameters"]["comment"] == "One row per label and day, under a contract."
    comments = {column["Name"]: column.get("Comment") for column in table["StorageDescriptor"]["Columns"]}
    assert comments == {"label": "What is counted.", "amount": "Sum of the day."}
    assert table["PartitionKeys"][0]["Comment"] == "UTC day of the record."
    assert warehouse.table()["PartitionKeys"][0]["Comment"] == "UTC day of the record, one partition per day`s rows."

    broken = warehouse.run({**BEFORE, "contracted_amount_type": "double"}, model="contracted_sums")
    assert broken.exit_code == 1
    assert "contract" in broken.message
    assert warehouse.days(table="contracted_sums") == BEFORE_DAYS


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("incremental_strategy", "insert_overwrite", "must be rebuild_days, found insert_overwrite"),
        ("partitioned_by", "[event_date, label]", "partitioned_by must name one column"),
        ("format", "orc", "needs format parquet"),
        ("external_location", "s3://elsewhere/x", "does not know the config external_location"),
        ("lf_grants", "{data_cell_filters: {enabled: true}}", "does not know the config lf_grants"),
    ],
)
def test_config_that_cannot_be_honoured_is_refused(
    warehouse: Warehouse, setting: str, value: str, message: str
) -> None:
    """A setting is honoured or refused, never ignored."""
    project_file = warehouse.folder / "dbt_project.yml"
    kept = [line for line in project_file.read_text().splitlines() if not line.strip().startswith(f"+{setting}:")]
    project_file.write_text("\n".join([*kept, f"    +{setting}: {value}", ""]))
    finished = warehouse.run(BEFORE)
    assert finished.exit_code == 1
    assert message in finished.message


def test_a_table_with_other_partition_keys_is_left_alone(warehouse: Warehouse) -> None:
    """Glue cannot change a table's keys; the error says what to drop."""
    warehouse.build(BEFORE)
    table = warehouse.table()
    unpartitioned = {
        "Name": "daily_sums",
        **{key: table[key] for key in ("StorageDescriptor", "TableType", "Parameters")},
    }
    warehouse.drop_table()
    warehouse.space.aws.client("glue").create_table(DatabaseName=warehouse.space.schema, TableInput=unpartitioned)
    for flags in ([], ["--full-refresh"]):
        finished = warehouse.run(AFTER, *flags)
        assert finished.exit_code == 1
        assert "not a table partitioned by event_date date" in finished.message


def test_a_run_that_leaves_rows_out_does_not_empty_days(warehouse: Warehouse) -> None:
    """`dbt build --empty` is for checking SQL; it must not cost anybody the days of the window."""
    warehouse.build(BEFORE)
    finished = warehouse.run(AFTER, "--empty")
    assert finished.exit_code == 1
    assert "dbt was run with --empty, which leaves rows out" in finished.message
    assert warehouse.days() == BEFORE_DAYS


# Faults


def test_failed_write_changes_nothing(warehouse: Warehouse, local_aws: LocalAws) -> None:
    """When the statement that reads the logs fails, the live table has not been touched."""
    warehouse.build(BEFORE)
    local_aws.inject_fault(r"create table .*__staged_")
    assert warehouse.run(AFTER).exit_code == 1
    assert warehouse.days() == BEFORE_DAYS
    warehouse.build(AFTER)
    assert warehouse.days() == AFTER_DAYS


@pytest.mark.slow
def test_switch_that_fails_at_any_of_seven_days_leaves_every_day_whole(
    warehouse: Warehouse, local_aws: LocalAws
) -> None:
    """Days before the failing one are new, it and the others are old; the next run makes all of them new."""
    warehouse.build(window(WEEK[0], WEEK[-1], *((day, "old", 0) for day in WEEK)))
    expected: Days = {day: [("old", "0")] for day in WEEK}
    for switched in range(7):
        local_aws.inject_fault(r"alter table .*set location", skip=switched)
        finished = warehouse.run(window(WEEK[0], WEEK[-1], *((day, "new", switched) for day in WEEK)))
        assert finished.exit_code == 1
        expected |= {day: [("new", str(switched))] for day in WEEK[:switched]}
        assert warehouse.days() == expected
    warehouse.build(window(WEEK[0], WEEK[-1], *((day, "healed", 9) for day in WEEK)))
    assert warehouse.days() == {day: [("healed", "9")] for day in WEEK}


def killed(warehouse: Warehouse, kind: str, number: int, variables: dict[str, Any], *flags: str) -> bool:
    """Kill a run before its change `number` (from 0) of a kind. False: it made fewer changes, and succeeded."""
    aws = warehouse.space.aws
    aws.clear_faults()
    aws.inject_fault(CHANGING_STATEMENT if kind == "kill" else CHANGING_REQUEST, kind, skip=number)
    run = warehouse.start(variables, *flags)
    aws.register_process(run.process.pid)
    finished = run.finish()
    aws.clear_faults()
    assert finished.exit_code in (0, -signal.SIGKILL), finished.output
    return finished.exit_code != 0


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fewest"), [("kill", 4), ("kill_at_request", 1)])
def test_killed_before_each_change_of_a_later_run(warehouse: Warehouse, kind: str, fewest: int) -> None:
    """Whatever the moment, each day is old or new, and the next plain run makes all of them new."""
    warehouse.build(BEFORE)
    old, (variables, new), (next_variables, next_new) = BEFORE_DAYS, (AFTER, AFTER_DAYS), (BACK, BEFORE_DAYS)
    number = 0
    while killed(warehouse, kind, number, variables):
        assert_days_are_whole(warehouse.days(), old, new)
        warehouse.build(variables)
        assert warehouse.days() == new
        old, (variables, new), (next_variables, next_new) = new, (next_variables, next_new), (variables, new)
        number += 1
    assert number >= fewest, "too few changes were met: the pattern no longer sees them"
    assert warehouse.days() == new


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fewest"), [("kill", 4), ("kill_at_request", 2)])
def test_killed_before_each_change_of_a_first_run(warehouse: Warehouse, kind: str, fewest: int) -> None:
    """There is no table or a whole one, and the next plain run goes on from there."""
    number = 0
    while killed(warehouse, kind, number, BEFORE):
        is_there = "daily_sums" in warehouse.table_names()
        if is_there:
            assert warehouse.days() == BEFORE_DAYS
        warehouse.build(AFTER)
        assert warehouse.days() == {day: rows for day, rows in AFTER_DAYS.items() if is_there or day != "2026-11-01"}
        assert warehouse.table()["Parameters"]["projection.enabled"] == "false"
        warehouse.drop_table()
        number += 1
    assert number >= fewest, "too few changes were met: the pattern no longer sees them"
    assert warehouse.days() == BEFORE_DAYS


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fewest"), [("kill", 4), ("kill_at_request", 5)])
def test_killed_before_each_change_of_a_full_refresh(warehouse: Warehouse, kind: str, fewest: int) -> None:
    """The whole table is old or the whole table is new, its columns too, and the next run completes it."""
    warehouse.build(BEFORE)
    changed = {**AFTER, "amount_type": "double"}
    changed_days: Days = {"2026-11-02": [("b", "20.0"), ("d", "21.0")], "2026-11-04": [("e", "40.0")]}
    old, (variables, new), (next_variables, next_new) = BEFORE_DAYS, (changed, changed_days), (BEFORE, BEFORE_DAYS)
    number = 0
    while killed(warehouse, kind, number, variables, "--full-refresh"):
        found = warehouse.days()
        assert found in (old, new)
        warehouse.build(variables, *(["--full-refresh"] if found == old else []))
        assert warehouse.days() == new
        assert warehouse.table()["Parameters"]["projection.enabled"] == "false"
        assert set(warehouse.partition_locations()) == new.keys()
        old, (variables, new), (next_variables, next_new) = new, (next_variables, next_new), (variables, new)
        number += 1
    assert number >= fewest, "too few changes were met: the pattern no longer sees them"
    assert warehouse.days() == new


def test_two_runs_at_once_leave_each_day_from_one_of_them(warehouse: Warehouse, local_aws: LocalAws) -> None:
    """Both have written their days before either switches one; no day is lost or doubled."""
    warehouse.build(BEFORE)
    one = window("2026-11-02", "2026-11-05", *((day, "one", 1) for day in WEEK[1:5]))
    two = window("2026-11-03", "2026-11-06", *((day, "two", 2) for day in WEEK[2:6]))
    local_aws.inject_fault(r"alter table", "hold", times=2)
    runs = [warehouse.start(one), warehouse.start(two)]
    local_aws.wait_until_held(2, DEADLINE_SECONDS)
    local_aws.release()
    assert [run.finish().exit_code for run in runs] == [0, 0]

    found = warehouse.days()
    assert found["2026-11-01"] == [("a", "1")]
    assert found["2026-11-02"] == [("one", "1")]
    assert found["2026-11-06"] == [("two", "2")]
    for day in WEEK[2:5]:
        assert found[day] in ([("one", "1")], [("two", "2")]), day
    assert found.keys() == set(WEEK[:6])


def test_a_day_that_a_rival_added_first_is_taken_over(warehouse: Warehouse, local_aws: LocalAws) -> None:
    """`add if not exists` keeps what a rival added in the meantime; the slower run's day must be shown all the same."""
    warehouse.build(BEFORE)
    local_aws.inject_fault(r"alter table .*add if not exists", "hold")
    slower = warehouse.start(AFTER)
    local_aws.wait_until_held(1, DEADLINE_SECONDS)
    warehouse.build(window("2026-11-04", "2026-11-04", ("2026-11-04", "rival", 9)))
    local_aws.release()
    assert slower.finish().exit_code == 0
    assert warehouse.days() == AFTER_DAYS


def test_the_second_of_two_first_runs_is_refused(warehouse: Warehouse, local_aws: LocalAws) -> None:
    """It cannot know which days the other one wrote."""
    local_aws.inject_fault(r"create table .*__staged_", "hold")
    slower = warehouse.start(AFTER)
    local_aws.wait_until_held(1, DEADLINE_SECONDS)
    warehouse.build(BEFORE)
    local_aws.release()
    finished = slower.finish()
    assert finished.exit_code == 1
    assert "was made by another run" in finished.message
    assert warehouse.days() == BEFORE_DAYS
