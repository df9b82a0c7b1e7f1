"""The raw tables on the stand-in for Athena: what they read, which objects they open, what changes and what stays."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from local_aws import AthenaSpace, QueryNotSucceededError
from raw_table_project import DbtAnswer, RawTableProject

pytestmark = pytest.mark.athena

ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"
# Without a filter Athena looks into each folder that a projection computes, up to today.
OF_TWO_DAYS = "delivery_date in ('2026/11/01', '2026/11/02')"
TORN_LINE = "torn \"line with 'quotes' and a tab\there"
PARTITIONED = f"logs/access/partitioned/{ACCOUNT}/us-east-1/web-assets"
FLAT = "logs/access/flat"
TEXT_FLOWS = f"logs/flows/text/AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1"
HIVE_FLOWS = f"logs/flows/hive/AWSLogs/aws-account-id={ACCOUNT}/aws-service=vpcflowlogs/aws-region=us-east-1"
PARQUET_FLOWS = f"logs/flows/parquet/AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1"
TRAIL = f"logs/trail/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1"


@dataclass
class Lab:
    """The example project in one corner of the stand-in."""

    space: AthenaSpace
    project: RawTableProject

    def put_lines(self, path: str, *lines: str) -> str:
        """Store a text file, compressed when its name says so."""
        content = "".join(f"{line}\n" for line in lines).encode()
        return self.space.put(path, gzip.compress(content) if path.endswith(".gz") else content)

    def operation(self, macro: str, arguments: dict[str, Any] | None = None, **variables: Any) -> DbtAnswer:
        """Run an operation that must succeed."""
        answer = self.project.operation(macro, arguments, **variables)
        assert answer.succeeded, answer.messages
        return answer

    def read(self, expression: str, table: str, where: str = "true") -> list[tuple[str | None, ...]]:
        """Query one raw table; rows in the order of their text."""
        rows = self.space.query(f'select {expression} from "{self.space.schema}_raw"."{table}" where {where}')
        return sorted(rows, key=str)

    def filter_of(self, table: str, day: str) -> str:
        """Return the delivery filter of one table and one day."""
        source, name = table.split(".")
        arguments = {"source": source, "table": name, "start_date": day, "end_date": day}
        return self.operation("print_delivery_filter", arguments).printed.strip()

    def glue_table(self, table: str) -> dict[str, Any]:
        """Return one raw table as the Glue catalog has it."""
        return self.space.aws.client("glue").get_table(DatabaseName=f"{self.space.schema}_raw", Name=table)["Table"]

    def objects(self) -> set[str]:
        """Return every log file there is."""
        listing = self.space.aws.client("s3").list_objects_v2(
            Bucket=self.space.bucket, Prefix=f"{self.space.prefix}logs/"
        )
        return {entry["Key"] for entry in listing.get("Contents", [])}

    def objects_opened(self, action: Callable[[], Any]) -> set[str]:
        """Return the log files that Trino opened during an action, without this test's prefix."""
        self.space.aws.reset_log()
        action()
        return {path.removeprefix(self.space.location) for path in self.space.aws.objects_read(self.space.location)}

    def statements_during(self, action: Callable[[], Any]) -> list[str]:
        """Return the first two words of each Athena statement of an action."""
        self.space.aws.reset_log()
        action()
        texts = [statement.query.split("*/")[-1].split() for statement in self.space.aws.statements()]
        return [" ".join(words[:2]).lower() for words in texts]


