#!/usr/bin/env python3
"""Say what the last run scanned on Athena and about what it cost, model by model.

Usage: python scripts/query_costs.py [--results target/run_results.json] [--work-group NAME] [--schema NAME]
           [--price-per-tb 5 --currency USD] [--keep FOLDER or s3://bucket/prefix] [--dry-run]

dbt keeps the bytes of one statement for each model. A model runs several, and so do tests and hooks. This asks Athena
for every statement of the run: dbt's comment in each says of which run it is and for which model, seed or test. ALTER,
DROP and MSCK carry no comment; those that ran in the schema during the run are a row of their own.

Billed bytes are rounded up to a MB, 10 MB at least for each query that is not DDL, also for one that scanned nothing:
where AWS charges less for those, the estimate is too high. DDL and failed queries are free, cancelled ones are charged
what they scanned (https://aws.amazon.com/athena/pricing/). The price is the var athena_scan_price of dbt_project.yml,
unless the run or this command says another. Where queries run on provisioned capacity, bytes cost nothing.

--keep also writes all rows to <place>/athena-query-costs/<invocation id>.csv; keeping a run twice changes nothing.
Athena forgets statements after 45 days.

Exit codes: 0 printed (and kept); 1 something could not be read, asked or written, the message says what; 2 wrong
arguments.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError
from print_findings import format_table
from shared.s3_locations import CLIENT_CONFIG
from shared.snapshots import Destination, advice, assumed_session, destination

PROJECT_FILE = Path(__file__).resolve().parents[1] / "dbt_project.yml"

MB = 1024**2
TB = 1024**4
SMALLEST_BILL = 10 * MB

# What BatchGetQueryExecution and a page of ListQueryExecutions take at most
# (https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetQueryExecution.html).
PAGE_SIZE = 50
# Clocks of this machine and of AWS may differ by so much.
CLOCK_SLACK = timedelta(minutes=5)

# dbt-athena puts its comment before every statement but these (dbt/adapters/athena/query_headers.py).
COMMENT = re.compile(r"\s*-- /\* (\{.*\}) \*/")
WITHOUT_COMMENT = re.compile(r"\s*(?:alter|drop|optimize|vacuum|msck)\b", re.IGNORECASE)

HOOKS = "hooks"
UNCOMMENTED = "alter_drop_msck"
TITLES = {HOOKS: "before and after the models", UNCOMMENTED: "ALTER, DROP and MSCK of all models"}
# Hundreds of these: printed as one row each, kept one by one.
PRINTED_TOGETHER = {"test": "data tests", "unit_test": "unit tests"}

REFUSED_CALL = "Allow athena:ListQueryExecutions, athena:BatchGetQueryExecution and athena:GetQueryExecution."


class CostsError(Exception):
    """The costs cannot be said. The message says what was expected, what was found and what to do."""


@dataclass(frozen=True)
class Run:
    """The run that run_results.json describes."""

    invocation_id: str
    started_at: datetime
    ended_at: datetime
    vars: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path) -> Run:
        """Read run_results.json. Raises CostsError."""
        try:
            results = json.loads(file.read_text(encoding="utf-8"))
            about = results["metadata"]
            return cls(
                about["invocation_id"],
                datetime.fromisoformat(about["invocation_started_at"]).astimezone(UTC),
                datetime.fromisoformat(about["generated_at"]).astimezone(UTC),
                results["args"].get("vars") or {},
            )
        except FileNotFoundError:
            raise CostsError(f"{file} does not exist. Run dbt build first, or name the file with --results.") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CostsError(
                f"{file} is no run_results.json of dbt ({type(error).__name__}: {error}). Run dbt build again."
            ) from None


@dataclass(frozen=True)
class Price:
    """What a TB costs."""

    per_tb: Decimal
    currency: str

    @classmethod
    def of(cls, setting: Any, where: str) -> Price:
        """Read the var athena_scan_price. Raises CostsError."""
        try:
            price = cls(Decimal(str(setting["per_tb"])), str(setting["currency"]))
        except (KeyError, TypeError, InvalidOperation):
            price = None
        if price is None or not price.per_tb.is_finite() or price.per_tb < 0 or not price.currency:
            raise CostsError(
                f"athena_scan_price of {where}: expected such as {{per_tb: 5.00, currency: USD}}, found {setting!r}."
            )
        return price


@dataclass
class Cost:
    """What the statements of one node of dbt add up to."""

    node_id: str
    resource_type: str
    name: str
    statement_count: int = 0
    failed_count: int = 0
    scanned_bytes: int = 0
    billed_bytes: int = 0
    milliseconds: int = 0

    def add(self, execution: Mapping[str, Any]) -> None:
        """Add a statement as Athena describes it."""
        statistics = execution.get("Statistics", {})
        self.statement_count += 1
        self.failed_count += execution["Status"]["State"] in ("FAILED", "CANCELLED")
        self.scanned_bytes += statistics.get("DataScannedInBytes", 0)
        self.billed_bytes += billed_bytes(execution)
        self.milliseconds += statistics.get("TotalExecutionTimeInMillis", 0)

    def add_all(self, costs: Iterable[Cost]) -> Cost:
        """Add other costs, and return itself."""
        for cost in costs:
            self.statement_count += cost.statement_count
            self.failed_count += cost.failed_count
            self.scanned_bytes += cost.scanned_bytes
            self.billed_bytes += cost.billed_bytes
            self.milliseconds += cost.milliseconds
        return self

    def money(self, price: Price) -> Decimal:
        """Return the estimated cost."""
        return Decimal(self.billed_bytes) / TB * price.per_tb


@dataclass
class Costs:
    """What a run cost, by node, and what else was found in its work group."""

    by_node: dict[str, Cost] = field(default_factory=dict)
    running_count: int = 0

    def add(self, node_id: str, execution: Mapping[str, Any]) -> None:
        """Add a statement of the run."""
        if node_id not in self.by_node:
            resource_type, _, name = node_id.rpartition(".")
            self.by_node[node_id] = Cost(node_id, resource_type.partition(".")[0], TITLES.get(node_id, name))
        self.by_node[node_id].add(execution)
        self.running_count += execution["Status"]["State"] in ("QUEUED", "RUNNING")

    @property
    def all(self) -> list[Cost]:
        """The costs of all nodes, the dearest first."""
        return sorted(self.by_node.values(), key=lambda cost: (-cost.billed_bytes, -cost.scanned_bytes, cost.node_id))

    @property
    def total(self) -> Cost:
        """The costs of all nodes together."""
        return Cost("", "", "total").add_all(self.by_node.values())


def billed_bytes(execution: Mapping[str, Any]) -> int:
    """Return the bytes that Athena charges for a statement. CREATE TABLE AS is a query, whatever type it has."""
    scanned = execution.get("Statistics", {}).get("DataScannedInBytes", 0)
    state = execution["Status"]["State"]
    is_query = (
        execution.get("StatementType") not in ("DDL", "UTILITY")
        or execution.get("SubstatementType") == "CREATE_TABLE_AS_SELECT"
    )
    if state == "FAILED" or (scanned == 0 and (state != "SUCCEEDED" or not is_query)):
        return 0
    return max(-(-scanned // MB) * MB, SMALLEST_BILL)


def executions_since(athena: Any, work_group: str, start: datetime) -> Iterator[dict[str, Any]]:
    """Yield the statements of a work group that were submitted since a time.

    Athena lists the newest first, but does not promise it: only a whole page of older ones ends the search.
    """
    pages = athena.get_paginator("list_query_executions").paginate(
        WorkGroup=work_group, PaginationConfig={"PageSize": PAGE_SIZE}
    )
    for page in pages:
        ids = page["QueryExecutionIds"]
        found = [
            execution
            for first in range(0, len(ids), PAGE_SIZE)
            for execution in described(athena, ids[first : first + PAGE_SIZE])
            if execution["Status"]["SubmissionDateTime"] >= start
        ]
        if ids and not found:
            return
        yield from found


def described(athena: Any, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield what Athena says of some statements; of those that it leaves out it is asked again, one by one."""
    answer = athena.batch_get_query_execution(QueryExecutionIds=list(ids))
    yield from answer["QueryExecutions"]
    for left_out in answer.get("UnprocessedQueryExecutionIds", []):
        yield athena.get_query_execution(QueryExecutionId=left_out["QueryExecutionId"])["QueryExecution"]


