"""Tables that a user has already stand in for ours: what the var refuses, and the statements that it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from raw_table_project import RawTableProject

PRINT = {"print_ddl": True}

TEXT_COLUMNS = [("version", "int"), ("bytes", "bigint"), ("end", "bigint")]
YEAR_MONTH_DAY = [("region", "string"), ("year", "string"), ("month", "string"), ("day", "string")]
ACCESS_LOG_COLUMNS = [(f"field_{number}", "string") for number in range(1, 25)]
TEXT_FORMAT = {
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
    "Location": "s3://netlogs/flows/",
}


def glue_columns(columns: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": data_type} for name, data_type in columns]


def make_table(
    name: str,
    columns: list[tuple[str, str]],
    keys: list[tuple[str, str]] | None = None,
    parameters: Mapping[str, str] | None = None,
    **entry: Any,
) -> None:
    """Put a table into the Glue catalog's database netlogs."""
    storage = {"Columns": glue_columns(columns), **TEXT_FORMAT}
    boto3.client("glue", region_name="us-east-1").create_table(
        DatabaseName="netlogs",
        TableInput={
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": storage,
            "PartitionKeys": glue_columns(keys or []),
            "Parameters": {"skip.header.line.count": "1", **(parameters or {})},
            **entry,
        },
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawTableProject]:
    """The example project, beside a Glue catalog that holds a user's tables."""
    project = RawTableProject(tmp_path_factory.mktemp("existing") / "project")
    project.edit_table("flow_logs", "text", lambda external: external.update(wide_columns=["bytes"]))
    with mock_aws():
        boto3.client("glue", region_name="us-east-1").create_database(DatabaseInput={"Name": "netlogs"})
        make_table("flows", TEXT_COLUMNS, YEAR_MONTH_DAY)
        make_table("narrow", [("version", "int"), ("bytes", "int"), ("end", "bigint")], YEAR_MONTH_DAY)
        make_table("small", [("version", "smallint"), ("bytes", "bigint"), ("end", "bigint")], YEAR_MONTH_DAY)
        make_table("renamed", [("v", "int"), ("numbytes", "string")], [("dt", "string"), ("account", "bigint")])
        make_table("dated", TEXT_COLUMNS, [("date", "date")])
        make_table("numbered", TEXT_COLUMNS, [("year", "int"), ("month", "int"), ("day", "int")])
        make_table("compact", TEXT_COLUMNS, [("dt", "int")])
        make_table("doubled", TEXT_COLUMNS, [("dt", "double")])
        make_table(
            "projected", TEXT_COLUMNS, [("dt", "string")],
            {"projection.enabled": "true", "projection.dt.format": "yyyy-MM-dd"},
        )  # fmt: skip
        make_table("flat", TEXT_COLUMNS)
        make_table("viewed", TEXT_COLUMNS, TableType="VIRTUAL_VIEW")
        make_table("iceberg", TEXT_COLUMNS, parameters={"table_type": "ICEBERG"})
        make_table("access", ACCESS_LOG_COLUMNS)
        make_table("access_short", ACCESS_LOG_COLUMNS[:17])
        make_table("access_narrow", [*ACCESS_LOG_COLUMNS[:11], ("bytessent", "int"), *ACCESS_LOG_COLUMNS[12:]])
        make_table("access_timed", [*ACCESS_LOG_COLUMNS[:2], ("at", "timestamp"), *ACCESS_LOG_COLUMNS[3:]])
        make_table("trail_of_maps", [("eventid", "string"), ("useridentity", "map<string,string>")], YEAR_MONTH_DAY)
        make_table("trail_of_structs", [("requestparameters", "struct<key:string>")], YEAR_MONTH_DAY)
        yield project


DAY_PARTS = {"year": "year", "month": "month", "day": "day"}


def entry(table: str = "flows", *, delivery_date: Any = DAY_PARTS, **others: Any) -> dict[str, Any]:
    """One table of the var, right unless told otherwise; None takes a key away."""
    told = {"database": "netlogs", "table": table, "partitions": {"delivery_date": delivery_date}, **others}
    return {key: value for key, value in told.items() if value is not None}


