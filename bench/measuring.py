"""Run commands and measure what they and their children took."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from opened_files import OpenedFiles

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Measurement:
    """What one run took: seconds of processors and of the clock, the most memory in MiB, and how many log files."""

    cpu: float
    wall: float
    memory: float
    files: float


def measure(command: Sequence[str | Path], environment: Mapping[str, str], logs: Path) -> Measurement:
    """Run a command in the repository's root. Ends the program with the command's output when it fails."""
    return _run(command, environment, logs)[0]


def measure_sql(statements: Sequence[str], folder: Path, databases: Mapping[str, Path], logs: Path) -> Measurement:
    """Run SQL statements in a process of its own, without the time that the process takes to start.

    `databases` are attached by their names, all but the last read-only; the last is made anew and is the current one.
    """
    order = folder / "statements.json"
    order.write_text(
        json.dumps({"databases": {name: str(path) for name, path in databases.items()}, "statements": statements})
    )
    measured, output = _run([sys.executable, REPOSITORY / "bench" / "run_sql.py", order], {}, logs)
    taken = json.loads(output)
    return replace(measured, cpu=taken["cpu"], wall=taken["wall"])


def in_turn(count: int, *runs: Callable[[], Measurement]) -> list[Measurement]:
    """Run each in turn, so many times, so that a busy machine slows down all of them; return the medians of each."""
    found: list[list[Measurement]] = [[] for _ in runs]
    for _ in range(count):
        for place, run in zip(found, runs, strict=True):
            place.append(run())
    return [_median(each) for each in found]


def _median(runs: Sequence[Measurement]) -> Measurement:
    return Measurement(*(statistics.median(getattr(run, field.name) for run in runs) for field in fields(Measurement)))


def _run(command: Sequence[str | Path], environment: Mapping[str, str], logs: Path) -> tuple[Measurement, str]:
    with OpenedFiles(logs) as opened:
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output}")
    return Measurement(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, len(opened.paths)), output
