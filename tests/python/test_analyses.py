"""The analyses answer right: the order, the measure and the days, on rows written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from cloudtrail_records import event, trail_file, write_trail
from duckdb_project import MODELS_ONLY, DuckdbProject, log_file, log_line

WINDOW = {"start_date": "2026-11-01", "end_date": "2026-11-02"}

ANN = "arn:aws:iam::111122223333:user/ann"
BOB = {"type": "IAMUser", "principalId": "AIDABOB", "arn": "arn:aws:iam::111122223333:user/bob"}
CONFIG = {"type": "AWSService", "invokedBy": "config.amazonaws.com"}

EVENTS = (
    event("E1"),
    event("E2", sourceIPAddress="203.0.113.8", eventTime="2026-11-01T13:00:00Z"),
    event("E3", sourceIPAddress="203.0.113.8", userIdentity=BOB, additionalEventData=None),
    event("E4", eventName="PutObject", userIdentity=BOB, errorCode="AccessDenied", additionalEventData=None),
    event("E5", sourceIPAddress="AWS Internal/3"),
    event("E6", sourceIPAddress="config.amazonaws.com", userIdentity=CONFIG, additionalEventData=None),
    event("E7", eventSource="iam.amazonaws.com", eventName="ListUsers", requestParameters=None),
    event("E8", eventTime="2026-11-03T12:00:00Z"),
    event("E9", eventTime=None),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """Three downloaders: most requests, largest objects, most bytes; a copy, a delete, a refusal, a cut line."""
    project = DuckdbProject(tmp_path_factory.mktemp("analyses"))

    def line(number: int, address: str, day: str = "2026-11-01", **fields: str) -> str:
        return log_line(f"R{number}", day, **fields).replace("203.0.113.7", address)

    lines = [
        line(1, "198.51.100.1", bytes_sent="10"),
        line(2, "198.51.100.1", bytes_sent="10"),
        line(3, "198.51.100.1", bytes_sent="10"),
        line(4, "198.51.100.2", status="206", bytes_sent="40", object_size="9000000000"),
        line(5, "198.51.100.3", bytes_sent="100"),
        line(6, "198.51.100.3", status="403", bytes_sent="5000"),
        line(7, "198.51.100.4", operation="REST.COPY.OBJECT_GET", bytes_sent="-", object_size="7000"),
        line(8, "198.51.100.4", operation="REST.DELETE.OBJECT", status="204", bytes_sent="-"),
        line(9, "198.51.100.3", day="2026-11-02", bytes_sent="1"),
        line(10, "198.51.100.5", day="2026-11-03", bytes_sent="100000"),
        log_line("CUT", "2026-11-02")[:100],
    ]
    for number, day in enumerate(("2026-11-01", "2026-11-02", "2026-11-03")):
        month_day = f"[0{number + 1}/Nov"
        project.write_log(log_file(day, str(number)), *(text for text in lines if month_day in text))
    write_trail(project.logs, trail_file("2026-11-01", "A"), *EVENTS)
    project.dbt(*MODELS_ONLY).check()
    project.dbt("compile", "--select", "resource_type:analysis", variables=WINDOW).check()
    return project


def answer(project: DuckdbProject, analysis: str) -> list[tuple[object, ...]]:
    compiled = Path("target", "compiled", "aws_internet_traffic", "analyses", f"{analysis}.sql")
    return project.query((project.folder / compiled).read_text())


def test_top_downloaders_come_by_bytes_sent_the_largest_first(project: DuckdbProject) -> None:
    assert answer(project, "s3_top_downloaders") == [
        ("example-bucket", 1, "198.51.100.3", 101, 3),  # the refused request is one, too
        ("example-bucket", 2, "198.51.100.2", 40, 1),
        ("example-bucket", 3, "198.51.100.1", 30, 3),
    ]


def test_top_copiers_are_not_downloaders(project: DuckdbProject) -> None:
    assert answer(project, "s3_top_copiers") == [("example-bucket", 1, "anonymous", 7000, 1)]


def test_deletes_and_failures_are_counted(project: DuckdbProject) -> None:
    assert answer(project, "s3_deletes") == [("example-bucket", "anonymous", "REST.DELETE.OBJECT", "2xx", 1)]
    assert answer(project, "s3_failed_requests") == [("example-bucket", "anonymous", "REST.GET.OBJECT", "4xx", 1)]


def test_days_to_distrust_say_why(project: DuckdbProject) -> None:
    ((day, source, account, region, files, lines, late, duplicates),) = answer(project, "log_days_to_distrust")
    assert (str(day), source, account, region) == ("2026-11-02", "s3_access_logs", "111122223333", "us-east-1")
    assert (files, lines, late, duplicates) == (0, 1, 0, 0)


def test_top_principals_come_by_calls_the_most_first(project: DuckdbProject) -> None:
    assert answer(project, "api_top_principals") == [
        ("iam.amazonaws.com", 1, ANN, 1, 0, 7),
        ("s3.amazonaws.com", 1, ANN, 3, 0, 21),
        ("s3.amazonaws.com", 2, BOB["arn"], 2, 1, None),
        ("s3.amazonaws.com", 3, "config.amazonaws.com", 1, 0, None),
    ]


def test_events_come_by_name_the_most_first(project: DuckdbProject) -> None:
    assert answer(project, "api_events_by_name") == [
        ("s3.amazonaws.com", "GetObject", 5, 0),
        ("iam.amazonaws.com", "ListUsers", 1, 0),
        ("s3.amazonaws.com", "PutObject", 1, 1),
    ]


def test_object_readers_are_addresses_and_no_services(project: DuckdbProject) -> None:
    assert answer(project, "api_object_readers") == [
        ("example-bucket", 1, "203.0.113.8", 2, 7),
        ("example-bucket", 2, "203.0.113.7", 1, 7),
    ]


def test_event_details_are_those_of_clients_the_latest_first(project: DuckdbProject) -> None:
    rows = answer(project, "api_event_details")
    assert [row[-1] for row in rows] == ["E2", "E1", "E3", "E4"]
    assert [str(value) for value in rows[3][1:]] == [
        *("111122223333", "PutObject", "203.0.113.7", "example-bucket", "key", BOB["arn"], "AccessDenied", "E4"),
    ]
