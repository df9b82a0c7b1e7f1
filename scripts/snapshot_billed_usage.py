#!/usr/bin/env python3
"""Write what AWS billed for data transfer and processing, one file per account and month, for the project to read.

Usage: python scripts/snapshot_billed_usage.py --destination s3://bucket/billing --cost-and-usage-report FILE ..
       python scripts/snapshot_billed_usage.py --destination s3://bucket/billing --cost-explorer [--start DAY --end DAY]
       python scripts/snapshot_billed_usage.py --destination s3://bucket/billing --nat-gateway-metrics
           [--start DAY --end DAY] [--regions us-east-1 ..]    both with [--profiles NAME ..] [--role-arns ARN ..]
       each with [--dry-run]

--cost-and-usage-report reads local files of a Cost and Usage Report, CUR 2.0 or legacy, as Parquet, CSV or CSV in gzip.
Give all files of a month at once, of one delivery. --cost-explorer asks Cost Explorer; each request costs USD 0.01, and
two or more are needed for a month. --nat-gateway-metrics asks CloudWatch what NAT gateways processed; it knows no
costs. The last two ask for whole months: those that --start and --end (YYYY-MM-DD) lie in, up to yesterday; without
them the last month and this one.

A file is <account>_billed-usage_<source>_<time>.json.gz in <destination>/billed-usage/<account>/<first day of the month
as YYYY/MM/DD>/, one JSON object a line: UsageDate (UTC), Region (null: see the usage type), UsageType, Operation,
ProductCode, ResourceId, UsageGb, Cost and Currency. Numbers are text, to the last digit. A later file of the same
account, month and source takes the place of an earlier one. Where there was nothing of the kind the file has the one
line {}. Progress goes to stderr.

Exit codes: 0 all written (or listed); 1 something could not be asked, read or written, the message says what; 2 wrong
arguments.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
from botocore.exceptions import BotoCoreError, ClientError
from shared.s3_locations import CLIENT_CONFIG
from shared.snapshots import (
    FALLBACK_REGION,
    Identity,
    add_identity_arguments,
    advice,
    checked_account,
    day,
    destination,
    enabled_regions,
    identities,
    region_name,
)

REPORT = "cost-and-usage-report"
COST_EXPLORER = "cost-explorer"
NAT_METRICS = "nat-gateway-metrics"

REFUSED_CALL = "Allow the calls that docs/costs.md lists."
RUN_AGAIN = "Nothing is written. Run again; if it stays so, take a report instead."
NO_USAGE = "{}"

# Usage itself. Left out are Tax, Credit, Refund, Fee, RIFee, the discounts (EdpDiscount, PrivateRateDiscount,
# BundledDiscount) and the SavingsPlan fees and negation: amounts of money that no byte belongs to. Types:
# https://docs.aws.amazon.com/cur/latest/userguide/Lineitem-columns.html (LineItemType), and dimension RECORD_TYPE of
# Cost Explorer.
USAGE_LINE_TYPES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")

# What is measured in GB ends in Bytes, in AWS's lists of codes; accelerated transfer has a class behind it:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report-understand.html
# https://docs.aws.amazon.com/vpc/latest/userguide/vpc-billing-usage-reports.html
BYTES_USAGE_TYPE = r"Bytes(-T[0-9])?$"

# Codes of CloudFront look like those of a region, EU-DataTransfer-Out-Bytes, and mean what its edge locations sent:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/billing-and-usage-interpreting.html
CLOUDFRONT = ("AmazonCloudFront", "Amazon CloudFront")
# What S3 sends within its region has the same code as what crosses zones, and is free: it must be told apart.
S3 = ("AmazonS3", "Amazon Simple Storage Service")

# Columns of a report: Athena's and CUR 2.0's spelling, then the CSV's.
# https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-line-item.html
NEEDED_COLUMNS = {
    "usage_start": ("line_item_usage_start_date", "lineItem/UsageStartDate"),
    "account_id": ("line_item_usage_account_id", "lineItem/UsageAccountId"),
    "line_type": ("line_item_line_item_type", "lineItem/LineItemType"),
    "product_code": ("line_item_product_code", "lineItem/ProductCode"),
    "usage_type": ("line_item_usage_type", "lineItem/UsageType"),
    "operation": ("line_item_operation", "lineItem/Operation"),
    "usage_gb": ("line_item_usage_amount", "lineItem/UsageAmount"),
    "cost": ("line_item_unblended_cost", "lineItem/UnblendedCost"),
    "currency": ("line_item_currency_code", "lineItem/CurrencyCode"),
}
OPTIONAL_COLUMNS = {
    "region": ("product_region_code", "product_region", "product/regionCode", "product/region"),
    "billing_period": ("bill_billing_period_start_date", "bill/BillingPeriodStartDate"),
}

# Bytes to the byte: a byte is 0.00000000093 of the GB that AWS bills.
GB_DIGITS = Decimal("0.0000000001")
BYTES_OF_A_GB = 2**30
MOST = 10**17

# The most queries that GetMetricData takes at once
# (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html).
MOST_QUERIES = 500
# What a NAT gateway took in on both its sides is what it processed
# (https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html).
NAT_NAMESPACE = "AWS/NATGateway"
NAT_METRIC_NAMES = ("BytesInFromSource", "BytesInFromDestination")

Line = dict[str, Any]
# The lines of each account and billed month; a month without any was looked at, too.
Bills = dict[tuple[str, date], list[Line]]


@dataclass(frozen=True)
class Month:
    """A calendar month, and the day on which what is asked of it ends, exclusive."""

    start: date
    end: date


class SourceError(Exception):
    """A report, or an answer of AWS, that cannot be read as one; the text says what to do."""


class Snapshots:
    """Takes the snapshots of one run."""

    def __init__(self, arguments: argparse.Namespace, taken_at: datetime) -> None:
        self._arguments = arguments
        self._taken_at = taken_at
        self._asked_accounts: set[str] = set()
        self.written = 0
        self.failed: list[str] = []

    def take(self) -> None:
        """Write the snapshots. What fails is said and remembered."""
        if self._arguments.cost_and_usage_report:
            try:
                bills = report_bills(self._arguments.cost_and_usage_report)
            except (SourceError, duckdb.Error) as error:
                self._fail("report", error)
                return
            self._write(REPORT, bills)
            return
        for identity in identities(self._arguments):
            self._take_of(identity)

    def _take_of(self, identity: Identity) -> None:
        source = COST_EXPLORER if self._arguments.cost_explorer else NAT_METRICS
        label = identity.label
        try:
            session = identity.open_session()
            start_region = session.region_name or next(iter(self._arguments.regions or ()), FALLBACK_REGION)
            account_id = checked_account(session.client("sts", start_region, config=CLIENT_CONFIG))
            if account_id in self._asked_accounts:
                say(f"{label}: account {account_id} was asked already, left out")
                return
            self._asked_accounts.add(account_id)
            label = account_id
            if source == COST_EXPLORER:
                cost_explorer = session.client("ce", start_region, config=CLIENT_CONFIG)
                bills = cost_explorer_bills(cost_explorer, account_id, self._arguments.months)
            else:
                bills = {(account_id, month.start): [] for month in self._arguments.months}
                for region in self._arguments.regions or enabled_regions(
                    session.client("ec2", start_region, config=CLIENT_CONFIG)
                ):
                    # All regions or none: the file takes the place of an earlier one that had them all.
                    label = f"{account_id} {region}"
                    cloudwatch = session.client("cloudwatch", region, config=CLIENT_CONFIG)
                    for month in self._arguments.months:
                        bills[account_id, month.start] += nat_gateway_lines(cloudwatch, region, month)
        except (BotoCoreError, ClientError, SourceError, ValueError) as error:
            self._fail(label, error)
            return
        self._write(source, bills)

    def _write(self, source: str, bills: Bills) -> None:
        for (account_id, month_start), lines in sorted(bills.items()):
            path = snapshot_path(account_id, month_start, source, self._taken_at)
            try:
                if not self._arguments.dry_run:
                    self._arguments.destination.write(path, snapshot_content(lines))
            except (BotoCoreError, ClientError, OSError) as error:
                self._fail(f"{account_id} {month_start:%Y-%m}", error)
                continue
            self.written += 1
            verb = "would write" if self._arguments.dry_run else "wrote"
            name = self._arguments.destination.name(path)
            say(f"{account_id} {month_start:%Y-%m}: {len(lines)} lines, {verb} {name}")

    def _fail(self, what: str, error: Exception) -> None:
        self.failed.append(what)
        if isinstance(error, SourceError):
            say(f"{what}: {error}")
        elif isinstance(error, duckdb.Error):
            say(f"{what}: {error}. Get the file again, and run again.")
        else:
            say(f"{what}: {error}. {advice(error, REFUSED_CALL)}")


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"snapshot_billed_usage: {text}", file=sys.stderr)


def snapshot_path(account_id: str, month_start: date, source: str, taken_at: datetime) -> str:
    """Return the path of a snapshot below the destination."""
    name = f"{account_id}_billed-usage_{source}_{taken_at:%Y%m%dT%H%M%SZ}.json.gz"
    return f"billed-usage/{account_id}/{month_start:%Y/%m/%d}/{name}"


def snapshot_content(lines: Sequence[Line]) -> bytes:
    """Return the lines as JSON in gzip. All but ASCII is escaped, so that no text can break a line."""
    texts = [json.dumps(line) for line in lines] or [NO_USAGE]
    return gzip.compress("".join(f"{text}\n" for text in texts).encode("ascii"), mtime=0)


def usage_line(usage_date: date, usage_type: str, usage_gb: Decimal, **others: str | None) -> Line:
    """Return one line of a snapshot; `others` are keys of it that the source tells."""
    line: Line = dict.fromkeys(
        ("UsageDate", "Region", "UsageType", "Operation", "ProductCode", "ResourceId", "UsageGb", "Cost", "Currency")
    )
    line.update(UsageDate=usage_date.isoformat(), UsageType=usage_type, UsageGb=digits(usage_gb), **others)
    return line


def digits(number: Decimal) -> str:
    """Return a number as text without an exponent. Raises SourceError for more than the project reads."""
    if abs(number) >= MOST:
        raise SourceError(f"an amount of {number} is too large to be true. Nothing is written. Look where it is from.")
    return f"{number.quantize(GB_DIGITS):f}"


# --- Cost and Usage Report


def report_bills(files: Sequence[Path]) -> Bills:
    """Return what the files of a report say, added up by day. Raises SourceError."""
    bills: Bills = defaultdict(list)
    sums: dict[tuple[Any, ...], list[Decimal]] = {}
    for file in files:
        for row in report_rows(file):
            account_id, month_start = row["account_id"], row["month_start"]
            bills[account_id, month_start] += []
            if row["is_wanted"]:
                key = tuple(
                    row[name]
                    for name in ("region", "usage_type", "operation", "product_code", "currency", "usage_date")
                )
                total = sums.setdefault((account_id, month_start, *key), [Decimal(0), Decimal(0)])
                total[0] += row["usage_gb"]
                total[1] += row["cost"]
    for key in sorted(sums, key=lambda words: [str(word) for word in words]):
        account_id, month_start, region, usage_type, operation, product_code, currency, usage_date = key
        usage_gb, cost = sums[key]
        bills[account_id, month_start].append(
            usage_line(
                usage_date,
                usage_type,
                usage_gb,
                Region=region,
                Operation=operation,
                ProductCode=product_code,
                Cost=digits(cost),
                Currency=currency,
            )
        )
    return bills


def report_rows(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the sums of one file of a report, of what is wanted and of what is not. Raises SourceError."""
    with duckdb.connect(":memory:") as connection:
        reader, parameters = report_reader(file)
        found = connection.execute(f"select * from {reader} limit 0", parameters).description or []  # noqa: S608
        types = {name: str(kind) for name, kind, *_ in found}
        columns = report_columns(file, list(types))
        answer = connection.execute(report_query(reader, columns, types), parameters)
        words = [name for name, *_ in answer.description or []]
        rows = [dict(zip(words, row, strict=True)) for row in answer.fetchall()]
    for row in rows:
        check_report_row(file, columns, row)
    say_what_is_left_out(file, rows)
    yield from (row for row in rows if row["line_type"] in USAGE_LINE_TYPES)


