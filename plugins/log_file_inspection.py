"""DuckDB functions that look at log files before any model reads them (a dbt-duckdb plugin, see profiles/profiles.yml).

One damaged file aborts a whole read_csv. So each file is looked at once, when it is new or has changed, and the ledger
of log files keeps what was found. Three SQL functions are registered on the connection:

    log_folder(path)                    absolute path of a folder, or NULL when there is no such folder
    log_file_stamp(path)                size and time of change, to notice a changed file without opening it
    inspect_log_file(path, repair_folder, format, column_types)
                                        struct: size_bytes, line_count, longest_line_bytes, header, problem, read_path

`format` is that of the raw table (lines, delimited, parquet, cloudtrail_json). `line_count` counts the records: lines
that are not empty, without the header of delimited text; rows of Parquet; elements of CloudTrail's `Records`. `header`
is the first line of delimited text. `longest_line_bytes` is 0 where no line is longer than a MiB, and NULL where
there are no lines. `read_path` is the file to read: the file itself, or a repaired copy when it is
text with bytes that are not UTF-8 or that the reader would take for a delimiter (each becomes U+FFFD, which is how
Athena shows bytes that are not UTF-8). It is NULL, and `problem` says why, when the file can't be read at all.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import re
import zlib
from pathlib import Path
from typing import Any

from cloudtrail_inspection import inspect_cloudtrail
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection, IOException, connect
from duckdb import Error as DuckDBError

# Athena's longest row (https://docs.aws.amazon.com/athena/latest/ug/other-notable-limitations.html, "32 MB").
LONGEST_LINE_BYTES = 32 * 1024 * 1024

# No line of an undamaged log comes near it: S3 takes keys of 1,024 bytes and 8 KB of headers with an upload
# (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html). Longer lines are told to the reader, whose
# buffers grow with the longest (longest_line_options() in macros/engine/duckdb/create_raw_view.sql).
COMMON_LINE_BYTES = 1024 * 1024

# Integers of any width fit a declared integer as far as their values do; text does not.
INTEGER_TYPES = {"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint"}

GZIP_MAGIC = b"\x1f\x8b"

# What macros/engine/duckdb/create_raw_view.sql tells DuckDB to take for a delimiter. A line that holds it would be cut.
DELIMITER = b"\x01\x02\x03\x04"

INSPECTION_TYPE = (
    "STRUCT(size_bytes BIGINT, line_count BIGINT, longest_line_bytes BIGINT, header VARCHAR, problem VARCHAR, "
    "read_path VARCHAR)"
)

# A header names each of AWS's 54 fields of at most 30 characters once; a longer first line is none.
LONGEST_HEADER = 4096


def log_folder(path: str) -> str | None:
    """Absolute path of an existing folder, without a trailing slash; None when it is not a folder."""
    folder = Path(path).expanduser()
    return str(folder.resolve()) if folder.is_dir() else None


def log_file_stamp(path: str) -> str:
    """Size and time of last change as one text; 'gone' when the file vanished since it was listed."""
    try:
        status = os.stat(path)
    except OSError:
        return "gone"
    return f"{status.st_size}-{status.st_mtime_ns}"


def inspect_log_file(path: str, repair_folder: str, log_format: str, column_types: str) -> dict[str, Any]:
    """Read a file once and say how it can be read; see the module's text for the fields.

    `column_types` names the declared columns of Parquet tables, as "bytes bigint, action varchar"; else ''.
    """
    if log_format == "parquet":
        return _inspect_parquet(path, column_types)
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        return _unreadable(None, f"cannot be opened: {error.strerror}")
    size = len(raw)
    try:
        # By content, not by name: S3 keeps a Content-Encoding apart from the key.
        content = gzip.decompress(raw) if path.endswith(".gz") else raw
    except (OSError, EOFError, zlib.error) as error:
        return _unreadable(size, f"is not a whole gzip file: {error}")
    if not path.endswith(".gz") and raw.startswith(GZIP_MAGIC):
        return _unreadable(size, "is gzip-compressed but its name does not end in .gz")
    if log_format == "cloudtrail_json":
        record_count, problem = inspect_cloudtrail(content)
        return _unreadable(size, problem) if problem else _readable(size, record_count, path)
    is_whole_text = _is_utf8(content) and DELIMITER not in content
    read = content if is_whole_text else _repaired(content)
    longest = max(map(len, read.splitlines())) if len(read) > COMMON_LINE_BYTES else 0
    if longest > LONGEST_LINE_BYTES:
        return _unreadable(size, f"has a line of {longest} bytes; the longest that can be read is {LONGEST_LINE_BYTES}")
    read_path = path if is_whole_text else _write_repaired_copy(path, read, Path(repair_folder))
    line_count = _count_lines(content)
    # The header is the first line, empty or not: that is what both engines skip.
    header = header_line(content) if log_format == "delimited" else None
    return _readable(
        size,
        max(line_count - (1 if header else 0), 0),
        read_path,
        header,
        longest if longest > COMMON_LINE_BYTES else 0,
    )


def header_line(content: bytes) -> str | None:
    """Return the first line, None of an empty file; what is no list of field names is cut short and made printable."""
    if not content:
        return None
    first_line = re.split(rb"[\r\n]", content[: LONGEST_HEADER + 1], maxsplit=1)[0].decode("utf-8", "replace")
    if re.fullmatch(r"[a-z][a-z0-9 -]*", first_line) and len(first_line) <= LONGEST_HEADER:
        return first_line
    return "".join(character if character.isprintable() else "?" for character in first_line[:200])


def _inspect_parquet(path: str, column_types: str) -> dict[str, Any]:
    """Read every page of every declared column once: a torn page ends a whole query."""
    try:
        size = os.stat(path).st_size
    except OSError as error:
        return _unreadable(None, f"cannot be opened: {error.strerror}")
    declared = dict(column.split(" ") for column in column_types.split(", "))
    literal_path = re.sub(r"([][*?{}])", r"[\1]", path)
    with connect() as connection:
        try:
            rows = connection.read_parquet(literal_path, hive_partitioning=False)
            found = {
                name.lower(): str(data_type).lower() for name, data_type in zip(rows.columns, rows.types, strict=True)
            }
            names = sorted(found.keys() & declared.keys())
            for name in names:
                if (found[name] in INTEGER_TYPES) != (declared[name] in INTEGER_TYPES):
                    return _unreadable(size, f"has the column {name} as {found[name]}; declared is {declared[name]}")
            misfits = (
                f'count("{name}") - count(try_cast("{name}" as {declared[name]}))'
                for name in names
                if found[name] != declared[name]
            )
            reading = (f'hash("{name}") % 7' for name in names)
            ((row_count, misfit_count, _),) = rows.aggregate(
                f"count(*), {' + '.join(misfits) or 0}, sum({' + '.join(reading) or 0})"
            ).fetchall()
        except DuckDBError as error:
            return _unreadable(size, f"is not a whole Parquet file: {str(error).splitlines()[0]}")
    if misfit_count:
        return _unreadable(size, f"has {misfit_count} values that do not fit the declared types of their columns")
    return _readable(size, row_count, path)


def _readable(
    size: int, line_count: int, read_path: str, header: str | None = None, longest_line_bytes: int | None = None
) -> dict[str, Any]:
    return {
        "size_bytes": size,
        "line_count": line_count,
        "longest_line_bytes": longest_line_bytes,
        "header": header,
        "problem": None,
        "read_path": read_path,
    }


def _is_utf8(content: bytes) -> bool:
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _count_lines(content: bytes) -> int:
    """Lines that are not empty; the fast way is right for files without empty lines and carriage returns."""
    if b"\r" in content or b"\n\n" in content or content.startswith(b"\n"):
        return sum(1 for line in content.splitlines() if line)
    return content.count(b"\n") + (0 if content.endswith(b"\n") or not content else 1)


def _unreadable(size: int | None, problem: str) -> dict[str, Any]:
    return {
        "size_bytes": size,
        "line_count": None,
        "longest_line_bytes": None,
        "header": None,
        "problem": problem,
        "read_path": None,
    }


def _repaired(content: bytes) -> bytes:
    return content.replace(DELIMITER, b"\xff" + DELIMITER[1:]).decode("utf-8", "replace").encode()


def _write_repaired_copy(path: str, content: bytes, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / (hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest() + ".txt")
    unfinished = copy.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(copy)
    return str(copy)


def warehouse_problem(path: str, error: str) -> str:
    """Say why a warehouse cannot be opened, from DuckDB's message, and what to do."""
    if "Could not set lock on file" in error:
        advice = (
            "is in use by another process, and one at a time may have it. Wait for it to end, or end it if nobody "
            "needs it, and run again"
        )
    else:
        advice = (
            "cannot be opened. Check the file, its folder and the space on its disk, or name another file with the "
            "environment variable WAREHOUSE"
        )
    return f"the warehouse {path} {advice}. Nothing was changed. DuckDB says: {error}"


class Plugin(BasePlugin):
    """Registers the functions on every connection that dbt opens, and sees to it that the warehouse can be opened."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Make the warehouse's folder, which DuckDB does not, and open the file once: dbt would show a long traceback.

        Raises DbtRuntimeError when the file can't be opened.
        """
        if creds.path == ":memory:":
            return
        Path(creds.path).parent.mkdir(parents=True, exist_ok=True)
        try:
            connect(creds.path, config=config).close()
        except IOException as error:
            raise DbtRuntimeError(warehouse_problem(creds.path, str(error))) from None

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register the three functions; a second registration on one database is harmless."""
        functions = (
            (log_folder, ["VARCHAR"], "VARCHAR"),
            (log_file_stamp, ["VARCHAR"], "VARCHAR"),
            (inspect_log_file, ["VARCHAR"] * 4, INSPECTION_TYPE),
        )
        for function, arguments, result in functions:
            with contextlib.suppress(Exception):
                conn.remove_function(function.__name__)
            conn.create_function(
                function.__name__,
                function,
                [conn.type(argument) for argument in arguments],
                conn.type(result),
                null_handling="special",
                side_effects=True,
            )
