"""The local stand-in for Athena: what it promises to the tests that stand on it.

Tests without the marker `athena` read statements and values only. The others run on Trino.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import boto3
import pyarrow.parquet
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from local_aws import AthenaSpace, LocalAws, QueryNotSucceededError, hive_statements, process_keeper
from local_aws.errors import QueryFailedError
from local_aws.faults import Faults
from local_aws.hive_statements import Column, PartitionSpec, TableName
from local_aws.sql_text import SqlTextError
from local_aws.statement_rewriting import rewrite
from local_aws.value_text import hive_type, value_text

REPOSITORY = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60
COMMA_SEPARATED = "row format delimited fields terminated by ','"
WITHOUT_RETRIES = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that happens in another thread or process."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not seen within {DEADLINE_SECONDS} seconds: {what}"
        time.sleep(0.02)


def is_running(process_id: int) -> bool:
    """Tell whether a process runs; one that is dead but not yet asked for does not."""
    try:
        os.kill(process_id, 0)
        if not Path("/proc/self/stat").exists():
            return True
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


# Reading DDL


def test_create_table_is_read_with_its_quotes_brackets_and_commas():
    statement = hive_statements.parse(
        """-- /* {"app": "dbt"} */
        CREATE EXTERNAL TABLE IF NOT EXISTS `Raw`.`lines` (
          `end` bigint COMMENT 'it\\'s (the) end, really',
          tags array<struct<name:string, size:decimal(10, 2)>>, -- a comment, with 'quotes'
          line string
        )
        COMMENT 'all lines'
        PARTITIONED BY (event_date date COMMENT 'UTC')
        ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
        WITH SERDEPROPERTIES ("input.regex" = '^([^ ]*) \\\\[(.*)\\\\] \\"(.*)\\"$')
        LOCATION 's3://logs/it\\'s/(1),2/'
        TBLPROPERTIES ('projection.event_date.range' = '2026/11/01,NOW', 'skip.header.line.count' = '1');"""
    )
    assert statement.table == TableName("lines", "raw")
    assert statement.if_not_exists
    assert statement.columns == [
        Column("end", "bigint", "it's (the) end, really"),
        Column("tags", "array<struct<name:string,size:decimal(10,2)>>"),
        Column("line", "string"),
    ]
    assert statement.partition_keys == [Column("event_date", "date", "UTC")]
    assert statement.comment == "all lines"
    assert statement.serde == "org.apache.hadoop.hive.serde2.RegexSerDe"
    assert statement.serde_properties == {"input.regex": r'^([^ ]*) \[(.*)\] "(.*)"$'}
    assert statement.input_format == "org.apache.hadoop.mapred.TextInputFormat"
    assert statement.location == "s3://logs/it's/(1),2/"
    assert statement.properties == {"projection.event_date.range": "2026/11/01,NOW", "skip.header.line.count": "1"}


def test_delimiters_are_serde_properties():
    statement = hive_statements.parse(
        r"""create external table t (a int) row format delimited fields terminated by '\t' escaped by '\\'
        collection items terminated by '\002' lines terminated by '\n' null defined as '-' location 's3://b/t'"""
    )
    assert statement.serde == "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
    assert statement.serde_properties == {
        "field.delim": "\t",
        "serialization.format": "\t",
        "escape.delim": "\\",
        "colelction.delim": "\x02",
        "line.delim": "\n",
        "serialization.null.format": "-",
    }


def test_stored_as_names_the_classes_of_the_format():
    statement = hive_statements.parse("create external table t (a int) stored as parquet location 's3://b/t'")
    assert statement.serde == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    assert statement.input_format == "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"


def test_several_partitions_are_added_by_one_statement():
    statement = hive_statements.parse(
        "ALTER TABLE d.t ADD IF NOT EXISTS PARTITION (account = '1', `day` = '2026/11/01') LOCATION 's3://b/a,(1)/'\n"
        "PARTITION (account = 'it\\'s', day = date '2026-11-02') PARTITION (account = 3, day = -4)"
    )
    assert statement == hive_statements.AddPartitions(
        TableName("t", "d"),
        True,
        [
            PartitionSpec({"account": "1", "day": "2026/11/01"}, "s3://b/a,(1)/"),
            PartitionSpec({"account": "it's", "day": "2026-11-02"}),
            PartitionSpec({"account": "3", "day": "-4"}),
        ],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "alter table t drop if exists partition (d='1'), partition (d='2')",
            hive_statements.DropPartitions(
                TableName("t"), True, [PartitionSpec({"d": "1"}), PartitionSpec({"d": "2"})]
            ),
        ),
        (
            r"alter table `a`.`t` partition (d='x)y') set location 's3://b/it\'s'",
            hive_statements.SetLocation(TableName("t", "a"), PartitionSpec({"d": "x)y"}), "s3://b/it's"),
        ),
        (
            r"""alter table t set tblproperties ('comment' = 'a, (b) = \'c\'', "x"='')""",
            hive_statements.SetTableProperties(TableName("t"), {"comment": "a, (b) = 'c'", "x": ""}),
        ),
        (
            "alter table t add columns (a int, b struct<c:string>)",
            hive_statements.ChangeColumns(TableName("t"), [Column("a", "int"), Column("b", "struct<c:string>")], False),
        ),
        (
            "alter table t replace columns (a int)",
            hive_statements.ChangeColumns(TableName("t"), [Column("a", "int")], True),
        ),
        ("MSCK REPAIR TABLE `a`.t;", hive_statements.RepairTable(TableName("t", "a"))),
        ("drop table if exists awsdatacatalog.a.t", hive_statements.DropTable(TableName("t", "a"), True)),
        ('drop view "a"."v"', hive_statements.DropTable(TableName("v", "a"), False)),
        ("create schema if not exists `a`", hive_statements.CreateDatabase("a", True)),
        ("drop database a cascade", hive_statements.DropDatabase("a", False, True)),
        ("show tables in a 'x*|y'", hive_statements.ShowTables("a", "x*|y", False)),
        ("show columns from t in a", hive_statements.ShowColumns(TableName("t", "a"))),
        ("describe formatted a.t", hive_statements.DescribeTable(TableName("t", "a"))),
    ],
)
def test_ddl_is_read(text, expected):
    assert hive_statements.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "select 'alter table t'",
        "with a as (select 1) select * from a",
        "create table t as select 1",
        "create or replace view v as select 1",
        "-- drop table t\nselect 1",
        "insert into t select 1",
        "show create view v",
        "explain select 1",
    ],
)
def test_other_statements_are_left_to_the_engine(text):
    assert hive_statements.parse(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("create external table t (a int)", "line 1:32: mismatched input 'end of the statement'. Expecting: LOCATION"),
        (
            "create external table t (a int) location 's3://b/' stored as parquet",
            "line 1:52: mismatched input 'stored'. Expecting: the end of the statement",
        ),
        ("create external table t (a int) location '/disk/'", "LOCATION '/disk/' is not an s3:// path"),
        ("create external table my-logs (a int) location 's3://b/'", "line 1:25: mismatched input '-'. Expecting: '('"),
        ("alter table \"t\" set location 's3://b/'", "line 1:13: mismatched input '\"t\"'. Expecting: a name"),
        ("alter table t add partition (d='it's')", "the statement ends inside a quote that starts at character 37"),
        ("create external table t (a integer) location 's3://b/'", "mismatched input 'integer'"),
        (
            "create external table t (end int) location 's3://b/'",
            "line 1:26: mismatched input 'end'. Expecting: a name",
        ),
        ("create external table _t (a int) location 's3://b/'", "line 1:23: mismatched input '_t'. Expecting: a name"),
        (
            "alter table t set location 's3://b/it''s'",
            r"a doubled quote at character 38: in DDL a quote inside a string is written \'",
        ),
        ("/* note */ drop table t", "cannot recognize input near '/' '*': in DDL only -- starts a comment"),
    ],
)
def test_ddl_that_athena_refuses_is_refused(text, message):
    with pytest.raises(SqlTextError, match=re.escape(message)):
        hive_statements.parse(text)


# Rewriting statements for Trino


def test_properties_of_create_table_as_become_trinos():
    statement = rewrite(
        """-- {"app": "dbt"}
        create table "awsdatacatalog"."d"."t" with (table_type='hive', is_external=true,
          external_location='s3://b/a)b,c''d/', partitioned_by=ARRAY['x', 'y'], format='PARQUET',
          write_compression='ZSTD') as select ')' as a, 1 as x, 2 as y -- with (format='ORC')
        ;""",
        "awsdatacatalog",
        "s3://unused/",
    )
    assert statement.text == (
        'create table "awsdatacatalog"."d"."t" with (external_location = \'s3://b/a)b,c\'\'d/\','
        " partitioned_by = ARRAY['x', 'y'], format = 'PARQUET') as select ')' as a, 1 as x, 2 as y"
    )
    assert statement.session == {"awsdatacatalog.compression_codec": "ZSTD"}
    assert statement.created_table == ["awsdatacatalog", "d", "t"]


@pytest.mark.parametrize("codec", ["SNAPPY", "gzip", "ZSTD"])
def test_each_compression_is_a_session_property(codec):
    statement = rewrite(f"create table t with (write_compression='{codec}') as select 1 as a", "c", "s3://b/t")
    assert statement.session == {"c.compression_codec": codec.upper()}


def test_a_table_without_a_location_gets_the_default_one():
    assert rewrite("create table t as select 1 as a", "c", "s3://b/t").text == (
        "create table t with (external_location = 's3://b/t') as select 1 as a"
    )


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("table_type='ICEBERG'", "not Iceberg tables"),
        ("colour='red'", r"Table properties \['colour'\] are not supported"),
        ("write_compression='ZIP'", "write_compression = 'ZIP' is not one of"),
        ("format='ORC'", "SYNTAX_ERROR"),
    ],
)
def test_create_table_as_that_athena_refuses_is_refused(properties, message):
    closing = "" if message == "SYNTAX_ERROR" else ")"
    with pytest.raises(QueryFailedError, match=message):
        rewrite(f"create table t with ({properties}{closing} as select 1 as a", "c", "s3://b/t")


def test_an_enforced_location_forbids_another_one():
    with pytest.raises(QueryFailedError, match="enforces a centralized output location"):
        rewrite(
            "create table t with (external_location='s3://b/t') as select 1 as a",
            "c",
            "s3://b/results",
            location_is_enforced=True,
        )


# Values as text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0.0"),
        (0.5, "0.5"),
        (1234567.0, "1234567.0"),
        (12345678.9, "1.23456789E7"),
        (1e10, "1.0E10"),
        (-1.5e-5, "-1.5E-5"),
        (0.0001, "1.0E-4"),
        (1e21, "1.0E21"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_doubles_are_written_as_java_does(value, expected):
    assert value_text(value, {"rawType": "double"}) == expected


@pytest.mark.parametrize(
    ("trino", "hive"),
    [
        ("integer", "int"),
        ("varchar", "string"),
        ("varchar(10)", "varchar(10)"),
        ("decimal(38, 2)", "decimal(38,2)"),
        ("timestamp(3) with time zone", "timestamp"),
        ("array(row(a integer, b decimal(3,1)))", "array<struct<a:int,b:decimal(3,1)>>"),
        ("map(varchar, array(double))", "map<string,array<double>>"),
        ("row(integer, varchar)", "struct<field0:int,field1:string>"),
    ],
)
def test_trino_types_have_hive_names(trino, hive):
    assert hive_type(trino) == hive


# Faults and processes, without Trino


def test_a_fault_skips_and_counts():
    faults = Faults()
    faults.inject("glue:Get.*", "throttle", times=2, skip=1)
    answers = [
        faults.before_request(action) for action in ["glue:GetTable"] * 2 + ["s3:GetObject"] + ["glue:GetTable"] * 2
    ]
    assert [answer and answer[0] for answer in answers] == [
        None,
        "ThrottlingException",
        None,
        "ThrottlingException",
        None,
    ]


def test_an_unknown_kind_of_fault_is_refused():
    with pytest.raises(ValueError, match="unknown kind of fault 'flood': expected one of"):
        Faults().inject("select", "flood")


ASK = """
import sys, time
from pathlib import Path
from local_aws.process_keeper import KeptProgram

