"""The DuckDB file that a run has built, for commands that only read it."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_WAREHOUSE = "warehouse/aws_internet_traffic.duckdb"


class WarehouseError(Exception):
    """The warehouse cannot be read; the text says why and what to do."""


class WarehouseInUseError(WarehouseError):
    """A run is writing the warehouse."""


def open_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a warehouse read-only. Raises WarehouseError, of which WarehouseInUseError passes with time.

    While it is open no run can write to it: DuckDB lets one process write, or several read
    (https://duckdb.org/docs/stable/connect/concurrency).
    """
    if not path.is_file():
        raise WarehouseError(f"{path} does not exist. Build it first: make demo, or make build LOGS=/path/to/logs.")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        if "lock" not in str(error):
            raise WarehouseError(f"{path} cannot be read as a DuckDB file: {str(error).splitlines()[0]}") from None
        process = re.search(r"PID \d+", str(error))
        raise WarehouseInUseError(
            f"{path} is being written by another process{f' ({process[0]})' if process else ''}: a run is at work. "
            "Wait for it to end, and try again."
        ) from None
    connection.execute("set TimeZone = 'UTC'")
    return connection
