#!/usr/bin/env python3
"""Print what the marts say, as a few short tables: `python scripts/print_findings.py warehouse/demo.duckdb`.

Reads a warehouse that a run has built on DuckDB and writes nothing. Exit codes: 0 printed, 2 the warehouse or a mart is
missing, or a run is writing the warehouse.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
from shared.text_tables import format_lines, printable
from shared.warehouses import WarehouseError, open_warehouse

# Bytes are shown as GB of 10^9 bytes; the marts hold them to the byte. Every order breaks all ties, so that equal marts
# print equal findings.


def growth_query(mart: str, column: str, label: str, measure: str, mart_of_days: str) -> str:
    """Return the query for the three largest growths of a column's values against the day before.

    What has no row on the day before had 0 bytes then, if mart_of_days holds that day at all; nothing is known of a day
    before the first, or of one that was never built.
    """
    return f"""
        with days as (
            select distinct event_date from {mart_of_days}
        ),
        daily as (
            select {column}, event_date, sum({measure}) as byte_count
            from {mart}
            group by {column}, event_date
        ),
        growths as (
            select today.event_date as day, today.{column}, today.byte_count,
                coalesce(yesterday.byte_count, 0) as byte_count_before
            from daily as today
            inner join days as day_before on day_before.event_date = today.event_date - 1
            left join daily as yesterday
                on yesterday.{column} = today.{column} and yesterday.event_date = day_before.event_date
        )
        select day, {column} as {label}, byte_count_before / 1e9 as gb_before, byte_count / 1e9 as gb_after
        from growths where byte_count > byte_count_before
        order by byte_count - byte_count_before desc, day, {column} limit 3
        """  # noqa: S608 - the words are those of the calls below


FINDINGS = (
    (
        "Bytes that left AWS, in the week's total: the sum that a query over the records gives, and what really left",
        """
        select 'sum over all records to public addresses' as answer, sum(record_count) as records,
            sum(byte_count) / 1e9 as gb
        from fct_network_traffic_daily
        where record_outcome = 'accepted' and traffic_direction = 'outbound_to_public'
        union all
        select 'counted once, where it leaves', sum(flow_count), sum(byte_count) / 1e9
        from fct_internet_egress_daily
        union all
        select '  of it to ' || case when destination_kind = 'internet' then 'the internet' else 'AWS services' end,
            sum(flow_count), sum(byte_count) / 1e9
        from fct_internet_egress_daily group by destination_kind = 'internet', 1
        order by gb desc, answer
        """,
    ),
    (
        "Who sent most (VPC flow logs; behind a NAT gateway its clients)",
        """
        select coalesce(max(sender_name), sender_id) as sender, max(sender_kind) as kind, exit_path,
            string_agg(distinct destination_kind, ' ' order by destination_kind) as destinations,
            sum(byte_count) / 1e9 as gb
        from fct_internet_egress_daily group by sender_id, exit_path order by gb desc, sender_id, exit_path limit 8
        """,
    ),
    (
        "To whom (VPC flow logs)",
        """
        select remote_address as address, max(destination_kind) as what, sum(byte_count) / 1e9 as sent_gb,
            sum(received_byte_count) / 1e9 as received_gb
        from fct_internet_egress_peers_daily group by remote_address order by sent_gb desc, address limit 5
        """,
    ),
    (
        "What the transfer costs, estimated from list prices (VPC flow logs and S3 access logs)",
        """
        select traffic_class as class, currency, sum(byte_count) / 1e9 as gb, sum(billable_gb)::double as billable_gb,
            sum(estimated_cost)::decimal(18, 2)::varchar as cost
        from fct_data_transfer_cost_daily
        group by traffic_class, currency order by sum(estimated_cost) desc nulls last, class, currency
        """,
    ),
    (
        "What NAT gateways process for nothing: a gateway endpoint for S3 or DynamoDB costs nothing",
        """
        select coalesce(max(client_name), client_id) as client, destination_service as service,
            sum(processed_byte_count) / 1e9 as gb, sum(avoidable_cost)::decimal(18, 2)::varchar as avoidable_cost,
            currency
        from fct_nat_gateway_usage_daily where is_avoidable
        group by client_id, destination_service, currency order by gb desc, client_id, service limit 5
        """,
    ),
    (
        "Senders that grew most against the day before (VPC flow logs)",
        growth_query("fct_internet_egress_daily", "sender_id", "sender", "byte_count", "fct_network_traffic_daily"),
    ),
    (
        "Refused most often (VPC flow logs)",
        """
        select source_address as source, count(*) as records, count(distinct destination_address) as destinations,
            count(distinct destination_port) as ports
        from stg_vpc_flow_logs__records where action = 'REJECT' and is_readable
        group by source_address order by records desc, source limit 3
        """,
    ),
    (
        "Downloads per day (S3 access logs)",
        """
        select event_date as day, sum(request_count) as requests, sum(downloaded_byte_count) / 1e9 as downloaded_gb,
            sum(uploaded_byte_count) / 1e9 as uploaded_gb, sum(error_count) as errors
        from fct_s3_usage_daily group by event_date order by event_date
        """,
    ),
    (
        "Top 5 downloaders (S3 access logs)",
        """
        select remote_address as address, bucket_name as bucket, sum(downloaded_byte_count) / 1e9 as downloaded_gb,
            sum(request_count) as requests
        from fct_s3_clients_daily group by remote_address, bucket_name order by downloaded_gb desc, address, bucket
        limit 5
        """,
    ),
    (
        "Largest growth of a downloader against the day before (S3 access logs)",
        growth_query(
            "fct_s3_clients_daily", "remote_address", "address", "downloaded_byte_count", "fct_s3_clients_daily"
        ),
    ),
    (
        "Copied out of a bucket inside S3, which is no download (S3 access logs)",
        """
        select bucket_name as bucket, sum(request_count) as copies, sum(copied_byte_count) / 1e9 as copied_gb
        from fct_s3_usage_daily where operation_category = 'copy_read'
        group by bucket_name order by copied_gb desc, bucket limit 3
        """,
    ),
    (
        "Calls that were refused or failed most often (CloudTrail)",
        """
        select principal_id as principal, error_code as error, count(distinct event_name) as calls,
            sum(event_count) as events
        from fct_api_activity_daily where error_code <> 'none'
        group by principal_id, error_code order by events desc, principal, error limit 5
        """,
    ),
    (
        "Console logins by root or without MFA (CloudTrail; - under mfa: the record does not tell)",
        """
        select event_at as login_at, principal_type as who, principal_name as name, source_address as address,
            is_mfa_used as mfa
        from stg_cloudtrail__events
        where event_name = 'ConsoleLogin' and is_readable and error_code is null and error_message is null
            and (principal_type = 'Root' or is_mfa_used is distinct from true)
        order by login_at, address, event_id, account_id limit 10
        """,
    ),
    (
        "How far the logs can be trusted",
        """
        select log_source, count(distinct event_date) as days,
            count(distinct case when not is_complete then event_date end) as incomplete_days,
            sum(record_count) as records, sum(unreadable_count) as unreadable, sum(skipped_count) as skipped,
            sum(duplicate_count) as duplicates, sum(late_count) as late,
            sum(unreadable_file_count) as unreadable_files, sum(empty_file_count) as empty_files
        from fct_log_coverage_daily group by log_source order by log_source
        """,
    ),
)


def format_value(value: object) -> str:
    """Numbers with thousands separators, yes and no, a dash for null; the rest as text, escaped where it steers."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}"
    return printable(value)


def format_table(columns: list[str], rows: list[tuple[object, ...]]) -> str:
    """Columns aligned under their names, numbers to the right."""
    texts = [[format_value(value) for value in row] for row in rows]
    right = [any(isinstance(value, int | float) for value in column) for column in zip(*rows, strict=True)]
    return format_lines(columns, texts, right)


def main() -> int:
    """Print each finding as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warehouse", type=Path, help="DuckDB file that a run has built")
    arguments = parser.parse_args()
    try:
        connection = open_warehouse(arguments.warehouse)
    except WarehouseError as error:
        print(error, file=sys.stderr)
        return 2
    with connection:
        for title, query in FINDINGS:
            try:
                answer = connection.execute(query)
            except duckdb.CatalogException as error:
                print(f"{arguments.warehouse} lacks a mart ({error}). Build it again: make build.", file=sys.stderr)
                return 2
            columns = [column[0] for column in answer.description]
            rows = answer.fetchall()
            print(f"\n{title}\n{format_table(columns, rows) if rows else '  none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