program = KeptProgram(Path(sys.argv[1]), is_shared=True)
program.ask(lambda: ["sleep", "600"], Path(sys.argv[1], "log"))
print(program.process_id(), flush=True)
time.sleep(600)
"""


def asking_process(folder: Path) -> tuple[subprocess.Popen[str], int]:
    """Start a process that asks for a program, and return it with the id of the program."""
    asking = subprocess.Popen(
        [sys.executable, "-c", ASK, str(folder)],
        env=os.environ | {"PYTHONPATH": f"{REPOSITORY}/tests:{REPOSITORY}/scripts"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert asking.stdout
    with asking.stdout as said:
        return asking, int(said.readline())


def test_a_kept_program_ends_with_the_last_process_that_asked_for_it(tmp_path):
    first, kept = asking_process(tmp_path)
    second, same = asking_process(tmp_path)
    try:
        assert same == kept
        first.kill()
        first.wait()
        third, still_the_same = asking_process(tmp_path)
        third.kill()
        third.wait()
        assert still_the_same == kept
        assert is_running(kept)
    finally:
        first.kill()
        second.kill()
        second.wait()
    wait_until(lambda: not is_running(kept), "the end of the kept program")
    later, another = asking_process(tmp_path)
    later.kill()
    later.wait()
    assert another != kept
    wait_until(lambda: not is_running(another), "the end of the program that was started anew")


def test_leaving_a_program_of_ones_own_ends_it(tmp_path):
    program = process_keeper.KeptProgram(tmp_path)
    program.ask(lambda: ["sleep", "600"], tmp_path / "log")
    kept = program.process_id()
    assert is_running(kept)
    with pytest.raises(RuntimeError, match=f"another process uses the program in {tmp_path}"):
        process_keeper.KeptProgram(tmp_path).ask(lambda: ["sleep", "600"], tmp_path / "log")
    program.leave()
    assert not is_running(kept)


def test_a_program_that_ends_by_itself_is_not_running(tmp_path):
    program = process_keeper.KeptProgram(tmp_path)
    program.ask(lambda: ["sh", "-c", "echo why"], tmp_path / "log")
    wait_until(lambda: not program.is_running(), "the end of the program")
    assert (tmp_path / "log").read_text() == "why\n"
    program.leave()


@pytest.mark.parametrize(
    ("required", "outcome"),
    [("", "SKIPPED"), ("1", "ERROR")],
    ids=["skipped", "failed when required"],
)
def test_a_missing_trino_is_named(tmp_path, required, outcome):
    (tmp_path / "test_one.py").write_text("def test_one(athena_space):\n    pass\n")
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "conftest", "-p", "no:cacheprovider", str(tmp_path)],
        env=os.environ
        | {
            "TRINO_HOME": str(tmp_path / "nowhere"),
            "REQUIRE_ATHENA": required,
            "PYTHONPATH": ":".join(str(REPOSITORY / folder) for folder in ("tests/python", "tests", "scripts")),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
    ).stdout
    assert outcome in said
    assert "Trino is not installed: run `make trino`" in said


# The Athena API


@pytest.mark.athena
def test_results_come_in_pages_with_the_header_first(athena_space: AthenaSpace):
    described = athena_space.run(
        "select n, if(n = 2, null, 'v') as v from unnest(sequence(1, 2500)) as u(n) order by n"
    )
    athena = athena_space.aws.client("athena")
    query_id = described["QueryExecutionId"]
    first = athena.get_query_results(QueryExecutionId=query_id)
    assert len(first["ResultSet"]["Rows"]) == 1000
    assert first["ResultSet"]["Rows"][0] == {"Data": [{"VarCharValue": "n"}, {"VarCharValue": "v"}]}
    assert first["ResultSet"]["Rows"][2] == {"Data": [{"VarCharValue": "2"}, {}]}
    columns = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(column["Name"], column["Type"]) for column in columns] == [("n", "bigint"), ("v", "varchar")]
    second = athena.get_query_results(QueryExecutionId=query_id, NextToken=first["NextToken"], MaxResults=5)
    assert second["ResultSet"]["Rows"][0] == {"Data": [{"VarCharValue": "1000"}, {"VarCharValue": "v"}]}
    assert len(second["ResultSet"]["Rows"]) == 5
    assert len(athena_space.query(described["Query"])) == 2500


@pytest.mark.athena
def test_the_result_file_is_csv_that_tells_null_from_empty(athena_space: AthenaSpace):
    described = athena_space.run("""select 'a "b", c' as x, cast(null as varchar) as y, '' as z, 1.5e0 as d""")
    bucket, _, key = described["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").partition("/")
    assert key.endswith(f"/{described['QueryExecutionId']}.csv")
    content = athena_space.aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert content == '"x","y","z","d"\n"a ""b"", c",,"","1.5"\n'


@pytest.mark.athena
def test_values_look_as_athena_shows_them(athena_space: AthenaSpace):
    assert athena_space.query(
        "select true, date '2026-11-01', timestamp '2026-11-01 10:00:00', cast(1 as decimal(10, 2)), 1e10, x'6869',"
        " array[1, null], map(array['k'], array[2]), cast(row(1, 'b') as row(a int, b varchar)), row(1)"
    ) == [
        (
            "true",
            "2026-11-01",
            "2026-11-01 10:00:00.000",
            "1.00",
            "1.0E10",
            "68 69",
            "[1, null]",
            "{k=2}",
            "{a=1, b=b}",
            "{field0=1}",
        )
    ]


@pytest.mark.athena
def test_a_failed_query_says_why(athena_space: AthenaSpace):
    athena_space.run(f"create schema {athena_space.schema}")
    described = athena_space.wait(athena_space.start("select * from nowhere"))
    assert described["Status"]["State"] == "FAILED"
    assert described["Status"]["StateChangeReason"] == (
        f"TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.{athena_space.schema}.nowhere' does not exist"
    )
    assert described["Status"]["AthenaError"]["ErrorCategory"] == 2
    with pytest.raises(ClientError, match="Final query state: FAILED"):
        athena_space.aws.client("athena").get_query_results(QueryExecutionId=described["QueryExecutionId"])


@pytest.mark.athena
def test_a_statement_longer_than_athena_takes_is_refused(athena_space: AthenaSpace):
    athena_space.run("select 1 --" + "x" * (262_144 - 11))
    with pytest.raises(ClientError, match="length less than or equal to 262144"):
        athena_space.start("select 1 --" + "x" * (262_144 - 10))
    with pytest.raises(ClientError, match="length less than or equal to 262144"):
        athena_space.start("select 1 --" + "é" * 131_072)


@pytest.mark.athena
def test_a_missing_result_bucket_is_named(athena_space: AthenaSpace):
    with pytest.raises(ClientError, match="Unable to verify/create output bucket no-such-bucket"):
        athena_space.aws.client("athena").start_query_execution(
            QueryString="select 1", ResultConfiguration={"OutputLocation": "s3://no-such-bucket/results/"}
        )


@pytest.mark.athena
def test_unknown_names_are_refused(athena_space: AthenaSpace):
    athena = athena_space.aws.client("athena")
    with pytest.raises(ClientError, match="WorkGroup nobody is not found"):
        athena.start_query_execution(QueryString="select 1", WorkGroup="nobody")
    with pytest.raises(ClientError, match="QueryExecution 11111111-1111-1111-1111-111111111111 was not found"):
        athena.get_query_execution(QueryExecutionId="11111111-1111-1111-1111-111111111111")
    with pytest.raises(ClientError, match="No output location provided"):
        athena.start_query_execution(QueryString="select 1")
    with pytest.raises(ClientError, match="does not know the operation ListNotebookMetadata"):
        athena.list_notebook_metadata(WorkGroup="primary")


@pytest.mark.athena
def test_work_groups_are_created_changed_and_deleted(athena_space: AthenaSpace):
    athena = athena_space.aws.client("athena")
    name = f"{athena_space.schema}_other"
    athena.create_work_group(
        Name=name,
        Configuration={"BytesScannedCutoffPerQuery": 10_000_000, "ResultConfiguration": {"OutputLocation": "s3://x/"}},
    )
    athena.update_work_group(
        WorkGroup=name,
        ConfigurationUpdates={
            "BytesScannedCutoffPerQuery": 20_000_000,
            "ResultConfigurationUpdates": {"OutputLocation": athena_space.results},
        },
    )
    configuration = athena.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
    assert configuration["BytesScannedCutoffPerQuery"] == 20_000_000
    assert configuration["ResultConfiguration"] == {"OutputLocation": athena_space.results}
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert name in [group["Name"] for group in athena.list_work_groups()["WorkGroups"]]
    athena.update_work_group(WorkGroup=name, State="DISABLED")
    with pytest.raises(ClientError, match="is disabled"):
        athena.start_query_execution(QueryString="select 1", WorkGroup=name)
    athena.delete_work_group(WorkGroup=name)
    with pytest.raises(ClientError, match="is not found"):
        athena.get_work_group(WorkGroup=name)


@pytest.mark.athena
def test_the_same_request_token_starts_one_query(athena_space: AthenaSpace):
    athena = athena_space.aws.client("athena")
    request = {
        "QueryString": "select 1",
        "WorkGroup": athena_space.work_group,
        "ClientRequestToken": "0123456789012345678901234567890123456789",
    }
    assert (
        athena.start_query_execution(**request)["QueryExecutionId"]
        == (athena.start_query_execution(**request)["QueryExecutionId"])
    )


@pytest.mark.athena
def test_parameters_take_the_places_of_question_marks(athena_space: AthenaSpace):
    athena = athena_space.aws.client("athena")
    query_id = athena.start_query_execution(
        QueryString="select ? as a, 'it''s' as b where 1 = ?",
        ExecutionParameters=["'x'", "1"],
        WorkGroup=athena_space.work_group,
    )["QueryExecutionId"]
    assert athena_space.wait(query_id)["Status"]["State"] == "SUCCEEDED"
    rows = athena.get_query_results(QueryExecutionId=query_id)["ResultSet"]["Rows"]
    assert rows[1] == {"Data": [{"VarCharValue": "x"}, {"VarCharValue": "it's"}]}


@pytest.mark.athena
def test_a_stopped_query_is_stopped_in_trino(athena_space: AthenaSpace):
    query_id = athena_space.start(statement_of_days(athena_space.schema))
    wait_until(lambda: "RUNNING" in athena_space.trino_states(), "the query running in Trino")
    athena_space.aws.client("athena").stop_query_execution(QueryExecutionId=query_id)
    described = athena_space.wait(query_id)
    assert described["Status"]["State"] == "CANCELLED"
    assert described["Status"]["StateChangeReason"] == "Query cancelled by user"
    wait_until(lambda: set(athena_space.trino_states()) == {"FAILED"}, "the query ended in Trino")


@pytest.mark.athena
def test_what_is_left_running_can_be_stopped(athena_space: AthenaSpace):
    query_id = athena_space.start(statement_of_days(athena_space.schema))
    wait_until(lambda: "RUNNING" in athena_space.trino_states(), "the query running in Trino")
    athena_space.aws.stop_statements()
    assert athena_space.wait(query_id)["Status"]["State"] == "CANCELLED"
    wait_until(lambda: set(athena_space.trino_states()) == {"FAILED"}, "the query ended in Trino")


def statement_of_days(name: str) -> str:
    """Return a statement over 10^13 rows, which would take days, and by whose column name it can be found."""
    return (
        f"select count(*) as {name} from unnest(sequence(1, 10000)) as a(x)"
        " cross join unnest(sequence(1, 10000)) as b(y) cross join unnest(sequence(1, 10000)) as c(z)"
        " cross join unnest(sequence(1, 10)) as d(q)"
    )


@pytest.mark.athena
def test_drivers_see_databases_and_tables(athena_space: AthenaSpace):
    athena_space.run(f"create schema {athena_space.schema} comment 'for a test'")
    athena_space.run(
        "create external table t (a int comment 'first', b string) partitioned by (d date)"
        f" location '{athena_space.location}'"
    )
    athena = athena_space.aws.client("athena")
    where = {"CatalogName": "AwsDataCatalog", "DatabaseName": athena_space.schema}
    databases = athena.list_databases(CatalogName="AwsDataCatalog")["DatabaseList"]
    assert {"Name": athena_space.schema, "Description": "for a test", "Parameters": {}} in databases
    assert athena.get_database(**where)["Database"]["Name"] == athena_space.schema
    table = athena.get_table_metadata(**where, TableName="T")["TableMetadata"]
    assert table["Columns"] == [{"Name": "a", "Type": "int", "Comment": "first"}, {"Name": "b", "Type": "string"}]
    assert table["PartitionKeys"] == [{"Name": "d", "Type": "date"}]
    assert [entry["Name"] for entry in athena.list_table_metadata(**where)["TableMetadataList"]] == ["t"]
    assert athena.list_table_metadata(**where, Expression="x.*")["TableMetadataList"] == []
    with pytest.raises(ClientError, match="MetadataException"):
        athena.get_table_metadata(**where, TableName="nowhere")


@pytest.mark.athena
def test_pyathena_and_awswrangler_read_a_table(athena_space: AthenaSpace, monkeypatch):
    # Imported where needed: they take seconds.
    import awswrangler
    import pyathena

    for name, value in athena_space.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run("create table t as select 1 as a, 'x' as b union all select 2, null")
    cursor = pyathena.connect(
        schema_name=athena_space.schema, work_group=athena_space.work_group, s3_staging_dir=athena_space.results
    ).cursor()
    assert cursor.execute("select * from t where a > %(least)d order by a", {"least": 0}).fetchall() == [
        (1, "x"),
        (2, None),
    ]
    for through_a_table in (False, True):
        frame = awswrangler.athena.read_sql_query(
            "select * from t order by a",
            athena_space.schema,
            ctas_approach=through_a_table,
            workgroup=athena_space.work_group,
            s3_output=athena_space.results,
        )
        assert sorted(frame["a"].tolist()) == [1, 2]


# DDL on the catalog


@pytest.mark.athena
def test_a_table_lives_from_create_to_drop(athena_space: AthenaSpace):
    schema = athena_space.schema
    athena_space.run(f"create database if not exists {schema}")
    athena_space.run(f"create database if not exists {schema}")
    with pytest.raises(QueryNotSucceededError, match=f"Database {schema} already exists"):
        athena_space.run(f"create database {schema}")
    create = f"external table t (a int) partitioned by (d string, n int) location '{athena_space.location}t/'"
    athena_space.run(f"create {create}")
    with pytest.raises(QueryNotSucceededError, match="Table t already exists"):
        athena_space.run(f"create {create}")
    athena_space.run("create external table if not exists t (z int) location 's3://elsewhere/'")
    athena_space.run("alter table t add columns (b struct<x:int>)")
    athena_space.run(r"alter table t set tblproperties ('comment' = 'it\'s (a), b')")
    assert athena_space.query("show columns in t") == [(f"{name:<20}",) for name in ("a", "b", "d", "n")]
    assert athena_space.query("show tblproperties t ('comment')") == [("it's (a), b",)]
    athena_space.run("alter table t replace columns (a bigint)")
    assert athena_space.query(f"describe {schema}.t")[0] == (f"{'a':<20}\t{'bigint':<20}\t{'':<20}",)
    assert (r"  'comment'='it\'s (a), b')",)[0] in athena_space.query("show create table t")[-1][0] or (
        "  'comment'='it''s (a), b'" in "\n".join(row[0] for row in athena_space.query("show create table t"))
    )
    with pytest.raises(QueryNotSucceededError, match="is not empty"):
        athena_space.run(f"drop database {schema}")
    athena_space.put("t/kept.csv", b"1")
    athena_space.run("drop table t")
    assert athena_space.query("show tables") == []
    listed = athena_space.aws.client("s3").list_objects_v2(
        Bucket=athena_space.bucket, Prefix=f"{athena_space.prefix}t/"
    )
    assert listed["KeyCount"] == 1
    athena_space.run("drop table if exists t")
    with pytest.raises(QueryNotSucceededError, match=rf"Table not found {schema}\.t"):
        athena_space.run("drop table t")
    athena_space.run(f"drop database {schema}")
    assert athena_space.query(f"show databases like '{schema}'") == []


@pytest.mark.athena
def test_partitions_are_added_moved_and_dropped(athena_space: AthenaSpace):
    odd = athena_space.put("odd, it's (1)/one.csv", b"1\n").rpartition("/")[0]
    other = athena_space.put("other/two.csv", b"2\n").rpartition("/")[0]
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(
        "create external table t (a int) partitioned by (event_date date, account string)"
        f" {COMMA_SEPARATED} location '{athena_space.location}t/'"
    )
    quoted = odd.replace("'", r"\'")
    both = (
        f"partition (event_date='2026-11-01', account='it\\'s') location '{quoted}'"
        f" partition (account='2', event_date=date '2026-11-02') location '{other}'"
    )
    athena_space.run(f"alter table t add if not exists {both}")
    athena_space.run(f"alter table t add if not exists {both}")
    with pytest.raises(QueryNotSucceededError, match="Partition already exists"):
        athena_space.run(f"alter table t add {both}")
    assert athena_space.query("show partitions t") == [
        ("event_date=2026-11-01/account=it's",),
        ("event_date=2026-11-02/account=2",),
    ]
    assert athena_space.query("select a, account from t where event_date = date '2026-11-01'") == [("1", "it's")]
    athena_space.run(f"alter table t partition (event_date='2026-11-01', account='it\\'s') set location '{other}'")
    assert athena_space.query("select a from t order by event_date") == [("2",), ("2",)]
    athena_space.run("alter table t drop partition (event_date='2026-11-02', account='2')")
    assert athena_space.query("select event_date from t") == [("2026-11-01",)]
    with pytest.raises(QueryNotSucceededError, match="Partition not found"):
        athena_space.run("alter table t drop partition (event_date='2026-11-02', account='2')")
    athena_space.run("alter table t drop if exists partition (event_date='2026-11-02', account='2')")
    with pytest.raises(QueryNotSucceededError, match="the partition keys of t are event_date, account"):
        athena_space.run("alter table t add partition (day='1')")


@pytest.mark.athena
def test_glue_takes_no_more_partitions_at_once_than_on_aws(athena_space: AthenaSpace):
    glue = athena_space.aws.client("glue")
    glue.create_database(DatabaseInput={"Name": athena_space.schema})
    keys = [{"Name": "p", "Type": "int"}]
    table = {"DatabaseName": athena_space.schema, "TableName": "t"}
    glue.create_table(DatabaseName=athena_space.schema, TableInput={"Name": "t", "PartitionKeys": keys})
    many = [{"Values": [str(number)]} for number in range(101)]
    with pytest.raises(ClientError, match="less than or equal to 100"):
        glue.batch_create_partition(**table, PartitionInputList=many)
    assert not glue.batch_create_partition(**table, PartitionInputList=many[:100]).get("Errors")
    with pytest.raises(ClientError, match="less than or equal to 25"):
        glue.batch_delete_partition(**table, PartitionsToDelete=many[:26])


@pytest.mark.athena
def test_repair_finds_hive_folders_and_nothing_else(athena_space: AthenaSpace):
    athena_space.put("t/d=1/x=a%20b/f.csv", b"1\n")
    athena_space.put("t/d=2/x=c/f.csv", b"2\n")
    athena_space.put("t/2026/11/f.csv", b"3\n")
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(
        "create external table t (a int) partitioned by (d string, x string)"
        f" {COMMA_SEPARATED} location '{athena_space.location}t'"
    )
    assert athena_space.query("select a from t") == []
    athena_space.run("msck repair table t")
    assert athena_space.query("show partitions t") == [("d=1/x=a b",), ("d=2/x=c",)]
    assert athena_space.query("select d, a from t order by a") == [("1", "1"), ("2", "2")]
    assert athena_space.query("msck repair table t") == []


@pytest.mark.athena
def test_each_serde_reads_its_files(athena_space: AthenaSpace):
    header = b"a b\n"
    athena_space.put("lazy/f.log.gz", gzip.compress(header + b"1 -\n2 x\n"))
    athena_space.put("regex/f", b'one "two (2), three"\ntorn\n')
    athena_space.put("json/f.json", b'{"A": 1, "tags": [{"k": "v"}]}\n')
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(
        "create external table lazy (a int, b string) row format delimited fields terminated by ' '"
        f" null defined as '-' location '{athena_space.location}lazy/' tblproperties ('skip.header.line.count'='1')"
    )
    athena_space.run(
        "create external table regex (a string, b string) row format serde 'org.apache.hadoop.hive.serde2.RegexSerDe'"
        f""" with serdeproperties ('input.regex'='^(\\\\S+) "(.*)"$') location '{athena_space.location}regex/'"""
    )
    athena_space.run(
        "create external table lines (line string) row format serde 'org.apache.hadoop.hive.serde2.RegexSerDe'"
        f" with serdeproperties ('input.regex'='(.*)') location '{athena_space.location}regex/'"
    )
    athena_space.run(
        "create external table json (a int, tags array<struct<k:string>>) row format serde"
        f" 'org.openx.data.jsonserde.JsonSerDe' location '{athena_space.location}json/'"
    )
    assert athena_space.query("select * from lazy order by a") == [("1", None), ("2", "x")]
    assert athena_space.query("select * from regex where a is not null") == [("one", "two (2), three")]
    assert athena_space.query("select line from lines order by line") == [('one "two (2), three"',), ("torn",)]
    assert athena_space.query("select a, tags[1].k from json") == [("1", "v")]


@pytest.mark.athena
def test_a_view_shows_its_real_columns_in_the_catalog(athena_space: AthenaSpace):
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run("create or replace view v as select 1 as a")
    athena_space.run("create or replace view v as select cast(2 as bigint) as b, 'x' as c, array[1] as d")
    table = athena_space.aws.client("glue").get_table(DatabaseName=athena_space.schema, Name="v")["Table"]
    assert [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]] == [
        ("b", "bigint"),
        ("c", "varchar(1)"),
        ("d", "array<int>"),
    ]
    assert athena_space.query("select b + 1 from v") == [("3",)]
    assert athena_space.query("show views") == [("v",)]
    athena_space.run('drop view "v"')
    assert athena_space.query("show views") == []


# What is read


@pytest.mark.athena
def test_a_date_range_opens_only_its_partitions(athena_space: AthenaSpace):
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(
        f"create table t with (external_location='{athena_space.location}t/', partitioned_by=array['event_date'])"
        " as select n, date_add('day', n, date '2026-10-30') as event_date from unnest(sequence(0, 7)) as u(n)"
    )
    athena_space.aws.reset_log()
    assert athena_space.query(
        "select n from t where event_date between date '2026-11-01' and date '2026-11-03' order by n"
    ) == [("2",), ("3",), ("4",)]
    opened = athena_space.aws.objects_read(athena_space.location)
    folders = sorted(location.split("/")[-2] for location in opened)
    assert folders == ["event_date=2026-11-01", "event_date=2026-11-02", "event_date=2026-11-03"]
    statement = athena_space.aws.statements()[-1]
    assert 0 < statement.data_scanned_bytes <= sum(opened.values())


@pytest.mark.athena
def test_partition_keys_of_awkward_types_and_names_are_filtered(athena_space: AthenaSpace):
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(
        """create table t with (partitioned_by=array['kind', 'date', 'amount']) as select * from (values
        (1, 'one', '2026-11-01', decimal '1.5'), (2, 'it''s', '2026-11-02', decimal '2.5')
        ) as v(n, kind, "date", amount)"""
    )
    for predicate in (
        "kind = 'it''s'",
        """"date" > '2026-11-01'""",
        "amount = decimal '2.5'",
        "kind in ('it''s', 'x')",
    ):
        athena_space.aws.reset_log()
        assert athena_space.query(f"select n from t where {predicate}") == [("2",)]
        assert len(athena_space.aws.objects_read()) == 1


@pytest.mark.athena
def test_a_path_predicate_opens_only_that_file(athena_space: AthenaSpace):
    for name in ("a", "b", "c"):
        athena_space.put(f"t/{name}.csv", f"{name}\n".encode())
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(f"create external table t (x string) {COMMA_SEPARATED} location '{athena_space.location}t/'")
    assert athena_space.query(f"""select x, "$path" from t where "$path" = '{athena_space.location}t/b.csv'""") == [
        ("b", f"{athena_space.location}t/b.csv")
    ]
    assert list(athena_space.aws.objects_read(athena_space.location)) == [f"{athena_space.location}t/b.csv"]
    athena_space.aws.reset_log()
    athena_space.query(f"""select x from t where "$path" not in ('{athena_space.location}t/a.csv')""")
    assert sorted(athena_space.aws.objects_read()) == [f"{athena_space.location}t/{name}.csv" for name in ("b", "c")]


@pytest.mark.athena
def test_projected_partitions_are_pruned(athena_space: AthenaSpace):
    for account in ("111111111111", "222222222222"):
        for day in ("2026/10/31", "2026/11/01", "2026/11/02", "2026/11/03"):
            athena_space.put(f"AWSLogs/{account}/s3/{day}/f.log", f"{account} {day}\n".encode())
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(
        f"""create external table t (who string, said string) partitioned by (account string, day string)
        row format delimited fields terminated by ' ' location '{athena_space.location}AWSLogs/'
        tblproperties ('projection.enabled'='true', 'projection.account.type'='enum',
          'projection.account.values'='111111111111,222222222222', 'projection.day.type'='date',
          'projection.day.format'='yyyy/MM/dd', 'projection.day.range'='2026/10/01,2026/12/31',
          'projection.day.interval'='1', 'projection.day.interval.unit'='DAYS',
          'storage.location.template'='{athena_space.location}AWSLogs/${{account}}/s3/${{day}}')"""
    )
    rows = athena_space.query(
        "select account, day, said from t where account = '222222222222'"
        " and day between '2026/11/01' and '2026/11/02' order by day"
    )
    assert rows == [("222222222222", day, day) for day in ("2026/11/01", "2026/11/02")]
    folder = f"{athena_space.location}AWSLogs/222222222222/s3/2026/11"
    assert sorted(athena_space.aws.objects_read()) == [f"{folder}/01/f.log", f"{folder}/02/f.log"]
    assert athena_space.query("show partitions t") == []


@pytest.mark.athena
def test_cloudtrail_files_are_read_record_by_record(athena_space: AthenaSpace):
    records = {
        "Records": [
            {"eventName": "PutObject", "requestParameters": {"bucketName": "b"}, "userIdentity": {"type": "Root"}},
            {"eventName": "GetObject", "requestParameters": None, "userIdentity": {"type": "IAMUser"}},
        ]
    }
    athena_space.put("trail/a.json.gz", gzip.compress(json.dumps(records).encode()))
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(
        "create external table t (eventname string, requestparameters string, useridentity struct<type:string>)"
        " row format serde 'org.apache.hive.hcatalog.data.JsonSerDe'"
        " stored as inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'"
        " outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'"
        f" location '{athena_space.location}trail/'"
    )
    assert athena_space.query(
        "select eventname, json_extract_scalar(requestparameters, '$.bucketName'), useridentity.type from t order by 1"
    ) == [("GetObject", None, "IAMUser"), ("PutObject", "b", "Root")]


@pytest.mark.athena
def test_requests_of_clients_and_of_trino_are_told_apart(athena_space: AthenaSpace):
    athena_space.aws.client("s3").put_object(Bucket=athena_space.bucket, Key=f"{athena_space.prefix}x", Body=b"1\n")
    athena_space.aws.client("s3").get_object(Bucket=athena_space.bucket, Key=f"{athena_space.prefix}x")
    assert athena_space.aws.objects_read() == {}
    athena_space.run(f"create schema {athena_space.schema}")
    seen = [(request.service, request.operation, request.status) for request in athena_space.aws.requests()]
    assert ("s3", "PutObject", 200) in seen
    assert ("athena", "StartQueryExecution", 200) in seen
    assert ("glue", "CreateDatabase", 200) not in seen  # the stand-in's own request is nobody's
    lines = (athena_space.aws.directory / "requests.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["operation"] == "GetQueryExecution"
    athena_space.aws.reset_log()
    assert athena_space.aws.requests() == []
    assert athena_space.aws.statements() == []


# What is written


@pytest.mark.athena
@pytest.mark.parametrize("codec", ["ZSTD", "SNAPPY", "GZIP"])
def test_tables_are_written_with_the_compression_asked_for(athena_space: AthenaSpace, codec):
    athena_space.run(f"create schema {athena_space.schema}")
    described = athena_space.run(
        f"create table t with (external_location='{athena_space.location}t/', format='PARQUET',"
        f" write_compression='{codec}') as select 1 as a"
    )
    bucket, _, key = described["Statistics"]["DataManifestLocation"].removeprefix("s3://").partition("/")
    s3 = athena_space.aws.client("s3")
    (written,) = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().split("\n")
    assert written.startswith(f"{athena_space.location}t/")
    content = s3.get_object(Bucket=athena_space.bucket, Key=written.removeprefix(f"s3://{athena_space.bucket}/"))
    parquet = pyarrow.parquet.ParquetFile(io.BytesIO(content["Body"].read()))
    assert parquet.metadata.row_group(0).column(0).compression == codec


@pytest.mark.athena
def test_a_table_without_a_location_is_written_below_the_results(athena_space: AthenaSpace):
    athena_space.run(f"create schema {athena_space.schema}")
    described = athena_space.run("create table t as select 1 as a")
    table = athena_space.aws.client("glue").get_table(DatabaseName=athena_space.schema, Name="t")["Table"]
    expected = f"{athena_space.results}tables/{described['QueryExecutionId']}"
    assert table["StorageDescriptor"]["Location"].rstrip("/") == expected


@pytest.mark.athena
def test_a_location_that_holds_files_is_refused(athena_space: AthenaSpace):
    athena_space.put("t/old", b"1")
    athena_space.run(f"create schema {athena_space.schema}")
    with pytest.raises(QueryNotSucceededError, match="HIVE_PATH_ALREADY_EXISTS"):
        athena_space.run(f"create table t with (external_location='{athena_space.location}t/') as select 1 as a")


@pytest.mark.athena
def test_a_statement_writes_a_hundred_partitions_and_no_more(athena_space: AthenaSpace):
    athena_space.run(f"create schema {athena_space.schema}")
    create = (
        "create table {} with (partitioned_by=array['p']) as select 1 as a, n as p from unnest(sequence(1, {})) as u(n)"
    )
    athena_space.run(create.format("fits", 100))
    for statement in (create.format("t", 101), "insert into fits select 1, n from unnest(sequence(1, 101)) as u(n)"):
        with pytest.raises(QueryNotSucceededError, match="HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open"):
            athena_space.run(statement)
    assert athena_space.query("show tables") == [("fits",)]
    assert athena_space.query("select count(*) from fits") == [("100",)]


# The scan limit


@pytest.mark.athena
def test_a_query_over_the_scan_limit_is_cancelled(athena_space: AthenaSpace):
    athena_space.put("t/big.csv", b"0123456789\n" * 1_000_000)
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(f"create external table t (a string) {COMMA_SEPARATED} location '{athena_space.location}t/'")
    athena = athena_space.aws.client("athena")
    athena.update_work_group(
        WorkGroup=athena_space.work_group, ConfigurationUpdates={"BytesScannedCutoffPerQuery": 10_000_000}
    )
    described = athena_space.wait(athena_space.start("select count(distinct a) from t"))
    assert described["Status"]["State"] == "CANCELLED"
    assert described["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    athena.update_work_group(
        WorkGroup=athena_space.work_group, ConfigurationUpdates={"BytesScannedCutoffPerQuery": 11_000_000}
    )
    described = athena_space.run("select count(distinct a) from t")
    assert described["Statistics"]["DataScannedInBytes"] == 11_000_000


@pytest.mark.athena
def test_a_write_over_the_scan_limit_leaves_nothing_to_see(athena_space: AthenaSpace):
    athena_space.put("raw/f.csv", b"1\n" * 100)
    athena_space.run(f"create schema {athena_space.schema}")
    athena_space.run(f"create external table raw (a int) {COMMA_SEPARATED} location '{athena_space.location}raw/'")
    athena_space.run(f"create table kept with (external_location='{athena_space.location}kept/') as select 7 as a")
    athena_space.aws.set_scan_limit(athena_space.work_group, 50)
    for statement in ("create table t as select a from raw", "insert into kept select a from raw"):
        with pytest.raises(QueryNotSucceededError, match="CANCELLED: Bytes scanned limit was exceeded"):
            athena_space.run(statement)
    athena_space.aws.set_scan_limit(athena_space.work_group, None)
    assert athena_space.query("show tables") == [("kept",), ("raw",)]
    assert athena_space.query("select a from kept") == [("7",)]


# Faults


@pytest.mark.athena
def test_the_second_matching_statement_fails_and_the_third_runs(athena_space: AthenaSpace):
    athena_space.aws.inject_fault(r"select\s+'x'", skip=1)
    athena_space.run("select 'x'")
    with pytest.raises(QueryNotSucceededError, match="FAILED: GENERIC_INTERNAL_ERROR: injected fault"):
        athena_space.run("SELECT 'x'")
    athena_space.run("select 'x'")
    states = [(statement.query, statement.state) for statement in athena_space.aws.statements()]
    assert states == [("select 'x'", "SUCCEEDED"), ("SELECT 'x'", "FAILED"), ("select 'x'", "SUCCEEDED")]


@pytest.mark.athena
def test_a_scan_limit_on_request(athena_space: AthenaSpace):
    athena_space.aws.inject_fault("select 1", kind="scan_limit")
    with pytest.raises(QueryNotSucceededError, match="CANCELLED: Bytes scanned limit was exceeded"):
        athena_space.run("select 1")


@pytest.mark.athena
def test_a_held_statement_waits_until_it_is_released(athena_space: AthenaSpace):
    athena_space.aws.inject_fault("select 'held'", kind="hold", times=2)
    first, second = athena_space.start("select 'held'"), athena_space.start("select 'held'")
    athena_space.aws.wait_until_held(2)
    assert athena_space.query("select 'passes'") == [("passes",)]
    athena = athena_space.aws.client("athena")
    assert athena.get_query_execution(QueryExecutionId=first)["QueryExecution"]["Status"]["State"] == "RUNNING"
    athena.stop_query_execution(QueryExecutionId=second)
    assert athena_space.wait(second)["Status"]["State"] == "CANCELLED"
    athena_space.aws.release()
    assert athena_space.wait(first)["Status"]["State"] == "SUCCEEDED"


@pytest.mark.athena
def test_throttled_requests_fail_as_often_as_asked_and_clients_that_retry_get_through(athena_space: AthenaSpace):
    aws = athena_space.aws
    impatient = {
        service: boto3.client(
            service,
            endpoint_url=aws.endpoint,
            region_name="us-east-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=WITHOUT_RETRIES,
        )
        for service in ("glue", "athena", "s3", "sts")
    }
    calls = [
        ("glue:GetDatabases", "ThrottlingException", impatient["glue"].get_databases),
        (
            "athena:StartQueryExecution",
            "TooManyRequestsException",
            lambda: impatient["athena"].start_query_execution(
                QueryString="select 1", WorkGroup=athena_space.work_group
            ),
        ),
        ("s3:ListBuckets", "SlowDown", impatient["s3"].list_buckets),
        ("sts:GetCallerIdentity", "Throttling", impatient["sts"].get_caller_identity),
    ]
    for action, code, call in calls:
        aws.inject_fault(action, kind="throttle")
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == code
        call()
    aws.inject_fault("glue:GetDatabases", kind="throttle", times=2)
    aws.reset_log()
    aws.client("glue").get_databases()
    assert [request.status for request in aws.requests()] == [400, 400, 200]


@pytest.mark.athena
def test_expired_credentials_are_reported_as_aws_does(athena_space: AthenaSpace):
    athena_space.aws.inject_fault("athena:.*|s3:.*", kind="expired_credentials", times=2)
    for service, call, code in (
        ("athena", "list_work_groups", "ExpiredTokenException"),
        ("s3", "list_buckets", "ExpiredToken"),
    ):
        with pytest.raises(ClientError) as refused:
            getattr(athena_space.aws.client(service), call)()
        assert refused.value.response["Error"]["Code"] == code
    athena_space.aws.client("s3").list_buckets()


CLIENT_PROGRAM = """
import boto3, sys
athena = boto3.client("athena")
for number in range(3):
    athena.start_query_execution(QueryString=f"select {number} as killed", WorkGroup=sys.argv[1])
    boto3.client("glue").get_databases()
