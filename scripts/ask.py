#!/usr/bin/env python3
"""Answer one of the questions in analyses/ as a table: `python scripts/ask.py network_top_addresses`.

Without a question all of them are listed. dbt writes the SQL; the DuckDB file is opened to read only, or Athena runs it
(--target athena, with the variables of the README, "On Athena"). Exit codes: 0 answered or listed, 1 there is no
answer, and the warehouse, dbt or Athena says why, 2 the question or one of the options is wrong.
"""

from __future__ import annotations

import argparse
import csv
import ipaddress
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import duckdb
import yaml
from shared.text_tables import format_lines, printable
from shared.warehouses import DEFAULT_WAREHOUSE, REPOSITORY, WarehouseError, open_warehouse

ANALYSES = REPOSITORY / "analyses"
NEWEST_DAY = "select max(event_date) from fct_log_coverage_daily"
DAYS_WITHOUT_DATES = 7
ROWS_OF_A_TABLE = 50
BYTE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")  # of 1000, as AWS's prices and the marts have it
# A spreadsheet takes a cell that begins so for a formula (https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA = re.compile(r"[=+\-@\t\r]")

Answer = tuple[list[str], list[tuple[Any, ...]]]
Run = Callable[[str], Answer]


class NoAnswerError(Exception):
    """There is no answer; the text says why and what to do."""


def questions() -> dict[str, str]:
    """Return the first sentence of each analysis by its name."""
    described = yaml.safe_load((ANALYSES / "_analyses.yml").read_text(encoding="utf-8"))["analyses"]
    return {analysis["name"]: re.split(r"(?<=[.])\s", analysis["description"].strip())[0] for analysis in described}


def asks_about_an_address(question: str) -> bool:
    """Tell whether a question takes --address."""
    return "asked_address_filter(" in (ANALYSES / f"{question}.sql").read_text(encoding="utf-8")


def day(text: str) -> date | None:
    """Read a day; nothing where there is no text."""
    if text and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-11-01, found '{printable(text)}'")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day of the calendar, found {text!r}") from None


def address(text: str) -> str | None:
    """Read an IP address and return it as flow logs write it; nothing where there is no text."""
    try:
        found = str(ipaddress.ip_address(text)) if text else None
    except ValueError:
        found = "%"
    if found and "%" in found:  # of a zone, which no flow log has
        raise argparse.ArgumentTypeError(
            f"expected one IPv4 or IPv6 address such as 10.0.0.1, found '{printable(text)}'"
        )
    return found


def row_count(text: str) -> int:
    """Read how many rows to show."""
    if not re.fullmatch(r"\d{1,9}", text):
        raise argparse.ArgumentTypeError(f"expected a number of rows, or 0 for all, found '{printable(text)}'")
    return int(text)


def sql_of(question: str, variables: dict[str, str], warehouse: Path) -> str:
    """Return the SQL that dbt makes of an analysis. Raises NoAnswerError.

    dbt opens a DuckDB file to write. Here it gets an empty one of the same name, which is part of the names of tables:
    with the days given, it asks nothing of the real one.
    """
    with tempfile.TemporaryDirectory(prefix="ask_") as folder:
        environment = {
            **os.environ,
            "DBT_TARGET_PATH": folder,
            "DBT_LOG_PATH": folder,
            "WAREHOUSE": str(Path(folder, warehouse.name)),
        }
        command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "--no-use-colors", "compile"]
        command += ["--no-populate-cache", "--select", question, "--vars", json.dumps(variables)]
        made = subprocess.run(  # noqa: S603 - the question is one of ours, the values are checked
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True
        )
        if made.returncode != 0:
            raise NoAnswerError("dbt cannot compile the question:\n" + (made.stdout + made.stderr).strip())
        compiled = Path(folder, "compiled", "aws_internet_traffic", "analyses", f"{question}.sql")
        return compiled.read_text(encoding="utf-8")


def run_on_duckdb(connection: duckdb.DuckDBPyConnection) -> Run:
    """Return what runs a query on a warehouse."""

    def run(sql: str) -> Answer:
        try:
            answer = connection.execute(sql)
        except duckdb.CatalogException as error:
            message = str(error).splitlines()[0]
            raise NoAnswerError(f"The warehouse lacks a table ({message}). Build it again: make build.") from None
        return [column[0] for column in answer.description], answer.fetchall()

    return run


def connect_to_athena(environment: Mapping[str, str]) -> Any:
    """Return a connection to Athena, by the same variables as the profile of dbt. Raises NoAnswerError."""
    import pyathena  # here, because it takes a second that DuckDB does not need

    try:
        return pyathena.connect(
            region_name=environment["AWS_REGION"],
            schema_name=environment["ATHENA_SCHEMA"],
            work_group=environment["ATHENA_WORK_GROUP"],
            s3_staging_dir=environment["ATHENA_RESULTS"],
            role_arn=environment.get("ATHENA_ASSUME_ROLE_ARN") or None,
            poll_interval=float(environment.get("ATHENA_POLL_INTERVAL", "1.0")),
        )
    except KeyError as error:
        raise NoAnswerError(
            f"The environment variable {error.args[0]} is missing. See the README, On Athena."
        ) from None


def run_on_athena(connection: Any) -> Run:
    """Return what runs a query on Athena."""
    import pyathena
    from botocore.exceptions import BotoCoreError, ClientError

    def run(sql: str) -> Answer:
        cursor = connection.cursor()
        try:
            cursor.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()
        except (pyathena.Error, BotoCoreError, ClientError) as error:
            raise NoAnswerError(f"Athena does not answer: {printable(error)}") from None

    return run


