"""Checks for a run on DuckDB: versions, the logs below LOGS, the warehouse. Nothing here uses the network."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import duckdb

from setup_checks import REPOSITORY, Check, DescriptionError, State, described_setup, log_file_inspection

OLDEST_PYTHON = (3, 11)


def local_checks(variables: str) -> Iterator[Check]:
    """Yield what was found, one thing after the other."""
    yield from version_checks()
    yield from warehouse_checks(warehouse_path())
    try:
        setup = described_setup("local", variables, os.environ)
    except DescriptionError as error:
        if "prepare_raw_tables: " in str(error):
            yield Check("dbt", State.OK, "the project and its profile are read, target local")
            yield Check("logs", State.FAIL, str(error).split("prepare_raw_tables: ", 1)[1])
        else:
            yield Check(
                "dbt",
                State.FAIL,
                str(error),
                "Correct what it names: dbt_project.yml, --vars, or a variable of the environment.",
            )
        return
    yield Check("dbt", State.OK, "the project and its profile are read, target local")
    yield Check("memory", State.OK, f"DuckDB may take {setup['memory_limit']} (DUCKDB_MEMORY_LIMIT)")
    yield from log_checks(setup)
    yield from sample_checks(setup)
    yield from variable_checks(setup)
    yield disk_check(warehouse_path(), sum(group["size_bytes"] for _, group in groups(setup)))


def version_checks() -> Iterator[Check]:
    """Compare Python and the packages that the project names with what requirements.lock pins."""
    found = ".".join(map(str, sys.version_info[:3]))
    oldest = ".".join(map(str, OLDEST_PYTHON))
    if sys.version_info >= OLDEST_PYTHON:
        yield Check("python", State.OK, found)
    else:
        yield Check("python", State.FAIL, f"{found}, expected {oldest} or newer", "Install it; make setup PYTHON=..")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    for dependency in project["project"]["dependencies"]:
        name = re.match(r"[\w.-]+", dependency)[0]
        pinned = re.search(rf"(?m)^{re.escape(name)}==([^\s;]+)", lock)[1]
        try:
            installed = version(name)
        except PackageNotFoundError:
            yield Check(name, State.FAIL, f"is not installed, expected {pinned}", "make setup")
            continue
        if installed == pinned:
            yield Check(name, State.OK, installed)
        else:
            yield Check(name, State.WARN, f"{installed}, pinned is {pinned}", "make setup, or run with .venv/bin/dbt.")


def warehouse_path() -> Path:
    """Return where the profile puts the warehouse."""
    profile = (REPOSITORY / "profiles" / "profiles.yml").read_text(encoding="utf-8")
    default = re.search(r"env_var\('WAREHOUSE', '([^']+)'\)", profile)[1]
    return REPOSITORY / os.environ.get("WAREHOUSE", default)


def warehouse_checks(path: Path) -> Iterator[Check]:
    """Open the warehouse as a run does, and leave it as it is."""
    if not path.exists():
        yield Check("warehouse", State.OK, f"{path} is not there yet; the first run makes it")
        return
    # What a killed run left beside the file would be put into it by opening it for writing; a run does that.
    is_unfinished = path.with_name(f"{path.name}.wal").exists()
    try:
        duckdb.connect(str(path), read_only=is_unfinished).close()
    except duckdb.Error as error:
        problem, _, advice = log_file_inspection().warehouse_problem(str(path), str(error)).partition(". ")
        yield Check("warehouse", State.FAIL, problem, advice)
        return
    yield Check("warehouse", State.OK, f"{path}, {readable_bytes(path.stat().st_size)}, in use by nobody")


def disk_check(path: Path, log_bytes: int) -> Check:
    """Compare the space beside the warehouse with the logs: what DuckDB keeps of compressed logs is about as large."""
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    found = f"{readable_bytes(free)} free at {folder}, the logs have {readable_bytes(log_bytes)}"
    if free < log_bytes:
        return Check(
            "disk", State.WARN, found, "Make space, or put the warehouse elsewhere: WAREHOUSE=/path/to/file.duckdb."
        )
    return Check("disk", State.OK, found)


def groups(setup: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each raw table with each of its groups of files of one layout."""
    for table in setup["tables"]:
        for group in table["groups"]:
            yield table, group


