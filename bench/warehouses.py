"""The project over a tree of logs, with a warehouse of its own that can be put back to an earlier state."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from measuring import Measurement, measure

BIN = Path(sys.executable).parent


@dataclass
class Warehouse:
    """A warehouse over a tree of logs. `environment` holds further settings of the profile."""

    folder: Path
    logs: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.environment = {
            "DBT_THREADS": "2",
            **self.environment,
            "LOGS": str(self.logs),
            "WAREHOUSE": str(self.path),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
        }

    @property
    def path(self) -> Path:
        """The DuckDB file."""
        return self.folder / "warehouse.duckdb"

    def dbt(self, *arguments: str) -> Measurement:
        """Run a dbt command."""
        return measure([BIN / "dbt", "--quiet", *arguments], self.environment, self.logs)

    def build_from(self, state: Path, *arguments: str) -> Measurement:
        """Put the warehouse back to a state and run the daily command, which is all that is measured."""
        self.take(state)
        return self.dbt("build", *arguments)

    def keep(self) -> Path:
        """Return a copy of the warehouse as it is."""
        return Path(shutil.copy(self.path, self.folder / "kept.duckdb"))

    def take(self, state: Path) -> None:
        """Put a kept warehouse in this one's place. Its files' paths are those of its own logs."""
        self.path.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        shutil.copy(state, self.path)

    def tables(self) -> list[str]:
        """Return the models that are tables, by their names."""
        nodes = json.loads((self.folder / "target/manifest.json").read_text())["nodes"].values()
        tables = ("table", "incremental")
        return [
            node["name"]
            for node in nodes
            if node["resource_type"] == "model" and node["config"]["materialized"] in tables
        ]

    def compiled(self, model: str) -> str:
        """Return the SQL of a model as the last command compiled it."""
        found = (self.folder / "target/compiled").rglob(f"models/**/{model}.sql")
        (path,) = (path for path in found if path.parent.suffix != ".yml")  # those of unit tests
        return path.read_text()
