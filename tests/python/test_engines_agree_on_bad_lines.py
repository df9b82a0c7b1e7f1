"""DuckDB and Athena give the same rows for lines and files that are wrong, empty or unusual."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from athena_project import AthenaProject
from duckdb_project import MODELS, MODELS_ONLY, DuckdbProject, log_file, log_line
from flow_log_lines import DEFAULT_HEADER, epoch, flow_line, flow_log_path, write_flow_log
from hostile_lines import count_lines, damaged_lines, hostile_requests
from local_aws import AthenaSpace

pytestmark = pytest.mark.athena

DAY = "2026-11-01"
WINDOW = {"start_date": DAY, "end_date": DAY, "newest_delivery_date": "2026-11-05"}
CUSTOM_FLOW_FIELDS = {"vpc_flow_logs_custom_fields": "interface-id bytes start pkt-dstaddr az-id"}
LAYOUT = {
    "s3_access_logs_partitioned_path": "s3",
    "s3_access_logs_flat_path": "flat",
    "s3_access_logs_account_ids": ["111122223333"],
    "s3_access_logs_regions": ["us-east-1"],
    "s3_access_logs_buckets": ["example-bucket"],
    "vpc_flow_logs_default_path": "flow/AWSLogs",
    "vpc_flow_logs_custom_path": "custom/AWSLogs",
    "vpc_flow_logs_custom_layout": "hourly",
    **CUSTOM_FLOW_FIELDS,
    "vpc_flow_logs_account_ids": ["111122223333"],
    "vpc_flow_logs_regions": ["us-east-1"],
    "first_log_date": DAY,
}
# "file_path" differs by its root, "empty_file_count" is unknown on Athena.
COLUMNS = (
    "request_id, requester, operation, object_key, request_uri, http_status, error_code, bytes_sent, object_size, "
    "referrer, user_agent, version_id, host_id, signature_version, cipher_suite, host_header, tls_version, "
    "access_point_arn, is_acl_required, source_region, has_source_region, additional_fields, is_readable, "
    "unreadable_line, duplicate_count, event_date"
)

DAMAGED = damaged_lines(DAY, 1000, seed=3)
HOSTILE_COUNT = 300


def write_bad_logs(project: DuckdbProject) -> None:
    """Write one file of every kind of trouble that does not abort a query."""
    project.write_log(
        log_file(DAY, "1"),
        log_line("GOOD", DAY),
        log_line("NOT_UTF8", DAY, user_agent="agent").encode().replace(b"agent", b"a\xff\xfe\xe2\x82b\xc3"),
        log_line("CONTROL", DAY, user_agent="a\x00\x01\x0b\x0c\x1b\x7f\x85b"),
        log_line("UNICODE", DAY, user_agent="\u00e9\u4e2d\U0001f600\u2028x\ufeff"),
        log_line("CARRIAGE", DAY) + "\r",
        log_line("SPLIT", DAY, user_agent="before\rafter"),
        b"",
        b"\r",
        log_line("FIELDS30", DAY) + " us-east-1 new1 new2 new3",
        log_line("LARGE", DAY, bytes_sent="999999999999999"),
        log_line("TOO_LARGE", DAY, bytes_sent="1000000000000000"),
        log_line("LARGER_THAN_BIGINT", DAY, bytes_sent="9223372036854775808"),
        log_line("NEGATIVE", DAY, bytes_sent="-7"),
        log_line("PLUS", DAY, bytes_sent="+7"),
        log_line("DECIMAL", DAY, bytes_sent="7.0"),
        log_line("EXPONENT", DAY, bytes_sent="1e3"),
        log_line("ZEROS", DAY, bytes_sent="007"),
        log_line("NOT_ASCII_DIGITS", DAY, bytes_sent="\u0667"),
        log_line("NO_STATUS", DAY, status="-"),
        log_line("FEBRUARY", "2026-02-31"),
        log_line("HOUR_24", DAY, time="24:00:00"),
        log_line("SECOND_60", DAY, time="23:59:60"),
        log_line("ONE_DIGIT", DAY, time="1:02:03"),
        log_line("MONTH", DAY).replace("Nov", "nov"),
        log_line("ZONE", DAY).replace("+0000", "-0330"),
        log_line("NO_ZONE", DAY).replace(" +0000", ""),
        log_line("QUOTES", DAY, user_agent='"a" "b"'),
        log_line("TRAILING", DAY) + "   ",
        log_line("HOSTILE", DAY, user_agent="'; drop table x; -- {{ 7 * 7 }} <script>alert(1)</script> \\"),
        log_line("CUT", DAY)[:130],
        "",
        "x" * 10_000_000,
        "last line without a line end",
    )
    file = project.logs / log_file(DAY, "2")
    file.write_bytes(log_line("NO_LINE_END", DAY).encode())
    (project.logs / (log_file(DAY, "3") + ".gz")).write_bytes(gzip.compress((log_line("GZIP", DAY) + "\n").encode()))
    project.write_log(log_file(DAY, "4"))
    project.write_log(
        log_file(DAY, "5"), *DAMAGED, *(line for line, _ in hostile_requests(DAY, HOSTILE_COUNT, 1).values())
    )
    project.write_log(f"flat/{DAY}-12-00-00-0123456789ABCDEF", log_line("FLAT", DAY))
    project.write_log("flat/README.txt", "no log")


S3_ALONE = ("--select", "+fct_log_coverage_daily", "+fct_s3_usage_daily", "+fct_s3_clients_daily")


def test_bad_lines_give_the_same_rows(athena_space: AthenaSpace, seeded_schema: str, tmp_path: Path) -> None:
    on_duckdb = DuckdbProject(tmp_path)
    write_bad_logs(on_duckdb)
    on_duckdb.dbt(*MODELS_ONLY, *S3_ALONE, variables=WINDOW).check()
    on_athena = AthenaProject(athena_space, tmp_path / "athena")
    on_athena.take_seeds(seeded_schema)
    on_athena.upload(on_duckdb.logs)
    on_athena.dbt("run", *S3_ALONE, variables={**LAYOUT, **WINDOW}).check()

    query = f"select {COLUMNS} from stg_s3_access_logs__requests"

    staged_on_duckdb = Counter(on_duckdb.query(query))
    staged_on_athena = Counter(tuple(row.values()) for row in on_athena.query(query))
    ((line_count,),) = on_duckdb.query("select sum(1 + duplicate_count)::integer from stg_s3_access_logs__requests")
    assert line_count == 34 + count_lines(DAMAGED) + HOSTILE_COUNT
    assert [repr(row)[:500] for row in staged_on_athena - staged_on_duckdb] == []
    assert [repr(row)[:500] for row in staged_on_duckdb - staged_on_athena] == []
    marts = "select sum(record_count), sum(unreadable_count), sum(file_count) from fct_log_coverage_daily"
    assert [tuple(row.values()) for row in on_athena.query(marts)] == on_duckdb.query(marts)


def write_bad_flow_logs(project: DuckdbProject) -> int:
    """Write flow logs with every kind of trouble that does not abort a query, and return the number of staged rows."""
    start = epoch(f"{DAY}T12:00:00")
    lines = [
        flow_line("GOOD"),
        flow_line("NODATA", srcaddr="-", dstaddr="-", packets="-", bytes="-", action="-", log_status="NODATA"),
        flow_line("LARGE", bytes=2**31 + 7, packets=10**15 - 1),
        flow_line("IPV6", srcaddr="2001:DB8::1", dstaddr="2600:1f18:1:2:3:4:5:6", protocol=58),
        flow_line("ZEROS", bytes="007", srcport="00443"),
        flow_line("LAST_SECOND", start=epoch(f"{DAY}T23:59:59"), end=epoch(f"{DAY}T23:59:59")),
        flow_line("TOO_FEW").rsplit(" ", 1)[0],
        flow_line("TOO_MANY") + " more than",
        flow_line("TRAILING_BLANK") + " ",
        flow_line("TWO_BLANKS").replace(" eni", "  eni"),
        " " + flow_line("LEADING_BLANK"),
        flow_line("TABS").replace(" ", "\t"),
        flow_line("EMPTY_VALUE", action=""),
        flow_line("CARRIAGE") + "\r",
        flow_line("SPLIT").replace(" ACCEPT", " ACC\rEPT"),
        flow_line("QUOTES", action='"ACCEPT"'),
        flow_line("QUOTED_BLANK", action='"AC CEPT"'),
        flow_line("BACKSLASH", action="ACCEPT\\"),
        flow_line("ESCAPE", action="\\N"),
        flow_line("WORD", bytes="many"),
        flow_line("FRACTION", bytes="1.5"),
        flow_line("PLUS", bytes="+1"),
        flow_line("NEGATIVE", bytes="-1"),
        flow_line("EXPONENT", bytes="1e3"),
        flow_line("NOT_ASCII_DIGITS", bytes="\u0667"),
        flow_line("TOO_LARGE", bytes=10**15),
        flow_line("LARGER_THAN_BIGINT", bytes=10**30),
        flow_line("LARGER_THAN_INTEGER", protocol=2**31),
        flow_line("END_BEFORE_START", end=start - 1),
        flow_line("MILLISECONDS", start=start * 1000, end=start * 1000),
        flow_line("NO_ADDRESS", dstaddr="192.31.196.400"),
        flow_line("SWAPPED", srcaddr=6, protocol="10.0.0.1"),
        flow_line("HOSTILE", action="';drop--{{7*7}}<script>"),
        flow_line("NOT_UTF8", action="REPLACE").encode().replace(b"REPLACE", b"A\xff\xfeB\xe2\x82"),
        flow_line("CONTROL", action="A\x00\x01\x0b\x0c\x1b\x7f\x85B"),
        flow_line("UNICODE", action="\u00e9\U0001f600\u2028\ufeff"),
        DEFAULT_HEADER,
        "",
        "\r",
        "-",
        "x" * 1_000_000,
    ]
    write_flow_log(project, "flow/" + flow_log_path(DAY, "1"), DEFAULT_HEADER, *lines)
    write_flow_log(project, "flow/" + flow_log_path(DAY, "2"), DEFAULT_HEADER)
    write_flow_log(project, "flow/" + flow_log_path(DAY, "3"))
    plain = project.logs / "flow" / flow_log_path(DAY, "4", ending=".log")
    plain.write_bytes(f"{DEFAULT_HEADER}\r\n{flow_line('NO_LINE_END')}".encode())
    custom = [f"eni-CUSTOM 7 {start} 10.0.0.1 use1-az1", "eni-NO_START 7 - 10.0.0.1 -", "eni-SHORT 7"]
    header = CUSTOM_FLOW_FIELDS["vpc_flow_logs_custom_fields"]
    write_flow_log(project, "custom/" + flow_log_path(DAY, "5", hour="12"), header, *custom)
    blank, carriage_splits_a_line = 2, 1
    return len(lines) - blank + carriage_splits_a_line + 1 + len(custom)


def test_bad_flow_lines_give_the_same_rows(athena_space: AthenaSpace, seeded_schema: str, tmp_path: Path) -> None:
    on_duckdb = DuckdbProject(tmp_path)
    row_count = write_bad_flow_logs(on_duckdb)
    on_duckdb.dbt(*MODELS_ONLY, variables={**WINDOW, **CUSTOM_FLOW_FIELDS}).check()
    on_athena = AthenaProject(athena_space, tmp_path / "athena")
    on_athena.take_seeds(seeded_schema)
    on_athena.upload(on_duckdb.logs)
    on_athena.dbt("run", variables={**LAYOUT, **WINDOW}).check()

    def staged(rows: list[dict[str, Any]]) -> Counter[str]:
        return Counter(
            repr({name: str(value)[:200] for name, value in row.items() if name != "file_path"}) for row in rows
        )

    staged_on_duckdb = staged(on_duckdb.rows("stg_vpc_flow_logs__records"))
    staged_on_athena = staged(on_athena.rows("stg_vpc_flow_logs__records"))
    assert staged_on_duckdb.total() == row_count
    assert list(staged_on_athena - staged_on_duckdb) == []
    assert list(staged_on_duckdb - staged_on_athena) == []
    for mart in ("fct_network_traffic_daily", "int_network_addresses__classified"):
        assert on_duckdb.rows(mart) == on_athena.rows(mart) != []


def test_a_day_without_files_is_empty_on_both_engines(
    athena_space: AthenaSpace, seeded_schema: str, tmp_path: Path
) -> None:
    on_duckdb = DuckdbProject(tmp_path)
    on_duckdb.logs.mkdir(parents=True)
    on_duckdb.dbt(*MODELS_ONLY, variables=WINDOW).check()
    on_athena = AthenaProject(athena_space, tmp_path / "athena")
    on_athena.take_seeds(seeded_schema)
    on_athena.dbt("run", variables={**LAYOUT, **WINDOW}).check()
    for mart in (model for model in MODELS if model.startswith("fct_")):
        assert on_duckdb.rows(mart) == on_athena.rows(mart) == []
