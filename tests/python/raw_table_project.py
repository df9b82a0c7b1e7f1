"""The example dbt project of raw tables, copied for one test, with the repository's macros, and dbt run on it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = Path(__file__).parent / "projects" / "raw_tables"


@dataclass(frozen=True)
class DbtAnswer:
    """What one dbt command said: whether it succeeded, its log messages, and what macros printed."""

    succeeded: bool
    messages: str
    printed: str

    def statements(self) -> list[str]:
        """Return the printed DDL, one statement each, without the closing semicolon."""
        return [part.strip() for part in self.printed.split(";\n") if part.strip()]


class RawTableProject:
    """A private copy of the example project in `folder`, run on one target."""

    def __init__(self, folder: Path, target: str = "athena") -> None:
        self.folder = folder
        self.target = target
        self._manifest: Manifest | None = None
        shutil.copytree(EXAMPLE, folder)
        shutil.copytree(REPOSITORY / "macros", folder / "repository_macros")

    def edit_table(self, source: str, table: str, edit: Callable[[dict[str, Any]], Any]) -> None:
        """Change the `external:` block of one raw table in place."""
        path = self.folder / "models" / "sources.yml"
        document = yaml.safe_load(path.read_text())
        (tables,) = (entry["tables"] for entry in document["sources"] if entry["name"] == source)
        (external,) = (entry["external"] for entry in tables if entry["name"] == table)
        edit(external)
        path.write_text(yaml.safe_dump(document, sort_keys=False))

    def dbt(self, *arguments: str, **variables: Any) -> DbtAnswer:
        """Run one dbt command with these vars, on the project as it is now."""
        return self._invoke(dbtRunner, *arguments, "--vars", json.dumps(variables))

    def operation(self, macro: str, arguments: dict[str, Any] | None = None, **variables: Any) -> DbtAnswer:
        """Run one macro as `dbt run-operation`. The project is parsed once, because macros read vars when they run."""
        if self._manifest is None:
            answer = dbtRunner().invoke(["--log-level", "none", "parse", *self._where()])
            assert isinstance(answer.result, Manifest), answer.exception
            self._manifest = answer.result
        return self._invoke(
            partial(dbtRunner, manifest=self._manifest),
            *("run-operation", macro, "--args", json.dumps(arguments or {}), "--vars", json.dumps(variables)),
        )

    def _where(self) -> list[str]:
        return ["--target", self.target, "--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]

    def _invoke(self, runner: Callable[..., dbtRunner], *arguments: str) -> DbtAnswer:
        messages: list[str] = []
        printed: list[str] = []

        def listen(event: EventMsg) -> None:
            (printed if event.info.name == "PrintEvent" else messages).append(event.info.msg)

        answer = runner(callbacks=[listen]).invoke(["--log-level", "none", *arguments, *self._where()])
        if answer.exception:
            messages.append(str(answer.exception))
        return DbtAnswer(answer.success, "\n".join(messages), "\n".join(printed))
