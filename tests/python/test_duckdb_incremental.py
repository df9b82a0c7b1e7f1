"""Days on DuckDB are replaced whole; no row outside a run's window comes in, and none is left out without a word."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_server import DbtProcess, inherited_environment
from duckdb_project import REPOSITORY, DbtRun

PROJECT = Path(__file__).parent / "projects" / "days"
DEADLINE_SECONDS = 180

Rows = list[tuple[Any, ...]]


class Warehouse:
    """A copy of the project of days with the real macros, and the DuckDB file that it builds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        shutil.copytree(PROJECT, self.folder)
        for path in ("windows", "engine/duckdb", "naming"):
            shutil.copytree(REPOSITORY / "macros" / path, self.folder / "macros" / path)
        self.path = self.folder / "days.duckdb"

    def run(self, model: str, start: str, end: str, **variables: object) -> DbtRun:
        """Build a model, well or not."""
        given = json.dumps({"start_date": start, "end_date": end, **variables})
        arguments = ["--no-use-colors", "run", "--target", "duckdb", "--select", model, "--vars", given]
        arguments += ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]
        process = DbtProcess(
            arguments,
            inherited_environment() | {"WAREHOUSE": str(self.path)},
            self.folder,
        )
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)
        return DbtRun(process.returncode, output)

    def rows(self, query: str) -> Rows:
        """The rows of a query, in order."""
        with duckdb.connect(self.path, read_only=True) as connection:
            return sorted(connection.sql(query).fetchall())


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


DAYS = "select event_date::varchar, label, amount from daily_sums"
BEFORE = [("2026-11-01", "a", 1), ("2026-11-02", "b", 2), ("2026-11-03", "c", 3)]
AFTER = [("2026-11-02", "b", 20), ("2026-11-02", "d", 21)]
NOTED = [("2026-11-02", "b", 20, "b noted"), ("2026-11-02", "d", 21, "d noted"), ("2026-11-03", "c", 3, None)]


def test_days_of_the_window_are_replaced_and_no_others(warehouse: Warehouse) -> None:
    warehouse.run("daily_sums", "2026-11-01", "2026-11-03", rows=BEFORE).check()
    assert warehouse.rows(DAYS) == BEFORE
    warehouse.run("daily_sums", "2026-11-02", "2026-11-03", rows=AFTER).check()
    assert warehouse.rows(DAYS) == [BEFORE[0], *AFTER]


def test_a_new_column_is_added_before_its_days_are_written(warehouse: Warehouse) -> None:
    warehouse.run("daily_sums", "2026-11-02", "2026-11-03", rows=BEFORE[1:]).check()
    warehouse.run("daily_sums", "2026-11-02", "2026-11-02", rows=AFTER, has_note=True).check()
    assert warehouse.rows("select event_date::varchar, label, amount, note from daily_sums") == NOTED


@pytest.mark.parametrize("is_first_run", [True, False])
@pytest.mark.parametrize(("day", "said"), [("2026-11-04", "2026-11-04"), ("null", "null")])
def test_a_derived_row_outside_the_window_fails_the_run(
    warehouse: Warehouse, day: str, said: str, *, is_first_run: bool
) -> None:
    """A model that reads other tables by day has no such rows, or it has a fault that would lose them."""
    if not is_first_run:
        warehouse.run("daily_sums", "2026-11-01", "2026-11-03", rows=BEFORE).check()
    run = warehouse.run("daily_sums", "2026-11-02", "2026-11-03", rows=[*AFTER, (day, "stray", 1)])
    assert run.exit_code == 1
    message = " ".join(run.output.split())
    assert f"daily_sums yields a row of day {said}, outside the window of this run" in message
    assert "between date '2026-11-02' and date '2026-11-03'" in message
    tables = warehouse.rows("select table_name from duckdb_tables()")
    assert tables == ([] if is_first_run else [("daily_sums",)])
    if not is_first_run:
        assert warehouse.rows(DAYS) == BEFORE


def test_late_records_are_reported_and_left_out(warehouse: Warehouse) -> None:
    late = [("2026-11-02", "own", "2026-11-02"), ("2026-11-01", "late", "2026-11-03")]
    for number in range(2):  # the first run makes the table
        run = warehouse.run("late_records", "2026-11-02", "2026-11-02", late_rows=late).check()
        assert "late_records: 1 records of 2026-11-01 were read but lie outside the window" in run.output, number
        assert warehouse.rows("select label from late_records") == [("own",)]
