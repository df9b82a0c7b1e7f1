"""Log lines that other people published: every line accounted for. They are not part of this repository."""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from duckdb_project import BUILD, REPOSITORY, DuckdbProject
from flow_log_lines import DEFAULT_HEADER

REAL_LOGS = Path(os.environ.get("REAL_LOGS_DIR", REPOSITORY.parent / "shared" / "real_logs"))

pytestmark = pytest.mark.skipif(
    not (REAL_LOGS / "s3access-flat").is_dir(),
    reason=f"{REAL_LOGS} holds no published log lines; set REAL_LOGS_DIR to a folder with them",
)

# Days, buckets, operations, statuses and bytes of the published lines, read from them by eye, each line once.
EXPECTED_USAGE = {
    ("2014-02-06", "mybucket", "REST.GET.VERSIONING", "2xx"): (1, 113, 0, 0),
    ("2014-05-12", "mybucket", "REST.GET.OBJECT", "3xx"): (1, 0, 0, 0),
    ("2019-02-06", "DOC-EXAMPLE-BUCKET1", "REST.PUT.OBJECT", "2xx"): (1, 0, 0, 4406583),
    ("2020-12-24", "email-contents.sansan.com", "REST.GET.OBJECT", "2xx"): (1, 49851, 49851, 0),
    ("2021-12-13", "test-bucket", "REST.PUT.OBJECT", "2xx"): (6, 0, 0, 2900 + 5283 + 39811 + 233520 + 29349 + 27428),
    ("2022-04-06", "dandiarchive", "REST.GET.OBJECT", "4xx"): (1, 272, 0, 0),
    ("2024-11-13", "dandiarchive", "REST.GET.OBJECT", "2xx"): (1, 1194552, 1194552, 0),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    project = DuckdbProject(tmp_path_factory.mktemp("real_logs"))
    project.logs.symlink_to(REAL_LOGS)
    project.dbt(*BUILD).check()
    return project


def published_lines() -> Counter[str]:
    """Count the lines of all S3 access log files; a published line stands in both prefix layouts."""
    lines: Counter[str] = Counter()
    for layout in ("s3access-flat", "s3access-partitioned"):
        for path in (REAL_LOGS / layout).rglob("*"):
            if path.is_file():
                lines.update(line for line in path.read_text().splitlines() if line)
    return lines


def test_every_published_line_is_a_request_or_a_copy_of_one(project: DuckdbProject) -> None:
    ((requests, duplicates, unreadable),) = project.query(
        "select count(*) filter (is_readable), sum(duplicate_count)::integer, count(*) filter (not is_readable) "
        "from stg_s3_access_logs__requests"
    )
    assert unreadable == 0
    assert requests + duplicates == published_lines().total()


def test_totals_of_each_day_and_operation_are_those_of_the_lines(project: DuckdbProject) -> None:
    # What stands behind the request: status, error code, bytes sent; each request once.
    requests = {}
    for line in published_lines():
        before, after = line.split(' HTTP/1.1" ')
        day = datetime.strptime(line.split("[")[1][:11], "%d/%b/%Y").date()
        request_id, operation, key = before.replace("  ", " ").split(" ")[6:9]
        status, _, bytes_sent = after.split(" ")[:3]
        version = line.rsplit('" ', 1)[1].split(" ")[0]
        request = (day, operation, int(bytes_sent.replace("-", "0")), int(status))
        # Published examples share request ids; the first delivery counts.
        place = (request_id, operation, key, version)
        requests[place] = min(request, requests.get(place, request))
    expected: dict[tuple[date, str], Counter[str]] = {}
    for day, operation, bytes_sent, status in requests.values():
        failed = int(status >= 400)
        expected.setdefault((day, operation), Counter()).update(
            requests=1, bytes_sent=bytes_sent, errors=failed, error_bytes=bytes_sent * failed
        )
    found = project.query(
        "select event_date, operation, sum(request_count)::integer, sum(bytes_sent)::bigint, "
        "sum(error_count)::integer, sum(error_byte_count)::bigint from fct_s3_usage_daily group by all"
    )
    assert {(day, operation): tuple(numbers) for day, operation, *numbers in found} == {
        place: tuple(counts.values()) for place, counts in expected.items()
    }


def test_usage_is_what_the_lines_say(project: DuckdbProject) -> None:
    found = {
        (str(day), bucket, operation, status): tuple(numbers)
        for day, bucket, operation, status, *numbers in project.query(
            "select event_date, bucket_name, operation, http_status_class, sum(request_count)::bigint, "
            "sum(bytes_sent)::bigint, sum(downloaded_byte_count)::bigint, sum(uploaded_byte_count)::bigint "
            "from fct_s3_usage_daily group by all"
        )
    }
    assert {key: found.get(key) for key in EXPECTED_USAGE} == EXPECTED_USAGE


# --- VPC flow logs


def published_flow_files() -> dict[str, tuple[str, list[dict[str, Any]]]]:
    """Header line and records of every published flow log file by its path; the header of Parquet is ''.

    A line with another number of values than the header has no record: AWS's documents put remarks behind two of them
    and a second blank into a third.
    """
    files = {}
    for path in sorted(REAL_LOGS.rglob("*_vpcflowlogs_*")):
        if path.suffix == ".parquet":
            records = pyarrow.parquet.ParquetFile(path).read().to_pylist()
            files[str(path.resolve())] = ("", records)
        elif path.is_file():
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            header, *lines = content.decode().splitlines()
            names = header.replace("-", "_").split(" ")
            values = [line.split(" ") for line in lines if line]
            records = [dict(zip(names, row, strict=True)) if len(row) == len(names) else {} for row in values]
            files[str(path.resolve())] = (header, records)
    assert files
    return files


def flow_sums(records: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    """Number of lines, of records among them, their bytes and packets; `-` and null are none."""

    def total(name: str) -> int:
        return sum(int(record[name]) for record in records if record.get(name) not in (None, "-"))

    return len(records), sum(bool(record) for record in records), total("bytes"), total("packets")


def staged_flow_sums(project: DuckdbProject) -> dict[str, tuple[int, ...]]:
    """The same of every staged file."""
    return {
        path: tuple(sums)
        for path, *sums in project.query(
            "select file_path, count(*), count(*) filter (is_readable), "
            "coalesce(sum(byte_count), 0)::bigint, coalesce(sum(packet_count), 0)::bigint "
            "from stg_vpc_flow_logs__records group by file_path"
        )
    }


def test_every_published_flow_record_is_staged_or_its_file_is_named(project: DuckdbProject) -> None:
    files = published_flow_files()
    declared = {path: flow_sums(records) for path, (header, records) in files.items() if header in ("", DEFAULT_HEADER)}
    assert staged_flow_sums(project) == declared
    left_out = dict(
        project.query("select file_path, problem from main_raw.unreadable_log_files where log_source = 'vpc_flow_logs'")
    )
    assert set(left_out) == files.keys() - declared.keys()
    assert all(f": {files[path][0]}. Declare it: " in problem for path, problem in left_out.items())
    assert project.query("select sum(record_count)::bigint from fct_network_traffic_daily") == [
        (sum(record_count for _, record_count, *_ in declared.values()),)
    ]


@pytest.mark.slow
def test_every_published_format_is_read_once_its_header_is_declared(tmp_path: Path) -> None:
    files = published_flow_files()
    headers = sorted({header for header, _ in files.values()} - {"", DEFAULT_HEADER})
    assert len(headers) >= 6
    project = DuckdbProject(tmp_path)
    project.logs.symlink_to(REAL_LOGS)
    found: dict[str, tuple[int, ...]] = {}
    for header in headers:
        variables = {"vpc_flow_logs_custom_fields": header, "start_date": "2000-01-01", "end_date": "2026-12-31"}
        project.dbt("run", "--select", "stg_vpc_flow_logs__records", variables=variables).check()
        found |= staged_flow_sums(project)
    assert found == {path: flow_sums(records) for path, (_, records) in files.items()}


# --- CloudTrail


def published_records() -> list[dict[str, Any]]:
    """All records of all published CloudTrail files."""
    files = [path for path in REAL_LOGS.rglob("*_CloudTrail_*.json.gz") if path.is_file()]
    assert files
    return [record for path in files for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]]


def test_every_published_record_is_an_event_or_a_copy_of_one(project: DuckdbProject) -> None:
    records = published_records()
    keys = Counter((record["recipientAccountId"], record["eventID"]) for record in records)
    found = project.query(
        "select account_id, event_id, duplicate_count, is_readable from stg_cloudtrail__events order by all"
    )
    assert found == sorted((account, event_id, count - 1, True) for (account, event_id), count in keys.items())
    assert sum(keys.values()) == len(records)


def test_published_events_hold_what_their_records_say(project: DuckdbProject) -> None:
    by_key = {(record["recipientAccountId"], record["eventID"]): record for record in published_records()}
    rows = project.rows("stg_cloudtrail__events")
    assert len(rows) == len(by_key) > 3000
    for row in rows:
        record = by_key[row["account_id"], row["event_id"]]
        identity = record.get("userIdentity") or {}
        session = identity.get("sessionContext") or {}
        tls = record.get("tlsDetails") or {}
        extra = record.get("additionalEventData") or {}
        expected = {
            "event_at": datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ"),
            "event_source": record["eventSource"],
            "event_name": record["eventName"],
            "region": record["awsRegion"],
            "source_address": record["sourceIPAddress"],
            "is_read_only": record["readOnly"],
            "error_code": record.get("errorCode"),
            "principal_type": identity.get("type"),
            "principal_id": identity.get("principalId") or None,
            "principal_arn": identity.get("arn") or None,
            "caller_account_id": identity.get("accountId"),
            "session_issuer_arn": (session.get("sessionIssuer") or {}).get("arn"),
            "tls_version": tls.get("tlsVersion"),
            "host_header": tls.get("clientProvidedHostHeader"),
            "vpc_endpoint_id": record.get("vpcEndpointId"),
            "shared_event_id": record.get("sharedEventID"),
            "bytes_in": extra.get("bytesTransferredIn"),
            "bytes_out": extra.get("bytesTransferredOut"),
        }
        assert {name: row[name] for name in expected} == expected
        for column, part in (
            ("request_parameters", "requestParameters"),
            ("response_elements", "responseElements"),
            ("additional_event_data", "additionalEventData"),
            ("service_event_details", "serviceEventDetails"),
        ):
            assert json.loads(row[column] or "null") == record.get(part)


def test_published_events_are_counted_by_day_and_service(project: DuckdbProject) -> None:
    records = {(record["recipientAccountId"], record["eventID"]): record for record in published_records()}
    expected = Counter((record["eventTime"][:10], record["eventSource"]) for record in records.values())
    for mart in ("fct_api_activity_daily", "fct_api_clients_daily"):
        found = project.query(f"select event_date, event_source, sum(event_count)::integer from {mart} group by all")
        assert {(str(day), source): count for day, source, count in found} == expected
