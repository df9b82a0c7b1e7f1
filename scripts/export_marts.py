#!/usr/bin/env python3
"""Write the marts as Parquet files, one a day, for BI tools: `python scripts/export_marts.py exported_marts`.

`<folder>/current/<mart>/event_date=YYYY-MM-DD/<fingerprint>.parquet`; of a mart without days
`<folder>/current/<mart>/<fingerprint>.parquet`. `current` is a link to the newest of `<folder>/snapshots/`. Only days
that differ from the marts are written, however long ago they are; the others are the same files, linked into the new
snapshot. The link is switched last and at once: who reads meanwhile, and who reads after a kill, sees the marts as they
were or as they are. Exit codes: 0 the folder is as the marts are, 1 the warehouse cannot be read or the folder not be
written, or another export is at work, 2 wrong use.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from shared.warehouses import DEFAULT_WAREHOUSE, REPOSITORY, WarehouseError, open_warehouse

CURRENT = "current"
SNAPSHOTS = "snapshots"
# Below the folder, so that a rename does not leave the disk; readers of Parquet folders pass over names with a dot.
UNFINISHED = ".unfinished"
LOCK = ".lock"
# A file carries the fingerprint of its rows under this key too: a file that was damaged or exchanged lacks it.
FINGERPRINT = "aws_internet_traffic_rows"


class ExportError(Exception):
    """The export cannot go on; the text says why and what to do."""


@dataclass(frozen=True)
class Part:
    """What one file holds: a day of a mart, or a mart without days."""

    mart: str
    event_date: date | None

    def path(self, fingerprint: str) -> Path:
        """Return its file, below a snapshot.

        Other rows have another name. DuckDB opens a file once for its footer and again for its rows: with new rows
        under the old name it would read them by the old footer, to an error or to wrong numbers.
        """
        day = "" if self.event_date is None else f"event_date={self.event_date}"
        return Path(self.mart, day, f"{fingerprint}.parquet")

    @property
    def rows(self) -> str:
        """The query of its rows. The day is in the path, and not in the file, as readers of such folders expect."""
        if self.event_date is None:
            return f'select * from "{self.mart}"'  # noqa: S608 - the names are those of our models
        return f"select * exclude (event_date) from \"{self.mart}\" where event_date = date '{self.event_date}'"  # noqa: S608


def marts() -> list[str]:
    """Return the names of all marts."""
    return sorted(path.stem for path in (REPOSITORY / "models" / "marts").rglob("*.sql"))


def parts_of_warehouse(warehouse: duckdb.DuckDBPyConnection) -> dict[Part, str]:
    """Return the fingerprint of each part as the marts hold it. Raises ExportError.

    Of its columns, their types and its rows in any order. Another version of DuckDB may have another hash: then all is
    written once more.
    """
    parts: dict[Part, str] = {}
    for mart in marts():
        try:
            columns = warehouse.execute(
                "select column_name, data_type from duckdb_columns() "
                "where schema_name = 'main' and table_name = ? order by column_index",
                [mart],
            ).fetchall()
            if not columns:
                raise ExportError(f"The warehouse lacks the mart {mart}. Build it again: make build.")
            has_days = ("event_date", "DATE") in columns
            found = warehouse.execute(
                f"""
                select {"event_date" if has_days else "null"} as day,
                    md5(concat_ws(
                        '-', hash({[f"{name} {kind}" for name, kind in columns]!r}), count(*),
                        sum(hash(row({", ".join(f'"{name}"' for name, _ in columns)}))::hugeint)
                    ))
                from "{mart}" {"group by event_date" if has_days else ""}
                """  # noqa: S608
            ).fetchall()
        except duckdb.Error as error:
            raise ExportError(f"The mart {mart} cannot be read: {str(error).splitlines()[0]}") from None
        parts |= {Part(mart, day): fingerprint for day, fingerprint in found}
    return parts


def parts_of_snapshot(snapshot: Path) -> dict[Part, str]:
    """Return the fingerprint of each part that lies in a snapshot whole; none, if there is no snapshot."""
    parts: dict[Part, str] = {}
    with duckdb.connect() as reader:
        for mart in marts():
            for file in sorted((snapshot / mart).rglob("*.parquet")):
                day = file.parent.name.removeprefix("event_date=")
                try:
                    part = Part(mart, None if file.parent.name == mart else date.fromisoformat(day))
                except ValueError:
                    continue
                fingerprint = fingerprint_of_file(reader, file)
                if fingerprint and snapshot / part.path(fingerprint) == file:
                    parts[part] = fingerprint
    return parts


def fingerprint_of_file(reader: duckdb.DuckDBPyConnection, file: Path) -> str | None:
    """Return the fingerprint that a file carries."""
    try:
        found = reader.execute(
            "select value from parquet_kv_metadata(?) where key = ?", [glob_literal(file), FINGERPRINT.encode()]
        ).fetchone()
    except duckdb.Error:
        return None
    return found[0].decode() if found else None


def glob_literal(file: Path) -> str:
    """Return a path in which DuckDB takes no character for a pattern."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(file))


