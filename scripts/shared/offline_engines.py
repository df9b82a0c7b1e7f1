"""Where dbt runs when it only has to compile: an engine in memory, no warehouse, no log files, no AWS account."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from moto import mock_aws

REPOSITORY = Path(__file__).resolve().parents[2]
ENGINES = ("duckdb", "athena")

# Names that exist nowhere. moto answers for AWS inside this process: an empty Glue catalog, and no request leaves it.
ATHENA_ENVIRONMENT = {
    "DBT_TARGET": "athena",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "offline",
    "AWS_SECRET_ACCESS_KEY": "offline",
    "ATHENA_SCHEMA": "offline",
    "ATHENA_WORK_GROUP": "offline",
    "ATHENA_RESULTS": "s3://offline/results/",
    "ATHENA_DATA": "s3://offline/data/",
    "LOGS": "s3://offline/logs",
}
DUCKDB_ENVIRONMENT = {"DBT_TARGET": "local", "WAREHOUSE": ":memory:"}

# A day, so that no engine has to be asked for the window; both layouts in use, so that both predicates are there.
COMPILE_VARIABLES = {
    "start_date": "2026-11-01",
    "end_date": "2026-11-01",
    "s3_access_logs_partitioned_path": "partitioned",
    "s3_access_logs_flat_path": "flat",
    "s3_access_logs_account_ids": ["111122223333"],
    "s3_access_logs_regions": ["us-east-1"],
    "s3_access_logs_buckets": ["example-bucket"],
    "cloudtrail_path": "cloudtrail/AWSLogs",
    "cloudtrail_account_ids": ["111122223333"],
    "cloudtrail_regions": ["us-east-1"],
    "network_interfaces_path": "inventory/network-interfaces",
    "network_interfaces_account_ids": ["111122223333"],
    "network_interfaces_regions": ["us-east-1"],
    "billed_usage_path": "billing/billed-usage",
    "billed_usage_account_ids": ["111122223333"],
}


@contextmanager
def offline_engine(engine: str, output: Path) -> Iterator[None]:
    """Make dbt in this process compile for an engine without touching anything outside it.

    engine: duckdb or athena. output: folder for dbt's files, so that they do not mix with those of a run.
    The environment of the process stays changed: dbt reads it once.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, found {engine!r}")
    for name in [name for name in os.environ if name.startswith(("DBT_", "AWS_", "ATHENA_"))]:
        del os.environ[name]
    os.environ.update(ATHENA_ENVIRONMENT if engine == "athena" else DUCKDB_ENVIRONMENT)
    os.environ.update(DBT_TARGET_PATH=str(output / "target"), DBT_LOG_PATH=str(output / "logs"))
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    with mock_aws() if engine == "athena" else nullcontext():
        yield
