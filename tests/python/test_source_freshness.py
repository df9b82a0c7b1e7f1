"""`dbt source freshness`: which logs come late, told from the newest files alone, on both engines."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from athena_project import AthenaProject
from cloudtrail_records import event, trail_file
from duckdb_project import DuckdbProject, log_file, log_line
from flow_log_lines import ACCOUNT, DEFAULT_HEADER, flow_line, flow_log_path
from local_aws import AthenaSpace, LocalAws
from opened_files import OpenedFiles

NOW = datetime.now(UTC)
# Between the 26 hours of a warning and the 50 of an error, far from both.
LATE = NOW - timedelta(hours=38)
# An error, and yet among the days that are looked at.
TOO_LATE = NOW - timedelta(days=3)
LONG_AGO = NOW - timedelta(days=10)


def flow_log(delivered_at: datetime) -> tuple[str, bytes]:
    """A flow log file of one record, by its path."""
    path = flow_log_path(f"{delivered_at:%Y-%m-%d}", "A").replace("T1205Z", f"T{delivered_at:%H%M}Z")
    return path, gzip.compress(f"{DEFAULT_HEADER}\n{flow_line('A')}\n".encode())


def access_log(delivered_at: datetime) -> tuple[str, bytes]:
    """An access log of one request, by its path."""
    day = f"{delivered_at:%Y-%m-%d}"
    return log_file(day, "A").replace("-12-00-00-", f"-{delivered_at:%H-%M-%S}-"), (log_line("A", day) + "\n").encode()


def trail(delivered_at: datetime) -> tuple[str, bytes]:
    """A CloudTrail file of one event, by its path."""
    day = f"{delivered_at:%Y-%m-%d}"
    return trail_file(day, "A"), gzip.compress(json.dumps({"Records": [event("A", day)]}).encode())


FILES = dict((flow_log(NOW), flow_log(LONG_AGO), access_log(LATE), access_log(LONG_AGO), trail(TOO_LATE)))


def freshness(target: Path) -> dict[str, tuple[str, str]]:
    """Status and day of the newest delivery by raw table, as dbt wrote them."""
    results = json.loads((target / "sources.json").read_text())["results"]
    return {
        result["unique_id"].removeprefix("source.aws_internet_traffic."): (
            result["status"],
            result["max_loaded_at"][:16],
        )
        for result in results
    }


def minute(moment: datetime) -> str:
    """A moment as dbt writes it, without seconds."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def test_duckdb_tells_from_the_ledger_which_logs_are_late(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    for path, content in FILES.items():
        file = project.logs / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    with OpenedFiles(project.logs) as opened:
        run = project.dbt("source", "freshness")
    assert run.exit_code == 1, run.output
    told = freshness(tmp_path / "target")
    assert told["vpc_flow_logs.default"] == ("pass", minute(NOW))
    assert told["s3_access_logs.partitioned"] == ("warn", minute(LATE))
    assert told["cloudtrail.events"] == ("error", f"{TOO_LATE:%Y-%m-%d}T12:05")
    never_delivered = ("s3_access_logs.flat", "vpc_flow_logs.custom", "vpc_flow_logs.parquet")
    assert {table: told[table][0] for table in never_delivered} == dict.fromkeys(never_delivered, "pass")
    assert told["inventory.network_interfaces"][0] == "pass"
    newest = {project.logs / path for path, _ in (flow_log(NOW), access_log(LATE), trail(TOO_LATE))}
    assert opened.paths <= newest
    # It is no run: the next one takes these days as new.
    assert project.query("select count(*) from main_raw.log_runs") == [(0,)]
    assert project.query("select count(*) from main_raw.log_files where read_at is not null") == [(0,)]


@pytest.mark.athena
def test_athena_tells_from_the_files_of_the_newest_days_which_logs_are_late(
    local_aws: LocalAws, athena_space: AthenaSpace, tmp_path: Path
) -> None:
    project = AthenaProject(athena_space, tmp_path)
    for path, content in FILES.items():
        athena_space.put(f"logs/{path}", content)
    variables = {
        "first_log_date": f"{LONG_AGO:%Y-%m-%d}",
        "s3_access_logs_partitioned_path": "s3",
        "s3_access_logs_account_ids": [ACCOUNT],
        "s3_access_logs_regions": ["us-east-1"],
        "s3_access_logs_buckets": ["example-bucket"],
        "vpc_flow_logs_default_path": "AWSLogs",
        "vpc_flow_logs_account_ids": [ACCOUNT],
        "vpc_flow_logs_regions": ["us-east-1"],
        # Partitions of their own, which nobody has loaded yet.
        "cloudtrail_path": "cloudtrail/AWSLogs",
        "cloudtrail_account_ids": [ACCOUNT],
        "cloudtrail_regions": ["us-east-1"],
        "cloudtrail_partition_strategy": "explicit",
    }
    run = project.dbt("source", "freshness", variables=variables)
    assert run.exit_code == 1, run.output
    told = freshness(tmp_path / "target")
    assert told["vpc_flow_logs.default"] == ("pass", minute(NOW))
    assert told["s3_access_logs.partitioned"] == ("warn", minute(LATE))
    assert told["cloudtrail.events"] == ("error", f"{TOO_LATE:%Y-%m-%d}T12:05")
    not_in_use = (
        "s3_access_logs.flat",
        "vpc_flow_logs.custom",
        "vpc_flow_logs.parquet",
        "inventory.network_interfaces",
    )
    assert {table: told[table][0] for table in not_in_use} == dict.fromkeys(not_in_use, "pass")
    read = {location.removeprefix(athena_space.location) for location in local_aws.objects_read(athena_space.location)}
    # The stand-in reads trails for Trino, so those are not among what Trino read.
    assert read == {f"logs/{path}" for path, _ in (flow_log(NOW), access_log(LATE))}