def node_of(execution: Mapping[str, Any], run: Run, schema: str) -> str | None:
    """Return the node that a statement was for, None where it is not of the run."""
    text = execution.get("Query", "")
    comment = COMMENT.match(text)
    if comment:
        try:
            about = json.loads(comment[1])
        except ValueError:
            return None
        if about.get("invocation_id") != run.invocation_id:
            return None
        node_id = str(about.get("node_id", ""))
        return node_id if "." in node_id else HOOKS
    is_of_schema = execution.get("QueryExecutionContext", {}).get("Database", "").lower() == schema.lower()
    submitted_at = execution["Status"]["SubmissionDateTime"]
    if WITHOUT_COMMENT.match(text) and is_of_schema and run.started_at <= submitted_at <= run.ended_at:
        return UNCOMMENTED
    return None


def costs_of_run(athena: Any, work_group: str, schema: str, run: Run) -> Costs:
    """Ask Athena for the statements of a run and add them up. Raises CostsError where there is none."""
    costs = Costs()
    for execution in executions_since(athena, work_group, run.started_at - CLOCK_SLACK):
        node_id = node_of(execution, run, schema)
        if node_id is not None:
            costs.add(node_id, execution)
    if costs.by_node.keys() <= {UNCOMMENTED}:
        raise CostsError(
            f"work group {work_group} knows no statement of the run {run.invocation_id}, started "
            f"{run.started_at:%Y-%m-%d %H:%M} UTC. Expected a run on Athena (--target athena) in this work group, not "
            "older than 45 days, which is how long Athena remembers. Correct --results, --work-group or AWS_REGION."
        )
    return costs


