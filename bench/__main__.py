"""Compare the project with bare DuckDB and with itself: `make bench`.

What is compared runs in turn within one go, so that a busy machine slows down both sides; the answers must be equal.
The figures are for ratios on one machine; none of them decides whether this ends well, only an unequal answer does.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import duckdb
from comparison import MARTS, differences
from log_trees import ACCOUNT, REGION, DaySize, write_day
from measuring import REPOSITORY, Measurement, in_turn, measure_sql
from warehouses import Warehouse

DAY = date(2026, 11, 10)
SMALL = DaySize(flow_records=1_000_000, access_log_lines=200_000, events=50_000)
MODELS_ONLY = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
# A day of the history comparison, small enough that a year of days can be built.
HISTORY_DAY = DaySize(flow_records=10_000, access_log_lines=2_000, events=500)


@dataclass
class Result:
    """What a comparison found: runs, ratios with their targets, and where the answers differ."""

    title: str
    runs: list[tuple[str, Measurement]] = field(default_factory=list)
    ratios: list[tuple[str, float, str]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"### {self.title}", ""]
        if self.runs:
            lines += ["| run | CPU s | wall s | peak MiB | log files opened |", "|---|---:|---:|---:|---:|"]
            lines += [
                f"| {name} | {run.cpu:.2f} | {run.wall:.2f} | {run.memory:,.0f} | {run.files:.0f} |"
                for name, run in self.runs
            ]
            lines.append("")
        lines += ["| measure | found | target |", "|---|---:|---:|"]
        lines += [f"| {name} | {value:.2f} | {target} |" for name, value, target in self.ratios]
        lines += ["", *(f"**The answers differ.** {difference}" for difference in self.differences)]
        return "\n".join(lines)


class Bench:
    """The trees and warehouses that several comparisons share, made when first asked for."""

    def __init__(self, folder: Path, scale: float, count: int) -> None:
        self.folder = folder
        self.scale = scale
        self.count = count
        self.small = SMALL.times(scale)
        self._made: dict[str, Path | Warehouse] = {}

    def logs(self, name: str, factor: int = 1) -> Path:
        """Return a tree of one day, so many times the small one."""
        path = self.folder / name
        if not path.exists():
            path.mkdir()
            if factor:
                write_day(path, DAY, self.small.times(factor))
        return path

    def warehouse(self, name: str, logs: Path, **environment: str) -> Warehouse:
        """Return a warehouse that has seen nothing yet of its logs, with everything parsed."""
        made = Warehouse(self.folder / f"warehouse_{name}", logs, environment)
        made.take(self.empty_state)
        made.dbt("parse")
        return made

    @property
    def empty(self) -> Warehouse:
        """A built warehouse over a folder without logs."""
        if "empty" not in self._made:
            made = Warehouse(self.folder / "warehouse_empty", self.logs("no_logs", 0))
            made.dbt("build", *MODELS_ONLY)
            self._made["empty"], self._made["empty_state"] = made, made.keep()
        return self._made["empty"]

    @property
    def empty_state(self) -> Path:
        """The kept file of `empty`: seeds are loaded, tables are there without rows."""
        assert self.empty
        return self._made["empty_state"]

    def bare_marts(self, logs: Path, answers: Path) -> Measurement:
        """Make the marts by the shortest SQL."""
        scripts = sorted((REPOSITORY / "bench" / "bare").glob("*.sql"))
        statements = [
            statement for script in scripts for statement in script.read_text().format(logs=logs).split(";\n")
        ]
        return measure_sql(statements, answers.parent, {"answers": answers}, logs)

    def whole_build(self) -> Result:
        """One day of all three kinds through `dbt build`, against the shortest SQL and a build without logs."""
        result = Result(f"One day through the whole dbt build: {self.small}")
        logs = self.logs("small")
        full = self.warehouse("small", logs)
        answers = self.folder / "small_answers.duckdb"
        ours, bare, start_up = in_turn(
            self.count,
            lambda: full.build_from(self.empty_state),
            lambda: self.bare_marts(logs, answers),
            lambda: self.empty.build_from(self.empty_state),
        )
        result.runs = [("dbt build", ours), ("bare DuckDB", bare), ("dbt build without logs", start_up)]
        result.ratios = [
            ("(dbt build - build without logs) / bare DuckDB, CPU", (ours.cpu - start_up.cpu) / bare.cpu, "<= 1.5")
        ]
        result.differences = differences(full.path, answers, MARTS)
        return result

    def growth(self) -> Result:
        """Ten times the records, with and without a limit of 1 GB."""
        size = self.small.times(10)
        result = Result(f"Ten times the records: {size}")
        small = self.warehouse("small_again", self.logs("small"))
        large = self.warehouse("large", self.logs("large", 10))
        limited = self.warehouse("limited", self.logs("large"), DUCKDB_MEMORY_LIMIT="1GB")
        answers = self.folder / "large_answers.duckdb"
        few, many, within, bare, start_up = in_turn(
            max(1, self.count // 2),
            lambda: small.build_from(self.empty_state),
            lambda: large.build_from(self.empty_state),
            lambda: limited.build_from(self.empty_state),
            lambda: self.bare_marts(self.logs("large"), answers),
            lambda: self.empty.build_from(self.empty_state),
        )
        result.runs = [
            ("dbt build, once the records", few),
            ("dbt build, ten times", many),
            ("dbt build, ten times, memory limit 1 GB", within),
            ("bare DuckDB, ten times", bare),
            ("dbt build without logs", start_up),
        ]
        result.ratios = [
            ("ten times / once, CPU", many.cpu / few.cpu, "<= 11"),
            ("the same without dbt's start-up", (many.cpu - start_up.cpu) / (few.cpu - start_up.cpu), "<= 11"),
            ("(dbt build - build without logs) / bare DuckDB, CPU", (many.cpu - start_up.cpu) / bare.cpu, "<= 1.5"),
            ("memory limit 1 GB / none, wall", within.wall / many.wall, "<= 1.3"),
        ]
        result.differences = differences(large.path, answers, MARTS) + differences(limited.path, answers, MARTS)
        return result

    def history(self) -> Result:
        """One more day behind 3, 30 and 365 days, and the files that it opens."""
        size = HISTORY_DAY.times(self.scale)
        result = Result(f"One more day: {size} a day")
        lengths = (3, 30, 365)
        built = {}
        for length in lengths:
            logs = self.logs(f"history_{length}", 0)
            for number in range(length):
                write_day(logs, DAY - timedelta(days=length - number), size)
            warehouse = self.warehouse(f"history_{length}", logs)
            warehouse.dbt("build")
            built[length] = warehouse, warehouse.keep()
            day_file_count = write_day(logs, DAY, size)
        found = in_turn(self.count, *(lambda pair=pair: pair[0].build_from(pair[1]) for pair in built.values()))
        result.runs = [(f"dbt build behind {length} days", run) for length, run in zip(lengths, found, strict=True)]
        result.ratios = [
            (f"{length} / 3 days, CPU", found[i].cpu / found[0].cpu, "<= 1.1") for i, length in ((1, 30), (2, 365))
        ]
        warehouse, state = built[30]
        warehouse.take(state)
        one_day = warehouse.dbt("build", "--vars", f"{{start_date: {DAY}, end_date: {DAY}}}")
        result.ratios.append(
            (f"files opened by a run of one day, which has {day_file_count}", one_day.files, str(day_file_count))
        )
        return result

    def models(self) -> Result:
        """Run each model's own statement once the tables that it reads are there; the longest comes first."""
        result = Result(f"The statements of the models: {self.small}")
        built = self.built
        taken = []
        for model in built.tables():
            statement = f"create table form as {built.compiled(model)}"
            (found,) = in_turn(
                self.count,
                lambda statement=statement: measure_sql(
                    [statement], self.folder, {"warehouse": built.path, "form": self.folder / "form.duckdb"}, built.logs
                ),
            )
            taken.append((f"`{model}`", found))
        result.runs = sorted(taken, key=lambda run: -run[1].cpu)
        total = sum(found.cpu for _, found in taken)
        result.ratios = [("CPU seconds of all", total, "-")]
        return result

    def flow_staging(self) -> Result:
        """Staging of flow records against reading and writing them."""
        return self._form(
            "Staging of flow logs",
            self._staging("stg_vpc_flow_logs__records"),
            self._other_form("flow_records_typed"),
            "select count(*), sum(hash(*columns(* exclude (delivery_date))) % 1000) from form",
            1.3,
        )

    def s3_staging(self) -> Result:
        """Staging of S3 access logs against one pattern for all columns."""
        return self._form(
            "Staging of S3 access logs",
            self._staging("stg_s3_access_logs__requests"),
            self._other_form("s3_requests_one_regex"),
            "select count(*), sum(hash(request_at, request_uri, bytes_sent, user_agent, tls_version) % 1000) from form",
            0.6,
        )

    def event_staging(self) -> Result:
        """Staging of CloudTrail against read_json with declared types."""
        return self._form(
            "Staging of CloudTrail",
            self._staging("stg_cloudtrail__events"),
            self._other_form("events_typed_read_json"),
            "select count(*), sum(hash(event_id, event_at, session_issuer_name, request_parameters) % 1000) from form",
            0.3,
        )

    def address_classification(self) -> Result:
        """Classification of addresses against the same statement without its buckets."""
        ours = self._staging("int_network_addresses__classified")
        bucket = "addresses_with_publicness.address_bucket = bucketed_intervals.address_bucket\n        and "
        if ours.count(bucket) != 1:
            sys.exit(f"bench: int_network_addresses__classified no longer holds this once, adapt the bench:\n{bucket}")
        return self._form(
            "Classification of addresses",
            ours,
            ours.replace(bucket, ""),
            "select count(*), sum(hash(address, special_purpose, is_public, aws_service, aws_region) % 1000) from form",
            0.4,
        )

    @property
    def built(self) -> Warehouse:
        """A warehouse whose tables hold the small day."""
        if "built" not in self._made:
            built = Warehouse(self.folder / "warehouse_built", self.logs("small"))
            built.dbt("build", *MODELS_ONLY)
            self._made["built"] = built
        return self._made["built"]

    def _staging(self, model: str) -> str:
        return f"create table form as {self.built.compiled(model)}"

    def _other_form(self, name: str) -> str:
        text = (REPOSITORY / "bench" / "forms" / f"{name}.sql").read_text()
        return text.format(
            logs=self.logs("small"), account=ACCOUNT, region=REGION, absent_columns=self._absent_columns()
        )

    def _absent_columns(self) -> str:
        """Return the columns of staged flow records that the default format lacks, as a select list."""
        with duckdb.connect(self.built.path, read_only=True) as connection:
            columns = connection.execute("describe stg_vpc_flow_logs__records").fetchall()
        names = [name for name, *_ in columns]
        absent = columns[names.index("log_status") + 1 : names.index("is_readable")]
        return ", ".join(f"null::{data_type} as {name}" for name, data_type, *_ in absent)

    def _form(self, title: str, ours: str, theirs: str, check: str, target: float) -> Result:
        result = Result(f"{title}: {self.small}")
        built = self.built
        places = [self.folder / name for name in ("ours.duckdb", "theirs.duckdb")]
        found = in_turn(
            self.count,
            *(
                lambda statement=statement, place=place: measure_sql(
                    [statement], self.folder, {"warehouse": built.path, "form": place}, built.logs
                )
                for statement, place in zip((ours, theirs), places, strict=True)
            ),
        )
        result.runs = list(zip(("the project's SQL", "the other form"), found, strict=True))
        result.ratios = [("the project's SQL / the other form, CPU", found[0].cpu / found[1].cpu, f"<= {target}")]
        result.differences = differences(*places, {title: (check, check)})
        return result


