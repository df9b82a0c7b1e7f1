"""A run on DuckDB is killed, shut out, or out of disk space: every day stays whole, and the next plain run heals."""

from __future__ import annotations

import random
import re
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from cloudtrail_records import event, trail_file, write_trail
from dbt_server import DbtProcess
from duckdb_project import MODELS, MODELS_ONLY, PARTIAL_MODELS, S3_MODELS, DbtRun, DuckdbProject, log_file, log_line
from flow_log_lines import DEFAULT_HEADER, epoch, flow_line, flow_log_path, write_flow_log

KILLS = 25
DEADLINE_SECONDS = 120
OLD_REQUESTS = {"2026-11-01": 2, "2026-11-02": 2, "2026-11-03": 2}
NEW_REQUESTS = {"2026-11-01": 2, "2026-11-02": 5, "2026-11-03": 5, "2026-11-04": 3}
STATEMENT = re.compile(rb"\]: On (?:master|model)[^:\n]*: ")
# Where a model's days are replaced: the moments that matter most, and last a few milliseconds.
REPLACEMENT = re.compile(rb"^ *delete from ", re.MULTILINE)

Days = dict[str, dict[str, list[dict[str, Any]]]]


def write_lines(project: DuckdbProject, day: str, name: str, count: int) -> None:
    """A file of each kind of log, with so many records each."""
    names = [f"{name}{day[-2:]}{number}" for number in range(count)]
    project.write_log(log_file(day, name), *(log_line(line, day) for line in names))
    noon = epoch(f"{day}T12:00:00")
    flows = (flow_line(line, start=noon, end=noon) for line in names)
    write_flow_log(project, flow_log_path(day, name), DEFAULT_HEADER, *flows)
    write_trail(project.logs, trail_file(day, name), *(event(line, day=day) for line in names))


def days_of_all_models(project: DuckdbProject) -> Days:
    return {model: project.days(model) for model in MODELS}


def requests_by_day(days: Days) -> dict[str, int]:
    return {day: sum(row["request_count"] for row in rows) for day, rows in days["fct_s3_usage_daily"].items()}


LOGGED = ("--log-level-file", "debug")
# Without marts that need more than any record, and what only they read: nobody looks at them here.
RUN = (
    *("run", *LOGGED, "--exclude", "int_s3_transfers__classified", "int_data_transfers__charged"),
    *(model for model in PARTIAL_MODELS if model.startswith("fct_")),
)


def debug_log(project: DuckdbProject) -> Path:
    return project.folder / "dbt_logs" / "dbt.log"


