"""What logs cost, by list prices: the prices, where each was read, and when.

Requests to S3 are in seeds/prices/s3_prices.csv. A price that was not found is not here; the command then says so.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

S3_PRICES = Path(__file__).resolve().parents[2] / "seeds" / "prices" / "s3_prices.csv"
PRICE_PAGES = {
    "aws": "https://aws.amazon.com/cloudwatch/pricing/, https://aws.amazon.com/s3/pricing/ and "
    "https://aws.amazon.com/cloudtrail/pricing/",
    "aws-cn": "https://www.amazonaws.cn/en/pricing/",
}


@dataclass(frozen=True)
class LogPrice:
    """A list price, without tax and discounts. A region of `*` is every region of the partition aws."""

    item: str
    region: str
    price: str
    currency: str
    unit: str
    source: str
    seen_on: str


DELIVERY = "delivery of flow logs to S3 (vended logs, the first 10 TB of a month)"
CONVERSION = "conversion to Parquet on delivery"
STORAGE = "S3 storage"
PUT_REQUESTS = "S3 requests that write the log files"
DATA_EVENTS = "CloudTrail data events"
MANAGEMENT_EVENTS = "CloudTrail management events, each copy beyond the first"

_SAMPLE = "github.com/aws-samples/sample-cfm-tips-mcp, services/cloudwatch_service_vended_log.py"
_TOKYO = "zenn.dev/team_delta/articles/0b581e29f87e7b, as read in AWS's price pages"
_CLOUDTRAIL = "https://aws.amazon.com/cloudtrail/pricing/"
PRICES = (
    LogPrice(DELIVERY, "us-east-1", "0.25", "USD", "GB", _SAMPLE, "2026-11-27"),
    LogPrice(DELIVERY, "ap-northeast-1", "0.38", "USD", "GB", _TOKYO, "2026-11-27"),
    LogPrice(CONVERSION, "ap-northeast-1", "0.056", "USD", "GB", _TOKYO, "2026-11-27"),
    LogPrice(STORAGE, "us-east-1", "0.023", "USD", "GB and month", _SAMPLE, "2026-11-27"),
    LogPrice(STORAGE, "ap-northeast-1", "0.025", "USD", "GB and month", _TOKYO, "2026-11-27"),
    LogPrice(DATA_EVENTS, "*", "0.10", "USD", "100,000 events", _CLOUDTRAIL, "2026-11-27"),
    LogPrice(MANAGEMENT_EVENTS, "*", "2.00", "USD", "100,000 events", _CLOUDTRAIL, "2026-11-27"),
)


def request_prices(region: str) -> list[LogPrice]:
    """Return the price of writing objects to S3 in a region, none where the seed has none."""
    with S3_PRICES.open(encoding="utf-8", newline="") as file:
        return [
            LogPrice(
                PUT_REQUESTS,
                row["region"],
                row["price_per_1000"],
                row["currency"],
                "1,000 requests",
                f"seed s3_prices, {row['confidence']}",
                row["observed_on"],
            )
            for row in csv.DictReader(file)
            if row["region"] == region and row["request_price_tier"] == "put_tier" and not row["valid_to"]
        ]


def cost_lines(items: tuple[str, ...], partition: str, region: str) -> list[str]:
    """Return a line for each item: its price in the region, or that it is not known and what it is elsewhere."""
    known = [*PRICES, *request_prices(region)]
    lines = []
    for item in items:
        prices = [price for price in known if price.item == item]
        here = [price for price in prices if price.region == region or (price.region == "*" and partition == "aws")]
        if here:
            lines.append(price_line(here[0]))
            continue
        # A price in another currency is no hint.
        elsewhere = [price for price in prices if partition != "aws-cn"][:1]
        hint = ""
        if elsewhere:
            where = "regions of the partition aws" if elsewhere[0].region == "*" else elsewhere[0].region
            hint = f" ({elsewhere[0].price} {elsewhere[0].currency} per {elsewhere[0].unit} in {where})"
        lines.append(
            f"{item}: price in {region} not known here{hint}; see {PRICE_PAGES.get(partition, PRICE_PAGES['aws'])}"
        )
    return lines


def price_line(price: LogPrice) -> str:
    """Return a price as a person reads it."""
    return f"{price.item}: {price.price} {price.currency} per {price.unit} (seen on {price.seen_on}; {price.source})"
