"""CloudTrail files and records that are wrong, on DuckDB: the project says so and loses nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from cloudtrail_inspection import LARGEST_CLOUDTRAIL_BYTES
from cloudtrail_records import ACCOUNT, event, trail_file, write_bytes, write_trail
from duckdb_project import REPOSITORY, DuckdbProject

DAY = "2026-11-01"
BUILD = (
    "build",
    "--select",
    "+stg_cloudtrail__events+",
    "--exclude",
    "fct_log_coverage_daily",
    "fct_s3_log_comparison_daily",
)


@pytest.fixture
def project(tmp_path: Path) -> DuckdbProject:
    return DuckdbProject(tmp_path)


def staged(project: DuckdbProject) -> list[str | None]:
    """The event ids of all readable rows."""
    rows = project.query("select event_id from stg_cloudtrail__events where is_readable order by 1")
    return [event_id for (event_id,) in rows]


def unreadable(project: DuckdbProject) -> list[Any]:
    """The records of all unreadable rows, parsed."""
    rows = project.query("select unreadable_record from stg_cloudtrail__events where not is_readable order by 1")
    return [json.loads(record) for (record,) in rows]


def problems(project: DuckdbProject) -> dict[str, str | None]:
    """The ledger's word on each file that is left out, by the file's last letters."""
    rows = project.query("select file_path, problem from main_raw.unreadable_log_files where log_source = 'cloudtrail'")
    return {Path(path).name.split("_")[-1].split(".")[0]: problem for path, problem in rows}


def test_bad_files_are_named_with_a_reason_and_stop_no_good_one(project: DuckdbProject) -> None:
    def write(unique: str, content: bytes, ending: str = ".json") -> None:
        write_bytes(project.logs, trail_file(DAY, unique, ending=ending), content)

    whole = json.dumps({"Records": [event("LOST")]}).encode()
    write_trail(project.logs, trail_file(DAY, "GOOD"), event("GOOD"))
    write("PLAIN", json.dumps({"Records": [event("PLAIN")]}).encode())
    write("PRETTY", json.dumps({"Records": [event("PRETTY"), event("PRETTY2")]}, indent=4).encode(), ".json.gz")
    write("MARK", b"\xef\xbb\xbf" + json.dumps({"Records": [event("MARK")]}).encode())
    write("CUT", whole[:-20], ".json.gz")
    write("WORDS", b"<html>not found</html>")
    write("TWO", whole + b"\n" + whole)
    write("LATIN", json.dumps({"Records": [event("LOST", userAgent="é")]}, ensure_ascii=False).encode("latin-1"))
    write("HALF", whole.replace(b"aws-cli", b"\\ud800"))
    write("NORECORDS", b'{"digestStartTime":"2026-11-01T12:00:00Z"}')
    write("OTHER", b'{"Records":{"eventID":"LOST"}}')
    write("BARE", json.dumps([event("LOST")]).encode())
    write("DEEP", b"[" * 100_000)
    write("NONE", b'{"Records": []}')
    write("EMPTY", b"")
    write("NOTHING", b"{}")
    write("NULL", b'{"Records": null}')
    torn = project.logs / trail_file(DAY, "TORN")
    torn.write_bytes(gzip.compress(whole)[:-9])

    run = project.dbt(*BUILD).check()

    assert staged(project) == ["GOOD", "MARK", "PLAIN", "PRETTY", "PRETTY2"]
    found = problems(project)
    assert {unique: (problem or "none").split(":")[0].split(".")[0] for unique, problem in found.items()} == {
        **dict.fromkeys(("CUT", "WORDS", "TWO", "HALF", "DEEP"), "is not one JSON document"),
        **dict.fromkeys(("NORECORDS", "OTHER", "BARE"), "is no log file of a trail"),
        "LATIN": f"is not UTF-8 at byte {json.dumps({'Records': [event('LOST', userAgent='@')]}).index('@')}",
        "TORN": "is not a whole gzip file",
        **dict.fromkeys(("NONE", "EMPTY", "NOTHING", "NULL"), "none"),
    }
    assert 'expected {"Records": [..]}, found JSON without Records' in str(found["NORECORDS"])
    assert "Fetch it again from its bucket" in str(found["CUT"])
    assert f"left out: {torn} is not a whole gzip file" in run.output


def test_a_file_too_large_to_read_is_named_with_what_to_do(project: DuckdbProject) -> None:
    write_trail(project.logs, trail_file(DAY, "GOOD"), event("GOOD"))
    filling = b'"' + b"x" * (200 * 1024 * 1024) + b'"'
    content = b'{"Records":[{"eventID":"LARGE","requestParameters":' + filling + b"}]}"
    write_bytes(project.logs, trail_file(DAY, "LARGE"), content)

    project.dbt(*BUILD).check()

    assert staged(project) == ["GOOD"]
    problem = str(problems(project)["LARGE"])
    assert problem.startswith(f"holds {len(content)} bytes of JSON")
    assert "Split its Records over several files" in problem


def test_the_largest_file_is_read_by_what_inspected_it(project: DuckdbProject) -> None:
    macro = (REPOSITORY / "macros/engine/duckdb/cloudtrail_reader.sql").read_text()
    assert f"return({LARGEST_CLOUDTRAIL_BYTES})" in macro
    record = event("LARGEST", userAgent="")
    filling = "x" * (LARGEST_CLOUDTRAIL_BYTES - len(json.dumps({"Records": [record]})))
    file = write_trail(project.logs, trail_file(DAY, "LARGEST", ending=".json"), {**record, "userAgent": filling})
    assert file.stat().st_size == LARGEST_CLOUDTRAIL_BYTES

    project.dbt(*BUILD).check()

    assert project.query("select event_id, length(user_agent) from stg_cloudtrail__events") == [
        ("LARGEST", len(filling))
    ]


WRONG_RECORDS: list[Any] = [
    event("IDENTITY", userIdentity="ann"),
    event("SESSION", userIdentity={"type": "AssumedRole", "sessionContext": "none"}),
    event("ISSUER", userIdentity={"sessionContext": {"sessionIssuer": ["role"]}}),
    event("RESOURCES", resources={"ARN": "arn:aws:s3:::example-bucket"}),
    event("RESOURCE", resources=[{"ARN": "arn:aws:s3:::example-bucket"}, "arn:aws:s3:::other"]),
    event("TLS", tlsDetails=12),
    event("ADDENDUM", addendum=True),
    event("NO_TIME", eventTime=None),
    event("NO_SUCH_TIME", eventTime="yesterday"),
    event("TIME_AS_NUMBER", eventTime=1793534400),
    event("NO_NAME", eventName=None),
    event("EMPTY_SOURCE", eventSource=""),
    event("BYTES", additionalEventData={"bytesTransferredOut": -1}),
    event("HALF", additionalEventData={"bytesTransferredOut": 0.5}),
    {},
    [],
    [event("WRAPPED")],
    "text",
    12,
    None,
]


def test_wrong_records_are_kept_and_stop_no_good_one(project: DuckdbProject) -> None:
    write_trail(project.logs, trail_file(DAY, "A"), event("FIRST"), *WRONG_RECORDS, event("LAST"))

    project.dbt(*BUILD).check()

    assert staged(project) == ["FIRST", "LAST"]
    by_text = {"key": json.dumps}
    assert sorted(unreadable(project), **by_text) == sorted(WRONG_RECORDS, **by_text)
    days = project.query("select distinct event_date, account_id from stg_cloudtrail__events where not is_readable")
    assert [(str(day), account) for day, account in days] == [(DAY, ACCOUNT)]
    assert project.query("select sum(event_count)::bigint from fct_api_activity_daily") == [(2,)]


def test_odd_records_that_are_whole_are_read(project: DuckdbProject) -> None:
    hostile = "it's \"; drop table x; -- {{ 7 * 7 }} {% raw %} <script>alert(1)</script> \\ \u0000 \u2028"
    deep: Any = "end"
    for _ in range(500):
        deep = {"deeper": deep}
    records = [
        event("HOSTILE", userAgent=hostile, requestParameters={"bucketName": hostile, "key": "a"}),
        event("TEXT", requestParameters="HIDDEN_DUE_TO_SECURITY_REASONS", additionalEventData="none"),
        event("LIST", requestParameters=[1, 2], responseElements=12, resources=[]),
        event("NULLS", userIdentity=None, requestParameters=None, additionalEventData=None, awsRegion=None),
        {**event("EMPTY"), "userIdentity": {}, "tlsDetails": {}, "addendum": {}, "resources": None},
        event("NEW", newField={"a": 1}, userIdentity={"type": "IAMUser", "newPart": {"b": 2}}),
        event("DEEP", requestParameters={"bucketName": "example-bucket", "a": deep}),
        event("JAVA", additionalEventData={"bytesTransferredIn": 0, "bytesTransferredOut": 1.2345678e7}),
        event("TEXT_AS_OBJECT", userAgent={"name": "curl"}),
    ]
    write_trail(project.logs, trail_file(DAY, "A"), *records)
    write_bytes(
        project.logs,
        trail_file(DAY, "B"),
        json.dumps({"Records": [event("EXPONENT")]}).replace("7.0", "1.2345678E7").encode(),
    )

    project.dbt(*BUILD).check()

    assert unreadable(project) == []
    assert staged(project) == sorted([*(record["eventID"] for record in records), "EXPONENT"])
    rows = {row["event_id"]: row for row in project.rows("stg_cloudtrail__events")}
    assert (rows["HOSTILE"]["user_agent"], rows["HOSTILE"]["bucket_name"]) == (hostile, hostile)
    assert rows["TEXT"]["request_parameters"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert (rows["TEXT"]["bucket_name"], rows["TEXT"]["bytes_out"]) == (None, None)
    assert json.loads(rows["LIST"]["request_parameters"]) == [1, 2]
    assert (rows["NULLS"]["region"], rows["NULLS"]["bytes_out"]) == ("us-east-1", None)
    assert (rows["JAVA"]["bytes_out"], rows["EXPONENT"]["bytes_out"]) == (12345678, 12345678)
    assert rows["DEEP"]["bucket_name"] == "example-bucket"
    assert json.loads(rows["TEXT_AS_OBJECT"]["user_agent"]) == {"name": "curl"}
    assert rows["EMPTY"]["principal_type"] is None


def test_trails_of_both_layouts_are_read_and_their_neighbours_are_told_apart(project: DuckdbProject) -> None:
    organization = "cloudtrail-org/AWSLogs/o-exampleorgid"
    write_trail(project.logs, trail_file(DAY, "A"), event("ACCOUNT"))
    write_trail(project.logs, trail_file(DAY, "B", folder=organization, region="eu-west-1"), event("ORGANIZATION"))
    for kind in ("Digest", "Insight", "NetworkActivity", "Aggregated"):
        name = f"{ACCOUNT}_CloudTrail-{kind}_us-east-1_trail_us-east-1_20261101T120000Z.json.gz"
        path = f"cloudtrail/AWSLogs/{ACCOUNT}/CloudTrail-{kind}/us-east-1/2026/11/01/{name}"
        write_trail(project.logs, path, event(kind))
    # A log file's name in a neighbour's folder makes it no log file.
    write_trail(project.logs, trail_file(DAY, "C").replace("/CloudTrail/", "/CloudTrail-Digest/"), event("DISGUISED"))
    stranger = write_bytes(project.logs, "cloudtrail/AWSLogs/notes.txt", b"no log")

    run = project.dbt(*BUILD).check()

    assert staged(project) == ["ACCOUNT", "ORGANIZATION"]
    assert f"1 files are not known as log files and are left alone, for example {stranger}" in run.output
    assert "5 files hold digests, Insights, network activity or aggregated events of CloudTrail" in run.output
    raw = "select organization_id, log_account_id, log_region, delivery_date from main_raw.cloudtrail_events order by 1"
    assert project.query(raw) == [
        ("o-exampleorgid", ACCOUNT, "eu-west-1", "2026/11/01"),
        (None, ACCOUNT, "us-east-1", "2026/11/01"),
    ]


def test_late_records_are_found_by_their_own_day(project: DuckdbProject) -> None:
    write_trail(
        project.logs, trail_file("2026-11-02", "A"), event("LATE", day="2026-11-01"), event("ON_TIME", "2026-11-02")
    )

    project.dbt(*BUILD).check()

    query = "select event_id, event_date, delivery_date from stg_cloudtrail__events order by 1"
    assert [tuple(map(str, row)) for row in project.query(query)] == [
        ("LATE", "2026-11-01", "2026-11-02"),
        ("ON_TIME", "2026-11-02", "2026-11-02"),
    ]
