"""The DDL of the raw tables as text: the forms that AWS documents, and what is refused. Nothing is contacted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from raw_table_project import RawTableProject

GOLDEN = Path(__file__).parent / "golden" / "raw_table_ddl"
PRINT = {"print_ddl": True}
CREATE = ("create_raw_tables", {"source": "s3_access_logs", "table": "partitioned"})
DAYS = {"start_date": "2026-11-01", "end_date": "2026-11-02"}
ADD = ("add_raw_partitions", {"source": "flow_logs", "table": "parquet", **DAYS})


def golden(name: str) -> str:
    """Return the expected statement of a golden file, without its leading comment."""
    lines = (GOLDEN / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every command fail that contacts AWS: nobody listens there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> RawTableProject:
    """Return the example project as it is; tests vary its vars."""
    return RawTableProject(tmp_path_factory.mktemp("shared") / "project")


@pytest.fixture(scope="module")
def duckdb_project(tmp_path_factory: pytest.TempPathFactory) -> RawTableProject:
    """Return the example project on DuckDB."""
    return RawTableProject(tmp_path_factory.mktemp("duckdb") / "project", target="duckdb")


@pytest.fixture
def own_project(tmp_path: Path) -> RawTableProject:
    """Return a copy of the example project whose declarations a test may change."""
    return RawTableProject(tmp_path / "project")


def test_create_prints_the_documented_form_of_every_format(project: RawTableProject) -> None:
    answer = project.operation("create_raw_tables", **PRINT)

    assert answer.succeeded, answer.messages
    assert answer.statements() == [
        "create schema if not exists `logs_raw`",
        golden("s3_access_logs.partitioned"),
        golden("s3_access_logs.flat"),
        golden("flow_logs.text"),
        golden("flow_logs.parquet"),
        golden("flow_logs.hive_text"),
        golden("cloudtrail.events"),
    ]


def test_a_layout_that_is_not_in_use_is_a_table_over_an_empty_prefix(project: RawTableProject) -> None:
    answer = project.operation(
        "create_raw_tables",
        {"source": "s3_access_logs", "table": "partitioned"},
        s3_access_logs_partitioned_path="",
        **PRINT,
    )

    assert answer.statements()[1:] == [golden("s3_access_logs.partitioned.unused")]
    assert "var s3_access_logs_partitioned_path is not set" in answer.messages


def test_an_unused_table_needs_no_accounts(project: RawTableProject) -> None:
    answer = project.operation(*CREATE, s3_access_logs_partitioned_path="", s3_access_logs_account_ids=[], **PRINT)

    assert answer.statements()[1:] == [golden("s3_access_logs.partitioned.unused")]


def test_drop_removes_tables_only(project: RawTableProject) -> None:
    answer = project.operation("drop_raw_tables", {"source": "s3_access_logs"}, **PRINT)

    assert answer.statements() == [
        "drop table if exists `logs_raw`.`s3_access_logs_partitioned`",
        "drop table if exists `logs_raw`.`s3_access_logs_flat`",
    ]


def test_repair_is_msck_for_hive_tables_alone(project: RawTableProject) -> None:
    assert project.operation("repair_raw_tables", **PRINT).statements() == [
        "msck repair table `logs_raw`.`flow_logs_hive`"
    ]


def test_added_partitions_name_every_account_region_and_day(project: RawTableProject) -> None:
    days = {"start_date": "2026-02-28", "end_date": "2026-03-01"}

    answer = project.operation("add_raw_partitions", days, **PRINT)

    assert answer.statements() == [golden("flow_logs.parquet.partitions")]


def test_added_partitions_reach_over_the_late_days_of_the_window(project: RawTableProject) -> None:
    answer = project.operation("add_raw_partitions", start_date="2026-02-28", end_date="2026-02-28", **PRINT)

    assert answer.statements() == [golden("flow_logs.parquet.partitions")]


def test_added_partitions_come_in_statements_that_athena_accepts(project: RawTableProject) -> None:
    accounts = [f"{number:012d}" for number in range(60)]
    days = {"source": "flow_logs", "start_date": "2026-01-01", "end_date": "2026-01-31"}

    answer = project.operation("add_raw_partitions", days, flow_log_account_ids=accounts, **PRINT)

    statements = answer.statements()
    clauses = [line for statement in statements for line in statement.splitlines()[1:]]
    assert len(statements) > 1
    assert max(len(statement.encode()) for statement in statements) <= 262_144
    assert all(
        statement.startswith("alter table `logs_raw`.`flow_logs_parquet` add if not exists\npartition (")
        for statement in statements
    )
    assert len(clauses) == len(set(clauses)) == 60 * 31


@pytest.mark.parametrize(
    "operation", ["create_raw_tables", "add_raw_partitions", "repair_raw_tables", "drop_raw_tables"]
)
def test_duckdb_has_nothing_to_do(duckdb_project: RawTableProject, operation: str) -> None:
    answer = duckdb_project.operation(operation, **PRINT)

    assert answer.succeeded, answer.messages
    assert answer.statements() == []
    assert "Nothing to do on DuckDB" in answer.messages


def print_filter(project: RawTableProject, table: str, start: str, end: str, **variables: Any) -> str:
    """Return what delivery_filter says about one table of the example project."""
    source, name = table.split(".")
    answer = project.operation(
        "print_delivery_filter", {"source": source, "table": name, "start_date": start, "end_date": end}, **variables
    )
    assert answer.succeeded, answer.messages
    return answer.printed.strip()


@pytest.mark.parametrize(
    ("table", "start", "end", "expected"),
    [
        (
            "s3_access_logs.partitioned",
            "2026-11-01",
            "2026-11-03",
            "delivery_date between '2026/11/01' and '2026/11/03'",
        ),
        (
            "flow_logs.hive_text",
            "2026-12-31",
            "2027-01-02",
            "((year = '2026' and month = '12' and day in ('31'))"
            " or (year = '2027' and month = '01' and day in ('01', '02')))",
        ),
        (
            "s3_access_logs.flat",
            "2026-11-30",
            "2026-11-30",
            "((\"$path\" >= 's3://logs/prefix/access/flat/2026-11-30' and \"$path\" < 's3://logs/prefix/access/flat/2026-12-01')"
            " or (\"$path\" >= 's3://logs/prefix/access/flat/web-2026-11-30'"
            " and \"$path\" < 's3://logs/prefix/access/flat/web-2026-12-01'))",
        ),
    ],
    ids=["date_key", "year_month_day_over_new_year", "flat_last_day_of_month"],
)
def test_delivery_filter_is_made_of_literals(
    project: RawTableProject, table: str, start: str, end: str, expected: str
) -> None:
    assert print_filter(project, table, start, end) == expected


def test_delivery_filter_of_an_unused_table_reads_nothing(project: RawTableProject) -> None:
    unused = {"s3_access_logs_flat_path": ""}

    assert print_filter(project, "s3_access_logs.flat", "2026-11-01", "2026-11-01", **unused) == "false"


def test_delivery_filter_without_days_takes_the_window_and_its_late_days(project: RawTableProject) -> None:
    window = {"start_date": "2026-11-01", "end_date": "2026-11-02"}

    found = print_filter(project, "s3_access_logs.partitioned", "", "", **window)

    assert found == "delivery_date between '2026/11/01' and '2026/11/03'"


def test_delivery_filter_of_duckdb_leaves_the_choice_to_the_view(duckdb_project: RawTableProject) -> None:
    assert print_filter(duckdb_project, "s3_access_logs.flat", "2026-11-01", "2026-11-01") == "true"


REFUSED_SETTINGS: dict[str, tuple[tuple[str, dict[str, str]], dict[str, Any], list[str]]] = {
    "no_accounts": (CREATE, {"s3_access_logs_account_ids": []}, ["var s3_access_logs_account_ids is an empty list"]),
    "no_regions": (CREATE, {"s3_access_logs_regions": []}, ["var s3_access_logs_regions is an empty list"]),
    "no_buckets": (CREATE, {"s3_access_logs_buckets": []}, ["var s3_access_logs_buckets is an empty list"]),
    "no_accounts_to_add": (ADD, {"flow_log_account_ids": []}, ["var flow_log_account_ids is an empty list"]),
    "no_key_prefixes": (
        ("create_raw_tables", {"table": "flat"}),
        {"s3_access_logs_flat_key_prefixes": []},
        ["var s3_access_logs_flat_key_prefixes is an empty list"],
    ),
    "accounts_are_text": (CREATE, {"s3_access_logs_account_ids": "111111111111"}, ["must be a list"]),
    "account_is_a_number": (CREATE, {"s3_access_logs_account_ids": [111111111111]}, ["which is not text", "quotes"]),
    "account_is_short": (CREATE, {"s3_access_logs_account_ids": ["1234"]}, ["does not look like a source_account_id"]),
    "region_of_china": (CREATE, {"s3_access_logs_regions": ["cn-north-1"]}, ["'cn-north-1'", "AWS partition aws"]),
    "region_of_govcloud": (CREATE, {"s3_access_logs_regions": ["us-gov-west-1"]}, ["AWS partition aws."]),
    "region_outside_china": (
        CREATE,
        {"s3_access_logs_regions": ["us-east-1"], "aws_partition": "aws-cn"},
        ["AWS partition aws-cn"],
    ),
    "unknown_aws_partition": (CREATE, {"aws_partition": "aws-mars"}, ["aws, aws-cn, aws-us-gov", "aws-mars"]),
    "bucket_with_quote": (
        CREATE,
        {"s3_access_logs_buckets": ["x'); drop table y"]},
        ["Quotes", "s3_access_logs_buckets"],
    ),
    "bucket_with_line_end": (CREATE, {"s3_access_logs_buckets": ["x\ny"]}, ["control characters"]),
    "bucket_with_comma": (CREATE, {"s3_access_logs_buckets": ["x,y"]}, ["does not look like a source_bucket"]),
    "bucket_with_slash": (CREATE, {"s3_access_logs_buckets": ["x/y"]}, ["does not look like a source_bucket"]),
    "bucket_with_placeholder": (CREATE, {"s3_access_logs_buckets": ["${delivery_date}"]}, ["dollar signs"]),
    "path_with_quote": (CREATE, {"s3_access_logs_partitioned_path": "a'b"}, ["var s3_access_logs_partitioned_path"]),
    "path_with_backslash": (CREATE, {"s3_access_logs_partitioned_path": "a\\b"}, ["backslashes"]),
    "key_prefix_with_quote": (
        ("create_raw_tables", {"table": "flat"}),
        {"s3_access_logs_flat_key_prefixes": ["a'b"]},
        ["var s3_access_logs_flat_key_prefixes"],
    ),
    "no_first_day": (CREATE, {"first_log_date": None}, ["projection needs the first day", "first_log_date"]),
    "first_day_is_no_day": (CREATE, {"first_log_date": "2026-02-30"}, ["var first_log_date", "2026-02-30"]),
    "first_day_has_another_form": (CREATE, {"first_log_date": "2026/02/01"}, ["YYYY-MM-DD", "2026/02/01"]),
    "unknown_strategy": (
        CREATE,
        {"s3_access_logs_partition_strategy": "guess"},
        ["unknown partition strategy", "guess", "projection, explicit, hive"],
    ),
    "strategy_none_with_partitions": (
        CREATE,
        {"s3_access_logs_partition_strategy": "none"},
        ["unknown partition strategy"],
    ),
    "msck_on_plain_folders": (
        ("repair_raw_tables", {"table": "partitioned"}),
        {"s3_access_logs_partition_strategy": "hive"},
        ["MSCK REPAIR TABLE", "source_account_id={source_account_id}", "Use the strategy projection or explicit"],
    ),
    "msck_on_a_projected_table": (
        ("repair_raw_tables", {"table": "partitioned"}),
        {},
        ["MSCK REPAIR TABLE", "s3_access_logs.partitioned (projection)"],
    ),
    "partitions_of_a_projected_table": (
        ("add_raw_partitions", {"table": "partitioned", "start_date": "2026-11-01", "end_date": "2026-11-01"}),
        {},
        ["only to raw tables in use with the strategy explicit", "s3_access_logs.partitioned (projection)"],
    ),
    "partitions_of_a_flat_table": (
        ("add_raw_partitions", {"table": "flat", "start_date": "2026-11-01", "end_date": "2026-11-01"}),
        {},
        ["s3_access_logs.flat (none)"],
    ),
    "days_swapped": (
        ("add_raw_partitions", {"start_date": "2026-11-02", "end_date": "2026-11-01"}),
        {},
        ["start_date 2026-11-02 lies after end_date 2026-11-01"],
    ),
    "one_day_missing": (("add_raw_partitions", {"start_date": "2026-11-02"}), {}, ["both start_date and end_date"]),
    "undeclared_table": (("create_raw_tables", {"table": "nosuch"}), {}, ["nosuch", "s3_access_logs.flat"]),
    "nothing_in_use": (
        ("create_raw_tables", {}),
        {
            "s3_access_logs_partitioned_path": "",
            "s3_access_logs_flat_path": "",
            "flow_logs_text_path": "",
            "flow_logs_hive_path": "",
            "flow_logs_parquet_path": "",
            "cloudtrail_path": "",
        },
        ["No raw table is in use", "s3_access_logs_partitioned_path", "s3_access_logs_flat_path", "cloudtrail_path"],
    ),
    "file_of_no_raw_table": (
        ("quarantine_log_file", {"file": "s3://logs/elsewhere/2026-11-01-00-00-00-AB.gz", "problem": "corrupt"}),
        {},
        ["not a log file of a raw table in use", "s3_access_logs.flat at s3://logs/prefix/access/flat/"],
    ),
    "file_with_quote": (
        ("quarantine_log_file", {"file": "s3://logs/prefix/access/flat/2026-11-01'", "problem": "corrupt"}),
        {},
        ["the argument file", "Quotes"],
    ),
}


@pytest.mark.parametrize(("call", "variables", "expected"), REFUSED_SETTINGS.values(), ids=REFUSED_SETTINGS.keys())
def test_settings_are_refused_with_their_name(
    project: RawTableProject, call: tuple[str, dict[str, str]], variables: dict[str, Any], expected: list[str]
) -> None:
    answer = project.operation(*call, **variables, **PRINT)

    assert not answer.succeeded
    assert [text for text in expected if text not in answer.messages] == []
    assert answer.statements() == []


def key(external: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one partition key of an external block."""
    (found,) = (partition for partition in external["partitions"] if partition["name"] == name)
    return found


