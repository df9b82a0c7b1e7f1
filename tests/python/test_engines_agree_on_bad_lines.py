"""DuckDB and Athena give the same rows for lines and files that are wrong, empty or unusual."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest
from athena_project import AthenaProject
from duckdb_project import MODELS_ONLY, DuckdbProject, log_file, log_line
from local_aws import AthenaSpace

pytestmark = pytest.mark.athena

DAY = "2026-11-01"
WINDOW = {"start_date": DAY, "end_date": DAY, "newest_delivery_date": "2026-11-05"}
LAYOUT = {
    "s3_access_logs_partitioned_path": "s3",
    "s3_access_logs_flat_path": "flat",
    "s3_access_logs_account_ids": ["111122223333"],
    "s3_access_logs_regions": ["us-east-1"],
    "s3_access_logs_buckets": ["example-bucket"],
    "first_log_date": DAY,
}
# "file_path" differs by its root, "empty_file_count" is unknown on Athena.
COLUMNS = (
    "request_id, user_agent, bytes_sent, additional_fields, is_readable, unreadable_line, duplicate_count, event_date"
)


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
    project.write_log(f"flat/{DAY}-12-00-00-0123456789ABCDEF", log_line("FLAT", DAY))
    project.write_log("flat/README.txt", "no log")


def test_bad_lines_give_the_same_rows(athena_space: AthenaSpace, tmp_path: Path) -> None:
    on_duckdb = DuckdbProject(tmp_path)
    write_bad_logs(on_duckdb)
    on_duckdb.dbt(*MODELS_ONLY, variables=WINDOW).check()
    on_athena = AthenaProject(athena_space, tmp_path / "athena")
    on_athena.upload(on_duckdb.logs)
    on_athena.dbt(*MODELS_ONLY, variables={**LAYOUT, **WINDOW}).check()

    query = f"select {COLUMNS} from stg_s3_access_logs__requests"

    staged_on_duckdb = Counter(on_duckdb.query(query))
    staged_on_athena = Counter(tuple(row.values()) for row in on_athena.query(query))
    assert staged_on_duckdb.total() == 34
    assert [repr(row)[:500] for row in staged_on_athena - staged_on_duckdb] == []
    assert [repr(row)[:500] for row in staged_on_duckdb - staged_on_athena] == []
    marts = "select sum(record_count), sum(unreadable_count), sum(file_count) from fct_log_coverage_daily"
    assert [tuple(row.values()) for row in on_athena.query(marts)] == on_duckdb.query(marts)


def test_a_day_without_files_is_empty_on_both_engines(athena_space: AthenaSpace, tmp_path: Path) -> None:
    on_duckdb = DuckdbProject(tmp_path)
    on_duckdb.logs.mkdir(parents=True)
    on_duckdb.dbt(*MODELS_ONLY, variables=WINDOW).check()
    on_athena = AthenaProject(athena_space, tmp_path / "athena")
    on_athena.dbt(*MODELS_ONLY, variables={**LAYOUT, **WINDOW}).check()
    for mart in ("fct_s3_usage_daily", "fct_s3_clients_daily", "fct_log_coverage_daily"):
        assert on_duckdb.rows(mart) == on_athena.rows(mart) == []
