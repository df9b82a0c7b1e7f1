"""Run the project on DuckDB the way a user does: dbt, from the repository's root, on folders of the test's own."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from dbt_server import DbtProcess, inherited_environment
from sample_logs.variables import sample_variables

REPOSITORY = Path(__file__).resolve().parents[2]

# Tables that a run rewrites by days: of each kind of log the staging model and what is made of any record of it.
MODELS = (
    "stg_s3_access_logs__requests",
    "stg_vpc_flow_logs__records",
    "stg_cloudtrail__events",
    "int_s3_operations__categorized",
    "int_network_addresses__classified",
    "fct_s3_usage_daily",
    "fct_s3_clients_daily",
    "fct_network_traffic_daily",
    "fct_api_activity_daily",
    "fct_api_clients_daily",
    "fct_log_coverage_daily",
)

# Those that not every record reaches: on the way to egress and its costs, and where two logs are compared.
PARTIAL_MODELS = (
    "int_network_flows__summed",
    "int_flow_logs__ranked",
    "int_nat_legs__paired",
    "int_network_interfaces__identified",
    "int_network_addresses__located",
    "int_network_flows__classified",
    "int_s3_transfers__classified",
    "int_data_transfers__charged",
    "fct_internet_egress_daily",
    "fct_internet_egress_peers_daily",
    "fct_zone_traffic_daily",
    "fct_nat_gateway_usage_daily",
    "fct_data_transfer_cost_daily",
    "fct_s3_log_comparison_daily",
)

# Those that every run rebuilds whole: they know spans of days, and no event day.
WHOLE_MODELS = ("stg_inventory__network_interfaces", "dim_network_interfaces", "int_network_addresses__owned")

# Those that have rows when there is a bill; rebuilt whole as well.
BILLING_MODELS = ("stg_billing__billed_usage", "fct_billed_transfer_daily")

# Those that have rows when there are only S3 access logs.
S3_MODELS = tuple(model for model in MODELS if "s3_" in model or "coverage" in model)

# What a user of the sample logs has to say on Athena; on DuckDB the header line of their custom flow logs is enough.
SAMPLE_VARIABLES: Mapping[str, Any] = sample_variables(date(2026, 11, 1))
SAMPLE_FORMAT = {name: value for name, value in SAMPLE_VARIABLES.items() if name == "vpc_flow_logs_custom_fields"}


@dataclass(frozen=True)
class DbtRun:
    """How a dbt command ended and what it printed."""

    exit_code: int
    output: str

    def check(self) -> DbtRun:
        """Return itself; fail with the whole output when dbt did not succeed."""
        assert self.exit_code == 0, self.output
        return self


@dataclass(frozen=True)
class DuckdbProject:
    """The project with a log folder and a warehouse of its own."""

    folder: Path

    @property
    def logs(self) -> Path:
        """The folder of log files (LOGS)."""
        return self.folder / "logs"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file (WAREHOUSE)."""
        return self.folder / "warehouse" / "test.duckdb"

    def start(
        self, *arguments: str, variables: Mapping[str, Any] | None = None, file_size_limit: int | None = None
    ) -> DbtProcess:
        """Start a dbt command and return it running. The first one finds the seeds loaded."""
        if not self.warehouse.exists():
            self.warehouse.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(warehouse_of_seeds(), self.warehouse)
        return self.start_as_it_is(*arguments, variables=variables, file_size_limit=file_size_limit)

    def start_as_it_is(
        self, *arguments: str, variables: Mapping[str, Any] | None = None, file_size_limit: int | None = None
    ) -> DbtProcess:
        """Start a dbt command on the warehouse there is, or without one, and return it running."""
        command = ["--no-use-colors", *arguments]
        if variables:
            command += ["--vars", str(dict(variables))]
        environment = {
            **inherited_environment(),
            "LOGS": str(self.logs),
            "WAREHOUSE": str(self.warehouse),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "dbt_logs"),
        }
        return DbtProcess(command, environment, REPOSITORY, file_size_limit)

    def dbt(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> DbtRun:
        """Run a dbt command to its end."""
        process = self.start(*arguments, variables=variables)
        output, _ = process.communicate(timeout=600)
        return DbtRun(process.returncode, output)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read the warehouse."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def rows(self, model: str) -> list[dict[str, Any]]:
        """All rows of a model, as dictionaries, in a fixed order."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            answer = connection.execute(f"select * from main.{model}")
            names = [column[0] for column in answer.description]
            return sorted((dict(zip(names, row, strict=True)) for row in answer.fetchall()), key=repr)

    def days(self, model: str) -> dict[str, list[dict[str, Any]]]:
        """The rows of a model by event day."""
        days: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows(model):
            days.setdefault(str(row["event_date"]), []).append(row)
        return days

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of every model."""
        return {model: self.rows(model) for model in (*MODELS, *PARTIAL_MODELS)}

    def write_log(self, path: str, *lines: str | bytes) -> Path:
        """Write a log file below the folder of logs, one line each."""
        file = self.logs / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines))
        return file


@cache
def warehouse_of_seeds() -> Path:
    """Load the seeds into a warehouse of nothing else, once for all projects of this process, and return its file."""
    folder = tempfile.TemporaryDirectory(prefix="seeds_")
    atexit.register(folder.cleanup)
    project = DuckdbProject(Path(folder.name))
    process = project.start_as_it_is("seed")
    output, _ = process.communicate(timeout=600)
    DbtRun(process.returncode, output).check()
    return project.warehouse


def delivery_day(path: Path) -> str | None:
    """The day in November 2026 that the name of a log file tells; None of any other file."""
    found = re.match(
        r"2026-11-(\d\d)-|\d{12}_(?:CloudTrail|vpcflowlogs)_[a-z0-9-]+_(?:fl-[0-9a-f]+_)?202611(\d\d)T", path.name
    )
    return found and (found[1] or found[2])


# Everything but the tests that look at no log: the unit tests, which bring rows of their own, and those of the seeds.
BUILD = ("build", "--exclude-resource-type", "unit_test", "--exclude", "path:seeds,resource_type:test")

# Staging and what coverage counts of it, with their tests: a tenth of everything.
COVERAGE = (
    "build",
    "--select",
    "+fct_log_coverage_daily",
    "--indirect-selection",
    "cautious",
    "--exclude-resource-type",
    "unit_test",
)

# Seeds and models without the tests.
MODELS_ONLY = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

PARTITIONED = "s3/111122223333/us-east-1/example-bucket/"


def log_file(day: str, unique: str) -> str:
    """Path of a date-partitioned log file delivered on a day (YYYY-MM-DD); `unique` is its 16-digit end."""
    return f"{PARTITIONED}{day.replace('-', '/')}/{day}-12-00-00-{unique:0>16}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def log_line(
    request_id: str,
    day: str,
    *,
    time: str = "12:00:00",
    operation: str = "REST.GET.OBJECT",
    key: str = "key",
    status: str = "200",
    bytes_sent: str = "7",
    object_size: str = "7",
    user_agent: str = "curl/8.0",
) -> str:
    """One access log line of 26 fields."""
    year, month, date = day.split("-")
    fields = (
        "owner example-bucket",
        f"[{date}/{MONTHS[int(month) - 1]}/{year}:{time} +0000]",
        f"203.0.113.7 - {request_id} {operation} {key}",
        f'"GET /{key} HTTP/1.1" {status} - {bytes_sent} {object_size} 12 11 "-" "{user_agent}" - host= - - -',
        "example-bucket.s3.amazonaws.com TLSv1.3 - -",
    )
    return " ".join(fields)
