#!/usr/bin/env python3
"""Try the whole project in an AWS account of yours, with the sample logs, and remove everything again.

Usage: python scripts/smoke_test_athena.py [--schema aws_internet_traffic_smoke_test] [--dry-run] [--keep]
           [--remove] [--print-policy] [--folder logs/smoke_test_athena]

It takes the region, work group and places from the environment (README, "On Athena"), and works in two Glue databases
of its own, <schema> and <schema>_raw, below <ATHENA_DATA>/<schema>/ and <ATHENA_RESULTS>/<schema>/. It refuses to begin
where any of these is there already. Then it

1. writes the sample logs, builds them on DuckDB and uploads them;
2. builds and tests them on Athena, and builds one day of them again;
3. compares every table row by row with DuckDB and the marts with the truth of the logs, the bytes scanned with the
   files of that day, the statements with the models, and looks for the descriptions in Glue;
4. removes the databases and every object and version below the two places, also after a failure or Ctrl-C.

--keep leaves everything there, --remove takes away what an earlier run left. --print-policy prints the IAM policy that
it needs. The log of dbt stays in --folder. It takes about ten to twenty minutes, and scans less than 10 GB.

Exit codes: 0 all is as it should be and removed; 1 something is not, or is left, and the message says what; 2 wrong
arguments; 130 interrupted and removed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import duckdb
import query_costs
import yaml
from ask import NoAnswerError, connect_to_athena
from botocore.exceptions import BotoCoreError, ClientError
from sample_logs.variables import sample_variables
from shared.account_setup import Account, SetupError, failure, find_account, location_text
from shared.athena_policies import policy_document
from shared.comparable_rows import comparable, differing_rows, truth_columns
from shared.log_layouts import LogLayouts
from shared.s3_locations import CLIENT_CONFIG, DataLocation, schema_name
from shared.smoke_test_place import Place, Remains, SmokeTestError, smoke_test_grants
from shared.snapshots import assumed_session
from shared.text_tables import printable
from shared.warehouses import REPOSITORY
from upload_logs import files_to_send, upload

VARIABLES = ("AWS_REGION", "ATHENA_WORK_GROUP", "ATHENA_RESULTS", "ATHENA_DATA")
DEFAULT_SCHEMA = "aws_internet_traffic_smoke_test"

FIRST_DAY, LAST_DAY = date(2026, 11, 1), date(2026, 11, 7)
# The day that is built again: in the middle, so that days before and after it could be opened, and must not be.
REBUILT_DAY = date(2026, 11, 3)
WINDOW = {"start_date": str(FIRST_DAY), "end_date": str(LAST_DAY), "newest_delivery_date": "2026-11-09"}
ONE_DAY = {**WINDOW, "start_date": str(REBUILT_DAY), "end_date": str(REBUILT_DAY)}
RUNS = {"week": (FIRST_DAY, LAST_DAY), "day": (REBUILT_DAY, REBUILT_DAY)}
STAGING = {
    "s3_access_logs": "stg_s3_access_logs__requests",
    "vpc_flow_logs": "stg_vpc_flow_logs__records",
    "cloudtrail": "stg_cloudtrail__events",
}
# Files of different days are compressed differently well.
MOST_SCANNED = 1.05
KEPT = ("incremental", "table", "seed")
# Tables of the truth file that say what a mart must hold, row by row.
MARTS_OF_TRUTH = {
    "s3_access_logs": ("s3_usage_daily", "s3_clients_daily"),
    "vpc_flow_logs": ("internet_egress_daily", "nat_gateway_usage_daily"),
    "cloudtrail": ("api_activity_daily", "api_clients_daily"),
}

# What stands in docs/proven_where.md, word by word.
TRUTH = "the marts equal the truth of the sample logs, to the byte"
ROWS = "every table has the same rows on both engines, also for lines and files that are wrong"
DAYS = "a one-day run opens the files of that day and of the late days only"
STATEMENTS = "every statement of a run is found and charged to its model"
DESCRIPTIONS = "descriptions are visible in Glue"

Row = Mapping[str, Any]


# --- The test itself


@dataclass
class Finding:
    """What was looked at, and what was wrong with it."""

    claim: str
    looked_at: str
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SmokeTest:
    """The sample logs through both engines, and what is compared."""

    place: Place
    clients: Mapping[str, Any]
    folder: Path

    @property
    def logs(self) -> Path:
        """The sample logs on this machine."""
        return self.folder / "sample_logs"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.folder / "smoke_test.duckdb"

    def prepare(self) -> None:
        """Write the sample logs, and build them on DuckDB."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.warehouse.unlink(missing_ok=True)
        print("== Sample logs, built on DuckDB", flush=True)
        generator = Path(__file__).with_name("generate_sample_logs.py")
        run_command([sys.executable, str(generator), str(self.logs)], dict(os.environ))
        environment = {**os.environ, "DBT_TARGET": "local", "LOGS": str(self.logs), "WAREHOUSE": str(self.warehouse)}
        self._dbt("local", environment, WINDOW, "--quiet", "build", "--exclude-resource-type", "unit_test")

    def run(self) -> list[Finding]:
        """Upload, build on Athena, compare. Raises SmokeTestError where a step fails."""
        print(f"\n== Upload to {location_text(self.place.logs)}", flush=True)
        upload(self.clients["s3"], self.logs, self.place.logs.bucket, self.place.logs.prefix, dry_run=False)
        environment = self.place.environment
        print(f"\n== Build and test {FIRST_DAY} to {LAST_DAY} on Athena", flush=True)
        self._dbt("week", environment, WINDOW, "build", "--exclude-resource-type", "unit_test")
        print(f"\n== Build {REBUILT_DAY} again on Athena", flush=True)
        self._dbt("day", environment, ONE_DAY, "run")
        print("\n== Compare", flush=True)
        findings = [*self._compare_rows(), self._find_descriptions()]
        findings += [self._charge(name) for name in ("week", "day")]
        return [*findings, self._compare_days()]

    def _dbt(self, name: str, environment: Mapping[str, str], window: Mapping[str, str], *words: str) -> None:
        """Run dbt with a target folder of its own. Raises SmokeTestError."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        variables = {**sample_variables(FIRST_DAY), **window}
        command = [str(Path(sys.executable).with_name("dbt")), *words, "--vars", json.dumps(variables)]
        folders = {"DBT_TARGET_PATH": str(target), "DBT_LOG_PATH": str(target / "logs")}
        run_command(command, {**environment, **folders})

    @cached_property
    def _nodes(self) -> dict[str, dict[str, Any]]:
        """What the run on Athena knows of its models and seeds, by name."""
        nodes = json.loads((self.folder / "week" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
        return {node["name"]: node for node in nodes.values() if node["resource_type"] in ("model", "seed")}

    def _compare_rows(self) -> Iterator[Finding]:
        """Compare every table with that of DuckDB, and the marts with the truth."""
        truth = json.loads((self.logs / "truth.json").read_text(encoding="utf-8"))
        expected = {f"fct_{name}": truth[log][name] for log, names in MARTS_OF_TRUTH.items() for name in names}
        rows_finding = Finding(ROWS, "")
        truth_finding = Finding(TRUTH, f"{len(expected)} marts")
        row_count = 0
        with (
            duckdb.connect(str(self.warehouse), read_only=True) as warehouse,
            closing(connect_to_athena(self.place.environment)) as athena,
            ThreadPoolExecutor(4) as pool,
        ):
            # A view shows the days of the last run, which are others on the two sides.
            names = sorted(name for name, node in self._nodes.items() if node["config"]["materialized"] in KEPT)
            queries = [f'select * from "{self.place.schema}"."{self._nodes[name]["alias"]}"' for name in names]  # noqa: S608
            for name, on_athena in zip(
                names, pool.map(lambda query: rows_of(athena.cursor(), query), queries), strict=True
            ):
                on_duckdb = rows_of(warehouse.cursor(), f'select * from main."{name}"')  # noqa: S608
                row_count += len(on_athena)
                rows_finding.wrong += difference(
                    name, *(list(map(comparable, rows)) for rows in (on_duckdb, on_athena))
                )
                if name in expected:
                    wrong = difference(name, expected[name], truth_columns(on_athena, expected[name]), "in the truth")
                    truth_finding.wrong += wrong
        rows_finding.looked_at = f"{len(names)} tables, {row_count:,} rows"
        yield rows_finding
        yield truth_finding

    def _find_descriptions(self) -> Finding:
        """Look for the description of every column of every mart."""
        marts = [name for name, node in self._nodes.items() if "marts" in node["fqn"]]
        finding = Finding(DESCRIPTIONS, f"{len(marts)} marts")
        for name in marts:
            table = self.clients["glue"].get_table(DatabaseName=self.place.schema, Name=name)["Table"]
            columns = [*table["StorageDescriptor"]["Columns"], *table["PartitionKeys"]]
            finding.wrong += [f"{name}.{column['Name']}" for column in columns if not column.get("Comment")]
        return finding

    def _charge(self, name: str) -> Finding:
        """Find the statements of a run, print what they cost, and look for models without any."""
        run = query_costs.Run.read(self.folder / name / "run_results.json")
        costs = query_costs.costs_of_run(self.clients["athena"], self.place.work_group, self.place.schema, run)
        price = query_costs.price_of(argparse.Namespace(price_per_tb=None), run)
        print(query_costs.printed_table(costs, price), flush=True)
        models = [
            node["unique_id"]
            for node in self._nodes.values()
            if node["resource_type"] == "model" and node["config"]["materialized"] != "ephemeral"
        ]
        total = costs.total
        finding = Finding(
            STATEMENTS,
            f"{total.statement_count:,} statements of the {name}, {total.scanned_bytes:,} bytes scanned, estimated at "
            f"{total.money(price):.4f} {price.currency}",
            [model for model in models if model not in costs.by_node],
        )
        if costs.running_count:
            finding.wrong.append(f"{costs.running_count} statements still run")
        return finding

    def _compare_days(self) -> Finding:
        """Compare the share of the bytes that staging scanned for one day with the share of the files of that day."""
        finding = Finding(DAYS, "")
        delivered = {name: self._delivered(*days) for name, days in RUNS.items()}
        scanned = {name: self._scanned(name) for name in RUNS}
        parts = []
        for log, model in STAGING.items():
            day, week = (scanned[name][model] for name in ("day", "week"))
            day_files, week_files = (delivered[name][log] for name in ("day", "week"))
            parts.append(f"{model} {day:,} of {week:,} bytes for files of {day_files:,} of {week_files:,}")
            if not 0 < day * week_files <= week * day_files * MOST_SCANNED:
                finding.wrong.append(parts[-1])
        finding.looked_at = ", ".join(parts)
        return finding

    def _delivered(self, first_day: date, last_day: date) -> Counter[str]:
        """Bytes of the log files that a run of these days reads, late days included, by kind of log."""
        late_days = yaml.safe_load((REPOSITORY / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["late_days"]
        layouts = LogLayouts.of_project()
        byte_counts: Counter[str] = Counter()
        for path in files_to_send(self.logs):
            log = layouts.log_file(path.relative_to(self.logs).as_posix())
            if log and first_day <= log.delivery_date <= last_day + timedelta(days=late_days):
                byte_counts[log.source] += path.stat().st_size
        return byte_counts

    def _scanned(self, name: str) -> Counter[str]:
        """Bytes scanned by the statements of a run that read logs, by model; the others read tables of our own."""
        run = query_costs.Run.read(self.folder / name / "run_results.json")
        byte_counts: Counter[str] = Counter()
        for execution in query_costs.executions_since(
            self.clients["athena"], self.place.work_group, run.started_at - query_costs.CLOCK_SLACK
        ):
            node_id = query_costs.node_of(execution, run, self.place.schema)
            if node_id and execution.get("SubstatementType") == "CREATE_TABLE_AS_SELECT":
                byte_counts[node_id.rpartition(".")[2]] += execution["Statistics"]["DataScannedInBytes"]
        return byte_counts


def rows_of(cursor: Any, query: str) -> list[dict[str, Any]]:
    """Return the rows of a query with the names of its columns."""
    cursor.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def difference(name: str, expected: Sequence[Row], found: Sequence[Row], where: str = "on DuckDB") -> list[str]:
    """Say how the rows of a table differ, with one of each side."""
    only_expected, only_found = differing_rows(expected, found)
    if not only_expected and not only_found:
        return []
    examples = [
        f"{side}: {printable(rows[0])[:1000]}"
        for side, rows in ((f"only {where}", only_expected), ("only on Athena", only_found))
        if rows
    ]
    return [f"{name}: {len(only_expected)} rows only {where}, {len(only_found)} only on Athena. {'; '.join(examples)}"]


def run_command(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command, and wait for its end also when this program is interrupted. Raises SmokeTestError."""
    # In a session of its own, so that Ctrl-C reaches it once, from here.
    with subprocess.Popen(command, cwd=REPOSITORY, env=dict(environment), start_new_session=True) as process:  # noqa: S603
        try:
            code = process.wait()
        except BaseException:
            # dbt cancels its statements when it is interrupted; what they write must not come after the removal.
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    if code != 0:
        words = " ".join(command[1:3])
        raise SmokeTestError(
            f"{Path(command[0]).name} {words} .. ended with exit code {code}; what it printed says why."
        )


