"""The findings that are printed: those of the sample story by its truth, and the awkward ones by hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from duckdb_project import MODELS_ONLY, REPOSITORY, SAMPLE_FORMAT, DuckdbProject
from generate_sample_logs import main as generate_sample_logs
from test_sample_flow_logs import Logs as FlowLogs

LEFT = "Bytes that left AWS"
SENDERS = "Who sent most"
AVOIDABLE = "What NAT gateways process for nothing"
GROWING_SENDERS = "Senders that grew most"
REFUSED = "Refused most often"
DOWNLOADS = "Downloads per day"
DOWNLOADERS = "Top 5 downloaders"
GROWING_DOWNLOADERS = "Largest growth of a downloader"
COPIES = "Copied out of a bucket"
FAILED_CALLS = "Calls that were refused or failed"
LOGINS = "Console logins"
COVERAGE = "How far the logs can be trusted"

Finding = list[dict[str, str]]


@dataclass(frozen=True)
class Printed:
    """What the command printed, and how it ended."""

    exit_code: int
    text: str
    error: str

    def finding(self, title: str) -> Finding:
        """The rows of the finding whose title begins so, as text by column."""
        (section,) = (section for section in self.text.split("\n\n") if section.strip().startswith(title))
        _, *lines = section.strip("\n").split("\n")
        if lines == ["  none"]:
            return []
        header, *rows = (re.split(r" {2,}", line.strip()) for line in lines)
        return [dict(zip(header, row, strict=True)) for row in rows]


def print_findings(warehouse: Path) -> Printed:
    """Run the command the way a user does."""
    command = [sys.executable, REPOSITORY / "scripts" / "print_findings.py", warehouse]
    answer = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
    return Printed(answer.returncode, answer.stdout, answer.stderr)


def gigabytes(byte_count: int) -> str:
    return f"{byte_count / 1e9:,.1f}"


def summed(
    rows: Iterable[Mapping[str, Any]], measure: str, *names: str, only: Callable[[Mapping[str, Any]], bool] = bool
) -> Counter[tuple[str, ...]]:
    """The sum of a measure over the rows that count, by these columns."""
    sums: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if only(row):
            sums[tuple(row[name] for name in names)] += row[measure]
    return sums


def largest_growths(byte_counts: Mapping[tuple[str, str], int], days: Iterable[str], label: str) -> Finding:
    """The three largest growths of (name, day) against the day before, among these days."""
    growths = []
    for (name, day), byte_count in byte_counts.items():
        day_before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        before = byte_counts.get((name, day_before), 0)
        if day_before in days and byte_count > before:
            growths.append((before - byte_count, day, name, before, byte_count))
    return [
        {"day": day, label: name, "gb_before": gigabytes(before), "gb_after": gigabytes(after)}
        for _, day, name, before, after in sorted(growths)[:3]
    ]


# --- The sample story -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """The sample logs and the marts built from them."""
    project = DuckdbProject(tmp_path_factory.mktemp("findings"))
    assert generate_sample_logs([str(project.logs)]) == 0
    project.dbt(*MODELS_ONLY, variables=SAMPLE_FORMAT).check()
    return project


@pytest.fixture(scope="module")
def truth(sample: DuckdbProject) -> dict[str, Any]:
    return json.loads((sample.logs / "truth.json").read_text())


@pytest.fixture(scope="module")
def story(sample: DuckdbProject) -> Printed:
    """The findings of the sample story."""
    printed = print_findings(sample.warehouse)
    assert printed.exit_code == 0, printed.error
    return printed


def test_the_naive_sum_stands_beside_what_left(story: Printed, truth: dict[str, Any]) -> None:
    flow_logs = truth["vpc_flow_logs"]
    naive = [
        row
        for row in flow_logs["network_traffic_daily"]
        if (row["record_outcome"], row["traffic_direction"]) == ("accepted", "outbound_to_public")
    ]
    egress = flow_logs["internet_egress_daily"]
    to_internet = [row for row in egress if row["destination_kind"] == "internet"]
    to_aws = [row for row in egress if row["destination_kind"] != "internet"]

    def line(answer: str, rows: Iterable[Mapping[str, Any]], count: str) -> dict[str, str]:
        rows = list(rows)
        records, byte_count = (sum(row[name] for row in rows) for name in (count, "byte_count"))
        return {"answer": answer, "records": f"{records:,}", "gb": gigabytes(byte_count)}

    found = story.finding(LEFT)
    assert sorted(found, key=repr) == sorted(
        [
            line("sum over all records to public addresses", naive, "record_count"),
            line("counted once, where it leaves", egress, "flow_count"),
            line("of it to the internet", to_internet, "flow_count"),
            line("of it to AWS services", to_aws, "flow_count"),
        ],
        key=repr,
    )
    assert found[0]["answer"].startswith("sum over all records")


def test_who_sent_most_is_named(story: Printed, truth: dict[str, Any]) -> None:
    flow_logs = truth["vpc_flow_logs"]
    names = {item["resource_id"]: item["resource_name"] for item in flow_logs["interfaces"]}
    sent = summed(flow_logs["internet_egress_daily"], "byte_count", "sender_id", "exit_path")
    found = [(row["sender"], row["exit_path"], row["gb"]) for row in story.finding(SENDERS)]
    assert found == [
        (names[sender], path, gigabytes(byte_count))
        for (sender, path), byte_count in sorted(sent.items(), key=lambda item: (-item[1], item[0]))[:8]
    ]


def test_the_loader_that_pulls_from_s3_through_the_nat_gateway_is_found(story: Printed, truth: dict[str, Any]) -> None:
    flow_logs = truth["vpc_flow_logs"]
    names = {item["resource_id"]: item["resource_name"] for item in flow_logs["interfaces"]}
    avoidable = summed(
        flow_logs["nat_gateway_usage_daily"],
        "processed_byte_count",
        "client_id",
        "destination_service",
        only=lambda row: (
            row["destination_service"] in ("S3", "DYNAMODB") and row["destination_region"] == row["region"]
        ),
    )
    found = [(row["client"], row["service"], row["gb"]) for row in story.finding(AVOIDABLE)]
    assert found[0][:2] == ("batch-0142", "S3")
    assert found == [
        (names[client], service, gigabytes(byte_count))
        for (client, service), byte_count in sorted(avoidable.items(), key=lambda item: (-item[1], item[0]))[:5]
    ]


def test_the_sender_that_sends_ten_times_more_grew_most(story: Printed, truth: dict[str, Any]) -> None:
    flow_logs = truth["vpc_flow_logs"]
    (exporter,) = (item for item in flow_logs["interfaces"] if item["resource_name"] == "partner-export")
    rows = flow_logs["internet_egress_daily"]
    sent = summed(rows, "byte_count", "sender_id", "event_date")
    found = story.finding(GROWING_SENDERS)
    assert (found[0]["day"], found[0]["sender"]) == ("2026-11-06", exporter["resource_id"])
    assert found == largest_growths(sent, {row["event_date"] for row in rows}, "sender")


def test_the_scanner_was_refused_most_often(story: Printed, sample: DuckdbProject) -> None:
    rejected = [row for row in FlowLogs(sample.logs).rows if row["action"] == "REJECT"]
    sources = Counter(row.address("srcaddr") for row in rejected)
    found = story.finding(REFUSED)
    assert [row["source"] for row in found] == sorted(sources, key=lambda source: (-sources[source], source))[:3]
    for row in found:
        records = [record for record in rejected if record["srcaddr"] == row["source"]]
        assert row["records"] == f"{len(records):,}"
        assert row["destinations"] == f"{len({record['dstaddr'] for record in records}):,}"
        assert row["ports"] == f"{len({record['dstport'] for record in records}):,}"


def test_downloads_are_told_by_day(story: Printed, truth: dict[str, Any]) -> None:
    rows = truth["s3_access_logs"]["s3_usage_daily"]
    requests, downloaded, uploaded, errors = (
        summed(rows, measure, "event_date")
        for measure in ("request_count", "downloaded_byte_count", "uploaded_byte_count", "error_count")
    )
    assert len(requests) == 7
    assert story.finding(DOWNLOADS) == [
        {
            "day": day[0],
            "requests": f"{requests[day]:,}",
            "downloaded_gb": gigabytes(downloaded[day]),
            "uploaded_gb": gigabytes(uploaded[day]),
            "errors": f"{errors[day]:,}",
        }
        for day in sorted(requests)
    ]


def test_the_top_downloaders_come_by_bytes(story: Printed, truth: dict[str, Any]) -> None:
    rows = truth["s3_access_logs"]["s3_clients_daily"]
    downloaded = summed(rows, "downloaded_byte_count", "remote_address", "bucket_name")
    requests = summed(rows, "request_count", "remote_address", "bucket_name")
    found = story.finding(DOWNLOADERS)
    assert ("192.175.48.77", "example-media-assets") in [(row["address"], row["bucket"]) for row in found]
    assert found == [
        {
            "address": key[0],
            "bucket": key[1],
            "downloaded_gb": gigabytes(byte_count),
            "requests": f"{requests[key]:,}",
        }
        for key, byte_count in sorted(downloaded.items(), key=lambda item: (-item[1], item[0]))[:5]
    ]


def test_the_downloader_that_grows_tenfold_grew_most(story: Printed, truth: dict[str, Any]) -> None:
    rows = truth["s3_access_logs"]["s3_clients_daily"]
    downloaded = summed(rows, "downloaded_byte_count", "remote_address", "event_date")
    found = story.finding(GROWING_DOWNLOADERS)
    assert ("2026-11-06", "192.52.193.140") in [(row["day"], row["address"]) for row in found]
    assert found == largest_growths(downloaded, {row["event_date"] for row in rows}, "address")


def test_copies_are_told_by_bucket(story: Printed, truth: dict[str, Any]) -> None:
    rows = [row for row in truth["s3_access_logs"]["s3_usage_daily"] if row["operation_category"] == "copy_read"]
    copied = summed(rows, "copied_byte_count", "bucket_name")
    copies = summed(rows, "request_count", "bucket_name")
    assert copied.total() > 0
    assert story.finding(COPIES) == [
        {"bucket": bucket[0], "copies": f"{copies[bucket]:,}", "copied_gb": gigabytes(byte_count)}
        for bucket, byte_count in sorted(copied.items(), key=lambda item: (-item[1], item[0]))[:3]
    ]


def test_refused_and_failed_calls_are_told_by_principal(story: Printed, truth: dict[str, Any]) -> None:
    cloudtrail = truth["cloudtrail"]
    rows = [row for row in cloudtrail["api_activity_daily"] if row["error_code"] != "none"]
    events = summed(rows, "event_count", "principal_id", "error_code")
    found = story.finding(FAILED_CALLS)
    (spree,) = {row["principal_id"] for row in cloudtrail["findings"]["access_denied_spree"]}
    assert spree in [row["principal"] for row in found]
    assert found == [
        {
            "principal": principal,
            "error": error,
            "calls": str(
                len(
                    {
                        row["event_name"]
                        for row in rows
                        if (row["principal_id"], row["error_code"]) == (principal, error)
                    }
                )
            ),
            "events": f"{count:,}",
        }
        for (principal, error), count in sorted(events.items(), key=lambda item: (-item[1], item[0]))[:5]
    ]


def test_logins_by_root_and_without_mfa_are_told(story: Printed, truth: dict[str, Any]) -> None:
    findings = truth["cloudtrail"]["findings"]
    logins = {
        login["event_id"]: (login["event_date"], login["source_address"])
        for kind in ("root_logins", "console_logins_without_mfa")
        for login in findings[kind]
    }
    found = story.finding(LOGINS)
    assert [(row["login_at"][:10], row["address"]) for row in found] == sorted(logins.values())
    assert [(row["login_at"][:10], row["address"]) for row in found if row["who"] == "Root"] == [
        (login["event_date"], login["source_address"]) for login in findings["root_logins"]
    ]


@pytest.mark.parametrize("log_source", ["s3_access_logs", "vpc_flow_logs", "cloudtrail"])
def test_what_arrived_is_told_by_log_source(story: Printed, truth: dict[str, Any], log_source: str) -> None:
    (found,) = (row for row in story.finding(COVERAGE) if row["log_source"] == log_source)
    rows = truth[log_source]["log_coverage_daily"]
    for column, measure in (
        ("records", "record_count"),
        ("unreadable", "unreadable_count"),
        ("duplicates", "duplicate_count"),
        ("late", "late_count"),
    ):
        assert found[column] == f"{sum(row[measure] for row in rows):,}", column
    assert found["skipped"] == f"{truth[log_source]['totals'].get('skipped_count', 0):,}"
    assert found["empty_files"] == f"{truth[log_source]['totals']['empty_file_count']:,}"
    assert found["unreadable_files"] == "0"
    # The sample's last files come two days after its last event day: each day is settled that is not one of these two.
    spoilt = {
        row["event_date"]
        for row in rows
        if row["unreadable_count"] or row.get("skipped_count") or row["event_date"] > "2026-11-07"
    }
    assert found["days"] == str(len({row["event_date"] for row in rows}))
    assert found["incomplete_days"] == str(len(spoilt))


# --- By hand --------------------------------------------------------------------------------------------------------

TABLES = {
    "fct_network_traffic_daily": (
        "event_date date, record_outcome varchar, traffic_direction varchar, record_count bigint, byte_count bigint"
    ),
    "fct_internet_egress_daily": (
        "event_date date, sender_id varchar, byte_count bigint, sender_name varchar, sender_kind varchar, "
        "exit_path varchar, destination_kind varchar, flow_count bigint"
    ),
    "fct_internet_egress_peers_daily": (
        "remote_address varchar, destination_kind varchar, byte_count bigint, received_byte_count bigint"
    ),
    "fct_data_transfer_cost_daily": (
        "traffic_class varchar, currency varchar, byte_count bigint, billable_gb double, estimated_cost double"
    ),
    "fct_nat_gateway_usage_daily": (
        "client_id varchar, client_name varchar, destination_service varchar, processed_byte_count bigint, "
        "avoidable_cost double, currency varchar, is_avoidable boolean"
    ),
    "stg_vpc_flow_logs__records": (
        "source_address varchar, destination_address varchar, destination_port integer, action varchar, "
        "is_readable boolean"
    ),
    "fct_s3_usage_daily": (
        "event_date date, bucket_name varchar, operation_category varchar, request_count bigint, "
        "downloaded_byte_count bigint, uploaded_byte_count bigint, copied_byte_count bigint, error_count bigint"
    ),
    "fct_s3_clients_daily": (
        "event_date date, remote_address varchar, bucket_name varchar, request_count bigint, "
        "downloaded_byte_count bigint"
    ),
    "fct_api_activity_daily": (
        "event_date date, principal_id varchar, error_code varchar, event_name varchar, event_count bigint"
    ),
    "stg_cloudtrail__events": (
        "event_at timestamp, event_id varchar, account_id varchar, event_name varchar, principal_type varchar, "
        "principal_name varchar, source_address varchar, is_mfa_used boolean, error_code varchar, "
        "error_message varchar, is_readable boolean"
    ),
    "fct_log_coverage_daily": (
        "event_date date, log_source varchar, is_complete boolean, record_count bigint, unreadable_count bigint, "
        "skipped_count bigint, duplicate_count bigint, late_count bigint, unreadable_file_count bigint, "
        "empty_file_count bigint"
    ),
}


def warehouse_of(folder: Path, **rows: list[tuple[Any, ...]]) -> Path:
    """A warehouse with the columns that the findings read, empty but for these rows."""
    path = folder / "by_hand.duckdb"
    with duckdb.connect(str(path)) as connection:
        for table, columns in TABLES.items():
            connection.execute(f"create table {table} ({columns})")
            for row in rows.get(table, []):
                connection.execute(f"insert into {table} values ({', '.join('?' * len(row))})", row)
    return path


def printed_of(folder: Path, **rows: list[tuple[Any, ...]]) -> Printed:
    """What is printed of a warehouse with these rows."""
    printed = print_findings(warehouse_of(folder, **rows))
    assert printed.exit_code == 0, printed.error
    return printed


def sent(day: str, sender: str, gb: int) -> tuple[Any, ...]:
    return (f"2026-11-{day}", sender, gb * 10**9, None, "ec2_instance", "internet_gateway", "internet", 1)


def refused(day: str) -> tuple[Any, ...]:
    return (f"2026-11-{day}", "rejected", "outbound_to_public", 1, 10**9)


def test_a_sender_that_was_silent_the_day_before_grew_from_nothing(tmp_path: Path) -> None:
    egress = [
        sent("01", "first-day", 900),  # no day before it is known
        sent("02", "silent", 50),
        sent("02", "steady", 5),
        sent("03", "steady", 5),
        sent("03", "silent", 49),  # less than the day before
        sent("04", "growing", 7),
        sent("06", "steady", 700),  # the marts have no 5th: nobody knows
    ]
    days = [refused(day) for day in ("01", "02", "03", "04", "06")]
    printed = printed_of(tmp_path, fct_internet_egress_daily=egress, fct_network_traffic_daily=days)
    assert printed.finding(GROWING_SENDERS) == [
        {"day": "2026-11-02", "sender": "silent", "gb_before": "0.0", "gb_after": "50.0"},
        {"day": "2026-11-04", "sender": "growing", "gb_before": "0.0", "gb_after": "7.0"},
        {"day": "2026-11-02", "sender": "steady", "gb_before": "0.0", "gb_after": "5.0"},
    ]


def test_a_day_with_refused_traffic_alone_is_a_day_without_bytes(tmp_path: Path) -> None:
    days = [refused("01"), refused("02")]
    printed = printed_of(tmp_path, fct_internet_egress_daily=[sent("02", "new", 4)], fct_network_traffic_daily=days)
    assert printed.finding(GROWING_SENDERS) == [
        {"day": "2026-11-02", "sender": "new", "gb_before": "0.0", "gb_after": "4.0"}
    ]


def test_a_downloader_that_was_absent_the_day_before_grew_from_nothing(tmp_path: Path) -> None:
    downloads = [
        ("2026-11-01", "192.0.2.1", "bucket", 1, 10**9),
        ("2026-11-02", "192.0.2.1", "bucket", 1, 10**9),
        ("2026-11-02", "192.0.2.2", "bucket", 1, 8 * 10**9),
        ("2026-11-02", "192.0.2.2", "other-bucket", 1, 10**9),
    ]
    printed = printed_of(tmp_path, fct_s3_clients_daily=downloads)
    assert printed.finding(GROWING_DOWNLOADERS) == [
        {"day": "2026-11-02", "address": "192.0.2.2", "gb_before": "0.0", "gb_after": "9.0"}
    ]


def test_equal_downloads_come_by_address_and_bucket(tmp_path: Path) -> None:
    addresses_and_buckets = [(f"192.0.2.{number}", bucket) for number in (1, 2, 3) for bucket in "ab"]
    downloads = [("2026-11-01", *pair, 1, 10**9) for pair in reversed(addresses_and_buckets)]
    printed = printed_of(tmp_path, fct_s3_clients_daily=downloads)
    assert [(row["address"], row["bucket"]) for row in printed.finding(DOWNLOADERS)] == addresses_and_buckets[:5]


def login(
    number: int,
    name: str,
    mfa: bool | None,
    *,
    who: str = "IAMUser",
    error: str | None = None,
    call: str = "ConsoleLogin",
) -> tuple[Any, ...]:
    moment = f"2026-11-01 12:00:0{number}"
    return (moment, f"event-{number}", "111122223333", call, who, name, "192.0.2.1", mfa, None, error, True)


def test_a_login_whose_mfa_is_not_told_is_shown_with_a_dash(tmp_path: Path) -> None:
    events = [
        login(1, "not-told", None),
        login(2, "without", False),
        login(3, "with", True),
        login(4, "root-with", True, who="Root"),
        login(5, "failed", None, error="Failed authentication"),
        login(6, "no-login", None, call="AssumeRole"),
    ]
    found = printed_of(tmp_path, stg_cloudtrail__events=events).finding(LOGINS)
    assert [(row["name"], row["mfa"]) for row in found] == [("not-told", "-"), ("without", "no"), ("root-with", "yes")]
    assert found[0]["login_at"] == "2026-11-01 12:00:01"


def test_what_is_not_there_is_said_to_be_none(tmp_path: Path) -> None:
    printed = printed_of(tmp_path)
    titles = (SENDERS, AVOIDABLE, GROWING_SENDERS, REFUSED, DOWNLOADS, DOWNLOADERS, GROWING_DOWNLOADERS, COPIES)
    assert [printed.finding(title) for title in (*titles, FAILED_CALLS, LOGINS, COVERAGE)] == [[]] * 11


def test_text_of_strangers_cannot_steer_the_terminal(tmp_path: Path) -> None:
    hostile = "\x1b[2J\x1b]0;title\x07a\rb\nc\td\x9b31m\u202e\u2028"
    printed = printed_of(
        tmp_path,
        stg_cloudtrail__events=[login(1, hostile, None)],
        fct_api_activity_daily=[("2026-11-01", hostile, "AccessDenied", "GetObject", 1)],
    )
    shown = r"\x1b[2J\x1b]0;title\x07a\rb\nc\td\x9b31m\u202e\u2028"
    assert printed.finding(LOGINS)[0]["name"] == shown
    assert printed.finding(FAILED_CALLS)[0]["principal"] == shown
    assert [character for character in printed.text if not (character.isprintable() or character == "\n")] == []


def test_numbers_stand_below_each_other_to_the_right(tmp_path: Path) -> None:
    calls = [("2026-11-01", name, "Failed", "GetObject", count) for name, count in (("a", 1_234_567), ("b", 8))]
    printed = printed_of(tmp_path, fct_api_activity_daily=calls)
    assert printed.text.split(f"\n{FAILED_CALLS}")[1].split("\n")[1:4] == [
        "  principal  error   calls     events",
        "  a          Failed      1  1,234,567",
        "  b          Failed      1          8",
    ]


def test_a_missing_warehouse_is_named_with_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "missing.duckdb"
    printed = print_findings(missing)
    assert (printed.exit_code, printed.text) == (2, "")
    assert f"{missing} does not exist. Build it first" in printed.error
    assert not missing.exists()


def test_a_warehouse_that_a_run_is_writing_is_named_with_what_to_do(tmp_path: Path) -> None:
    written = tmp_path / "written.duckdb"
    with duckdb.connect(str(written)):
        printed = print_findings(written)
    assert (printed.exit_code, printed.text) == (2, "")
    assert f"{written} is being written by another process" in printed.error
    assert printed.error.count("\n") == 1


def test_a_warehouse_without_marts_is_named_with_what_to_do(tmp_path: Path) -> None:
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    printed = print_findings(empty)
    assert (printed.exit_code, printed.text) == (2, "")
    assert f"{empty} lacks a mart" in printed.error
    assert "fct_network_traffic_daily" in printed.error
    assert "Traceback" not in printed.error