def log_checks(setup: Mapping[str, Any]) -> Iterator[Check]:
    """Say what lies below LOGS, by kind and layout."""
    if not any(groups(setup)):
        yield Check(
            "logs",
            State.FAIL,
            f"no log file below {setup['root']}",
            "Copy logs there in AWS's folders: README, 'Your own logs, on DuckDB', lists the paths.",
        )
    else:
        yield Check("logs", State.OK, setup["root"])
    for table, group in groups(setup):
        yield Check(group_name(setup, table, group), State.OK, group_text(group))
    present = {table["name"].split(".")[0] for table, _ in groups(setup)}
    for source in sorted({table["name"].split(".")[0] for table in setup["tables"]} - present):
        yield Check(source, State.SKIPPED, "no file of this kind")
    for description, count in setup["neighbours"].items():
        if count:
            yield Check("not read", State.OK, f"{count} files hold {description}; the project reads none of those")
    if setup["others"]:
        yield Check(
            "unknown files",
            State.WARN,
            f"{setup['others']} files are of no layout, for example {setup['example']}",
            "Nothing, where they are no logs. A log must lie in AWS's folders: README, 'Your own logs, on DuckDB'.",
        )


def group_name(setup: Mapping[str, Any], table: Mapping[str, Any], group: Mapping[str, Any]) -> str:
    """Return the name of kind and layout. Which text format a flow log has is told by its files, not by its path."""
    source, raw_table = table["name"].split(".")
    (layout,) = [
        layout
        for layout in setup["layouts"]
        if layout["table"] == table["name"] and sorted(layout["keys"]) == sorted(group["keys"])
    ]
    name = "text" if table["format"] == "delimited" else raw_table
    return f"{source} {name}" + (f" {layout['layout']}" if layout["layout"] else "")


def group_text(group: Mapping[str, Any]) -> str:
    """Return what a group of files is."""
    values = [
        f"{key.replace('log_', '').replace('source_', '')} {', '.join(values[:5])}"
        + (f" and {len(values) - 5} more" if len(values) > 5 else "")
        for key, found in group["values"].items()
        if (values := [value for value in found if value])
    ]
    files = f"{group['file_count']:,} files, {readable_bytes(group['size_bytes'])}"
    return "; ".join([files, f"delivered {group['oldest']} to {group['newest']}", *values])


def sample_checks(setup: Mapping[str, Any]) -> Iterator[Check]:
    """Say what the newest files of each flow log, account and region look like."""
    by_finding: dict[tuple[str, str | None, str | None], list[str]] = defaultdict(list)
    for file in setup["files"]:
        problem = file["problem"] and re.sub(r"\s+", " ", file["problem"])
        by_finding[file["table"], file["header"], problem].append(file["path"])
    for (table, header, problem), paths in sorted(by_finding.items(), key=repr):
        example = f"{paths[0]}" + (f" and {len(paths) - 1} more" if len(paths) > 1 else "")
        if problem:
            found, _, advice = problem.partition("Declare it: ")
            yield Check(
                f"{table} format",
                State.WARN,
                f"{example} {found.strip()}",
                f"Declare it: {advice}" if advice else "Such files are left out and counted: docs/when_a_run_fails.md.",
            )
        elif header:
            fields = len(header.split())
            yield Check(f"{table} format", State.OK, f"{fields} fields, as declared ({len(paths)} files looked at)")


def variable_checks(setup: Mapping[str, Any]) -> Iterator[Check]:
    """Name vars that contradict what was found."""
    seen = {file["table"] for file in setup["files"]}
    for table in setup["tables"]:
        if table["sub_path"] and not table["groups"] and table["name"] not in seen:
            yield Check(
                f"var {table['path_var']}",
                State.WARN,
                f"is '{table['sub_path']}', and no file of {table['name']} lies there",
                "Correct it, or leave it empty: then files are found wherever below LOGS they lie.",
            )
    listed, found = {}, defaultdict(set)
    for table in setup["tables"]:
        for key, values in table["value_lists"].items():
            listed[values["var"]] = values["listed"]
            for group in table["groups"]:
                found[values["var"]] |= {value for value in group["values"][key] if value}
    for name, values in listed.items():
        missing = sorted(found[name] - set(values))
        if values and missing:
            yield Check(
                f"var {name}",
                State.WARN,
                f"lacks {', '.join(missing)}, of which there are logs",
                "DuckDB reads them all the same; Athena would not. Add them.",
            )


def readable_bytes(byte_count: float) -> str:
    """Return a number of bytes in units of 1,000."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if byte_count < 1000:
            return f"{byte_count:,.0f} {unit}" if unit == "bytes" else f"{byte_count:.1f} {unit}"
        byte_count /= 1000
    return f"{byte_count:,.1f} TB"
