"""Flow log files and lines for tests, written by hand."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

from duckdb_project import DuckdbProject

DEFAULT_HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
ACCOUNT = "111122223333"


def epoch(moment: str) -> int:
    """Seconds since 1970 of a UTC moment written as 2026-11-01T12:00:00."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())


def flow_line(interface: str, **values: object) -> str:
    """One line of the default format; `values` replace fields by their name, with underscores, as they stand."""
    start = epoch("2026-11-01T12:00:00")
    fields: dict[str, object] = {
        "version": 2,
        "account_id": ACCOUNT,
        "interface_id": f"eni-{interface}",
        "srcaddr": "10.0.0.1",
        "dstaddr": "192.31.196.7",
        "srcport": 49152,
        "dstport": 443,
        "protocol": 6,
        "packets": 2,
        "bytes": 100,
        "start": start,
        "end": start + 59,
        "action": "ACCEPT",
        "log_status": "OK",
    }
    assert values.keys() <= fields.keys()
    return " ".join(str(value) for value in {**fields, **values}.values())


def flow_log_path(
    day: str, unique: str, *, flow_log: str = "fl-0a1b2c3d", hour: str = "", ending: str = ".log.gz"
) -> str:
    """Path of a flow log file delivered on a day (YYYY-MM-DD), below the root; `unique` is the end of its name."""
    folder = f"AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1/{day.replace('-', '/')}/{hour + '/' if hour else ''}"
    return f"{folder}{ACCOUNT}_vpcflowlogs_us-east-1_{flow_log}_{day.replace('-', '')}T1205Z_{unique:0>8}{ending}"


def write_flow_log(project: DuckdbProject, path: str, *lines: str | bytes) -> Path:
    """Write a gzip-compressed file of lines; the header line is one of them."""
    file = project.logs / path
    file.parent.mkdir(parents=True, exist_ok=True)
    content = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    file.write_bytes(gzip.compress(content, mtime=0))
    return file
