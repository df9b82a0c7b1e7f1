#!/usr/bin/env python3
"""Look at the environment and say, line by line, what is fine and what to do about the rest.

Usage: python scripts/check_setup.py [--target local|athena] [--vars YAML] [--json] [--write-probe]

local: versions, profile, what lies below LOGS and in which format, the warehouse and the space beside it; uses no
network. athena: environment variables, credentials, work group, buckets, Glue databases, and of each raw table the
newest files of its accounts and regions. Say the vars that dbt gets, with --vars as for dbt, unless they stand in
dbt_project.yml.

Each line is OK, WARN, FAIL or SKIPPED. Nothing is changed; with --write-probe an object of a few bytes is written to
ATHENA_RESULTS and ATHENA_DATA and deleted again, to see whether these credentials may.

Exit codes: 0 nothing failed; 1 something failed; 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict

import yaml
from print_findings import format_value
from setup_checks import Check, State
from setup_checks.athena import athena_checks
from setup_checks.local import local_checks

NAME_WIDTH = 36


def report(checks: Iterable[Check]) -> int:
    """Print each check as soon as it is known, and return the exit code."""
    counts: Counter[State] = Counter()
    for check in checks:
        counts[check.state] += 1
        print(f"{check.state:<8} {format_value(check.name):<{NAME_WIDTH}} {format_value(check.found)}", flush=True)
        if check.advice:
            print(f"{'':<8} {'':<{NAME_WIDTH}} -> {format_value(check.advice)}", flush=True)
    print(", ".join(f"{counts[state]} {state}" for state in State))
    return 1 if counts[State.FAIL] else 0


def report_json(checks: Iterable[Check]) -> int:
    """Print all checks as one JSON document, and return the exit code."""
    found = list(checks)
    print(json.dumps([asdict(check) for check in found], indent=2))
    return 1 if any(check.state is State.FAIL for check in found) else 0


def yaml_mapping(text: str) -> str:
    """Check that the vars are a mapping, as dbt wants them. Raises argparse.ArgumentTypeError."""
    try:
        is_mapping = isinstance(yaml.safe_load(text) or {}, dict)
    except yaml.YAMLError:
        is_mapping = False
    if not is_mapping:
        raise argparse.ArgumentTypeError("expected a YAML mapping such as '{cloudtrail_path: trail/AWSLogs}'")
    return text


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = os.environ.get("DBT_TARGET", "local")
    parser.add_argument("--target", choices=["local", "athena"], default=target, help="default: DBT_TARGET, or local")
    parser.add_argument("--vars", type=yaml_mapping, default="{}", help="dbt's vars, as for dbt build")
    parser.add_argument("--json", action="store_true", help="print one JSON document for machines")
    parser.add_argument("--write-probe", action="store_true", help="athena: write and delete a small object")
    read = parser.parse_args(arguments)
    if read.target not in ("local", "athena"):
        parser.error(f"DBT_TARGET: expected local or athena, found '{read.target}'")
    return read


def main(arguments: Sequence[str] | None = None) -> int:
    """Look, print, and return the exit code."""
    options = read_arguments(arguments)
    checks = (
        local_checks(options.vars) if options.target == "local" else athena_checks(options.vars, options.write_probe)
    )
    return (report_json if options.json else report)(checks)


if __name__ == "__main__":
    sys.exit(main())
