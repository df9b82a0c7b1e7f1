#!/usr/bin/env python3
"""Print what the marts say, as a few short tables: `python scripts/print_findings.py warehouse/demo.duckdb`.

Reads a warehouse that a run has built on DuckDB and writes nothing. Exit codes: 0 printed, 2 the warehouse or a mart is
missing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb

FINDINGS = (
    (
        "Downloads per day (S3 access logs)",
        """
        select event_date as day, sum(request_count) as requests, sum(downloaded_byte_count) as downloaded_bytes,
            sum(uploaded_byte_count) as uploaded_bytes, sum(error_count) as errors
        from fct_s3_usage_daily group by event_date order by event_date
        """,
    ),
    (
        "Top 5 downloaders",
        """
        select remote_address as address, bucket_name as bucket, sum(downloaded_byte_count) as downloaded_bytes,
            sum(request_count) as requests
        from fct_s3_clients_daily group by remote_address, bucket_name order by downloaded_bytes desc, address limit 5
        """,
    ),
    (
        "Largest growth of a downloader against the day before",
        """
        with daily as (
            select remote_address, event_date, sum(downloaded_byte_count) as downloaded_bytes
            from fct_s3_clients_daily group by remote_address, event_date
        )
        select today.event_date as day, today.remote_address as address, yesterday.downloaded_bytes as bytes_before,
            today.downloaded_bytes as bytes_after
        from daily as today
        inner join daily as yesterday
            on yesterday.remote_address = today.remote_address and yesterday.event_date = today.event_date - 1
        order by today.downloaded_bytes - yesterday.downloaded_bytes desc, day limit 3
        """,
    ),
    (
        "Copied out of a bucket inside S3 (not downloads)",
        """
        select bucket_name as bucket, sum(request_count) as copies, sum(copied_byte_count) as copied_bytes
        from fct_s3_usage_daily where operation_category = 'copy_read'
        group by bucket_name order by copied_bytes desc, bucket limit 3
        """,
    ),
    (
        "How far the logs can be trusted",
        """
        select log_source, count(distinct event_date) as days,
            count(distinct case when not is_complete then event_date end) as incomplete_days,
            sum(record_count) as records, sum(unreadable_count) as unreadable_lines, sum(duplicate_count) as duplicates,
            sum(late_count) as late, sum(unreadable_file_count) as unreadable_files,
            sum(empty_file_count) as empty_files
        from fct_log_coverage_daily group by log_source order by log_source
        """,
    ),
)


def format_value(value: object) -> str:
    """Numbers with thousands separators; everything else as text on one line, without control characters."""
    if isinstance(value, int):
        return f"{value:,}"
    return "".join(character if character.isprintable() else "?" for character in str(value))


def format_table(columns: list[str], rows: list[tuple[object, ...]]) -> str:
    """Columns aligned under their names, numbers to the right."""
    texts = [[format_value(value) for value in row] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(columns, *texts, strict=True)]
    right = [bool(rows) and isinstance(rows[0][position], int) for position in range(len(columns))]
    lines = []
    for line in [columns, *texts]:
        cells = (
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(line, widths, right, strict=True)
        )
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)


def main() -> int:
    """Print each finding as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warehouse", type=Path, help="DuckDB file that a run has built")
    arguments = parser.parse_args()
    if not arguments.warehouse.is_file():
        print(f"{arguments.warehouse} does not exist. Build it first: make demo, or make build.", file=sys.stderr)
        return 2
    with duckdb.connect(str(arguments.warehouse), read_only=True) as connection:
        for title, query in FINDINGS:
            try:
                answer = connection.execute(query)
            except duckdb.CatalogException as error:
                print(f"{arguments.warehouse} lacks a mart ({error}). Build it again: make build.", file=sys.stderr)
                return 2
            columns = [column[0] for column in answer.description]
            print(f"\n{title}\n{format_table(columns, answer.fetchall())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