def wait_for_log(project: DuckdbProject, process: DbtProcess, pattern: re.Pattern[bytes], count: int) -> None:
    """Return when dbt's debug log holds a pattern so many times. dbt writes a statement there before it runs it."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not debug_log(project).exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    found, rest = 0, b""
    with debug_log(project).open("rb") as log:
        while time.monotonic() < deadline:
            news = log.read()
            lines, newline, rest = (rest + news).rpartition(b"\n")
            found += len(pattern.findall(lines + newline))
            if found >= count:
                return
            if not news and process.poll() is not None:
                return
            time.sleep(0.001)
    raise TimeoutError(f"dbt's log does not hold {count} times {pattern!r} after {DEADLINE_SECONDS} seconds")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """Three days in the warehouse, kept as `base.duckdb`, and new files of three days that no run has read."""
    project = DuckdbProject(tmp_path_factory.mktemp("duckdb_faults"))
    for day in OLD_REQUESTS:
        write_lines(project, day, "A", 2)
    project.dbt(*MODELS_ONLY).check()
    shutil.copy(project.warehouse, project.folder / "base.duckdb")
    for day in ("2026-11-02", "2026-11-03", "2026-11-04"):
        write_lines(project, day, "B", 3)
    return project


@pytest.fixture
def project(sample: DuckdbProject) -> DuckdbProject:
    """The sample as it was before any run read the new files."""
    restore(sample)
    return sample


def restore(project: DuckdbProject) -> None:
    shutil.rmtree(project.warehouse.parent)
    project.warehouse.parent.mkdir()
    shutil.copy(project.folder / "base.duckdb", project.warehouse)
    debug_log(project).unlink(missing_ok=True)


def check_ledger(project: DuckdbProject, is_all_new: bool) -> None:
    """What the ledger says of a killed run is true: nothing counts as read that the models may not hold."""
    files = project.query("select file_path, is_present, line_count, read_at is not null from main_raw.log_files")
    assert len(files) in (9, 18)
    for path, is_present, line_count, is_read in files:
        is_base_file = Path(path).name.split(".")[0].endswith("A")
        assert is_present
        assert line_count in ((2,) if is_base_file else (None, 3)), path
        assert is_base_file or not is_read or is_all_new, path
    whole_runs, runs = project.query("select count(*) filter (where is_whole), count(*) from main_raw.log_runs")[0]
    assert runs in (1, 2)
    assert whole_runs == 1 or is_all_new


@pytest.mark.slow
def test_killed_at_any_moment_every_day_is_old_or_new_and_the_next_run_heals(project: DuckdbProject) -> None:
    old = days_of_all_models(project)
    project.dbt(*RUN).check()
    new = days_of_all_models(project)
    statement_count = len(STATEMENT.findall(debug_log(project).read_bytes()))
    assert requests_by_day(old) == OLD_REQUESTS
    assert requests_by_day(new) == NEW_REQUESTS
    assert all(old[model][day] != new[model][day] for model in MODELS for day in ("2026-11-02", "2026-11-03"))

    seen = {"before": 0, "between": 0, "after": 0}
    for kill in range(KILLS):
        restore(project)
        run = project.start(*RUN)
        if kill % 2:
            wait_for_log(project, run, REPLACEMENT, 1 + kill // 2 % len(MODELS))
        else:
            wait_for_log(project, run, STATEMENT, 1 + kill * (statement_count - 1) // (KILLS - 1))
        run.send_signal(signal.SIGKILL)
        output, _ = run.communicate(timeout=DEADLINE_SECONDS)
        assert run.returncode in (-signal.SIGKILL, 0), output

        found = days_of_all_models(project)
        new_count = 0
        for model in MODELS:
            assert found[model].keys() in (old[model].keys(), new[model].keys()), (kill, model)
            for day, rows in found[model].items():
                assert rows in (old[model].get(day), new[model].get(day)), (kill, model, day)
            new_count += found[model] == new[model]
        seen["before" if new_count == 0 else "after" if new_count == len(MODELS) else "between"] += 1
        check_ledger(project, is_all_new=new_count == len(MODELS))

        if kill % 6 == 0:
            project.dbt("run").check()
            assert days_of_all_models(project) == new, kill
            assert project.query("select count(*) from main_raw.log_files where is_present and read_at is null") == [
                (0,)
            ]
    assert seen["before"] >= 3, seen
    assert seen["between"] >= 5, seen


def test_a_second_run_is_told_who_holds_the_warehouse_and_harms_nothing(project: DuckdbProject) -> None:
    first = project.start("run", *LOGGED)
    wait_for_log(project, first, re.compile(rb"START sql incremental model"), 1)
    first.send_signal(signal.SIGSTOP)
    try:
        second = project.dbt("run")
    finally:
        first.send_signal(signal.SIGCONT)
    output, _ = first.communicate(timeout=DEADLINE_SECONDS)
    assert second.exit_code != 0
    message = " ".join(second.output.split())
    assert f"the warehouse {project.warehouse} is in use by another process" in message
    assert f"(PID {first.pid})" in message
    assert "Wait for it to end" in message
    assert "Traceback" not in second.output
    assert first.returncode == 0, output
    assert requests_by_day(days_of_all_models(project)) == NEW_REQUESTS


def test_a_file_that_is_no_warehouse_is_named(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    write_lines(project, "2026-11-01", "A", 1)
    project.warehouse.parent.mkdir()
    project.warehouse.write_bytes(b"these are not the bytes of a database " * 400)
    run = project.dbt("run")
    assert run.exit_code != 0
    assert f"the warehouse {project.warehouse} cannot be opened" in " ".join(run.output.split())
    assert "WAREHOUSE" in run.output
    assert "Traceback" not in run.output


def test_a_full_disk_leaves_the_days_as_they_were_and_the_next_run_with_space_heals(
    project: DuckdbProject,
) -> None:
    """The limit on the size of a file stands for the end of the disk: a write beyond it fails in the same place."""
    before = days_of_all_models(project)
    noise = random.Random(3)
    agents = (noise.randbytes(1000).hex() for _ in range(6000))
    large = project.write_log(
        log_file("2026-11-03", "C"),
        *(log_line(f"C{number}", "2026-11-03", user_agent=agent) for number, agent in enumerate(agents)),
    )
    limit = project.warehouse.stat().st_size + 1_000_000
    process = project.start("run", file_size_limit=limit)
    output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    run = DbtRun(process.returncode, output)
    try:
        assert run.exit_code != 0
        assert "stg_s3_access_logs__requests" in run.output
        assert f"What to do: the disk of the warehouse {project.warehouse} is full" in run.output
        found = days_of_all_models(project)
        assert {model: found[model] for model in S3_MODELS} == {model: before[model] for model in S3_MODELS}
        project.dbt("run").check()
        after = days_of_all_models(project)
        assert requests_by_day(after) == NEW_REQUESTS | {"2026-11-03": 6005}
        # The other kinds of log still fitted on the disk, or did not.
        assert [model for model in MODELS if found[model] not in (before[model], after[model])] == []
    finally:
        large.unlink()