# --- The command


def read_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--schema", type=schema_name, default=DEFAULT_SCHEMA, help="name of its database and folders: %(default)s")
    add(
        "--folder",
        type=Path,
        default=REPOSITORY / "logs" / "smoke_test_athena",
        help="where the sample logs, the DuckDB file and what dbt writes go on this machine",
    )
    add("--keep", action="store_true", help="remove nothing; --remove does it later")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="say where it would work and what is there; touch nothing")
    what.add_argument(
        "--remove", action="store_true", help="remove what an earlier smoke test left, and do nothing else"
    )
    what.add_argument("--print-policy", action="store_true", help="print the IAM policy that it needs")
    return parser.parse_args(words)


def place_of(options: argparse.Namespace, environment: Mapping[str, str]) -> Place:
    """Return where the smoke test works. Raises SmokeTestError."""
    missing = [name for name in VARIABLES if not environment.get(name)]
    if missing:
        raise SmokeTestError(
            f"the environment lacks {', '.join(missing)}. Set it as the README says (On Athena); "
            "scripts/bootstrap_athena.py makes the places and prints the variables."
        )
    try:
        data, results = (DataLocation.parse(environment[name]) for name in ("ATHENA_DATA", "ATHENA_RESULTS"))
    except argparse.ArgumentTypeError as error:
        raise SmokeTestError(f"ATHENA_DATA and ATHENA_RESULTS: {error}. Correct it.") from None
    place = Place(environment["AWS_REGION"], environment["ATHENA_WORK_GROUP"], options.schema, data, results)
    if options.schema == environment.get("ATHENA_SCHEMA"):
        raise SmokeTestError(f"--schema {options.schema} is that of ATHENA_SCHEMA. Name one that nothing else uses.")
    if place.data == place.results:
        raise SmokeTestError("ATHENA_DATA and ATHENA_RESULTS are the same place. Correct one of them.")
    return place


