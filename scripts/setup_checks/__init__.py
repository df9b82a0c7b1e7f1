"""What check_setup looks at: this machine and the logs for DuckDB, the account for Athena."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PARSE_SECONDS = 600


class State(StrEnum):
    """How a check ended."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what was found and, unless it is fine, what to do. Both may hold hostile text."""

    name: str
    state: State
    found: str
    advice: str = ""


class DescriptionError(Exception):
    """dbt could not describe the project; the message is dbt's."""


def described_setup(target: str, variables: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Let dbt say how the raw tables are declared and, of DuckDB, what lies below LOGS. Raises DescriptionError.

    The warehouse, and what dbt writes beside it, are thrown away.
    """
    with tempfile.TemporaryDirectory(prefix="check_setup_") as folder:
        answer = subprocess.run(  # noqa: S603 - the words are these
            [
                Path(sys.executable).with_name("dbt"),
                *("--no-use-colors", "--quiet", "run-operation", "describe_setup"),
                *("--target", target, "--vars", variables),
            ],
            cwd=REPOSITORY,
            env={
                **environment,
                "WAREHOUSE": f"{folder}/check_setup.duckdb",
                "DBT_TARGET_PATH": f"{folder}/target",
                "DBT_LOG_PATH": f"{folder}/logs",
            },
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PARSE_SECONDS,
        )
    for line in reversed(answer.stdout.splitlines()):
        if answer.returncode == 0 and line.startswith("{"):
            return json.loads(line)
    raise DescriptionError(error_text(answer.stdout + answer.stderr))


def log_file_inspection() -> ModuleType:
    """Return the project's own plugin that looks at log files. Not at import: it takes dbt seconds to load."""
    folder = str(REPOSITORY / "plugins")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module("log_file_inspection")


def error_text(output: str) -> str:
    """Return what dbt says is wrong, without its times, headings and the macros it passed through."""
    text = re.sub(r"(?m)^[0-9]{2}:[0-9]{2}:[0-9]{2} +", "", output).split("\n  > in macro")[0]
    text = re.sub(
        r"Encountered an error(?: while running operation)?:|\b(?:Runtime|Compilation|Parsing) Error\b", "", text
    )
    return re.sub(r"\s+", " ", re.sub(r"\bin macro \w+ \([^)]*\)", "", text)).strip() or "dbt ended without a word"


def layout_name(layout: Mapping[str, Any]) -> str:
    """Return how a layout is called in a message."""
    return f"{layout['table']}, layout {layout['layout']}" if layout["layout"] else layout["table"]
