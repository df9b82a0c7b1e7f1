"""A user's own tables on the stand-in for Athena: the rows that ours would give, no more files, and nothing changed.

The tables are made as people make them: by the console, by AWS's documents, by hand. What our own tables give for the
same files is what DuckDB reads from them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb
import pytest
from athena_project import AthenaProject
from cloudtrail_records import event, trail_file, write_trail
from duckdb_project import MODELS, MODELS_ONLY, PARTIAL_MODELS, DbtRun, DuckdbProject, log_file, log_line
from flow_log_lines import ACCOUNT, DEFAULT_HEADER, epoch, flow_line, flow_log_path, write_flow_log
from local_aws import AthenaSpace, LocalAws, QueryNotSucceededError
from shared.comparable_rows import comparable

pytestmark = pytest.mark.athena

DAY = "2026-11-01"
DAYS = ("2026-10-31", DAY, "2026-11-02", "2026-11-03")
WINDOW = {"start_date": DAY, "end_date": DAY, "late_days": 1, "newest_delivery_date": "2026-11-05"}
CUSTOM_HEADER = "interface-id start end bytes pkt-dstaddr az-id log-status"
STAGING = ("stg_s3_access_logs__requests", "stg_vpc_flow_logs__records", "stg_cloudtrail__events")

# The default format as AWS's console writes its table. Its header property stands among the SerDe properties, where
# Athena does not look; the stand-in's Trino does, so here it is left out.
FLOWS = """
create external table netlogs_{schema}.flow_logs (
  `version` int, `account_id` string, `interface_id` string, `sourceaddress` string, `dstaddr` string, `srcport` int,
  `dstport` int, `protocol` bigint, `packets` bigint, `numbytes` bigint, `start` bigint, `end` bigint, `action` string,
  `log_status` string)
partitioned by (`year` string, `month` string, `day` string)
row format serde 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe'
with serdeproperties ('field.delim' = ' ')
stored as inputformat 'org.apache.hadoop.mapred.TextInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location '{logs}AWSLogs/{account}/vpcflowlogs/us-east-1/'
"""

# Text columns, the day projected.
CUSTOM_FLOWS = """
create external table netlogs_{schema}.`custom_flows` (
  `interface_id` string, `start` bigint, `end` bigint, `bytes` bigint, `pkt_dstaddr` string, `zone` string,
  `status` string)
partitioned by (`dt` string)
row format delimited fields terminated by ' '
stored as textfile
location '{logs}custom/AWSLogs/{account}/vpcflowlogs/us-east-1/'
tblproperties ('skip.header.line.count' = '1', 'projection.enabled' = 'true', 'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy/MM/dd', 'projection.dt.range' = '2026/10/01,NOW',
  'storage.location.template' = '{logs}custom/AWSLogs/{account}/vpcflowlogs/us-east-1/${{dt}}')
"""

# Some columns of the Parquet delivery, with the type that AWS's document gives the protocol, by a day of type date.
PARQUET_FLOWS = """
create external table netlogs_{schema}.parquet_flows (
  `version` int, `account_id` string, `interface_id` string, `srcaddr` string, `dstaddr` string, `srcport` int,
  `dstport` int, `protocol` bigint, `packets` bigint, `bytes` bigint, `start` bigint, `end` bigint, `action` string,
  `log_status` string, `vpc_id` string, `tcp_flags` int)
partitioned by (`date` date)
row format serde 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
stored as inputformat 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
location '{logs}parquet/AWSLogs/{account}/vpcflowlogs/us-east-1/'
"""

# The older reader of CloudTrail files, some columns and members, partitions by hand.
TRAIL = """
create external table netlogs_{schema}.trail (
  eventversion string,
  useridentity struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,
    username:string,sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,
    sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>>>,
  eventtime string, eventsource string, eventname string, awsregion string, sourceipaddress string, useragent string,
  errorcode string, errormessage string, requestparameters string, responseelements string, additionaleventdata string,
  requestid string, eventid string, resources array<struct<arn:string,accountid:string,type:string>>, eventtype string,
  apiversion string, readonly string, recipientaccountid string, serviceeventdetails string, sharedeventid string,
  vpcendpointid string)