def print_plan(account: Account, place: Place) -> None:
    """Say where the smoke test works."""
    print(f"Account {account.account_id}, region {account.region} ({account.partition}), work group {place.work_group}")
    print(f"Glue databases: {', '.join(place.schemas)}")
    print(f"Objects below:  {', '.join(map(location_text, place.locations))}\n", flush=True)


def print_findings(findings: Sequence[Finding], account: Account) -> bool:
    """Print what holds and what does not; tell whether all does."""
    print(f"\n== Found in {account.region} on {datetime.now(UTC):%Y-%m-%d}, for docs/proven_where.md\n")
    for finding in findings:
        print(f"{'no ' if finding.wrong else 'yes'}  {finding.claim} ({finding.looked_at})")
        for wrong in finding.wrong:
            print(f"       {wrong}")
    print(flush=True)
    return not any(finding.wrong for finding in findings)


def interrupt(*_: Any) -> None:
    """Treat a request to end as Ctrl-C: there is something to remove."""
    raise KeyboardInterrupt


def try_and_remove(test: SmokeTest, remains: Remains, *, keep: bool) -> int:
    """Run the test; remove everything, however it ended. Return the exit code."""
    code = 1
    try:
        remains.begin()
        code = 0 if print_findings(test.run(), remains.account) else 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        code = 130
    except (SmokeTestError, query_costs.CostsError, NoAnswerError, BotoCoreError, ClientError, OSError) as error:
        print(f"smoke_test_athena: {failure(error)}", file=sys.stderr)
    finally:
        if keep:
            print("Everything was left there. --remove takes it away.")
        elif remains.is_marked():
            print("== Remove everything", flush=True)
            remains.remove()
            print("Nothing is left.")
    return code