def leave_out_the_service_level(external: dict[str, Any]) -> None:
    """Declare one folder level of a Hive prefix as a fixed name."""
    external["partitions"] = [key for key in external["partitions"] if key["name"] != "aws-service"]
    external["partition_path"] = external["partition_path"].replace("aws-service={aws-service}", "vpcflowlogs")


REFUSED_DECLARATIONS: dict[str, tuple[str, Callable[[dict[str, Any]], Any], list[str]]] = {
    "unknown_format": ("partitioned", lambda e: e.update(format="csv"), ['unknown format "csv"', "lines, delimited"]),
    "hours_without_range": ("text", lambda e: key(e, "hour")["projection"].pop("range"), ["key hour", "needs a range"]),
    "hours_without_digits": ("text", lambda e: key(e, "hour")["projection"].pop("digits"), ["key hour", "digits"]),
    "date_without_start": (
        "partitioned",
        lambda e: key(e, "delivery_date")["projection"].pop("start_var"),
        ["key delivery_date", "projection needs the first day"],
    ),
    "date_format": (
        "partitioned",
        lambda e: key(e, "delivery_date")["projection"].update(format="dd.MM.yyyy"),
        ["yyyy/MM/dd, yyyy-MM-dd or yyyyMMdd", "dd.MM.yyyy"],
    ),
    "enum_without_values": (
        "partitioned",
        lambda e: key(e, "source_bucket")["projection"].pop("values_var"),
        ["source_bucket", "values or values_var"],
    ),
    "key_without_projection": (
        "partitioned",
        lambda e: key(e, "source_bucket").pop("projection"),
        ["key source_bucket", "needs to know its values"],
    ),
    "key_of_type_date": (
        "partitioned",
        lambda e: key(e, "delivery_date").update(data_type="date"),
        ["data_type must be string", '"date"'],
    ),
    "path_without_a_key": (
        "partitioned",
        lambda e: e.update(partition_path="{source_account_id}/{delivery_date}"),
        ["partition_path must name the partition keys in their order"],
    ),
    "hive_level_left_out": (
        "hive_text",
        leave_out_the_service_level,
        ["MSCK REPAIR TABLE", "vpcflowlogs"],
    ),
}