COMPARISONS: dict[str, Callable[[Bench], Result]] = {
    "whole_build": Bench.whole_build,
    "growth": Bench.growth,
    "history": Bench.history,
    "models": Bench.models,
    "flow_staging": Bench.flow_staging,
    "s3_staging": Bench.s3_staging,
    "event_staging": Bench.event_staging,
    "address_classification": Bench.address_classification,
}


def main() -> int:
    """Run the command; 1 when two sides do not give equal answers."""
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("comparisons", nargs="*", choices=[[], *COMPARISONS], help="which to run; all by default")
    parser.add_argument("--scale", type=float, default=1, help="size of the trees; 1 is a million flow records a day")
    parser.add_argument("--count", type=int, default=3, help="how often each side runs; the table has the medians")
    arguments = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "dbt-core", "dbt-duckdb"))
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} CPUs ({platform.machine()}), "
        f"Python {platform.python_version()}, {versions};"
        f" medians of {arguments.count} runs in turn.\n"
    )
    is_equal = True
    with tempfile.TemporaryDirectory(prefix="bench_") as folder:
        bench = Bench(Path(folder), arguments.scale, arguments.count)
        for name in arguments.comparisons or COMPARISONS:
            result = COMPARISONS[name](bench)
            is_equal = is_equal and not result.differences
            print(result, flush=True)
            print()
    return 0 if is_equal else 1


if __name__ == "__main__":
    sys.exit(main())