"""


@pytest.mark.athena
@pytest.mark.parametrize(
    ("pattern", "kind", "expected"),
    [
        ("as killed", "kill", ["select 0 as killed"]),
        ("glue:GetDatabases", "kill_at_request", ["select 0 as killed", "select 1 as killed"]),
    ],
)
def test_a_client_is_killed_before_its_second_step(athena_space: AthenaSpace, pattern, kind, expected):
    athena_space.aws.inject_fault(pattern, kind=kind, skip=1)
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT_PROGRAM, athena_space.work_group], env=athena_space.environment
    )
    athena_space.aws.register_process(client.pid)
    assert client.wait(timeout=DEADLINE_SECONDS) == -signal.SIGKILL
    # Statements of an earlier test whose client was killed may still run.
    own = [statement for statement in athena_space.aws.statements() if statement.work_group == athena_space.work_group]
    assert [statement.query for statement in own] == expected


@pytest.mark.athena
def test_another_process_asks_for_faults_through_the_api(athena_space: AthenaSpace):
    call_fault_api(athena_space.aws, "InjectFault", {"StatementPattern": "select 1", "Times": 2})
    with pytest.raises(QueryNotSucceededError, match="injected fault"):
        athena_space.run("select 1")
    call_fault_api(athena_space.aws, "ClearFaults", {})
    athena_space.run("select 1")
    call_fault_api(athena_space.aws, "InjectFault", {"StatementPattern": "select 1", "Kind": "hold"})
    held = athena_space.start("select 1")
    athena_space.aws.wait_until_held()
    call_fault_api(athena_space.aws, "ReleaseHeldStatements", {})
    assert athena_space.wait(held)["Status"]["State"] == "SUCCEEDED"


def call_fault_api(aws: LocalAws, operation: str, parameters: dict[str, object]) -> None:
    """Call one of the test-only operations."""
    request = urllib.request.Request(  # noqa: S310 - the stand-in's own address
        aws.endpoint, json.dumps(parameters).encode(), {"X-Amz-Target": f"AmazonAthena.{operation}"}
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310


# Starting and stopping


@pytest.mark.athena
def test_a_second_one_in_the_same_process_is_refused(local_aws: LocalAws, tmp_path):
    with pytest.raises(RuntimeError, match="a LocalAws is already running in this process"):
        LocalAws.start(tmp_path)


@pytest.mark.athena
@pytest.mark.slow
def test_it_runs_in_the_foreground_until_interrupted(local_aws: LocalAws, tmp_path):
    program = subprocess.Popen(
        [sys.executable, "-m", "local_aws", "--directory", str(tmp_path)],
        env=os.environ | {"PYTHONPATH": f"{REPOSITORY}/tests:{REPOSITORY}/scripts"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(2 * DEADLINE_SECONDS, program.kill)
    watchdog.start()
    try:
        lines = []
        for line in program.stdout:
            lines.append(line)
            if line.startswith("export ATHENA_DATA="):
                break
        exported = dict(re.findall(r"^export (\w+)=(.*)$", "".join(lines), re.MULTILINE))
        trino = int((tmp_path / "trino" / "pid").read_text())
        assert is_running(trino)
        athena = boto3.client(
            "athena",
            endpoint_url=exported["AWS_ENDPOINT_URL"],
            region_name=exported["AWS_REGION"],
            aws_access_key_id=exported["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=exported["AWS_SECRET_ACCESS_KEY"],
        )
        group = athena.get_work_group(WorkGroup=exported["ATHENA_WORK_GROUP"])["WorkGroup"]
        assert group["Configuration"]["ResultConfiguration"]["OutputLocation"] == exported["ATHENA_RESULTS"]
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=DEADLINE_SECONDS)
    finally:
        watchdog.cancel()
        program.kill()
    assert program.returncode == 0
    assert said.endswith("Stopped.\n")
    assert not is_running(trino)