def printed_table(costs: Costs, price: Price) -> str:
    """Return the costs as text: a row for each node, tests together, and the total."""
    rows = [cost for cost in costs.all if cost.resource_type not in PRINTED_TOGETHER]
    for resource_type, name in PRINTED_TOGETHER.items():
        together = [cost for cost in costs.all if cost.resource_type == resource_type]
        if together:
            rows.append(Cost("", resource_type, f"{len(together)} {name}").add_all(together))
    rows.append(costs.total)
    columns = [
        "what",
        "type",
        "statements",
        "failed",
        "scanned bytes",
        "billed bytes",
        f"cost ({price.currency})",
        "seconds",
    ]
    return format_table(
        columns,
        [
            (
                cost.name,
                cost.resource_type,
                cost.statement_count,
                cost.failed_count,
                cost.scanned_bytes,
                cost.billed_bytes,
                f"{cost.money(price):.6f}",
                cost.milliseconds / 1000,
            )
            for cost in rows
        ],
    )


KEPT_COLUMNS = (
    "invocation_id",
    "started_at",
    "resource_type",
    "node_id",
    "statement_count",
    "failed_count",
    "scanned_byte_count",
    "billed_byte_count",
    "estimated_cost",
    "currency",
    "execution_seconds",
)


def kept_file(run: Run, costs: Costs, price: Price) -> bytes:
    """Return the costs as CSV, one row per node."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(KEPT_COLUMNS)
    for cost in sorted(costs.by_node.values(), key=lambda cost: cost.node_id):
        writer.writerow(
            (
                run.invocation_id,
                f"{run.started_at:%Y-%m-%d %H:%M:%S}",
                cost.resource_type,
                cost.node_id,
                cost.statement_count,
                cost.failed_count,
                cost.scanned_bytes,
                cost.billed_bytes,
                f"{cost.money(price):.9f}",
                price.currency,
                f"{cost.milliseconds / 1000:.3f}",
            )
        )
    return text.getvalue().encode()


def price_of(arguments: argparse.Namespace, run: Run) -> Price:
    """Return the price that this command says, else the run's var, else that of the project. Raises CostsError."""
    if arguments.price_per_tb is not None:
        return Price(arguments.price_per_tb, arguments.currency)
    if "athena_scan_price" in run.vars:
        return Price.of(run.vars["athena_scan_price"], "the run's --vars")
    try:
        variables = yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))["vars"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise CostsError(f"the vars of {PROJECT_FILE.name} cannot be read: {error}") from None
    return Price.of(variables.get("athena_scan_price"), PROJECT_FILE.name)


def price_per_tb(text: str) -> Decimal:
    """Read a price. Raises argparse.ArgumentTypeError."""
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise argparse.ArgumentTypeError(f"expected an amount of money such as 5.00, found '{text}'")
    return price


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line, and from the environment what it leaves out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target_path = os.environ.get("DBT_TARGET_PATH", "target")
    parser.add_argument(
        "--results", type=Path, default=Path(target_path, "run_results.json"), help="the run (default: the last one)"
    )
    parser.add_argument("--work-group", default=os.environ.get("ATHENA_WORK_GROUP"), help="default: ATHENA_WORK_GROUP")
    parser.add_argument("--schema", default=os.environ.get("ATHENA_SCHEMA"), help="default: ATHENA_SCHEMA")
    parser.add_argument("--price-per-tb", type=price_per_tb, help="price of 1,024 GB (default: var athena_scan_price)")
    parser.add_argument("--currency", default="USD", help="currency of --price-per-tb (default: USD)")
    parser.add_argument(
        "--keep", type=destination, metavar="PLACE", help="folder or s3://bucket/prefix to keep the rows in"
    )
    parser.add_argument("--dry-run", action="store_true", help="say where rows would be kept, and keep none")
    read = parser.parse_args(arguments)
    for option, value, variable in (
        ("--work-group", read.work_group, "ATHENA_WORK_GROUP"),
        ("--schema", read.schema, "ATHENA_SCHEMA"),
    ):
        if not value:
            parser.error(f"say {option}, or set the environment variable {variable}")
    return read


def keep(place: Destination, run: Run, content: bytes, is_dry_run: bool) -> None:
    """Write the file of a run, over one that is there."""
    path = f"athena-query-costs/{run.invocation_id}.csv"
    if not is_dry_run:
        place.write(path, content)
    print(f"{'Would keep' if is_dry_run else 'Kept'} the rows in {place.name(path)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the run cost, and return the exit code."""
    options = read_arguments(arguments)
    try:
        run = Run.read(options.results)
        if not re.fullmatch(r"[0-9a-f-]{36}", run.invocation_id):
            raise CostsError(f"{options.results}: expected a UUID as invocation_id, found {run.invocation_id!r}.")
        price = price_of(options, run)
        role_arn = os.environ.get("ATHENA_ASSUME_ROLE_ARN")
        session = assumed_session(role_arn) if role_arn else boto3.Session()
        athena = session.client("athena", os.environ.get("AWS_REGION"), config=CLIENT_CONFIG)
        costs = costs_of_run(athena, options.work_group, options.schema, run)
        print(
            f"Run {run.invocation_id}, started {run.started_at:%Y-%m-%d %H:%M:%S} UTC, work group {options.work_group}"
        )
        print(printed_table(costs, price))
        print(f"Estimated at {price.per_tb} {price.currency} for a TB of 1,024 GB scanned.")
        if costs.running_count:
            print(f"{costs.running_count} statements still run: ask again when they have ended.")
        if options.keep:
            keep(options.keep, run, kept_file(run, costs, price), options.dry_run)
    except CostsError as error:
        print(f"query_costs: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError, OSError) as error:
        print(f"query_costs: {error}. {advice(error, REFUSED_CALL)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
