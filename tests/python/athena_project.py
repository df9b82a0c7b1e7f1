"""Run the project on the local stand-in for Athena, the way a user runs it on Athena, on a schema of the test's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyathena
from dbt_server import DbtProcess, inherited_environment
from duckdb_project import REPOSITORY, DbtRun
from local_aws import AthenaSpace
from pyathena.connection import Connection

# What of a described table makes another one.
TABLE_INPUT = ("Name", "Description", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")


@dataclass(frozen=True)
class AthenaProject:
    """The project with a schema and log files of its own in the stand-in."""

    space: AthenaSpace
    folder: Path

    def upload(self, logs: Path, below: str = "") -> None:
        """Copy a folder of log files below `logs/` of this space, or below a folder of that."""
        files = [path for path in logs.rglob("*") if path.is_file()]
        root = f"logs/{below}/" if below else "logs/"
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda path: self.space.put(f"{root}{path.relative_to(logs)}", path.read_bytes()), files))

    def take_seeds(self, schema: str) -> None:
        """Show the tables of the seeds of another schema in this one's: dbt finds them loaded, and loads none again."""
        glue = self.space.aws.client("glue")
        glue.create_database(DatabaseInput={"Name": self.space.schema})
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=schema):
            for table in page["TableList"]:
                taken = {name: table[name] for name in TABLE_INPUT if name in table}
                glue.create_table(DatabaseName=self.space.schema, TableInput=taken)

    def environment(self) -> dict[str, str]:
        """The environment of a dbt command."""
        return {
            **inherited_environment(),
            **self.space.environment,
            "DBT_TARGET": "athena",
            "LOGS": f"{self.space.location}logs",
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "dbt_logs"),
        }

    def start(self, *arguments: str, variables: Mapping[str, Any]) -> DbtProcess:
        """Start a dbt command and return it running."""
        command = ["--no-use-colors", *arguments, "--vars", json.dumps(dict(variables))]
        return DbtProcess(command, self.environment(), REPOSITORY)

    def dbt(self, *arguments: str, variables: Mapping[str, Any]) -> DbtRun:
        """Run a dbt command to its end."""
        process = self.start(*arguments, variables=variables)
        output, _ = process.communicate(timeout=900)
        return DbtRun(process.returncode, output)

    @cached_property
    def connection(self) -> Connection:
        """PyAthena's connection, one for all questions: each makes an AWS client."""
        return pyathena.connect(
            s3_staging_dir=self.space.results,
            work_group=self.space.work_group,
            schema_name=self.space.schema,
            region_name=self.space.environment["AWS_REGION"],
            endpoint_url=self.space.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.space.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.space.environment["AWS_SECRET_ACCESS_KEY"],
            poll_interval=0.05,
        )

    def query(self, sql: str, parameters: Sequence[Any] | None = None) -> list[dict[str, Any]]:
        """Read a table with PyAthena, as a BI tool does."""
        cursor = self.connection.cursor().execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def rows(self, model: str) -> list[dict[str, Any]]:
        """All rows of a model, as dictionaries, in a fixed order."""
        return sorted(self.query(f'select * from "{self.space.schema}"."{model}"'), key=repr)