def main(words: Sequence[str] | None = None) -> int:
    """Plan, test or remove, and return the exit code."""
    options = read_arguments(words)
    # SIGINT too: where it is ignored, as in the background of a script, dbt would inherit that and never be stopped.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        place = place_of(options, os.environ)
        role_arn = os.environ.get("ATHENA_ASSUME_ROLE_ARN")
        session = (
            assumed_session(role_arn, "aws-internet-traffic-smoke-test")
            if role_arn
            else boto3.Session(region_name=place.region)
        )
        clients = {
            service: session.client(service, place.region, config=CLIENT_CONFIG)
            for service in ("sts", "s3", "athena", "glue")
        }
        account = find_account(session, clients["sts"])
        if options.print_policy:
            grants = list(smoke_test_grants(account, place))
            print(json.dumps(policy_document(grants), indent=2))
            return 0
        print_plan(account, place)
        remains = Remains(clients, account, place)
        if options.dry_run:
            found = remains.found()
            print(f"There already: {', '.join(found)}." if found else "Nothing is there. Nothing was touched.")
            return 0
        if options.remove:
            remains.remove()
            print("Removed. Nothing is left.")
            return 0
        remains.refuse()
        test = SmokeTest(place, clients, options.folder.resolve())
        test.prepare()
        return try_and_remove(test, remains, keep=options.keep)
    except (SmokeTestError, SetupError, BotoCoreError, ClientError, OSError) as error:
        print(f"smoke_test_athena: {failure(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("smoke_test_athena: interrupted. What is left in AWS, --dry-run lists and --remove takes away.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