def report_reader(file: Path) -> tuple[str, list[str]]:
    """Return the call that reads a file, and its parameter. Raises SourceError."""
    if not file.is_file():
        raise SourceError(f"{file}: there is no such file. Correct --{REPORT}.")
    if re.search(r"[*?\[\]{}]", str(file)):
        raise SourceError(f"{file}: a name with * ? [ ] {{ or }} stands for several files. Rename it.")
    if file.suffix == ".parquet":
        return "read_parquet($1)", [str(file)]
    if file.name.endswith((".csv", ".csv.gz")):
        words = ("all_varchar = true", "header = true", "delim = ','", "quote = '\"'", "escape = '\"'")
        return f"read_csv($1, {', '.join(words)}, max_line_size = 16777216)", [str(file)]
    raise SourceError(f"{file}: expected a file named .parquet, .csv or .csv.gz. Unpack a .zip first.")


def report_columns(file: Path, names: Sequence[str]) -> dict[str, str | None]:
    """Return which column of a file holds what. Raises SourceError."""
    by_lower_name = {name.lower(): name for name in names}
    columns: dict[str, str | None] = {}
    for meaning, spellings in {**NEEDED_COLUMNS, **OPTIONAL_COLUMNS}.items():
        columns[meaning] = next(
            (by_lower_name[spelling.lower()] for spelling in spellings if spelling.lower() in by_lower_name), None
        )
        if meaning in NEEDED_COLUMNS and columns[meaning] is None:
            raise SourceError(
                f"{file}: the column {' or '.join(spellings)} is missing. Put it into the export, and run again."
            )
    return columns


