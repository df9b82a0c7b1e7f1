"""What the raw-table operations of the project print for Athena, with nobody to contact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbt_server import DbtProcess, inherited_environment
from duckdb_project import REPOSITORY


def printed_ddl(folder: Path, operation: str, arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> str:
    """Run an operation with the var print_ddl and return what it prints."""
    process = DbtProcess(
        [
            *("--no-use-colors", "run-operation", operation),
            *("--args", json.dumps(dict(arguments)), "--vars", json.dumps({"print_ddl": True, **variables})),
        ],
        {
            **inherited_environment(),
            "DBT_TARGET": "athena",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
            "ATHENA_SCHEMA": "traffic",
            "ATHENA_WORK_GROUP": "unused",
            "ATHENA_RESULTS": "s3://unused/results/",
            "ATHENA_DATA": "s3://unused/data/",
            "LOGS": "s3://logs",
        },
        REPOSITORY,
    )
    printed, _ = process.communicate(timeout=300)
    return printed