def answer_of(question: str, arguments: argparse.Namespace, run: Run) -> tuple[Answer, str]:
    """Return the answer, and the days that it is about. Raises NoAnswerError."""
    first, last = arguments.start, arguments.end
    if last is None:
        last = run(NEWEST_DAY)[1][0][0]
        if last is None:
            raise NoAnswerError("The tables hold no day. Build some first: make build, or dbt build --target athena.")
    first = first or last - timedelta(days=DAYS_WITHOUT_DATES - 1)
    if first > last:
        raise NoAnswerError(f"The first day, {first}, lies after the last, {last}.")
    variables = {"start_date": str(first), "end_date": str(last)}
    if arguments.address:
        variables["asked_address"] = arguments.address
    return run(sql_of(question, variables, arguments.warehouse)), f"{first} to {last} (UTC)"


def with_unit(byte_count: int) -> str:
    """Bytes in the largest unit of which there is at least one."""
    amount, units = float(byte_count), iter(BYTE_UNITS)
    unit = next(units)
    while abs(amount) >= 999.95 and unit != BYTE_UNITS[-1]:
        amount, unit = amount / 1000, next(units)
    return f"{byte_count} B" if unit == "B" else f"{amount:.1f} {unit}"


def is_byte_column(column: str) -> bool:
    """Tell whether a column counts bytes."""
    return "byte_count" in column or column.startswith("bytes_")


def cell(column: str, value: object, human: bool) -> str:
    """One value as text: counts with separators, yes and no, a dash for null."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and human and is_byte_column(column):
        return with_unit(value)
    if isinstance(value, int) and ("_count" in column or is_byte_column(column)):
        return f"{value:,}"
    return printable(value)


def write_table(answer: Answer, human: bool, output: TextIO) -> None:
    """Write aligned columns, numbers to the right."""
    columns, rows = answer
    texts = [[cell(column, value, human) for column, value in zip(columns, row, strict=True)] for row in rows]
    right = [
        any(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in column)
        for column in zip(*rows, strict=True)
    ]
    print(format_lines(columns, texts, right) if rows else "  none", file=output)


def write_csv(answer: Answer, output: TextIO) -> None:
    """Write CSV; text that a spreadsheet would take for a formula gets an apostrophe."""
    columns, rows = answer

    def text(value: object) -> object:
        if not isinstance(value, str):
            return value
        return ("'" if FORMULA.match(value) else "") + printable(value)

    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([text(value) for value in row] for row in rows)


def write_json(answer: Answer, output: TextIO) -> None:
    """Write a list of objects: numbers as they are, decimals, days and times as text, every other character escaped."""
    columns, rows = answer
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    print(json.dumps(found, indent=2, default=str), file=output)


def list_questions(output: TextIO) -> None:
    """Write the names of all questions with what they ask."""
    print("Questions, each asked with make ask Q=name [START=2026-11-01 END=2026-11-07]:\n", file=output)
    for name, sentence in questions().items():
        print(f"{name}{' (ADDRESS=10.0.0.1)' if asks_about_an_address(name) else ''}\n    {sentence}", file=output)


def main(words: Sequence[str] | None = None) -> int:
    """Ask, and print the answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question", nargs="?", default="", help="name of an analysis; without one all are listed")
    parser.add_argument("--start", type=day, help=f"first UTC day (default: {DAYS_WITHOUT_DATES} days up to --end)")
    parser.add_argument("--end", type=day, help="last UTC day (default: the newest that the tables hold)")
    parser.add_argument("--address", type=address, help="for the questions about one address")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")
    parser.add_argument(
        "--limit", type=row_count, help=f"rows to print, 0 for all (default: {ROWS_OF_A_TABLE} of a table, else all)"
    )
    parser.add_argument("--human", action="store_true", help="bytes in kB, MB, GB .. (of 1000) in the table")
    parser.add_argument("--warehouse", default="", help=f"DuckDB file (default: WAREHOUSE, or {DEFAULT_WAREHOUSE})")
    parser.add_argument("--target", choices=("local", "athena"), default=os.environ.get("DBT_TARGET") or "local")
    arguments = parser.parse_args(words)
    arguments.warehouse = Path(arguments.warehouse or os.environ.get("WAREHOUSE") or DEFAULT_WAREHOUSE)
    if arguments.start and arguments.end and arguments.start > arguments.end:
        parser.error(f"the first day, {arguments.start}, lies after the last, {arguments.end}")
    if not arguments.question:
        list_questions(sys.stdout)
        return 0
    if arguments.question not in questions():
        print(f"There is no question '{printable(arguments.question)}'.\n", file=sys.stderr)
        list_questions(sys.stderr)
        return 2
    if arguments.address and not asks_about_an_address(arguments.question):
        parser.error(f"{arguments.question} asks about no single address")
    try:
        if arguments.target == "athena":
            with closing(connect_to_athena(os.environ)) as athena:
                answer, days = answer_of(arguments.question, arguments, run_on_athena(athena))
        else:
            with open_warehouse(arguments.warehouse) as warehouse:
                answer, days = answer_of(arguments.question, arguments, run_on_duckdb(warehouse))
    except (NoAnswerError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 1
    columns, rows = answer
    limit = arguments.limit
    if limit is None:
        limit = ROWS_OF_A_TABLE if arguments.format == "table" else 0
    shown = columns, rows[:limit] if limit else rows
    if arguments.format == "table":
        print(f"{questions()[arguments.question]}\n{days}\n")
        write_table(shown, arguments.human, sys.stdout)
    elif arguments.format == "csv":
        write_csv(shown, sys.stdout)
    else:
        write_json(shown, sys.stdout)
    if len(shown[1]) < len(rows):
        print(f"\n{len(shown[1])} of {len(rows)} rows; all of them with --limit 0.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