def report_query(reader: str, columns: Mapping[str, str | None], types: Mapping[str, str]) -> str:
    """Return the query that adds up a file: names of columns are quoted, values are never in it."""

    def text(meaning: str) -> str:
        name = columns[meaning]
        if name is None:
            return "cast(null as varchar)"
        quoted = '"{}"'.format(name.replace('"', '""'))
        if types[name] == "TIMESTAMP WITH TIME ZONE":
            # In UTC, whatever the zone of this machine.
            quoted = f"make_timestamp(epoch_us({quoted}))"
        return f"cast({quoted} as varchar)"

    line_types = ", ".join(f"'{line_type}'" for line_type in USAGE_LINE_TYPES)
    return f"""
        with lines as (
            select
                {text("line_type")} as line_type,
                {text("account_id")} as account_id,
                {text("product_code")} as product_code,
                {text("usage_type")} as usage_type,
                nullif({text("operation")}, '') as operation,
                nullif({text("region")}, '') as region,
                {text("currency")} as currency,
                {text("usage_start")} as usage_start,
                {text("usage_gb")} as usage_gb,
                {text("cost")} as cost,
                coalesce(nullif({text("billing_period")}, ''), {text("usage_start")}) as billing_period
            from {reader}
        ),
        typed_lines as (
            select
                *,
                line_type in ({line_types}) as is_usage,
                product_code = '{CLOUDFRONT[0]}' as is_cloudfront,
                coalesce(regexp_matches(usage_type, '{BYTES_USAGE_TYPE}'), false) as is_bytes,
                try_cast(left(usage_start, 10) as date) as usage_date,
                date_trunc('month', try_cast(left(billing_period, 10) as date)) as month_start,
                try_cast(usage_gb as decimal(38, 10)) as usage_gb_number,
                try_cast(cost as decimal(38, 10)) as cost_number
            from lines
        )
        select
            line_type,
            account_id,
            cast(month_start as date) as month_start,
            coalesce(is_usage and is_bytes and not coalesce(is_cloudfront, false), false) as is_wanted,
            case when is_wanted then product_code end as product_code,
            case when is_wanted then usage_type end as usage_type,
            case when is_wanted then operation end as operation,
            case when is_wanted then region end as region,
            case when is_wanted then currency end as currency,
            case when is_wanted then usage_date end as usage_date,
            sum(usage_gb_number) as usage_gb,
            sum(cost_number) as cost,
            count(*) as line_count,
            min(case when usage_date is null then coalesce(usage_start, '') end) as bad_usage_start,
            min(case when month_start is null then coalesce(billing_period, '') end) as bad_billing_period,
            min(case when usage_gb_number is null then coalesce(usage_gb, '') end) as bad_usage_gb,
            min(case when cost_number is null then coalesce(cost, '') end) as bad_cost,
            coalesce(is_cloudfront, false) as is_cloudfront
        from typed_lines
        group by all
        """  # noqa: S608 - the words are those of this file


