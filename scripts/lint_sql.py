"""Lint the project's SQL as one of the two engines reads it.

sqlfluff compiles each model through dbt before it looks at it. Nothing outside this process is needed for that: see
shared/offline_engines.py.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from shared.offline_engines import COMPILE_VARIABLES, ENGINES, REPOSITORY, offline_engine
from sqlfluff.cli.commands import lint as sqlfluff_lint

# Macros cannot be compiled by themselves; tests/generic holds macros too.
LINTED_FOLDERS = ("models", "analyses", "tests/engine", "tests/network", "tests/log_coverage")
GAVE_UP = 2


class SkippedFiles(logging.Handler):
    """Remember the files that sqlfluff left out. It only warns when dbt cannot compile one, and then ends with 0."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning of sqlfluff's."""
        if "Skipped file" in record.getMessage():
            self.count += 1


def lint(engine: str, project: Path, paths: Sequence[str]) -> int:
    """Print the findings for one engine; return 0 for none, 1 for some, 2 when a file could not be looked at.

    project: the folder of dbt_project.yml and .sqlfluff. paths: files or folders below it.
    """
    os.chdir(project)
    skipped = SkippedFiles()
    logging.getLogger("sqlfluff").addHandler(skipped)
    with tempfile.TemporaryDirectory() as output, offline_engine(engine, Path(output)):
        # TOML, because sqlfluff's own form has no lists; it is known by this name only.
        variables = Path(output) / "pyproject.toml"
        lines = [f"{name} = {json.dumps(value)}" for name, value in COMPILE_VARIABLES.items()]
        variables.write_text("\n".join(["[tool.sqlfluff.templater.dbt.context]", *lines, ""]))
        try:
            sqlfluff_lint.main(
                args=["--dialect", engine, "--config", str(variables), "--nocolor", "--disable-progress-bar", *paths],
                prog_name="sqlfluff lint",
            )
        except SystemExit as end:
            exit_code = end.code if isinstance(end.code, int) else GAVE_UP
    if skipped.count:
        print(f"{skipped.count} files were not linted for {engine}: dbt could not compile them, see above.")
        return GAVE_UP
    return exit_code


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--project", type=Path, default=REPOSITORY, help="folder of dbt_project.yml and .sqlfluff")
    parser.add_argument("paths", nargs="*", help="files or folders below it (default: all SQL)")
    arguments = parser.parse_args()
    paths = arguments.paths or [path for path in LINTED_FOLDERS if (arguments.project / path).exists()]
    return lint(arguments.engine, arguments.project.resolve(), paths)


if __name__ == "__main__":
    exit_code = main()
    # All is said. What DuckDB's module complains about while the interpreter ends (objects it still holds) is not ours.
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    sys.exit(exit_code)
