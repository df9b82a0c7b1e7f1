"""The exported marts are the marts, and whoever reads them meanwhile, or after a kill, sees whole days."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from duckdb_project import REPOSITORY
from export_marts import marts

SCRIPTS = REPOSITORY / "scripts"
DAILY = "fct_internet_egress_daily"
WHOLE = "dim_network_interfaces"
FIRST, LAST = "2026-01-01", "2026-03-31"
DAY_COUNT = 31 + 28 + 31

# Runs the export, and kills it at a call of a function of its own: {moment} is "before" or "after".
KILLER = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {scripts!r})
sys.argv[1:] = {arguments!r}
calls = 0
def killing(function):
    def call(*arguments, **options):
        global calls
        calls += 1
        if calls == {number} and {moment!r} == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*arguments, **options)
        if calls == {number}:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    return call
import export_marts
owner = {{"replace": Path, "hardlink_to": Path, "fsync": os, "rmtree": export_marts.shutil}}[{what!r}]
setattr(owner, {what!r}, killing(getattr(owner, {what!r})))
sys.exit(export_marts.main())
"""


def execute(warehouse: Path, *statements: str) -> None:
    """Change a warehouse, as a run does."""
    with duckdb.connect(str(warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """All marts, with ten rows a day in one of them; the others are empty but for the dimension."""
    path = tmp_path / "by_hand.duckdb"
    columns = (
        "byte_count bigint, name varchar, cost decimal(28, 9), seen_at timestamp, is_known boolean, event_date date"
    )
    execute(
        path,
        *(f"create table {mart} ({columns})" for mart in marts() if mart != WHOLE),
        f"create table {WHOLE} (interface_id varchar, valid_from date)",
        f"insert into {WHOLE} values ('eni-1', '2026-01-01'), (null, '2026-01-02')",
        f"""
        insert into {DAILY}
        select number, 'it''s ' || chr(10) || number, number / 3, timestamp '2026-01-01' + to_days(number), number > 4,
            day::date
        from range(10) as numbers(number),
            generate_series(timestamp '{FIRST}', timestamp '{LAST}', interval 1 day) as days(day)
        """,
    )
    return path


def export(folder: Path, warehouse: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command the way a user does."""
    command = [sys.executable, SCRIPTS / "export_marts.py", folder, "--warehouse", warehouse, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def rows_of(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[Any, ...]]:
    return sorted(connection.execute(f"select * from {relation}").fetchall(), key=repr)


def exported(folder: Path, mart: str = DAILY) -> str:
    """What reads a mart from the files."""
    pattern = f"{folder}/current/{mart}/**/*.parquet".replace("'", "''")
    return f"read_parquet('{pattern}', hive_partitioning = true)"


def assert_same(folder: Path, warehouse: Path, mart: str = DAILY) -> None:
    """The files hold the rows of the mart, once, in columns of the same names and types."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert rows_of(connection, exported(folder, mart)) == rows_of(connection, mart)
        described = [
            [row[:2] for row in connection.execute(f"describe select * from {relation}").fetchall()]
            for relation in (exported(folder, mart), mart)
        ]
        assert described[0] == described[1]


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file that readers see, with what changes when it is written again."""
    current = folder / "current"
    return {
        str(path.relative_to(current)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in current.rglob("*")
        if path.is_file()
    }


def test_the_files_hold_the_marts_by_day(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    answer = export(folder, warehouse)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"{DAY_COUNT + 1} files were written, 0 removed" in answer.stdout
    assert "Without rows, and so without files: fct_api_activity_daily," in answer.stdout
    assert_same(folder, warehouse)
    assert_same(folder, warehouse, WHOLE)
    files = set(state(folder))
    assert len(files) == DAY_COUNT + 1
    assert {str(Path(file).parent) for file in files} > {f"{DAILY}/event_date={FIRST}", WHOLE}
    with duckdb.connect() as connection:
        codecs = connection.execute(
            f"select distinct compression from parquet_metadata('{folder}/current/{DAILY}/*/*.parquet')"
        ).fetchall()
    assert codecs == [("ZSTD",)]


def test_another_reader_sees_the_same(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    assert export(folder, warehouse).returncode == 0
    days = ds.partitioning(pa.schema([("event_date", pa.date32())]), flavor="hive")
    table = ds.dataset(folder / "current" / DAILY, partitioning=days).to_table()
    assert table.num_rows == 10 * DAY_COUNT
    assert table.schema.field("event_date").type == pa.date32()
    assert table.schema.field("byte_count").type == pa.int64()
    assert table.schema.field("cost").type == pa.decimal128(28, 9)


def test_only_what_changed_is_written_again_however_old(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    assert export(folder, warehouse).returncode == 0
    before = state(folder)
    assert "0 files were written, 0 removed" in export(folder, warehouse).stdout
    assert state(folder) == before
    execute(
        warehouse,
        # A back-fill that keeps the number of rows and the sum, one that adds a day, and one that removes one.
        f"update {DAILY} set byte_count = 9 - byte_count where event_date = '2026-01-02' and byte_count in (3, 6)",
        f"insert into {DAILY} values (1, 'new', 1, null, true, '2025-12-31')",
        f"delete from {DAILY} where event_date = '2026-02-02'",
        f"delete from {WHOLE} where interface_id is null",
    )
    answer = export(folder, warehouse)
    assert "3 files were written, 1 removed" in answer.stdout
    assert_same(folder, warehouse)
    assert_same(folder, warehouse, WHOLE)
    after = state(folder)
    folders = [
        sorted(str(Path(name).parent) for name in one if one[name] != other.get(name))
        for one, other in ((before, after), (after, before))
    ]
    changed = [f"{DAILY}/event_date=2026-01-02", WHOLE]
    assert folders == [
        sorted([*changed, f"{DAILY}/event_date=2026-02-02"]),
        sorted([*changed, f"{DAILY}/event_date=2025-12-31"]),
    ]
    assert not (folder / "current" / DAILY / "event_date=2026-02-02").exists()


def test_the_files_of_a_name_never_change_and_the_snapshot_before_stays(tmp_path: Path, warehouse: Path) -> None:
    """A reader opens a file more than once, and may have listed the folder before the switch."""
    folder = tmp_path / "marts"
    assert export(folder, warehouse).returncode == 0
    resolved = (folder / "current").resolve()
    before = {path: path.read_bytes() for path in resolved.rglob("*.parquet")}
    change_everything(warehouse)
    assert export(folder, warehouse).returncode == 0
    assert {path: path.read_bytes() for path in resolved.rglob("*.parquet")} == before
    assert set(state(folder)) & {str(path.relative_to(resolved)) for path in before} == {
        str(path.relative_to(resolved)) for path in (resolved / WHOLE).iterdir()
    }
    execute(warehouse, f"update {DAILY} set byte_count = 0")
    assert export(folder, warehouse).returncode == 0
    assert not resolved.exists()
    assert len(list((folder / "snapshots").iterdir())) == 2


def test_a_new_column_and_an_empty_dimension_are_exported(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    assert export(folder, warehouse).returncode == 0
    execute(warehouse, f"alter table {DAILY} add column packet_count integer", f"delete from {WHOLE}")
    assert f"{DAY_COUNT + 1} files were written, 0 removed" in export(folder, warehouse).stdout
    with duckdb.connect() as connection:
        assert connection.execute(f"select count(*), count(packet_count) from {exported(folder)}").fetchone() == (
            900,
            0,
        )
        assert connection.execute(f"select count(*) from {exported(folder, WHOLE)}").fetchone() == (0,)


def test_damaged_files_are_replaced_and_strangers_stay(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    assert export(folder, warehouse).returncode == 0
    files = sorted((folder / "current" / DAILY).rglob("*.parquet"))
    files[0].write_bytes(files[0].read_bytes()[:100])
    files[1].write_bytes(b"")
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 1 as byte_count) to '{files[2]}' (format parquet)")
    strangers = [folder / "notes.txt", folder / "snapshots" / "notes.txt", folder / DAILY / f"{DAILY}.parquet"]
    for stranger in strangers:
        stranger.parent.mkdir(exist_ok=True)
        stranger.write_text("mine")
    assert "3 files were written, 0 removed" in export(folder, warehouse).stdout
    assert_same(folder, warehouse)
    assert [stranger.read_text() for stranger in strangers] == ["mine"] * 3


def test_a_dry_run_touches_nothing(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    answer = export(folder, warehouse, "--dry-run")
    assert f"{DAY_COUNT + 1} files would be written" in answer.stdout
    assert not folder.exists()


def test_a_folder_may_have_any_name(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "it's [a] *folder*?"
    assert export(folder, warehouse).returncode == 0
    assert "0 files were written, 0 removed" in export(folder, warehouse).stdout
    assert len(state(folder)) == DAY_COUNT + 1


# --- Switches and kills


def change_everything(warehouse: Path) -> None:
    """Give every day another content, and one row more."""
    execute(
        warehouse,
        f"update {DAILY} set byte_count = byte_count + 1000",
        f"insert into {DAILY} select * replace (7777 as byte_count) from {DAILY} where byte_count = 1000",
    )


def days(folder: Path) -> dict[str, tuple[int, int]]:
    """Rows and bytes of each day in the files."""
    with duckdb.connect() as connection:
        return days_of(connection, exported(folder))


def days_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, tuple[int, int]]:
    found = connection.execute(
        f"select event_date, count(*), sum(byte_count)::bigint from {relation} group by event_date"
    ).fetchall()
    return {str(day): (row_count, byte_count) for day, row_count, byte_count in found}


def test_readers_see_the_marts_old_or_new(tmp_path: Path, warehouse: Path) -> None:
    """A reader at the moment of the switch may miss a file; it never reads anything else than was or is there."""
    folder = tmp_path / "marts"
    versions, seen, missed = [], [], []
    for _ in range(4):
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            versions.append(days_of(connection, DAILY))
        command = [sys.executable, SCRIPTS / "export_marts.py", folder, "--warehouse", warehouse]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                try:
                    seen.append(days(folder))
                except duckdb.IOException as error:
                    missed.append(str(error))
        assert process.returncode == 0
        assert days(folder) == versions[-1]
        execute(warehouse, f"update {DAILY} set byte_count = byte_count + 1000")
    assert [error for error in missed if not re.search("No such file|No files found", error)] == []
    assert all(each in versions for each in seen)
    assert len({versions.index(each) for each in seen}) > 1


def run_until_killed(folder: Path, warehouse: Path, what: str, number: int, moment: str) -> None:
    program = KILLER.format(
        scripts=str(SCRIPTS),
        arguments=[str(folder), "--warehouse", str(warehouse)],
        what=what,
        number=number,
        moment=moment,
    )
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stdout + killed.stderr


@pytest.mark.parametrize(
    ("what", "number", "moment", "is_new"),
    [
        ("fsync", 20, "before", False),
        ("hardlink_to", 1, "after", False),
        ("replace", 1, "before", False),
        ("replace", 1, "after", False),
        ("replace", 2, "before", False),
        ("replace", 2, "after", True),
        ("rmtree", 2, "before", True),
    ],
)
def test_a_killed_export_leaves_the_marts_old_or_new_and_the_next_one_completes(
    tmp_path: Path, warehouse: Path, what: str, number: int, moment: str, is_new: bool
) -> None:
    folder = tmp_path / "marts"
    assert export(folder, warehouse).returncode == 0
    execute(warehouse, f"delete from {DAILY} where byte_count = 9")
    assert export(folder, warehouse).returncode == 0
    before = days(folder)
    change_everything(warehouse)
    run_until_killed(folder, warehouse, what, number, moment)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        after = days_of(connection, DAILY)
    assert after != before
    assert days(folder) == (after if is_new else before)
    execute(warehouse, f"delete from {DAILY} where event_date = '{FIRST}'")
    assert export(folder, warehouse).returncode == 0
    assert_same(folder, warehouse)
    assert {path.name for path in folder.iterdir()} == {".lock", "current", "snapshots"}
    assert len(list((folder / "snapshots").iterdir())) == 2


def test_a_kill_in_the_middle_of_a_file_leaves_the_old_day(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    assert export(folder, warehouse).returncode == 0
    before = days(folder)
    execute(
        warehouse,
        f"insert into {DAILY} select n, md5(n::varchar), 0, null, true, '{FIRST}' from range(2000000) as numbers(n)",
    )
    command = [sys.executable, SCRIPTS / "export_marts.py", folder, "--warehouse", warehouse]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            if any((folder / ".unfinished").glob("*")):
                process.send_signal(signal.SIGKILL)
                break
        process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert list((folder / ".unfinished").glob("*")), "the file was finished before the kill"
    assert days(folder) == before
    assert export(folder, warehouse).returncode == 0
    assert days(folder)[FIRST][0] == 10 + 2_000_000


# --- What is in the way


def test_a_warehouse_that_a_run_writes_to_is_named(tmp_path: Path, warehouse: Path) -> None:
    with duckdb.connect(str(warehouse)):
        answer = export(tmp_path / "marts", warehouse)
    assert answer.returncode == 1
    assert f"{warehouse} is being written by another process (PID {os.getpid()}): a run is at work." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "marts").exists()


def test_a_second_export_into_the_same_folder_is_refused(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    folder.mkdir()
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = export(folder, warehouse)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == f"Another export writes to {folder}. Wait for it to end.\n"


@pytest.mark.parametrize("content", [None, b"no DuckDB file" * 1000])
def test_a_missing_or_foreign_warehouse_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "missing.duckdb"
    if content:
        path.write_bytes(content)
    answer = export(tmp_path / "marts", path)
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"{path} {'cannot be read as a DuckDB file' if content else 'does not exist'}")
    assert "Traceback" not in answer.stderr


def test_a_warehouse_without_a_mart_leaves_the_folder_alone(tmp_path: Path, warehouse: Path) -> None:
    folder = tmp_path / "marts"
    assert export(folder, warehouse).returncode == 0
    before = state(folder)
    execute(warehouse, f"drop table {DAILY}")
    answer = export(folder, warehouse)
    assert answer.returncode == 1
    assert f"The warehouse lacks the mart {DAILY}. Build it again" in answer.stderr
    assert state(folder) == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, warehouse: Path) -> None:
    (tmp_path / "marts").write_text("a file")
    answer = export(tmp_path / "marts", warehouse)
    assert answer.returncode == 1
    assert f"{tmp_path / 'marts'} cannot be written" in answer.stderr
    assert "Traceback" not in answer.stderr