REFUSED: dict[str, tuple[Any, list[str]]] = {
    "not_a_mapping": (["flow_logs.text"], ["Var existing_raw_tables must map", "flow_logs.text"]),
    "unknown_table": ({"flow_logs.texts": entry()}, ["flow_logs.texts", "Expected one of", "flow_logs.text,"]),
    "entry_is_text": (
        {"flow_logs.text": "netlogs.flows"},
        ["flow_logs.text", "database, table, columns and partitions"],
    ),
    "unknown_key": (
        {"flow_logs.text": entry(partition={})},
        ['Found "partition"', "database, table, columns, partitions"],
    ),
    "no_database": ({"flow_logs.text": entry(database=None)}, ["database must be the name", "Found"]),
    "hostile_table": (
        {"flow_logs.text": entry('x"; drop table y')},
        ["table must be the name of a table", "drop table"],
    ),
    "our_own_table": (
        {"flow_logs.text": entry("flow_logs_text", database="logs_raw")},
        ["logs_raw.flow_logs_text", "ATHENA_SCHEMA"],
    ),
    "missing_database": ({"flow_logs.text": entry(database="nosuch")}, ["no database nosuch", "us-east-1"]),
    "missing_table": ({"flow_logs.text": entry("nosuch")}, ["database netlogs has no table nosuch"]),
    "a_view": ({"flow_logs.text": entry("viewed")}, ["netlogs.viewed must be a Hive table", "VIRTUAL_VIEW"]),
    "an_iceberg_table": ({"flow_logs.text": entry("iceberg")}, ["netlogs.iceberg must be a Hive table", "iceberg"]),
    "columns_are_a_list": (
        {"flow_logs.text": entry(columns=["bytes"])},
        ["columns must map our column names to yours"],
    ),
    "columns_the_wrong_way": (
        {"flow_logs.text": entry(columns={"numbytes": "bytes"})},
        ['"numbytes"', "no column of this raw table", "version, bytes, end"],
    ),
    "hostile_column": ({"flow_logs.text": entry(columns={"bytes": 'b" from x --'})}, ["column bytes must be the name"]),
    "missing_column": (
        {
            "flow_logs.text": entry(
                "renamed", delivery_date={"column": "dt", "format": "yyyyMMdd"}, columns={"version": "v"}
            )
        },
        ["netlogs.renamed has no column bytes", "It has v, numbytes", "{bytes: null}"],
    ),
    "bytes_of_32_bits": (
        {"flow_logs.text": entry("narrow")},
        ["column bytes of netlogs.narrow", "string or bigint", "Found int", "2^31"],
    ),
    "numbers_of_16_bits": (
        {"flow_logs.text": entry("small")},
        ["column version", "string or int or bigint", "smallint"],
    ),
    "no_partitions": (
        {"flow_logs.text": entry(partitions=None)},
        ["which of your partition columns holds the delivery day"],
    ),
    "two_answers": (
        {"flow_logs.text": entry(partitions={"delivery_date": "date", "none": True})},
        ["or else none: true"],
    ),
    "unknown_partition_key": (
        {"flow_logs.text": entry(partitions={"delivery_day": "date", "none": True})},
        ['Found "delivery_day"', "log_account_id, log_region, delivery_date, none"],
    ),
    "missing_partition_column": (
        {"flow_logs.text": entry(delivery_date={"column": "dt", "format": "yyyyMMdd"})},
        ['"dt"', "no partition column of netlogs.flows", "region, year, month, day"],
    ),
    "missing_day_part": (
        {"flow_logs.text": entry(delivery_date={"year": "year", "day": "day"})},
        ["month of delivery_date"],
    ),
    "day_of_an_unknown_form": (
        {"flow_logs.text": entry("renamed", delivery_date={"column": "dt", "format": "dd.MM.yyyy"})},
        ["yyyy/MM/dd, yyyy-MM-dd or yyyyMMdd", "dd.MM.yyyy"],
    ),
    "day_without_a_form": (
        {
            "flow_logs.text": entry(
                "renamed", delivery_date="dt", columns={"version": "v", "bytes": "numbytes", "end": None}
            )
        },
        ["partition column dt is of type string", "format: yyyy/MM/dd or yyyy-MM-dd or yyyyMMdd", "Found format none"],
    ),
    "date_with_another_form": (
        {"flow_logs.text": entry("dated", delivery_date={"column": "date", "format": "yyyyMMdd"})},
        ["partition column date is of type date", "yyyy-MM-dd"],
    ),
    "number_with_dashes": (
        {"flow_logs.text": entry("compact", delivery_date={"column": "dt", "format": "yyyy-MM-dd"})},
        ["partition column dt is of type int", "yyyyMMdd"],
    ),
    "date_as_year": (
        {"flow_logs.text": entry("dated", delivery_date={"year": "date", "month": "date", "day": "date"})},
        ["holds dates", "delivery_date: date"],
    ),
    "day_of_type_double": (
        {"flow_logs.text": entry("doubled", delivery_date={"column": "dt", "format": "yyyyMMdd"})},
        ["partition column dt", "string, int, bigint or date", "double"],
    ),
    "form_of_the_projection": (
        {"flow_logs.text": entry("projected", delivery_date={"column": "dt", "format": "yyyy/MM/dd"})},
        ["projected with the format yyyy-MM-dd", "yyyy/MM/dd in the var"],
    ),
    "account_is_a_number": (
        {"flow_logs.text": entry(partitions={"delivery_date": DAY_PARTS, "log_account_id": {"value": 111122223333}})},
        ["log_account_id must be", "in quotes", "111122223333"],
    ),
    "region_of_another_partition": (
        {"flow_logs.text": entry(partitions={"delivery_date": DAY_PARTS, "log_region": {"value": "cn-north-1"}})},
        ["cn-north-1", "AWS partition aws"],
    ),
    "too_few_fields_of_an_access_log": (
        {"s3_access_logs.flat": entry("access_short", partitions={"none": True})},
        ["18 to 27 columns", "line: <your column>", "Found 17 columns"],
    ),
    "sizes_of_32_bits": (
        {"s3_access_logs.flat": entry("access_narrow", partitions={"none": True})},
        ["column bytessent", "field 12", "string or bigint", "Found int"],
    ),
    "time_that_is_no_text": (
        {"s3_access_logs.flat": entry("access_timed", partitions={"none": True})},
        ["column at", "field 3", "timestamp"],
    ),
    "line_that_is_not_there": (
        {"s3_access_logs.flat": entry("access", partitions={"none": True}, columns={"line": "message"})},
        ["netlogs.access has no column message", "line"],
    ),
    "struct_that_is_a_map": (
        {"cloudtrail.events": entry("trail_of_maps")},
        ["column useridentity", "struct<", "Found map<string,string>"],
    ),
}


