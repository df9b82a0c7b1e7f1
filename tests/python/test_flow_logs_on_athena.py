"""Flow logs on the stand-in for Athena: every folder layout and strategy reads its records, and no more files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from athena_project import AthenaProject
from duckdb_project import DuckdbProject
from flow_log_lines import DEFAULT_HEADER, epoch, flow_line, write_flow_log
from local_aws import AthenaSpace, LocalAws

pytestmark = pytest.mark.athena

CUSTOM_HEADER = "bytes interface-id end start"
PLAIN_FOLDER = "AWSLogs/111122223333/vpcflowlogs/us-east-1/{0:%Y}/{0:%m}/{0:%d}/"
HIVE_FOLDER = (
    "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/"
    "year={0:%Y}/month={0:%m}/day={0:%d}/"
)
FOLDERS = {
    "daily": PLAIN_FOLDER,
    "hourly": PLAIN_FOLDER + "13/",
    "hive_daily": HIVE_FOLDER,
    "hive_hourly": HIVE_FOLDER + "hour=13/",
}
DAYS = ("2026-10-31", "2026-11-01", "2026-11-02")
# One run each: the three tables with a layout and a strategy of their own, so that every pair that AWS offers is read.
RUNS: list[dict[str, tuple[str, str]]] = [
    {"default": ("daily", "projection"), "custom": ("hourly", "explicit"), "parquet": ("hive_hourly", "hive")},
    {"default": ("hive_daily", "hive"), "custom": ("daily", "explicit"), "parquet": ("hive_daily", "projection")},
    {
        "default": ("hourly", "projection"),
        "custom": ("hive_hourly", "projection"),
        "parquet": ("hive_daily", "explicit"),
    },
]


def file_name(day: str, unique: str, ending: str) -> str:
    return f"111122223333_vpcflowlogs_us-east-1_fl-0a_{day.replace('-', '')}T1305Z_{unique:0>8}{ending}"


def write_logs(project: DuckdbProject, layouts: dict[str, tuple[str, str]]) -> None:
    """One file a day for each table, with one record that names the table and the day."""
    for day in DAYS:
        noon, name = epoch(f"{day}T13:00:00"), f"{day}"
        folders = {
            table: f"{table}/" + FOLDERS[layout].format(date.fromisoformat(day))
            for table, (layout, _) in layouts.items()
        }
        line = flow_line(f"default-{name}", start=noon, end=noon, bytes=3)
        write_flow_log(project, folders["default"] + file_name(day, "1", ".log.gz"), DEFAULT_HEADER, line)
        custom = f"5 eni-custom-{name} {noon} {noon}"
        write_flow_log(project, folders["custom"] + file_name(day, "2", ".log.gz"), CUSTOM_HEADER, custom)
        parquet = project.logs / folders["parquet"] / file_name(day, "3", ".log.parquet")
        parquet.parent.mkdir(parents=True)
        duckdb.sql(
            f"select 'eni-parquet-{name}' as interface_id, 7::bigint as bytes, {noon}::bigint as start, '-' as action"
        ).write_parquet(str(parquet), compression="gzip")


@pytest.mark.parametrize("layouts", RUNS, ids=lambda layouts: "-".join("_".join(pair) for pair in layouts.values()))
def test_every_layout_and_strategy_reads_the_days_asked_for(
    local_aws: LocalAws, athena_space: AthenaSpace, tmp_path: Path, layouts: dict[str, tuple[str, str]]
) -> None:
    on_duckdb = DuckdbProject(tmp_path)
    write_logs(on_duckdb, layouts)
    on_athena = AthenaProject(athena_space, tmp_path / "athena")
    on_athena.upload(on_duckdb.logs)
    variables: dict[str, Any] = {
        "vpc_flow_logs_custom_fields": CUSTOM_HEADER,
        "vpc_flow_logs_account_ids": ["111122223333"],
        "vpc_flow_logs_regions": ["us-east-1"],
        "first_log_date": "2026-10-01",
        "start_date": "2026-11-01",
        "end_date": "2026-11-01",
        "late_days": 0,
        "newest_delivery_date": "2026-11-02",
    }
    for table, (layout, strategy) in layouts.items():
        variables[f"vpc_flow_logs_{table}_path"] = f"{table}/AWSLogs"
        variables[f"vpc_flow_logs_{table}_layout"] = layout
        variables[f"vpc_flow_logs_{table}_partition_strategy"] = strategy
    local_aws.reset_log()

    on_athena.dbt("run", "--select", "stg_vpc_flow_logs__records", variables=variables).check()

    opened = {location.rsplit("/", 1)[-1] for location in local_aws.objects_read(f"{athena_space.location}logs/")}
    assert opened == {
        file_name("2026-11-01", unique, ending)
        for unique, ending in (("1", ".log.gz"), ("2", ".log.gz"), ("3", ".log.parquet"))
    }
    columns = (
        "interface_id, byte_count, action, account_id, region, log_account_id, log_region, delivery_date, event_date"
    )
    query = f"select {columns} from stg_vpc_flow_logs__records order by interface_id"
    on_duckdb.dbt("run", "--select", "stg_vpc_flow_logs__records", variables=variables).check()
    on_both = [tuple(row.values()) for row in on_athena.query(query)]
    assert [row[:2] for row in on_both] == [
        ("eni-custom-2026-11-01", 5),
        ("eni-default-2026-11-01", 3),
        ("eni-parquet-2026-11-01", 7),
    ]
    assert on_both == on_duckdb.query(query)