@pytest.mark.parametrize(("table", "edit", "expected"), REFUSED_DECLARATIONS.values(), ids=REFUSED_DECLARATIONS.keys())
def test_declarations_are_refused_with_their_place(
    own_project: RawTableProject, table: str, edit: Callable[[dict[str, Any]], Any], expected: list[str]
) -> None:
    source = "s3_access_logs" if table == "partitioned" else "flow_logs"
    own_project.edit_table(source, table, edit)

    answer = own_project.operation("create_raw_tables", {"table": table}, **PRINT)

    assert not answer.succeeded
    assert [text for text in [f"{source}.{table}", *expected] if text not in answer.messages] == []


@pytest.mark.parametrize("root", ["sample_logs", "/srv/logs", "s3:/logs", "https://logs.s3.amazonaws.com", "s3://"])
def test_a_location_that_is_not_on_s3_is_refused(
    own_project: RawTableProject, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    monkeypatch.setenv("LOGS", root)

    answer = own_project.operation(*CREATE, **PRINT)

    assert not answer.succeeded
    assert f"Found '{root}'" in answer.messages
    assert "environment variable LOGS" in answer.messages


@pytest.mark.parametrize(
    ("aws_partition", "region"), [("aws", "us-east-1"), ("aws-cn", "cn-northwest-1"), ("aws-us-gov", "us-gov-east-1")]
)
def test_regions_of_each_aws_partition_are_accepted(project: RawTableProject, aws_partition: str, region: str) -> None:
    answer = project.operation(*CREATE, aws_partition=aws_partition, s3_access_logs_regions=[region], **PRINT)

    assert answer.succeeded, answer.messages
    assert f"'projection.source_region.values' = '{region}'" in answer.printed


def test_a_window_before_the_first_projected_day_is_refused(project: RawTableProject) -> None:
    days = {"source": "s3_access_logs", "table": "partitioned", "start_date": "2025-12-31", "end_date": "2026-01-02"}

    answer = project.operation("print_delivery_filter", days)

    assert not answer.succeeded
    assert "starts at 2025-12-31, before the first projected day 2026-01-01" in answer.messages
    assert "first_log_date" in answer.messages