def check_report_row(file: Path, columns: Mapping[str, str | None], row: Mapping[str, Any]) -> None:
    """Raise SourceError when a value of a wanted line is none: what is left would be too small a bill."""
    if row["line_type"] not in USAGE_LINE_TYPES:
        return
    bad = {"billing_period": row["bad_billing_period"]}
    if not re.fullmatch(r"[0-9]{12}", row["account_id"] or ""):
        bad["account_id"] = row["account_id"] or ""
    if row["is_wanted"]:
        bad |= {"usage_start": row["bad_usage_start"], "usage_gb": row["bad_usage_gb"], "cost": row["bad_cost"]}
        if not re.fullmatch(r"[A-Z]{3}", row["currency"] or ""):
            bad["currency"] = row["currency"] or ""
    for meaning, text in bad.items():
        if text is not None:
            column = columns[meaning] or columns["usage_start"]
            where = f" in a line of usage type {row['usage_type']}" if row["usage_type"] else ""
            raise SourceError(
                f"{file}: column {column} holds {text!r}{where}, which is not what belongs there. Nothing is written. "
                "Export the report again, and run again."
            )


def say_what_is_left_out(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print how many lines of a file were taken, and why others were not."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["is_wanted"]:
            reason = "taken"
        elif row["line_type"] not in USAGE_LINE_TYPES:
            reason = f"of type {row['line_type']}"
        elif row["is_cloudfront"]:
            reason = "of CloudFront"
        else:
            reason = "of no bytes"
        counts[reason] += row["line_count"]
    taken = counts.pop("taken", 0)
    left_out = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
    say(f"{file}: {taken} lines taken, left out: {left_out or 'none'}")


# --- Cost Explorer


def cost_explorer_bills(cost_explorer: Any, asking_account_id: str, months: Sequence[Month]) -> Bills:
    """Return what Cost Explorer says, of every account that the asking one may see."""
    bills: Bills = defaultdict(list)
    request_count = 0
    for month in months:
        bills[asking_account_id, month.start] += []
        for product_code, is_of_services in (
            (S3[0], {"Dimensions": {"Key": "SERVICE", "Values": [S3[1]]}}),
            (None, {"Not": {"Dimensions": {"Key": "SERVICE", "Values": [S3[1], CLOUDFRONT[1]]}}}),
        ):
            for answer in cost_explorer_answers(cost_explorer, month, is_of_services):
                request_count += 1
                for account_id, line in cost_explorer_lines(answer, product_code):
                    bills[account_id, month.start] += [line] if line else []
    say(f"{asking_account_id}: {request_count} requests to Cost Explorer, USD 0.01 each")
    return bills


def cost_explorer_answers(cost_explorer: Any, month: Month, is_of_services: Any) -> Iterator[Any]:
    """Yield the answers for a month, page by page.

    A page is a request, and costs like one: https://aws.amazon.com/aws-cost-management/aws-cost-explorer/faqs/
    """
    request = {
        "TimePeriod": {"Start": month.start.isoformat(), "End": month.end.isoformat()},
        "Granularity": "DAILY",
        "Metrics": ["UsageQuantity", "UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in ("LINKED_ACCOUNT", "USAGE_TYPE")],
        "Filter": {"And": [{"Dimensions": {"Key": "RECORD_TYPE", "Values": list(USAGE_LINE_TYPES)}}, is_of_services]},
    }
    while True:
        answer = cost_explorer.get_cost_and_usage(**request)
        yield answer
        if not answer.get("NextPageToken"):
            return
        request["NextPageToken"] = answer["NextPageToken"]


def cost_explorer_lines(answer: Mapping[str, Any], product_code: str | None) -> Iterator[tuple[str, Line | None]]:
    """Yield the account of each group of an answer with its line, None for what is no bytes. Raises SourceError."""
    for period in answer["ResultsByTime"]:
        usage_date = date.fromisoformat(period["TimePeriod"]["Start"])
        for group in period["Groups"]:
            account_id, usage_type = group["Keys"]
            if not re.fullmatch(r"[0-9]{12}", account_id):
                raise SourceError(f"expected an account id of 12 digits, found {account_id!r}. {RUN_AGAIN}")
            if not re.search(BYTES_USAGE_TYPE, usage_type):
                yield account_id, None
                continue
            usage, cost = group["Metrics"]["UsageQuantity"], group["Metrics"]["UnblendedCost"]
            try:
                usage_gb, amount = Decimal(usage["Amount"]), Decimal(cost["Amount"])
            except InvalidOperation:
                raise SourceError(
                    f"usage type {usage_type} on {usage_date}: an amount is no number. {RUN_AGAIN}"
                ) from None
            if usage_gb and usage["Unit"] != "GB":
                raise SourceError(
                    f"usage type {usage_type} on {usage_date} is in {usage['Unit']}, expected GB. {RUN_AGAIN}"
                )
            yield (
                account_id,
                usage_line(
                    usage_date,
                    usage_type,
                    usage_gb,
                    ProductCode=product_code,
                    Cost=digits(amount),
                    Currency=cost["Unit"],
                ),
            )


# --- NAT gateway metrics


def nat_gateway_lines(cloudwatch: Any, region: str, month: Month) -> list[Line]:
    """Return what the NAT gateways of a region processed in a month, by day. Raises SourceError."""
    queries = [
        {
            "Id": f"query_{number}",
            "Label": gateway_id,
            "MetricStat": {
                "Metric": {"Namespace": NAT_NAMESPACE, "MetricName": name, "Dimensions": dimensions},
                "Period": 86400,
                "Stat": "Sum",
            },
        }
        for number, (gateway_id, name, dimensions) in enumerate(nat_gateway_metrics(cloudwatch))
    ]
    byte_counts: dict[tuple[date, str], int] = defaultdict(int)
    for start in range(0, len(queries), MOST_QUERIES):
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries[start : start + MOST_QUERIES],
            StartTime=datetime.combine(month.start, time(), UTC),
            EndTime=datetime.combine(month.end, time(), UTC),
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                if result["StatusCode"] not in ("Complete", "PartialData"):
                    raise SourceError(f"{result['Label']}: CloudWatch answers {result['StatusCode']}. {RUN_AGAIN}")
                for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                    byte_counts[moment.astimezone(UTC).date(), result["Label"]] += round(value)
    return [
        usage_line(
            usage_date,
            "NatGateway-Bytes",
            Decimal(byte_count) / BYTES_OF_A_GB,
            Region=region,
            ResourceId=gateway_id,
        )
        for (usage_date, gateway_id), byte_count in sorted(byte_counts.items())
    ]


def nat_gateway_metrics(cloudwatch: Any) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """Yield gateway, metric and dimensions. Where a gateway has a metric of its own and others by zone, its own alone.

    A gateway that has reported nothing for two weeks is not listed
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html).
    """
    found: dict[tuple[str, str], list[list[dict[str, str]]]] = defaultdict(list)
    for name in NAT_METRIC_NAMES:
        for page in cloudwatch.get_paginator("list_metrics").paginate(Namespace=NAT_NAMESPACE, MetricName=name):
            for metric in page["Metrics"]:
                values = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
                if "NatGatewayId" in values:
                    found[values["NatGatewayId"], name].append(metric["Dimensions"])
    for (gateway_id, name), choices in found.items():
        own = [dimensions for dimensions in choices if len(dimensions) == 1]
        for dimensions in own or choices:
            yield gateway_id, name, dimensions


# --- Command line


def whole_months(start: date, end: date, today: date) -> list[Month]:
    """Return the months from one day to another, as far as their days are over."""
    months = []
    month_start = start.replace(day=1)
    while month_start <= end and month_start < today:
        next_start = (month_start + timedelta(days=31)).replace(day=1)
        months.append(Month(month_start, min(next_start, today)))
        month_start = next_start
    return months


def read_arguments(arguments: Sequence[str] | None, today: date) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--destination", required=True, type=destination, help="a folder or s3://bucket/prefix")
    sources = parser.add_mutually_exclusive_group(required=True)
    sources.add_argument(
        f"--{REPORT}", nargs="+", type=Path, metavar="FILE", help="files of a report: .parquet, .csv, .csv.gz"
    )
    sources.add_argument(f"--{COST_EXPLORER}", action="store_true", help="ask Cost Explorer; a request costs USD 0.01")
    sources.add_argument(f"--{NAT_METRICS}", action="store_true", help="ask CloudWatch for the metrics of NAT gateways")
    parser.add_argument("--start", type=day, help="a day of the first month; default: of the last month")
    parser.add_argument("--end", type=day, help="a day of the last month; default: today")
    parser.add_argument(
        "--regions",
        nargs="+",
        type=region_name,
        default=[],
        help="regions of NAT gateways, the same ones in every run; default: every region enabled for the account",
    )
    add_identity_arguments(parser)
    parser.add_argument("--dry-run", action="store_true", help="ask or read, say what would be written, write nothing")
    options = parser.parse_args(arguments)
    asked = [options.start, options.end, options.regions, options.profiles, options.role_arns]
    if options.cost_and_usage_report and any(asked):
        parser.error(f"--{REPORT} reads files: it takes no --start, --end, --regions, --profiles or --role-arns")
    if options.regions and not options.nat_gateway_metrics:
        parser.error(f"--regions goes with --{NAT_METRICS}")
    end = options.end or today
    start = options.start or (end.replace(day=1) - timedelta(days=1))
    options.months = whole_months(start, end, today)
    if not options.cost_and_usage_report and not options.months:
        parser.error("no day between --start and --end is over")
    return options


def main(arguments: Sequence[str] | None = None, now: datetime | None = None) -> int:
    """Take the snapshots, and return the exit code. `now` is the time that the files' names tell."""
    taken_at = (now or datetime.now(UTC)).astimezone(UTC)
    options = read_arguments(arguments, taken_at.date())
    snapshots = Snapshots(options, taken_at)
    snapshots.take()
    verb = "would be written" if options.dry_run else "written"
    say(f"snapshots {verb}: {snapshots.written}, failed: {len(snapshots.failed)}")
    return 1 if snapshots.failed else 0


if __name__ == "__main__":
    sys.exit(main())