partitioned by (region string, year string, month string, day string)
row format serde 'com.amazon.emr.hive.serde.CloudTrailSerde'
stored as inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location '{logs}cloudtrail/AWSLogs/{account}/CloudTrail/'
"""

# S3's document: fields by a pattern, which keeps the quotes of the request and of the user agent.
FIELD = "([^ ]*)"
REQUEST_PATTERN = " ".join(
    (FIELD, FIELD, r"\\[(.*?)\\]", *[FIELD] * 5, '("[^"]*"|-)', "(-|[0-9]*)", *[FIELD] * 6, '("[^"]*"|-)', FIELD)
) + "(?:{})?.*$".format(f" {FIELD}" * 6)
REQUESTS = """
create external table netlogs_{schema}.requests (
  `bucketowner` string, `bucket_name` string, `requestdatetime` string, `remoteip` string, `requester` string,
  `requestid` string, `operation` string, `key` string, `request_uri` string, `httpstatus` string, `errorcode` string,
  `bytessent` string, `objectsize` string, `totaltime` string, `turnaroundtime` string, `referrer` string,
  `useragent` string, `versionid` string, `hostid` string, `sigv` string, `ciphersuite` string, `authtype` string,
  `endpoint` string, `tlsversion` string)
row format serde 'org.apache.hadoop.hive.serde2.RegexSerDe'
with serdeproperties ('input.regex' = '{pattern}')
stored as inputformat 'org.apache.hadoop.mapred.TextInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location '{logs}s3/'
"""

# One column that is the line.
LINES = """
create external table netlogs_{schema}.flat_lines (`message` string)
row format serde 'org.apache.hadoop.hive.serde2.RegexSerDe'
with serdeproperties ('input.regex' = '(.*)')
stored as inputformat 'org.apache.hadoop.mapred.TextInputFormat'
outputformat 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
location '{logs}flat/'
"""
TRAIL_FIELDS = re.findall(r"\b([a-z]+) (?:string|struct<type|array)", TRAIL.split("partitioned by")[0])
TABLES = ("flow_logs", "custom_flows", "parquet_flows", "trail", "requests", "flat_lines")


def existing_raw_tables(schema: str) -> dict[str, Any]:
    """What the user of these tables writes."""
    database = f"netlogs_{schema}"
    account, region = {"value": ACCOUNT}, {"value": "us-east-1"}
    day = {"year": "year", "month": "month", "day": "day"}
    return {
        "vpc_flow_logs.default": {
            "database": database,
            "table": "flow_logs",
            "columns": {"srcaddr": "sourceaddress", "bytes": "numbytes"},
            "partitions": {"log_account_id": account, "log_region": region, "delivery_date": day},
        },
        "vpc_flow_logs.custom": {
            "database": database,
            "table": "custom_flows",
            "columns": {"az_id": "zone", "log_status": "status"},
            "partitions": {
                "log_account_id": account,
                "log_region": region,
                "delivery_date": {"column": "dt", "format": "yyyy/MM/dd"},
            },
        },
        "vpc_flow_logs.parquet": {
            "database": database,
            "table": "parquet_flows",
            "partitions": {"log_account_id": account, "log_region": region, "delivery_date": "date"},
        },
        "cloudtrail.events": {
            "database": database,
            "table": "trail",
            "partitions": {"log_account_id": account, "log_region": "region", "delivery_date": day},
        },
        "s3_access_logs.partitioned": {
            "database": database,
            "table": "requests",
            "partitions": {"log_account_id": account, "log_region": region, "none": True},
        },
        "s3_access_logs.flat": {
            "database": database,
            "table": "flat_lines",
            "columns": {"line": "message"},
            "partitions": {"none": True},
        },
    }


TORN_LINE = "owner example-bucket [01/Nov/2026:12:00:00 +0000] 203.0.113.7 - TORN"


def write_logs(project: DuckdbProject) -> None:
    """Each kind on each day, with what is unusual on the day that is asked for."""
    for day in DAYS:
        start = epoch(f"{day}T12:00:00")
        flows = [flow_line(f"plain-{day}", start=start, end=start + 59)]
        requests = [log_line(f"PLAIN-{day}", day)]
        events = [event(f"PLAIN-{day}", day)]
        if day == DAY:
            nothing = dict.fromkeys(("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes"), "-")
            flows += [
                flow_line("ipv6", srcaddr="2001:db8::1", dstaddr="2001:db8::2"),
                flow_line("large", bytes=3_000_000_000, packets=2_500_000_000),
                flow_line("rejected", action="REJECT"),
                flow_line("quiet", **nothing, action="-", log_status="NODATA"),
                flow_line("skipped", **nothing, action="-", log_status="SKIPDATA"),
                flow_line("lost-count", bytes="x1"),
                flow_line("late", start=epoch("2026-11-01T23:59:50"), end=epoch("2026-11-02T00:00:49")),
                " ".join(flow_line("too-short").split()[:9]),
            ]
            requests += [
                log_line("ERROR", day, status="403", bytes_sent="-", object_size="-"),
                log_line("LARGE", day, bytes_sent="3000000000", object_size="3000000000"),
                log_line("AGENT", day, user_agent="it's; drop table x -- {{ 7 * 7 }} <script>"),
                log_line("OLD", day).split(" host=")[0],
                TORN_LINE,
            ]
            session = {
                "attributes": {"mfaAuthenticated": "true", "creationDate": f"{day}T08:00:00Z"},
                "sessionIssuer": {"type": "Role", "principalId": "AROA", "arn": "role", "userName": "reader"},
            }
            events += [
                event("SESSION", userIdentity={"type": "AssumedRole", "arn": "a", "sessionContext": session}),
                event("RESOURCES", resources=[{"ARN": "arn:1", "type": "A"}, {"ARN": "arn:2", "accountId": ACCOUNT}]),
                event("NOBODY", userIdentity=None),
                event("NO_TIME", eventTime=None),
            ]
        write_flow_log(project, flow_log_path(day, "1"), DEFAULT_HEADER, *flows)
        custom = f"eni-custom-{day} {start} {start + 9} 5 203.0.113.9 use1-az1 OK"
        write_flow_log(project, "custom/" + flow_log_path(day, "2", flow_log="fl-0c"), CUSTOM_HEADER, custom)
        parquet = project.logs / "parquet" / flow_log_path(day, "3", flow_log="fl-0b", ending=".log.parquet")
        parquet.parent.mkdir(parents=True)
        duckdb.sql(
            f"select 5::int as version, '{ACCOUNT}' as account_id, 'eni-parquet-{day}' as interface_id, "
            "'10.0.0.1' as srcaddr, '192.31.196.7' as dstaddr, 443::int as dstport, 6::int as protocol, "
            f'2::bigint as packets, 7::bigint as bytes, {start}::bigint as start, {start + 9}::bigint as "end", '
            "'-' as action, 'OK' as log_status, 'vpc-1' as vpc_id, 18::int as tcp_flags"
        ).write_parquet(str(parquet), compression="gzip")
        write_trail(project.logs, trail_file(day, "A"), *events)
        project.write_log(log_file(day, "1"), *requests)
        project.write_log(f"flat/{day}-12-00-00-{2:0>16}", log_line(f"FLAT-{day}", day))


@dataclass
class Lab:
    """Both engines after a run over the same files, Athena's through the user's tables."""

    on_duckdb: DuckdbProject
    on_athena: AthenaProject
    run: DbtRun
    duckdb_run: DbtRun
    opened: set[str]
    before: dict[str, Any]

    @property
    def variables(self) -> dict[str, Any]:
        """The vars of the run."""
        told = existing_raw_tables(self.on_athena.space.schema)
        return {**WINDOW, "vpc_flow_logs_custom_fields": CUSTOM_HEADER, "existing_raw_tables": told}


def glue_entries(space: AthenaSpace) -> dict[str, Any]:
    """The user's tables and their partitions as Glue has them."""
    glue, database = space.aws.client("glue"), f"netlogs_{space.schema}"
    return {
        name: (
            glue.get_table(DatabaseName=database, Name=name)["Table"],
            glue.get_partitions(DatabaseName=database, TableName=name)["Partitions"],
        )
        for name in TABLES
    }