def write_part(warehouse: duckdb.DuckDBPyConnection, part: Part, fingerprint: str, path: Path) -> None:
    """Write the file of a part."""
    target = str(path).replace("'", "''")
    warehouse.execute(
        f"copy ({part.rows}) to '{target}' "
        f"(format parquet, compression zstd, kv_metadata {{{FINGERPRINT}: '{fingerprint}'}})"
    )
    with path.open("rb") as file:
        os.fsync(file.fileno())  # or a power cut could leave the name with an empty file


def write_snapshot(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, wanted: dict[Part, str], found: dict[Part, str]
) -> None:
    """Write a snapshot of the marts, and make it the current one.

    The one before it stays until the next export, for readers that have resolved the link.
    """
    current = folder / CURRENT
    before = current.resolve() if current.is_symlink() else None
    (folder / UNFINISHED).mkdir()
    for part, fingerprint in wanted.items():
        path = folder / UNFINISHED / part.path(fingerprint)
        path.parent.mkdir(parents=True, exist_ok=True)
        if before and found.get(part) == fingerprint:
            path.hardlink_to(before / part.path(fingerprint))
        else:
            write_part(warehouse, part, fingerprint, path)
    snapshots = folder / SNAPSHOTS
    snapshots.mkdir(exist_ok=True)
    old = [path for path in snapshots.iterdir() if path.name.isdecimal()]
    new = snapshots / str(max((int(path.name) for path in old), default=0) + 1)
    (folder / UNFINISHED).replace(new)
    link = folder / f"{UNFINISHED}_link"
    link.unlink(missing_ok=True)
    link.symlink_to(new.relative_to(folder))
    link.replace(current)
    for path in old:
        if path.resolve() != before:
            shutil.rmtree(path)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for one export at a time, however this one ends. Raises ExportError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportError(f"Another export writes to {folder}. Wait for it to end.") from None
        shutil.rmtree(folder / UNFINISHED, ignore_errors=True)
        yield


def main() -> int:
    """Make the folder as the marts are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folder", type=Path, help="where the files go; nothing but `current` and `snapshots` in it is touched"
    )
    parser.add_argument(
        "--warehouse",
        type=Path,
        default=os.environ.get("WAREHOUSE") or DEFAULT_WAREHOUSE,
        help=f"DuckDB file that a run has built (default: WAREHOUSE, or {DEFAULT_WAREHOUSE})",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be written and removed, and touch nothing"
    )
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    try:
        with open_warehouse(arguments.warehouse) as warehouse:
            wanted = parts_of_warehouse(warehouse)
            if arguments.dry_run:
                report(folder, wanted, parts_of_snapshot(folder / CURRENT), "would be")
                return 0
            with locked(folder):
                found = parts_of_snapshot(folder / CURRENT)
                if found != wanted:
                    write_snapshot(warehouse, folder, wanted, found)
            report(folder, wanted, found, "were")
    except (WarehouseError, ExportError) as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, duckdb.Error) as error:
        print(
            f"{folder} cannot be written: {str(error).splitlines()[0]}. Make room or let this user write there, and "
            "run again: what is there is whole.",
            file=sys.stderr,
        )
        return 1
    return 0


def report(folder: Path, wanted: dict[Part, str], found: dict[Part, str], verb: str) -> None:
    """Print what an export did or would do."""
    written = [part for part, fingerprint in wanted.items() if found.get(part) != fingerprint]
    removed = found.keys() - wanted.keys()
    empty = [mart for mart in marts() if mart not in {part.mart for part in wanted}]
    print(
        f"{folder}: {len(written)} files {verb} written, {len(removed)} removed, "
        f"{len(wanted) - len(written)} unchanged. Tools read {folder / CURRENT}."
    )
    if empty:
        print(f"Without rows, and so without files: {', '.join(empty)}.")


if __name__ == "__main__":
    sys.exit(main())
