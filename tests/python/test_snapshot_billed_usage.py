"""A snapshot of the bill says what its source says, and the project puts the estimate beside it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pyarrow
import pyarrow.parquet
import pytest
import requests
import snapshot_billed_usage
from botocore.exceptions import ClientError
from duckdb_project import DuckdbProject
from flow_log_lines import DEFAULT_HEADER, epoch, flow_line, flow_log_path, write_flow_log
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT

NOW = datetime(2026, 11, 3, 1, 2, 3, tzinfo=UTC)
BILLED = "111122223333"
OTHER = "444455556666"

# One meaning a column, in the spelling of CUR 2.0 and Athena and in that of the CSV.
SPELLINGS = {
    "line_item_usage_start_date": "lineItem/UsageStartDate",
    "line_item_usage_account_id": "lineItem/UsageAccountId",
    "line_item_line_item_type": "lineItem/LineItemType",
    "line_item_product_code": "lineItem/ProductCode",
    "line_item_usage_type": "lineItem/UsageType",
    "line_item_operation": "lineItem/Operation",
    "line_item_usage_amount": "lineItem/UsageAmount",
    "line_item_unblended_cost": "lineItem/UnblendedCost",
    "line_item_currency_code": "lineItem/CurrencyCode",
    "product_region_code": "product/regionCode",
    "bill_billing_period_start_date": "bill/BillingPeriodStartDate",
}

Row = dict[str, str]


def report_row(
    usage_type: str,
    usage_gb: str,
    cost: str,
    *,
    start: str = "2026-11-01T00:00:00Z",
    account: str = BILLED,
    line_type: str = "Usage",
    product: str = "AmazonEC2",
    operation: str = "RunInstances",
    region: str = "us-east-1",
    currency: str = "USD",
    month: str = "2026-11-01T00:00:00Z",
) -> Row:
    """One line of a report, in the spelling of CUR 2.0."""
    values = (start, account, line_type, product, usage_type, operation, usage_gb, cost, currency, region, month)
    return dict(zip(SPELLINGS, values, strict=True))


# 150 + 100 GB in two hours, and what must not be added to them.
REPORT = [
    report_row("DataTransfer-Out-Bytes", "150.25", "4.5"),
    report_row("DataTransfer-Out-Bytes", "99.75", "9", start="2026-11-01T23:00:00Z"),
    report_row("DataTransfer-Out-Bytes", "7", "0.63", start="2026-11-02T00:00:00Z"),
    report_row("EUC1-NatGateway-Bytes", "1.5E-6", "7.8E-8", operation="NatGateway", region="eu-central-1"),
    report_row("DataTransfer-Regional-Bytes", "5", "0", product="AmazonS3", operation="", region=""),
    report_row("DataTransfer-Out-Bytes", "1", "0.09", account=OTHER),
    report_row("EU-DataTransfer-Out-Bytes", "4000", "340", product="AmazonCloudFront"),
    report_row("BoxUsage:m5.large", "24", "2.3"),
    report_row("TimedStorage-ByteHrs", "24", "2.3"),
    report_row("DataTransfer-Out-Bytes", "0", "2.7", line_type="Tax"),
    report_row("DataTransfer-Out-Bytes", "", "-50", line_type="Credit"),
    report_row("", "", "", line_type="Fee", account="", start="", month="", currency=""),
    report_row("BoxUsage:m5.large", "1", "0.1", account="777788889999"),
]


def line(usage_date: str, usage_type: str, usage_gb: str, **others: str | None) -> dict[str, str | None]:
    """One line of a snapshot."""
    keys = ("Region", "Operation", "ProductCode", "ResourceId", "Cost", "Currency")
    return {"UsageDate": usage_date, "UsageType": usage_type, "UsageGb": usage_gb, **dict.fromkeys(keys), **others}


EC2 = {"Region": "us-east-1", "Operation": "RunInstances", "ProductCode": "AmazonEC2", "Currency": "USD"}
NAT = {**EC2, "Region": "eu-central-1", "Operation": "NatGateway"}
EXPECTED = {
    BILLED: [
        line("2026-11-01", "DataTransfer-Out-Bytes", "250.0000000000", **EC2, Cost="13.5000000000"),
        line("2026-11-02", "DataTransfer-Out-Bytes", "7.0000000000", **EC2, Cost="0.6300000000"),
        line("2026-11-01", "EUC1-NatGateway-Bytes", "0.0000015000", **NAT, Cost="0.0000000780"),
        line(
            "2026-11-01",
            "DataTransfer-Regional-Bytes",
            "5.0000000000",
            ProductCode="AmazonS3",
            Cost="0.0000000000",
            Currency="USD",
        ),
    ],
    OTHER: [line("2026-11-01", "DataTransfer-Out-Bytes", "1.0000000000", **EC2, Cost="0.0900000000")],
    "777788889999": [{}],
}


def csv_text(rows: Sequence[Row], *, is_legacy: bool = True) -> bytes:
    """A report as CSV."""
    text = io.StringIO()
    names = [SPELLINGS[name] if is_legacy else name for name in rows[0]]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([["identity/LineItemId", *names], *(["id", *row.values()] for row in rows)])
    return text.getvalue().encode()


def write_parquet(file: Path, rows: Sequence[Row]) -> None:
    """Write a report as Parquet, with the types of CUR 2.0; times with a zone, as some writers do."""

    def typed(name: str, text: str) -> Any:
        if name.endswith("_date"):
            return datetime.fromisoformat(text) if text else None
        if name in ("line_item_usage_amount", "line_item_unblended_cost"):
            return float(text) if text else None
        return text or None

    columns = {name: [typed(name, row[name]) for row in rows] for name in SPELLINGS}
    arrays = {
        name: pyarrow.array(values, pyarrow.timestamp("ms", "America/New_York") if name.endswith("_date") else None)
        for name, values in columns.items()
    }
    pyarrow.parquet.write_table(pyarrow.table(arrays), file)


def path(source: str, account: str = BILLED, month: str = "2026/11/01") -> str:
    """Path of a snapshot below the destination."""
    return f"billed-usage/{account}/{month}/{account}_billed-usage_{source}_20261103T010203Z.json.gz"


def lines(content: bytes) -> list[dict[str, Any]]:
    """The lines of a snapshot."""
    text = gzip.decompress(content).decode()
    assert text.endswith("\n")
    return [json.loads(text_line) for text_line in text.removesuffix("\n").split("\n")]


def snapshots(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The lines of all files below a folder, by path."""
    return {
        file.relative_to(folder).as_posix(): lines(file.read_bytes()) for file in folder.rglob("*") if file.is_file()
    }