@pytest.fixture
def lab(athena_space: AthenaSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return the example project; its raw tables do not exist yet."""
    for name, value in athena_space.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOGS", f"{athena_space.location}logs")
    return Lab(athena_space, RawTableProject(tmp_path / "project"))


def parquet_file(version: int, byte_count: int) -> bytes:
    """Return a Parquet file of one flow record."""
    table = pa.table({"version": pa.array([version], pa.int32()), "bytes": pa.array([byte_count], pa.int64())})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="gzip")
    return buffer.getvalue()


def put_two_days(lab: Lab) -> None:
    """Store two delivery days, 2026-11-01 and 2026-11-02, of every kind."""
    header = "version bytes end"
    for day in ("01", "02"):
        lab.put_lines(f"{PARTITIONED}/2026/11/{day}/2026-11-{day}-05-06-07-AB", f"access {day}", TORN_LINE)
        lab.put_lines(f"{FLAT}/2026-11-{day}-05-06-07-AB", f"flat {day}")
        lab.put_lines(f"{FLAT}/web-2026-11-{day}-05-06-07-AB.gz", f"web {day}")
        lab.put_lines(f"{TEXT_FLOWS}/2026/11/{day}/23/flow.log.gz", header, f"2 1{day} 7", "2 - 8")
        lab.put_lines(f"{HIVE_FLOWS}/year=2026/month=11/day={day}/flow.log.gz", header, f"2 2{day} 7")
        lab.space.put(f"{PARQUET_FLOWS}/2026/11/{day}/flow.log.parquet", parquet_file(2, 300 + int(day)))
        records = [{"eventID": f"event {day}", "userIdentity": {"type": "Root"}, "requestParameters": {"key": "a b"}}]
        lab.space.put(f"{TRAIL}/2026/11/{day}/trail.json.gz", gzip.compress(json.dumps({"Records": records}).encode()))


def create_and_load(lab: Lab) -> None:
    """Create every raw table and make both days known."""
    lab.operation("create_raw_tables")
    lab.operation("add_raw_partitions", {"start_date": "2026-11-01", "end_date": "2026-11-02"})
    lab.operation("repair_raw_tables")


def test_every_format_and_strategy_reads_its_own_records(lab: Lab) -> None:
    put_two_days(lab)
    lab.put_lines(
        f"logs/access/partitioned/{OTHER_ACCOUNT}/eu-west-1/web-assets/2026/11/01/2026-11-01-00-00-00-CD", "eu"
    )

    create_and_load(lab)

    assert lab.read("line, source_account_id, delivery_date", "s3_access_logs_partitioned", OF_TWO_DAYS) == [
        ("access 01", ACCOUNT, "2026/11/01"),
        ("access 02", ACCOUNT, "2026/11/02"),
        ("eu", OTHER_ACCOUNT, "2026/11/01"),
        (TORN_LINE, ACCOUNT, "2026/11/01"),
        (TORN_LINE, ACCOUNT, "2026/11/02"),
    ]
    assert lab.read("line", "s3_access_logs_flat") == [("flat 01",), ("flat 02",), ("web 01",), ("web 02",)]
    assert lab.read('version, bytes, "end", delivery_date, hour', "flow_logs_text", OF_TWO_DAYS) == [
        ("2", "101", "7", "2026/11/01", "23"),
        ("2", "102", "7", "2026/11/02", "23"),
        ("2", None, "8", "2026/11/01", "23"),
        ("2", None, "8", "2026/11/02", "23"),
    ]
    assert lab.read('bytes, "aws-account-id", "aws-region", day', "flow_logs_hive") == [
        ("201", ACCOUNT, "us-east-1", "01"),
        ("202", ACCOUNT, "us-east-1", "02"),
    ]
    assert lab.read("bytes, region, day", "flow_logs_parquet") == [
        ("301", "us-east-1", "01"),
        ("302", "us-east-1", "02"),
    ]
    assert lab.read("eventid, useridentity.type, requestparameters", "cloudtrail_events") == [
        ("event 01", "Root", '{"key": "a b"}'),
        ("event 02", "Root", '{"key": "a b"}'),
    ]


def test_a_filter_of_one_day_opens_that_day_alone(lab: Lab) -> None:
    put_two_days(lab)
    create_and_load(lab)
    day_two = {
        "s3_access_logs.partitioned": (
            "s3_access_logs_partitioned",
            {f"{PARTITIONED}/2026/11/02/2026-11-02-05-06-07-AB"},
        ),
        "s3_access_logs.flat": (
            "s3_access_logs_flat",
            {f"{FLAT}/2026-11-02-05-06-07-AB", f"{FLAT}/web-2026-11-02-05-06-07-AB.gz"},
        ),
        "flow_logs.text": ("flow_logs_text", {f"{TEXT_FLOWS}/2026/11/02/23/flow.log.gz"}),
        "flow_logs.hive_text": ("flow_logs_hive", {f"{HIVE_FLOWS}/year=2026/month=11/day=02/flow.log.gz"}),
        "flow_logs.parquet": ("flow_logs_parquet", {f"{PARQUET_FLOWS}/2026/11/02/flow.log.parquet"}),
    }

    opened = {}
    for table, (identifier, _) in day_two.items():
        predicate = lab.filter_of(table, "2026-11-02")
        column = "line" if table.startswith("s3") else "bytes"
        opened[table] = lab.objects_opened(lambda i=identifier, c=column, p=predicate: lab.read(c, i, p))

    assert opened == {table: files for table, (_, files) in day_two.items()}


def test_operations_can_be_repeated(lab: Lab) -> None:
    put_two_days(lab)
    create_and_load(lab)
    before = lab.read("bytes, day", "flow_logs_parquet")

    assert lab.statements_during(lambda: lab.operation("create_raw_tables")) == []
    create_and_load(lab)

    assert lab.read("bytes, day", "flow_logs_parquet") == before == [("301", "01"), ("302", "02")]
    assert len(lab.read("bytes", "flow_logs_hive")) == 2


def test_a_table_with_another_definition_is_made_again(lab: Lab) -> None:
    lab.put_lines(f"{PARTITIONED}/2026/11/01/2026-11-01-05-06-07-AB", "old place")
    moved = PARTITIONED.replace("access/partitioned", "moved")
    lab.put_lines(f"{moved}/2026/11/01/2026-11-01-05-06-07-AB", "new place")
    lab.operation("create_raw_tables")

    answer = lab.operation("create_raw_tables", s3_access_logs_partitioned_path="moved")

    assert lab.read("line", "s3_access_logs_partitioned", OF_TWO_DAYS) == [("new place",)]
    assert "Raw table s3_access_logs.partitioned is created again (metadata only" in answer.messages
    assert f'declared is "{lab.space.location}logs/moved"' in answer.messages
    assert "s3_access_logs.flat is created again" not in answer.messages


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"s3_access_logs_regions": ["us-west-2"]}, "property projection.source_region.values"),
        ({"first_log_date": "2026-06-01"}, "property projection.delivery_date.range"),
        ({"s3_access_logs_partition_strategy": "explicit"}, "property projection.enabled"),
    ],
    ids=["region", "first_day", "strategy"],
)
def test_a_table_with_another_projection_is_made_again(lab: Lab, variables: dict[str, Any], words: str) -> None:
    lab.operation("create_raw_tables", {"table": "partitioned"})

    answer = lab.operation("create_raw_tables", {"table": "partitioned"}, **variables)

    assert "is created again" in answer.messages
    assert words in answer.messages
    assert (
        lab.statements_during(lambda: lab.operation("create_raw_tables", {"table": "partitioned"}, **variables)) == []
    )


def test_repair_finds_new_hive_folders(lab: Lab) -> None:
    lab.put_lines(f"{HIVE_FLOWS}/year=2026/month=11/day=01/flow.log.gz", "version bytes end", "2 201 7")
    create_and_load(lab)
    lab.put_lines(f"{HIVE_FLOWS}/year=2026/month=11/day=02/flow.log.gz", "version bytes end", "2 202 7")
    assert lab.read("bytes", "flow_logs_hive") == [("201",)]

    lab.operation("repair_raw_tables")

    assert lab.read("bytes", "flow_logs_hive") == [("201",), ("202",)]


def test_drop_leaves_every_log_file(lab: Lab) -> None:
    put_two_days(lab)
    create_and_load(lab)
    files = lab.objects()

    answer = lab.operation("drop_raw_tables", {"source": "s3_access_logs"})

    names = {
        table["Name"]
        for table in lab.space.aws.client("glue").get_tables(DatabaseName=f"{lab.space.schema}_raw")["TableList"]
    }
    assert names == {"flow_logs_text", "flow_logs_hive", "flow_logs_parquet", "cloudtrail_events"}
    assert lab.objects() == files
    assert len(files) == 14
    assert "its log files stay" in answer.messages
    assert "does not exist" in lab.operation("drop_raw_tables", {"source": "s3_access_logs"}).messages


def test_printing_ddl_touches_nothing(lab: Lab) -> None:
    lab.operation("create_raw_tables", {"source": "s3_access_logs", "table": "flat"})

    def print_all() -> None:
        for operation in ("create_raw_tables", "add_raw_partitions", "repair_raw_tables", "drop_raw_tables"):
            lab.operation(operation, print_ddl=True, start_date="2026-11-01", end_date="2026-11-01")

    assert lab.statements_during(print_all) == []
    assert lab.glue_table("s3_access_logs_flat")["Name"] == "s3_access_logs_flat"


@pytest.mark.parametrize("operation", ["create_raw_tables", "drop_raw_tables"])
def test_something_else_under_the_name_of_a_raw_table_is_left_alone(lab: Lab, operation: str) -> None:
    schema = f"{lab.space.schema}_raw"
    lab.space.run(f"create schema `{schema}`")
    lab.space.run(f'create view "{schema}"."s3_access_logs_flat" as select 1 as answer')

    answer = lab.project.operation(operation, {"table": "flat"})

    assert not answer.succeeded
    assert f"`{schema}`.`s3_access_logs_flat` exists, but is no external Hive table" in answer.messages
    assert lab.read("answer", "s3_access_logs_flat") == [("1",)]


# ---------------------------------------------------------------- before a run

DAY_ONE = {"start_date": "2026-11-01", "end_date": "2026-11-01"}


def lines_read(lab: Lab) -> list[tuple[str | None, ...]]:
    """Return the lines that the model of the example project holds."""
    return sorted(lab.space.query(f'select line from "{lab.space.schema}"."lines_read"'), key=str)


def test_a_run_finds_its_raw_tables_and_the_partitions_of_its_window(lab: Lab) -> None:
    for day in ("2026/10/31", "2026/11/01", "2026/11/02", "2026/11/03"):
        lab.put_lines(f"{PARTITIONED}/{day}/{day.replace('/', '-')}-05-06-07-AB", f"delivered {day}")

    answer = lab.project.dbt("run", s3_access_logs_partition_strategy="explicit", **DAY_ONE)

    assert answer.succeeded, answer.messages
    assert lines_read(lab) == [("delivered 2026/11/01",), ("delivered 2026/11/02",)]
    assert lab.glue_table("flow_logs_text")["PartitionKeys"][0]["Name"] == "account_id"
    later = {"start_date": "2026-11-03", "end_date": "2026-11-03"}
    assert lab.project.dbt("run", s3_access_logs_partition_strategy="explicit", **later).succeeded
    assert lines_read(lab) == [("delivered 2026/11/03",)]


def test_a_layout_that_is_not_in_use_reads_as_empty(lab: Lab) -> None:
    lab.put_lines(f"{FLAT}/2026-11-01-05-06-07-AB", "flat")

    answer = lab.project.dbt("run", s3_access_logs_partitioned_path="", **DAY_ONE)

    assert answer.succeeded, answer.messages
    assert lines_read(lab) == []
    assert lab.read("line", "s3_access_logs_partitioned", OF_TWO_DAYS) == []
    assert lab.read("line", "s3_access_logs_flat") == [("flat",)]
    assert lab.glue_table("s3_access_logs_partitioned")["StorageDescriptor"]["Location"].rstrip("/") == (
        f"{lab.space.location}warehouse/no_log_files"
    )


def test_other_commands_leave_the_raw_tables_alone(lab: Lab) -> None:
    def compile_project() -> None:
        assert lab.project.dbt("compile", **DAY_ONE).succeeded

    assert [words for words in lab.statements_during(compile_project) if words.startswith(("create", "alter"))] == []


def test_a_run_without_logs_on_s3_stops_before_its_models(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGS", "sample_logs")

    answer = lab.project.dbt("run", **DAY_ONE)

    assert not answer.succeeded
    assert "must be s3://<bucket> or s3://<bucket>/<prefix> on Athena. Found 'sample_logs'" in answer.messages
    with pytest.raises(QueryNotSucceededError, match="lines_read"):
        lines_read(lab)


# ---------------------------------------------------------------- files that no query can read

UNREADABLE = "log_source, raw_table, file_path, cast(delivery_date as varchar), account_id, region, size_bytes, problem"


@pytest.mark.parametrize(
    ("table", "folder", "account_id", "region"),
    [("partitioned", f"{PARTITIONED}/2026/11/01", ACCOUNT, "us-east-1"), ("flat", FLAT, None, None)],
    ids=["partitioned", "flat"],
)
def test_a_corrupt_file_is_named_and_its_quarantine_heals_the_next_run(
    lab: Lab, table: str, folder: str, account_id: str | None, region: str | None
) -> None:
    lab.put_lines(f"{folder}/2026-11-01-05-06-07-AB.gz", "good")
    corrupt = lab.space.put(f"{folder}/2026-11-01-06-00-00-BAD.gz", gzip.compress(b"lost line\n" * 5000)[:-40])
    problem = "it's corrupt; drop table x\n{{ 1/0 }} <script>"

    failed = lab.project.dbt("run", read_table=table, **DAY_ONE)
    lab.operation("quarantine_log_file", {"file": corrupt, "problem": problem})
    healed = lab.project.dbt("run", read_table=table, **DAY_ONE)

    assert not failed.succeeded
    assert corrupt in failed.messages
    assert healed.succeeded, healed.messages
    assert lines_read(lab) == [("good",)]
    assert lab.read(UNREADABLE, "unreadable_log_files") == [
        (
            *("s3_access_logs", table, corrupt, "2026-11-01", account_id, region, None),
            "it's corrupt; drop table x {{ 1/0 }} <script>",
        )
    ]


def test_a_quarantined_file_is_listed_once_and_can_be_released(lab: Lab) -> None:
    first = f"{lab.space.location}{FLAT}/2026-11-01-06-00-00-BAD.gz"
    second = f"{lab.space.location}{FLAT}/web-2026-11-02-06-00-00-BAD.gz"
    for file, problem in ((first, "corrupt"), (second, "truncated"), (first, "corrupt gzip")):
        lab.operation("quarantine_log_file", {"file": file, "problem": problem})
    listed = lab.read("file_path, cast(delivery_date as varchar), problem", "unreadable_log_files")

    lab.operation("release_log_file", {"file": first})

    assert listed == [(first, "2026-11-01", "corrupt gzip"), (second, "2026-11-02", "truncated")]
    assert lab.read("file_path", "unreadable_log_files") == [(second,)]
    lab.operation("release_log_file", {"file": second})
    assert lab.read("file_path", "unreadable_log_files") == []
    again = lab.project.operation("release_log_file", {"file": second})
    assert not again.succeeded
    assert "is not on the list of unreadable log files" in again.messages


def test_the_list_of_unreadable_files_exists_with_its_types_after_a_run(lab: Lab) -> None:
    assert lab.project.dbt("run", **DAY_ONE).succeeded

    schema = f"{lab.space.schema}_raw"
    rows = lab.space.query(
        "select column_name, data_type from information_schema.columns "
        f"where table_schema = '{schema}' and table_name = 'unreadable_log_files' order by ordinal_position"
    )
    assert rows == [
        ("log_source", "varchar"),
        ("raw_table", "varchar"),
        ("file_path", "varchar"),
        ("delivery_date", "date"),
        ("account_id", "varchar"),
        ("region", "varchar"),
        ("size_bytes", "bigint"),
        ("problem", "varchar"),
    ]
    assert lab.read("file_path", "unreadable_log_files") == []


def test_only_files_of_the_days_read_are_left_out(lab: Lab) -> None:
    for day in ("01", "02", "05"):
        file = f"{lab.space.location}{FLAT}/2026-11-{day}-06-00-00-BAD.gz"
        lab.operation("quarantine_log_file", {"file": file, "problem": "corrupt"})

    assert lab.project.dbt("run", read_table="flat", **DAY_ONE).succeeded

    compiled = next((lab.project.folder / "target" / "compiled").rglob("lines_read.sql")).read_text()
    left_out = compiled.split('"$path" not in (')[1].split(")")[0]
    assert left_out == ", ".join(f"'{lab.space.location}{FLAT}/2026-11-{day}-06-00-00-BAD.gz'" for day in ("01", "02"))