def make_tables(space: AthenaSpace) -> None:
    """Make the user's tables, and add their partitions by hand where they are not projected."""
    logs, database = f"{space.location}logs/", f"netlogs_{space.schema}"
    space.run(f"create database {database}")
    for statement in (FLOWS, CUSTOM_FLOWS, PARQUET_FLOWS, TRAIL, REQUESTS, LINES):
        names = {"schema": space.schema, "logs": logs, "account": ACCOUNT, "pattern": REQUEST_PATTERN}
        space.run(statement.format(**names).strip())
    for day in DAYS:
        year, month, date = day.split("-")
        parts, folder = f"year = '{year}', month = '{month}', day = '{date}'", day.replace("-", "/")
        flows = f"AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1/{folder}/"
        for table, partition, location in (
            ("flow_logs", parts, flows),
            ("parquet_flows", f"`date` = '{day}'", f"parquet/{flows}"),
            ("trail", f"region = 'us-east-1', {parts}", f"cloudtrail/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/{folder}/"),
        ):
            if (table, day) != ("parquet_flows", "2026-11-02"):
                space.run(f"alter table {database}.{table} add partition ({partition}) location '{logs}{location}'")


@pytest.fixture(scope="module")
def lab(local_aws: LocalAws, seeded_schema: str, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("existing")
    on_duckdb = DuckdbProject(folder)
    write_logs(on_duckdb)
    local_aws.clear_faults()
    space = AthenaSpace.make(local_aws, "existing_tables")
    on_athena = AthenaProject(space, folder / "athena")
    on_athena.take_seeds(seeded_schema)
    on_athena.upload(on_duckdb.logs)
    make_tables(space)
    (on_duckdb.logs / "parquet" / flow_log_path("2026-11-02", "3", flow_log="fl-0b", ending=".log.parquet")).unlink()
    lab = Lab(on_duckdb, on_athena, DbtRun(1, ""), DbtRun(1, ""), set(), glue_entries(space))
    lab.duckdb_run = on_duckdb.dbt(*MODELS_ONLY, variables=lab.variables).check()
    local_aws.reset_log()
    lab.run = on_athena.dbt("run", variables=lab.variables).check()
    lab.opened = {location.rsplit("/", 1)[-1] for location in local_aws.objects_read() if space.prefix in location}
    return lab


# What these tables cannot tell as ours do: the text of lines that they could not take apart, and fields that they lack.
LOST = {"unreadable_line", "unreadable_record", "event_category", "is_management_event"}
OF_THE_FILE = {"is_readable", "event_date", "account_id", "region", "log_account_id", "log_region", "delivery_date"}


def told_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Staged rows with what both ways can tell of them."""
    found = [comparable({name: row[name] for name in row if name not in LOST}) for row in rows]
    for row in found:
        if not row["is_readable"]:
            # What is known of the file: which values are left of a damaged line differs.
            row |= dict.fromkeys(row.keys() - OF_THE_FILE)
    return sorted(found, key=repr)


@pytest.mark.parametrize("model", STAGING)
def test_the_rows_are_those_of_our_own_tables(lab: Lab, model: str) -> None:
    on_duckdb, on_athena = told_rows(lab.on_duckdb.rows(model)), told_rows(lab.on_athena.rows(model))
    assert len(on_duckdb) > 3
    assert [row["is_readable"] for row in on_duckdb].count(False) >= 1
    assert on_athena == on_duckdb


# In these logs nothing passes a NAT gateway or crosses zones.
NOT_REACHED = ("int_nat_legs__paired", "fct_zone_traffic_daily", "fct_nat_gateway_usage_daily")


@pytest.mark.parametrize("model", [model for model in (*MODELS, *PARTIAL_MODELS) if model not in STAGING])
def test_what_is_made_of_the_rows_is_that_of_our_own_tables(lab: Lab, model: str) -> None:
    """No column is left out: none of these tables has one of the fields that are lost."""
    on_duckdb = [comparable(row) for row in lab.on_duckdb.rows(model)]
    on_athena = [comparable(row) for row in lab.on_athena.rows(model)]
    assert on_duckdb or model in NOT_REACHED
    assert sorted(on_athena, key=repr) == sorted(on_duckdb, key=repr)


def test_only_the_partitions_of_the_window_are_opened(lab: Lab) -> None:
    delivered = {path.name for path in lab.on_duckdb.logs.rglob("*") if path.is_file()}
    days = {"20261101", "20261102"}
    partitioned = {name for name in delivered if any(f"_{day}T" in name for day in days)}
    assert len(partitioned) == 7
    assert {name for name in lab.opened if name.startswith(ACCOUNT)} == partitioned
    assert "s3_access_logs.partitioned is your table" in lab.run.output
    assert "every query reads all of it" in lab.run.output


def test_the_tables_of_the_user_are_never_changed(lab: Lab) -> None:
    assert glue_entries(lab.on_athena.space) == lab.before


def test_duckdb_says_that_it_reads_the_files(lab: Lab) -> None:
    assert lab.duckdb_run.output.count("Var existing_raw_tables means nothing on DuckDB") == 1


def test_header_lines_read_as_rows_are_left_out_and_named(lab: Lab) -> None:
    assert "vpc_flow_logs.default is your table" in lab.run.output
    assert lab.run.output.count("header lines are read as rows; they are left out") == 1
    assert lab.on_athena.query("select 1 from stg_vpc_flow_logs__records where action = 'action'") == []


def test_a_day_without_a_partition_is_named(lab: Lab) -> None:
    assert "parquet_flows has no partition for the delivery days 2026-11-02" in lab.run.output
    assert lab.run.output.count("has no partition for the delivery days") == 1


def test_text_that_is_lost_says_so(lab: Lab) -> None:
    unreadable = "select unreadable_line as text from {} where not is_readable order by unreadable_line"
    (torn,) = lab.on_athena.query(unreadable.format("stg_s3_access_logs__requests"))
    flows = lab.on_athena.query(unreadable.format("stg_vpc_flow_logs__records"))

    assert torn["text"] == "(a line that the pattern of the table does not match)"
    reason = "(a value is lost: it does not fit the type of its column)"
    assert [row["text"].endswith(reason) for row in flows] == [True, True]


def test_a_line_that_the_pattern_takes_apart_wrongly_is_no_request(lab: Lab) -> None:
    """AWS's pattern ends a user agent at its first inner quote, and what follows moves into other fields."""
    day = "2026-11-04"
    line = log_line("QUOTES", day, user_agent='a "quoted" agent')
    lab.on_athena.space.put(f"logs/{log_file(day, '4')}", line.encode())

    variables = {**lab.variables, "start_date": day, "end_date": day}
    lab.on_athena.dbt("run", "--select", STAGING[0], variables=variables).check()

    found = lab.on_athena.query(f"select is_readable, bytes_sent from {STAGING[0]} where event_date = date '{day}'")
    assert found == [{"is_readable": False, "bytes_sent": None}]


def make_converted_table(lab: Lab, name: str, columns: str, values: list[str]) -> str:
    """Make a table over a Parquet file that a job has written under a name of its own; return the day S3 took it."""
    space = lab.on_athena.space
    file = lab.on_duckdb.folder / f"{name}.parquet"
    names = ", ".join(column.split()[0].replace("`", '"') for column in columns.split(", "))
    duckdb.sql(f"from (values {', '.join(values)}) as converted ({names})").write_parquet(str(file))
    key = f"{name}/part-00000-c000.snappy.parquet"
    space.put(key, file.read_bytes())
    space.run(
        f"create external table netlogs_{space.schema}.{name} ({columns})"
        f" stored as parquet location '{space.location}{name}/'"
    )
    stored = space.aws.client("s3").head_object(Bucket=space.bucket, Key=space.prefix + key)
    return stored["LastModified"].astimezone(UTC).date().isoformat()


def without_partitions(lab: Lab, name: str, columns: dict[str, str | None]) -> dict[str, Any]:
    """What the user of a converted table writes."""
    database = f"netlogs_{lab.on_athena.space.schema}"
    return {"database": database, "table": name, "columns": columns, "partitions": {"none": True}}


CONVERTED_FLOWS = "eni string, proto bigint, numbytes string, `start` bigint"
COLUMNS_OF_CONVERTED_FLOWS: dict[str, str | None] = {
    **{"interface_id": "eni", "protocol": "proto", "bytes": "numbytes"},
    **dict.fromkeys(("srcaddr", "dstaddr", "packets", "end", "action", "log_status")),
}


def test_a_converted_table_without_partitions_takes_the_day_of_the_record(lab: Lab) -> None:
    """A job has written Parquet files with names of its own; one number is beyond its field."""
    rows = [
        f"('eni-{name}', {protocol}::bigint, '9', {epoch(moment)}::bigint)"
        for name, protocol, moment in (
            ("before", 6, "2026-11-04T23:59:59"),
            ("within", 6, "2026-11-05T00:00:00"),
            ("beyond", 2**40, "2026-11-05T01:00:00"),
        )
    ]
    make_converted_table(lab, "converted", CONVERTED_FLOWS, rows)
    told = {"vpc_flow_logs.parquet": without_partitions(lab, "converted", COLUMNS_OF_CONVERTED_FLOWS)}
    variables = {**lab.variables, "existing_raw_tables": told, "start_date": "2026-11-05", "end_date": "2026-11-05"}

    lab.on_athena.dbt("run", "--select", STAGING[1], variables=variables).check()

    found = lab.on_athena.query(
        "select interface_id, byte_count, is_readable, cast(delivery_date as varchar) as day, log_account_id"
        f" from {STAGING[1]} where event_date = date '2026-11-05' order by interface_id"
    )
    assert [tuple(row.values()) for row in found] == [
        ("eni-beyond", None, False, "2026-11-05", None),
        ("eni-within", 9, True, "2026-11-05", None),
    ]


def test_a_row_that_tells_no_day_is_counted_on_the_day_of_its_file(lab: Lab) -> None:
    """Each kind of log as a converted table, with one record of a day and one damaged row without a time."""
    day, struct = "2025-03-01", "{'type': 'IAMUser', 'arn': 'a'}"
    written = {
        make_converted_table(
            lab,
            "undated_flows",
            CONVERTED_FLOWS,
            [f"('eni-dated', 6, '9', {epoch(f'{day}T12:00:00')})", "('eni-timeless', 6, '9', -1)"],
        ),
        make_converted_table(
            lab, "undated_lines", "message string", [f"('{log_line('DATED', day)}')", "('a line without a time')"]
        ),
        make_converted_table(
            lab,
            "undated_trail",
            "useridentity struct<type:string,arn:string>, eventtime string, eventsource string, eventname string, "
            "eventid string",
            [
                f"({struct}, '{day}T12:00:00Z', 's3.amazonaws.com', 'GetObject', 'DATED')",
                f"({struct}, null, 's3.amazonaws.com', 'GetObject', 'TIMELESS')",
            ],
        ),
    }
    told = {
        "vpc_flow_logs.parquet": without_partitions(lab, "undated_flows", COLUMNS_OF_CONVERTED_FLOWS),
        "s3_access_logs.flat": without_partitions(lab, "undated_lines", {"line": "message"}),
        "cloudtrail.events": without_partitions(lab, "undated_trail", {}),
    }
    counts = ("log_source", "record_count", "unreadable_count", "is_complete")
    sources = ("cloudtrail", "s3_access_logs", "vpc_flow_logs")
    # The first window once more at the end: it neither loses nor repeats what the other has found.
    for start, end in ((day, day), (min(written), max(written)), (day, day)):
        variables = {**lab.variables, "existing_raw_tables": told, "start_date": start, "end_date": end}
        lab.on_athena.dbt("run", "--select", *STAGING, "fct_log_coverage_daily", variables=variables).check()

        coverage = lab.on_athena.query(
            f"select {', '.join(counts)} from fct_log_coverage_daily"
            f" where event_date between date '{start}' and date '{end}' order by log_source"
        )
        expected = (1, 0, True) if start == day else (0, 1, False)
        assert [tuple(row.values()) for row in coverage] == [(source, *expected) for source in sources]
    for model in STAGING:
        found = lab.on_athena.query(f"select event_date, is_readable from {model} where file_path like '%/undated_%'")
        days = [(str(row["event_date"]), row["is_readable"]) for row in found]
        assert len(days) == 2, model
        assert (day, True) in days
        assert [told_day for told_day, is_readable in days if not is_readable] <= sorted(written)


def test_tables_converted_by_a_query_with_the_day_as_a_number_give_the_rows_of_the_log(lab: Lab) -> None:
    """The user's tables of lines and of JSON, once more as Parquet with one partition column: 20261101."""
    space, database = lab.on_athena.space, f"netlogs_{lab.on_athena.space.schema}"
    for table, columns, day in (
        ("requests", "*", "replace(regexp_extract(\"$path\", '([0-9-]{10})-[^/]*$', 1), '-', '')"),
        ("trail", ", ".join(TRAIL_FIELDS), "year || month || day"),
    ):
        space.run(
            f"create table {database}.{table}_by_number with (format = 'PARQUET', partitioned_by = array['dt'],"
            f" external_location = '{space.location}{table}_by_number/')"
            f" as select {columns}, cast({day} as integer) as dt from {database}.{table}"
        )
    numbered = {
        "log_account_id": {"value": ACCOUNT},
        "log_region": {"value": "us-east-1"},
        "delivery_date": {"column": "dt", "format": "yyyyMMdd"},
    }
    told = {
        "s3_access_logs.partitioned": {"database": database, "table": "requests_by_number", "partitions": numbered},
        "cloudtrail.events": {"database": database, "table": "trail_by_number", "partitions": numbered},
    }
    space.aws.reset_log()

    variables = {**lab.variables, "existing_raw_tables": told}
    lab.on_athena.dbt("run", "--select", STAGING[0], STAGING[2], variables=variables).check()

    opened = {
        folder for location in space.aws.objects_read() for folder in re.findall(r"_by_number/dt=(\d+)/", location)
    }
    assert opened == {"20261101", "20261102"}
    for model in (STAGING[0], STAGING[2]):
        on_duckdb = [row for row in lab.on_duckdb.rows(model) if "/flat/" not in row["file_path"]]
        assert len(on_duckdb) > 3
        on_athena = [row for row in lab.on_athena.rows(model) if str(row["event_date"]) == DAY]
        assert told_rows(on_athena) == told_rows(on_duckdb)


def test_table_and_view_take_each_others_place(lab: Lab) -> None:
    space = lab.on_athena.space
    operation = ("run-operation", "create_raw_tables", "--args", json.dumps({"table": "flat"}))
    ours = {**lab.variables, "existing_raw_tables": {}, "s3_access_logs_flat_path": "flat"}
    count = f'select count(*) from "{space.schema}_raw"."s3_access_logs_flat"'

    def raw_entry() -> dict[str, Any]:
        glue = space.aws.client("glue")
        return glue.get_table(DatabaseName=f"{space.schema}_raw", Name="s3_access_logs_flat")["Table"]

    lab.on_athena.dbt(*operation, variables=ours).check()
    as_table = raw_entry()
    rows_of_table = space.query(count)
    lab.on_athena.dbt(*operation, variables=lab.variables).check()
    as_view = raw_entry()

    assert [as_table["TableType"], as_view["TableType"]] == ["EXTERNAL_TABLE", "VIRTUAL_VIEW"]
    assert rows_of_table == space.query(count) == [("4",)]
    assert glue_entries(space) == lab.before


def test_dropping_takes_the_view_and_leaves_the_table(lab: Lab) -> None:
    space = lab.on_athena.space
    operation = ("run-operation", "drop_raw_tables", "--args", json.dumps({"table": "flat"}))

    answer = lab.on_athena.dbt(*operation, variables=lab.variables).check()

    assert "your own table behind it stays" in answer.output
    with pytest.raises(QueryNotSucceededError, match="s3_access_logs_flat"):
        space.query(f'select 1 from "{space.schema}_raw"."s3_access_logs_flat"')
    assert space.query(f'select count(*) from "netlogs_{space.schema}"."flat_lines"') == [("4",)]


def test_a_day_of_another_form_is_refused_with_what_the_partitions_hold(lab: Lab) -> None:
    told = existing_raw_tables(lab.on_athena.space.schema)
    told["cloudtrail.events"]["partitions"]["delivery_date"] = {"column": "region", "format": "yyyyMMdd"}

    answer = lab.on_athena.dbt("run", "--select", STAGING[2], variables={**lab.variables, "existing_raw_tables": told})

    assert answer.exit_code != 0
    assert "no partition of netlogs_existing_tables.trail has a day of the form yyyyMMdd in region" in answer.output
    assert '"us-east-1"' in answer.output


def test_a_corrupt_file_of_a_users_table_can_be_quarantined(lab: Lab) -> None:
    space = lab.on_athena.space
    path = flow_log_path(DAY, "9")
    corrupt = space.put(f"logs/{path}", b"\x1f\x8b no gzip")
    select = ("run", "--select", STAGING[1])
    failed = lab.on_athena.dbt(*select, variables=lab.variables)
    quarantine = ("run-operation", "quarantine_log_file", "--args", json.dumps({"file": corrupt, "problem": "corrupt"}))
    lab.on_athena.dbt(*quarantine, variables=lab.variables).check()

    lab.on_athena.dbt(*select, variables=lab.variables).check()

    assert failed.exit_code != 0
    assert "quarantine_log_file --target athena" in failed.output
    assert corrupt in failed.output
    assert Path(corrupt).name not in {
        Path(row["file_path"]).name for row in lab.on_athena.query("select file_path from stg_vpc_flow_logs__records")
    }


def test_a_corrupt_file_of_a_table_without_partitions_is_left_out_of_every_window(lab: Lab) -> None:
    """Every query opens it, also those for other days than that of its name."""
    space, key = lab.on_athena.space, f"logs/flat/2026-10-01-12-00-00-{9:0>16}.gz"
    corrupt = space.put(key, b"\x1f\x8b no gzip")
    select = ("run", "--select", STAGING[0])
    failed = lab.on_athena.dbt(*select, variables=lab.variables)
    quarantine = ("run-operation", "quarantine_log_file", "--args", json.dumps({"file": corrupt, "problem": "corrupt"}))
    lab.on_athena.dbt(*quarantine, variables=lab.variables).check()

    run = lab.on_athena.dbt(*select, variables=lab.variables)

    space.aws.client("s3").delete_object(Bucket=space.bucket, Key=space.prefix + key)
    assert failed.exit_code != 0
    assert corrupt in failed.output
    run.check()