def in_any_order(rows: Sequence[Any]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def run(*words: str | Path) -> int:
    return snapshot_billed_usage.main([str(word) for word in words], NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "billing"


# --- Cost and Usage Report


def write_report(folder: Path, form: str) -> list[Path]:
    """Write the report in a form; in two files of different columns where the form says so."""
    folder.mkdir(exist_ok=True)
    if form == "parquet":
        write_parquet(folder / "report.snappy.parquet", REPORT)
    elif form == "two files":
        (folder / "1.csv").write_bytes(csv_text(REPORT[:1]))
        (folder / "2.csv.gz").write_bytes(gzip.compress(csv_text([dict(reversed(row.items())) for row in REPORT[1:]])))
    else:
        (folder / "report.csv").write_bytes(csv_text(REPORT, is_legacy=form == "legacy csv"))
    return sorted(folder.iterdir())


@pytest.mark.parametrize("form", ["legacy csv", "csv", "parquet", "two files"])
def test_a_report_is_added_up_by_day_in_every_form(tmp_path: Path, folder: Path, form: str) -> None:
    assert run("--destination", folder, "--cost-and-usage-report", *write_report(tmp_path / "report", form)) == 0
    found = snapshots(folder)
    assert set(found) == {path("cost-and-usage-report", account) for account in EXPECTED}
    for account, expected in EXPECTED.items():
        assert in_any_order(found[path("cost-and-usage-report", account)]) == in_any_order(expected)


def test_what_is_left_out_of_a_report_is_counted(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = write_report(tmp_path / "report", "legacy csv")
    assert run("--destination", folder, "--cost-and-usage-report", file, "--dry-run") == 0
    assert not folder.exists()
    told = capsys.readouterr().err
    reasons = "1 of CloudFront, 3 of no bytes, 1 of type Credit, 1 of type Fee, 1 of type Tax"
    assert f"{file}: 6 lines taken, left out: {reasons}" in told
    assert f"{BILLED} 2026-11: 4 lines, would write {folder / path('cost-and-usage-report')}" in told


def test_a_report_need_not_name_regions_and_months(tmp_path: Path, folder: Path) -> None:
    rows = [
        {
            name: text
            for name, text in row.items()
            if name not in ("product_region_code", "bill_billing_period_start_date")
        }
        for row in (REPORT[0], report_row("DataTransfer-Out-Bytes", "1", "0", start="2026-10-31T23:00:00Z"))
    ]
    (tmp_path / 'it\'s $1 "x".csv').write_bytes(csv_text(rows))
    assert run("--destination", folder, "--cost-and-usage-report", tmp_path / 'it\'s $1 "x".csv') == 0
    found = snapshots(folder)
    assert set(found) == {path("cost-and-usage-report", month=month) for month in ("2026/10/01", "2026/11/01")}
    assert {row["Region"] for rows in found.values() for row in rows} == {None}


def test_text_of_a_report_is_text_whatever_it_holds(tmp_path: Path, folder: Path) -> None:
    hostile = 'x\'; drop table t; -- {{ 1 / 0 }}\n"<script>" é-Bytes'
    (tmp_path / "report.csv").write_bytes(csv_text([report_row(hostile, "1", "0", operation=hostile)]))
    assert run("--destination", folder, "--cost-and-usage-report", tmp_path / "report.csv") == 0
    ((found,),) = snapshots(folder).values()
    assert (found["UsageType"], found["Operation"]) == (hostile, hostile)


@pytest.mark.parametrize("missing", sorted(set(SPELLINGS) - {"product_region_code", "bill_billing_period_start_date"}))
def test_a_column_that_a_report_lacks_is_named(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    rows = [{name: text for name, text in row.items() if name != missing} for row in REPORT]
    file = tmp_path / "report.csv"
    file.write_bytes(csv_text(rows))
    assert run("--destination", folder, "--cost-and-usage-report", file) == 1
    assert not folder.exists()
    assert f"{file}: the column {missing} or {SPELLINGS[missing]} is missing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        (report_row("DataTransfer-Out-Bytes", "a lot", "0"), "lineItem/UsageAmount", "a lot"),
        (report_row("DataTransfer-Out-Bytes", "", "0"), "lineItem/UsageAmount", ""),
        (report_row("DataTransfer-Out-Bytes", "1", "1,5"), "lineItem/UnblendedCost", "1,5"),
        (report_row("DataTransfer-Out-Bytes", "1" + "0" * 30, "0"), "lineItem/UsageAmount", "1" + "0" * 30),
        (report_row("DataTransfer-Out-Bytes", "1", "0", start="01/11/2026"), "lineItem/UsageStartDate", "01/11/2026"),
        (report_row("DataTransfer-Out-Bytes", "1", "0", month="soon"), "bill/BillingPeriodStartDate", "soon"),
        (report_row("DataTransfer-Out-Bytes", "1", "0", account="1111"), "lineItem/UsageAccountId", "1111"),
        (report_row("BoxUsage:m5.large", "1", "0", account="../../x"), "lineItem/UsageAccountId", "../../x"),
        (report_row("DataTransfer-Out-Bytes", "1", "0", currency=""), "lineItem/CurrencyCode", ""),
    ],
)
def test_a_value_that_is_none_is_named_and_nothing_is_written(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str], row: Row, column: str, text: str
) -> None:
    file = tmp_path / "report.csv"
    file.write_bytes(csv_text([*REPORT, row]))
    assert run("--destination", folder, "--cost-and-usage-report", file) == 1
    assert not folder.exists()
    assert f"{file}: column {column} holds {text!r}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("report.zip", b"PK", "Unpack a .zip first"),
        ("report*.csv", b"", "Rename it"),
        ("absent.csv", None, "there is no such file"),
        ("report.parquet", b"no Parquet", "Get the file again"),
        ("report.csv.gz", b"\x1f\x8bbroken", "Get the file again"),
        ("torn.csv", csv_text(REPORT) + b'"id,2026', "Get the file again"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert run("--destination", folder, "--cost-and-usage-report", tmp_path / name) == 1
    assert not folder.exists()
    told = capsys.readouterr().err
    assert name in told
    assert message in told


# --- AWS


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An emulated AWS of the test's own; credentials that nobody could use."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no_config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no_credentials"))
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def calls(aws: None, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What is asked of AWS, call by call."""
    made: list[tuple[str, dict[str, Any]]] = []
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        made.append((name, json.loads(json.dumps(parameters, default=str))))
        return make_call(client, name, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    return made


def answer(day: str, *groups: tuple[str, str, str, str, str], token: str | None = None) -> dict[str, Any]:
    """One answer of Cost Explorer; a group is account, usage type, amount, unit and cost."""
    return {
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": day, "End": day},
                "Total": {},
                "Estimated": True,
                "Groups": [
                    {
                        "Keys": [account, usage_type],
                        "Metrics": {
                            "UsageQuantity": {"Amount": amount, "Unit": unit},
                            "UnblendedCost": {"Amount": cost, "Unit": "USD"},
                        },
                    }
                    for account, usage_type, amount, unit, cost in groups
                ],
            }
        ],
        **({"NextPageToken": token} if token else {}),
    }


def queue(*answers: dict[str, Any]) -> None:
    """Let the emulated Cost Explorer give these answers, one to each new request."""
    url = "http://motoapi.amazonaws.com/moto-api/static/ce/cost-and-usage-results"
    assert requests.post(url, json={"results": answers}, timeout=10).status_code == 201


NOTHING = {"ResultsByTime": []}


def test_cost_explorer_is_asked_by_month_and_page_and_s3_apart(
    folder: Path, calls: list[tuple[str, dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    queue(
        NOTHING,
        answer("2026-10-31", (OTHER, "EUC1-NatGateway-Bytes", "1.23456789012345", "GB", "0.06")),
        answer("2026-11-01", (BILLED, "DataTransfer-Regional-Bytes", "9", "GB", "0")),
        answer(
            "2026-11-01",
            (BILLED, "DataTransfer-Out-Bytes", "250", "GB", "13.5"),
            (BILLED, "BoxUsage:m5.large", "24", "Hrs", "2.3"),
            token="more",
        ),
        answer(
            "2026-11-02",
            (BILLED, "DataTransfer-Out-Bytes", "0", "N/A", "0"),
            ("777788889999", "BoxUsage:m5.large", "1", "Hrs", "0.1"),
        ),
    )
    assert run("--destination", folder, "--cost-explorer") == 0
    costs = {"Currency": "USD"}
    assert snapshots(folder) == {
        path("cost-explorer", ACCOUNT, "2026/10/01"): [{}],
        path("cost-explorer", ACCOUNT): [{}],
        path("cost-explorer", OTHER, "2026/10/01"): [
            line("2026-10-31", "EUC1-NatGateway-Bytes", "1.2345678901", **costs, Cost="0.0600000000")
        ],
        path("cost-explorer", BILLED): [
            line(
                "2026-11-01",
                "DataTransfer-Regional-Bytes",
                "9.0000000000",
                **costs,
                Cost="0.0000000000",
                ProductCode="AmazonS3",
            ),
            line("2026-11-01", "DataTransfer-Out-Bytes", "250.0000000000", **costs, Cost="13.5000000000"),
            line("2026-11-02", "DataTransfer-Out-Bytes", "0.0000000000", **costs, Cost="0.0000000000"),
        ],
        path("cost-explorer", "777788889999"): [{}],
    }
    asked = [parameters for name, parameters in calls if name == "GetCostAndUsage"]
    # Up to yesterday: the end is exclusive.
    periods = [tuple(request["TimePeriod"].values()) for request in asked]
    assert periods == [("2026-10-01", "2026-11-01")] * 2 + [("2026-11-01", "2026-11-03")] * 3
    assert [request.get("NextPageToken") for request in asked] == [None, None, None, None, "more"]
    services = [request["Filter"]["And"][1] for request in asked]
    s3 = "Amazon Simple Storage Service"
    assert services[0] == {"Dimensions": {"Key": "SERVICE", "Values": [s3]}}
    assert services[1] == {"Not": {"Dimensions": {"Key": "SERVICE", "Values": [s3, "Amazon CloudFront"]}}}
    assert all("Tax" not in request["Filter"]["And"][0]["Dimensions"]["Values"] for request in asked)
    assert "5 requests to Cost Explorer, USD 0.01 each" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ((BILLED, "DataTransfer-Out-Bytes", "250", "TB", "1"), "is in TB, expected GB"),
        ((BILLED, "DataTransfer-Out-Bytes", "a lot", "GB", "1"), "an amount is no number"),
        ((BILLED, "DataTransfer-Out-Bytes", "1E+30", "GB", "1"), "too large to be true"),
        (("../../x", "DataTransfer-Out-Bytes", "1", "GB", "1"), "expected an account id of 12 digits"),
    ],
)
def test_an_answer_of_cost_explorer_that_is_none_is_named(
    aws: None, folder: Path, capsys: pytest.CaptureFixture[str], group: tuple[str, ...], message: str
) -> None:
    queue(answer("2026-11-01", group))
    assert run("--destination", folder, "--cost-explorer", "--start", "2026-11-01") == 1
    assert not folder.exists()
    assert message in capsys.readouterr().err


def put_bytes(region: str, moment: str, name: str, gateway: str, value: float, **dimensions: str) -> None:
    """Let a NAT gateway report bytes."""
    boto3.client("cloudwatch", region).put_metric_data(
        Namespace="AWS/NATGateway",
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [
                    {"Name": key, "Value": text} for key, text in {"NatGatewayId": gateway, **dimensions}.items()
                ],
                "Timestamp": datetime.fromisoformat(f"{moment}+00:00"),
                "Value": value,
                "Unit": "Bytes",
            }
        ],
    )


def test_what_nat_gateways_took_in_on_both_sides_is_what_they_processed(
    aws: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_billed_usage, "MOST_QUERIES", 3)
    gigabyte = 2**30
    put_bytes("us-east-1", "2026-11-01T00:00:00", "BytesInFromSource", "nat-01", gigabyte)
    put_bytes("us-east-1", "2026-11-01T23:59:00", "BytesInFromDestination", "nat-01", 2 * gigabyte + 1)
    put_bytes("us-east-1", "2026-11-02T00:00:00", "BytesInFromSource", "nat-01", 5)
    # Out of it, not through it; today, which is not over; a month that nobody asked for.
    put_bytes("us-east-1", "2026-11-01T12:00:00", "BytesOutToDestination", "nat-01", 7 * gigabyte)
    put_bytes("us-east-1", "2026-11-03T00:30:00", "BytesInFromSource", "nat-01", 7 * gigabyte)
    put_bytes("us-east-1", "2026-10-31T23:59:00", "BytesInFromSource", "nat-01", 7 * gigabyte)
    # One that has metrics of its own and by zone; one that has them by zone only; one of another region.
    put_bytes("us-east-1", "2026-11-01T12:00:00", "BytesInFromSource", "nat-02", gigabyte)
    put_bytes("us-east-1", "2026-11-01T12:00:00", "BytesInFromSource", "nat-02", gigabyte, AvailabilityZone="a")
    put_bytes("us-east-1", "2026-11-01T12:00:00", "BytesInFromSource", "nat-03", gigabyte, AvailabilityZone="a")
    put_bytes("us-east-1", "2026-11-01T12:00:00", "BytesInFromSource", "nat-03", gigabyte, AvailabilityZone="b")
    put_bytes("eu-west-1", "2026-11-02T12:00:00", "BytesInFromSource", "nat-04", gigabyte)
    words = ("--destination", folder, "--nat-gateway-metrics", "--start", "2026-11-01", "--end", "2026-11-01")
    assert run(*words, "--regions", "us-east-1", "eu-west-1") == 0
    ((name, found),) = snapshots(folder).items()
    assert name == path("nat-gateway-metrics", ACCOUNT)
    usage = [(row["UsageDate"], row["Region"], row["ResourceId"], row["UsageGb"]) for row in found]
    assert usage == [
        # 3 GB and a byte of 0.00000000093 GB.
        ("2026-11-01", "us-east-1", "nat-01", "3.0000000009"),
        ("2026-11-01", "us-east-1", "nat-02", "1.0000000000"),
        ("2026-11-01", "us-east-1", "nat-03", "2.0000000000"),
        ("2026-11-02", "us-east-1", "nat-01", "0.0000000047"),
        ("2026-11-02", "eu-west-1", "nat-04", "1.0000000000"),
    ]
    assert {(row["UsageType"], row["Cost"], row["Currency"]) for row in found} == {("NatGateway-Bytes", None, None)}


def test_a_region_that_refuses_leaves_the_account_as_it_was(
    aws: None, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        if client.meta.region_name == "eu-west-1" and name == "ListMetrics":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not yours"}}, name)
        return make_call(client, name, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    assert run("--destination", folder, "--nat-gateway-metrics", "--regions", "us-east-1", "eu-west-1") == 1
    assert not folder.exists()
    (told,) = [text for text in capsys.readouterr().err.splitlines() if "not yours" in text]
    assert f"{ACCOUNT} eu-west-1: " in told
    assert "docs/costs.md" in told


def test_a_bucket_takes_the_same_files(aws: None, tmp_path: Path) -> None:
    boto3.client("s3").create_bucket(Bucket="billing-bucket")
    (file,) = write_report(tmp_path / "report", "csv")
    assert run("--destination", "s3://billing-bucket/a/", "--cost-and-usage-report", file) == 0
    stored = boto3.client("s3").list_objects_v2(Bucket="billing-bucket")["Contents"]
    assert {item["Key"] for item in stored} == {f"a/{path('cost-and-usage-report', account)}" for account in EXPECTED}
    content = boto3.client("s3").get_object(Bucket="billing-bucket", Key=f"a/{path('cost-and-usage-report')}")["Body"]
    assert in_any_order(lines(content.read())) == in_any_order(EXPECTED[BILLED])


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--destination", "x"],
        ["--destination", "x", "--cost-explorer", "--nat-gateway-metrics"],
        ["--destination", "x", "--cost-explorer", "--start", "1 November"],
        ["--destination", "x", "--cost-explorer", "--start", "2026-11-31"],
        ["--destination", "x", "--cost-explorer", "--start", "2026-12-01", "--end", "2026-12-31"],
        ["--destination", "x", "--cost-explorer", "--regions", "us-east-1"],
        ["--destination", "x", "--cost-and-usage-report"],
        ["--destination", "x", "--cost-and-usage-report", "a.csv", "--start", "2026-11-01"],
        ["--destination", "x", "--cost-and-usage-report", "a.csv", "--profiles", "payer"],
        ["--destination", "x", "--nat-gateway-metrics", "--regions", "../.."],
    ],
)
def test_wrong_arguments_end_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(*words)
    assert end.value.code == 2


def test_the_files_are_those_that_the_project_reads() -> None:
    sources = (Path(__file__).parents[2] / "models/staging/billing/_billing__sources.yml").read_text()
    (pattern,) = re.findall(r'file_name_pattern: "(.*)"', sources)
    for source in ("cost-and-usage-report", "cost-explorer", "nat-gateway-metrics"):
        assert re.fullmatch(pattern, path(source).rpartition("/")[2])


# --- The estimate beside it


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """Two days of flow logs, the report beside them, and a build of the mart with its tests.

    An interface sends 200 GB to the internet on the first. An earlier snapshot of the report said 999 GB, and one of
    October has a damaged line.
    """
    project = DuckdbProject(tmp_path_factory.mktemp("billed_usage"))
    for day, gigabytes in (("2026-11-01", 200), ("2026-11-03", 50)):
        start = epoch(f"{day}T12:00:00")
        sent = flow_line("A", dstaddr="8.8.8.8", bytes=gigabytes * 2**30, start=start, end=start + 59)
        write_flow_log(project, flow_log_path(day, day[-2:]), DEFAULT_HEADER, sent)
    (report,) = write_report(project.folder / "report", "legacy csv")
    words = ["--destination", str(project.logs / "billing"), "--cost-and-usage-report", str(report)]
    assert snapshot_billed_usage.main(words, NOW) == 0
    earlier = [line("2026-11-01", "DataTransfer-Out-Bytes", "999", Cost="99", Currency="USD")]
    october = [line("2026-10-31", "DataTransfer-Out-Bytes", "1", Cost="1", Currency="USD"), {"UsageDate": "2026-10-31"}]
    for month, snapshot in (("2026/11/01", earlier), ("2026/10/01", october)):
        name = path("cost-and-usage-report", month=month).replace("20261103T", "20261101T")
        (project.logs / "billing" / name).parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{json.dumps(row)}\n" for row in snapshot)
        (project.logs / "billing" / name).write_bytes(gzip.compress(text.encode()))
    selection = ("--select", "+fct_billed_transfer_daily", "--indirect-selection", "cautious")
    output = project.dbt("build", "--exclude-resource-type", "unit_test", *selection).check().output
    assert "WARN 1 every_line_of_a_bill_can_be_read" in output
    return project


def test_the_estimate_stands_beside_the_bill_that_the_script_wrote(project: DuckdbProject) -> None:
    rows = {
        (str(row["event_date"]), row["account_id"], row["region"], row["billing_class"]): row
        for row in project.rows("fct_billed_transfer_daily")
    }
    # Of the 250 GB of November 100 are free, 40 % of each day: left are 120 and 30 GB at 0.09. Of the third is no bill.
    assert {key: (row["billed_gb"], row["estimated_byte_count"], row["byte_ratio"]) for key, row in rows.items()} == {
        ("2026-11-01", BILLED, "us-east-1", "internet_egress"): (250, 200 * 2**30, Decimal("0.8")),
        ("2026-11-01", BILLED, "eu-central-1", "nat_gateway_processing"): (Decimal("0.0000015"), None, None),
        ("2026-11-01", BILLED, "us-east-1", "other"): (5, None, None),
        ("2026-11-02", BILLED, "us-east-1", "internet_egress"): (7, None, None),
        ("2026-11-01", OTHER, "us-east-1", "internet_egress"): (1, None, None),
    }
    both = rows["2026-11-01", BILLED, "us-east-1", "internet_egress"]
    assert (both["billed_cost"], both["estimated_cost"]) == (Decimal("13.5"), Decimal("10.8"))
    assert both["cost_ratio"] == Decimal("0.8")


def test_the_bill_is_no_log(project: DuckdbProject) -> None:
    last_day = project.query("select max(window_end_date) from main_raw.log_runs")
    assert last_day == [(date(2026, 11, 3),)]
    assert {row["bill_source"] for row in project.rows("stg_billing__billed_usage")} == {"cost_and_usage_report"}
    assert len(project.query("select * from stg_billing__billed_usage where not is_readable")) == 1
