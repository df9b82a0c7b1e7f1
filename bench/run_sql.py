"""Run SQL on DuckDB with two threads and print what it took as JSON: `python bench/run_sql.py ORDER.json`.

ORDER.json has `databases` (name to path; all but the last are opened for reading, the last is made anew and used) and
`statements`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import duckdb


def run(order: dict) -> dict[str, float]:
    """Run the statements; the CPU and the wall seconds include writing the last database to its file."""
    *others, (last_name, last_path) = order["databases"].items()
    Path(last_path).unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2; set timezone = 'UTC'; set preserve_insertion_order = false")
        for name, path in others:
            connection.execute(f"attach '{path}' as {name} (read_only)")
        connection.execute(f"attach '{last_path}' as {last_name}")
        connection.execute(f"use {last_name}")
        start = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        for statement in order["statements"]:
            connection.execute(statement)
        connection.execute("checkpoint")
        end = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    cpu = sum(getattr(end[0], name) - getattr(start[0], name) for name in ("ru_utime", "ru_stime"))
    return {"cpu": cpu, "wall": end[1] - start[1]}


if __name__ == "__main__":
    print(json.dumps(run(json.loads(Path(sys.argv[1]).read_text()))))