@pytest.mark.parametrize(("told", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_the_var_is_refused_with_what_is_there(project: RawTableProject, told: Any, expected: list[str]) -> None:
    answer = project.operation("create_raw_tables", existing_raw_tables=told, **PRINT)

    assert not answer.succeeded
    assert [text for text in ["existing_raw_tables", *expected] if text not in answer.messages] == []
    assert not any("view" in statement for statement in answer.statements())


def delivery_filter(project: RawTableProject, told: dict[str, Any], start: str, end: str) -> str:
    """What delivery_filter says about flow_logs.text of the var."""
    answer = project.operation(
        "print_delivery_filter",
        {"source": "flow_logs", "table": "text", "start_date": start, "end_date": end},
        existing_raw_tables={"flow_logs.text": told},
    )
    assert answer.succeeded, answer.messages
    return answer.printed.strip()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            entry(),
            "((\"their_year\" in ('2026') and \"their_month\" in ('12') and \"their_day\" in ('31'))"
            " or (\"their_year\" in ('2027') and \"their_month\" in ('01', '1') and \"their_day\" in ('01', '1')))",
        ),
        (
            entry("numbered"),
            '(("their_year" in (2026) and "their_month" in (12) and "their_day" in (31))'
            ' or ("their_year" in (2027) and "their_month" in (1) and "their_day" in (1)))',
        ),
        (entry("dated", delivery_date="date"), "\"their_date\" between date '2026-12-31' and date '2027-01-01'"),
        (
            entry("compact", delivery_date={"column": "dt", "format": "yyyyMMdd"}),
            '"their_dt" between 20261231 and 20270101',
        ),
        (
            entry("projected", delivery_date={"column": "dt", "format": "yyyy-MM-dd"}),
            "\"their_dt\" between '2026-12-31' and '2027-01-01'",
        ),
        (
            entry("flat", partitions={"none": True}),
            "delivery_date between date '2026-12-31' and date '2027-01-01'",
        ),
    ],
    ids=["year_month_day", "numbers", "date", "number", "text", "unpartitioned"],
)
def test_the_filter_has_literals_of_their_types(project: RawTableProject, told: dict[str, Any], expected: str) -> None:
    assert delivery_filter(project, told, "2026-12-31", "2027-01-01") == expected


def test_the_printed_statement_is_a_view_and_nothing_of_the_user_is_dropped(project: RawTableProject) -> None:
    told = {"flow_logs.text": entry(columns={"end": None})}
    table = {"source": "flow_logs", "table": "text"}

    created = project.operation("create_raw_tables", table, existing_raw_tables=told, **PRINT).statements()
    dropped = project.operation("drop_raw_tables", table, existing_raw_tables=told, **PRINT).statements()

    assert created[-1].startswith('create or replace view "awsdatacatalog"."logs_raw"."flow_logs_text" as\nselect\n')
    assert created[-1].endswith('\nfrom "awsdatacatalog"."netlogs"."flows"')
    assert dropped == ['drop view if exists "awsdatacatalog"."logs_raw"."flow_logs_text"']


def test_the_key_managed_is_refused(tmp_path: Path) -> None:
    own_project = RawTableProject(tmp_path / "project")
    own_project.edit_table("flow_logs", "text", lambda external: external.update(managed=False))

    answer = own_project.operation("create_raw_tables", {"table": "text"}, **PRINT)

    assert not answer.succeeded
    assert "flow_logs.text: its external block has the key managed" in answer.messages
    assert "existing_raw_tables" in answer.messages


def test_on_duckdb_the_var_refuses_nothing(tmp_path: Path) -> None:
    on_duckdb = RawTableProject(tmp_path / "project", target="duckdb")

    answer = on_duckdb.operation("create_raw_tables", existing_raw_tables={"flow_logs.text": entry()})

    assert answer.succeeded, answer.messages
