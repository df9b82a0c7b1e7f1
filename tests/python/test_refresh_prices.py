"""Refreshing list prices from offer files as AWS documents them: the right products, and a history that only grows."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import refresh_prices
from duckdb_project import REPOSITORY
from shared import price_list

Document = dict[str, Any]
Row = dict[str, str]
Product = tuple[dict[str, str], list[tuple[str, str, str]]]

PUBLISHED = "2026-12-04T20:11:12Z"
IN_FORCE = "2026-12-01T00:00:00Z"


def product(usage_type: str, *prices: str | tuple[str, str, str], **attributes: str) -> Product:
    """A product with one price, or with (first GB, last GB, price) for each tier."""
    tiers = [price if isinstance(price, tuple) else ("0", "Inf", price) for price in prices]
    return {"usagetype": usage_type, **attributes}, tiers


def offer(
    code: str,
    *products: Product,
    unit: str = "GB",
    currency: str = "USD",
    published: str = PUBLISHED,
    in_force: str = IN_FORCE,
) -> Document:
    """An offer file. `productFamily` of a product stands beside its attributes, as AWS has it."""
    document: Document = {
        "formatVersion": "v1.0",
        "disclaimer": "This pricing list is for informational purposes only.",
        "offerCode": code,
        "version": "20261204201112",
        "publicationDate": published,
        "products": {},
        "terms": {"Reserved": {}, "OnDemand": {}},
        "attributesList": {},
    }
    for number, (attributes, tiers) in enumerate(products):
        sku = f"SKU{number}"
        term = f"{sku}.JRTCKXETXF"
        family = {"productFamily": attributes["productFamily"]} if "productFamily" in attributes else {}
        rest = {name: value for name, value in attributes.items() if name != "productFamily"}
        document["products"][sku] = {"sku": sku, **family, "attributes": {"servicecode": code, **rest}}
        document["terms"]["OnDemand"][sku] = {
            term: {
                "offerTermCode": "JRTCKXETXF",
                "sku": sku,
                "effectiveDate": in_force,
                "priceDimensions": {
                    f"{term}.{place}": {
                        "rateCode": f"{term}.{place}",
                        "description": "in words",
                        "beginRange": begin,
                        "endRange": end,
                        "unit": unit,
                        "pricePerUnit": {currency: price},
                        "appliesTo": [],
                    }
                    for place, (begin, end, price) in enumerate(tiers)
                },
                "termAttributes": {},
            }
        }
        document["terms"]["Reserved"][sku] = {"other": {"priceDimensions": {}, "effectiveDate": in_force}}
    return document


def to_internet(region: str, prefix: str, *tiers: tuple[str, str, str]) -> Product:
    return product(
        f"{prefix}DataTransfer-Out-Bytes",
        *tiers,
        productFamily="Data Transfer",
        transferType="AWS Outbound",
        fromLocationType="AWS Region",
        fromRegionCode=region,
        toLocation="External",
        toLocationType="Other",
    )


def within(region: str, prefix: str, price: str) -> Product:
    return product(
        f"{prefix}DataTransfer-Regional-Bytes",
        price,
        productFamily="Data Transfer",
        transferType="IntraRegion",
        fromLocationType="AWS Region",
        fromRegionCode=region,
        toLocationType="AWS Region",
        toRegionCode=region,
    )


def between(region: str, prefix: str, to: str, to_prefix: str, price: str) -> Product:
    return product(
        f"{prefix}-{to_prefix}-AWS-Out-Bytes",
        price,
        productFamily="Data Transfer",
        transferType="InterRegion Outbound",
        fromLocationType="AWS Region",
        fromRegionCode=region,
        toLocationType="AWS Region",
        toRegionCode=to,
    )


def nat(usage_type: str, price: str, region: str = "eu-west-1") -> Product:
    return product(usage_type, price, productFamily="NAT Gateway", regionCode=region, locationType="AWS Region")


REGIONS = """\
region,aws_partition,usage_type_prefix,usage_type_prefix_alt,currency,status
us-east-1,aws,USE1,(none),USD,available
us-east-2,aws,USE2,,USD,available
us-west-1,aws,USW1,,USD,available
us-west-2,aws,USW2,,USD,available
eu-west-1,aws,EU,EUW1,USD,available
eu-west-2,aws,EUW2,,USD,available
af-south-1,aws,AFS1,CPT,USD,available
ap-south-1,aws,APS3,,USD,available
ap-southeast-2,aws,APS2,,USD,available
mx-central-1,aws,MXC1,,USD,available
me-west-1,aws,,,USD,seen_in_ip_ranges_only
us-gov-west-1,aws-us-gov,UGW1,,USD,available
cn-north-1,aws-cn,CNN1,,CNY,available
cn-northwest-1,aws-cn,CNW1,,CNY,available
"""
TIERS = "account_region_month"
PER_GATEWAY = "per gateway and hour (zonal); a regional gateway counts once per AZ"
# region, class, destination, first GB, last GB, price, scope, first day, last day, confidence, day it was seen
TRANSFERS = [
    ("us-east-1", "cross_az", "same_region", "0", "", "0.01", "none", "2021-05-21", "", "secondary", "2024-09-25"),
    ("us-west-2", "cross_az", "same_region", "0", "", "0.01", "none", "2021-05-21", "", "secondary", "2024-09-25"),
    ("af-south-1", "cross_az", "same_region", "0", "", "0.01", "none", "2021-05-21", "", "secondary", "2024-09-25"),
    ("*", "cross_az", "same_region", "0", "", "0.01", "none", "2021-05-27", "", "assumed", "2026-11-23"),
    ("us-east-1", "inter_region_egress", "*", "0", "", "0.02", "none", "2021-05-21", "", "verified", "2024-09-25"),
    ("us-east-1", "inter_region_egress", "us-east-2", "0", "", "0.01", "none", "2021-05-27", "", "verified", ""),
    ("us-east-2", "inter_region_egress", "*", "0", "", "0.02", "none", "2021-05-21", "", "verified", "2024-09-25"),
    (
        "cn-northwest-1",
        "inter_region_egress",
        "cn-north-1",
        "0",
        "",
        "0.6003",
        "none",
        "2021-05-27",
        "",
        "verified",
        "",
    ),
    ("eu-west-1", "internet_egress", "internet", "0", "10240", "0.09", TIERS, "2021-05-27", "", "verified", ""),
    ("eu-west-1", "internet_egress", "internet", "10240", "51200", "0.085", TIERS, "2021-05-27", "", "verified", ""),
    ("eu-west-1", "internet_egress", "internet", "51200", "153600", "0.07", TIERS, "2021-05-27", "", "verified", ""),
    ("eu-west-1", "internet_egress", "internet", "153600", "", "0.05", TIERS, "2021-05-27", "", "verified", ""),
    ("ap-southeast-2", "internet_egress", "internet", "0", "10240", "0.114", TIERS, "2023-01-01", "", "secondary", ""),
    (
        "ap-southeast-2",
        "internet_egress",
        "internet",
        "10240",
        "51200",
        "0.098",
        TIERS,
        "2023-01-01",
        "",
        "assumed",
        "",
    ),
    ("ap-southeast-2", "internet_egress", "internet", "51200", "", "0.094", TIERS, "2023-01-01", "", "assumed", ""),
    ("cn-northwest-1", "internet_egress", "internet", "0", "", "0.933", TIERS, "2023-06-01", "", "verified", ""),
    (
        "us-east-1",
        "interface_endpoint_processing",
        "any",
        "0",
        "1000000",
        "0.01",
        TIERS,
        "2021-04-01",
        "",
        "verified",
        "",
    ),
    ("*", "interface_endpoint_processing", "any", "0", "", "0.01", "none", "2021-04-01", "", "assumed", "2026-11-23"),
    ("eu-west-1", "nat_gateway_processing", "any", "0", "", "0.048", "none", "2021-05-21", "", "verified", ""),
    (
        "cn-northwest-1",
        "nat_gateway_processing",
        "any",
        "0",
        "",
        "0.37",
        "none",
        "2023-06-01",
        "2026-05-31",
        "verified",
        "",
    ),
    ("cn-northwest-1", "nat_gateway_processing", "any", "0", "", "0.325", "none", "2026-06-01", "", "secondary", ""),
    ("ap-south-1", "transit_gateway_processing", "any", "0", "", "0.02", "none", "2024-01-01", "", "secondary", ""),
    ("us-east-1", "vpc_peering_cross_az", "same_region", "0", "", "0.01", "none", "2021-05-01", "", "verified", ""),
    ("eu-west-1", "vpc_peering_cross_az", "same_region", "0", "", "0.01", "none", "2021-05-01", "", "verified", ""),
]
# region, item, price, unit, first day, confidence
HOURS = [
    ("af-south-1", "interface_endpoint_hour", "0.01309", "per endpoint, per AZ and hour", "2026-09-21", "secondary"),
    ("eu-west-1", "nat_gateway_hour", "0.048", PER_GATEWAY, "2021-05-21", "verified"),
    ("*", "public_ipv4_hour", "0.005", "per public IPv4 address and hour, in use or idle", "2024-02-01", "verified"),
]
# region, tier, price, confidence
REQUESTS = [
    ("us-east-1", "get_tier", "0.0004", "verified"),
    ("us-east-1", "put_tier", "0.005", "verified"),
    ("us-west-2", "get_tier", "0.0004", "assumed"),
]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Seeds of the test's own, so that a refresh of the project's changes no test."""
    folder = tmp_path / "seeds" / "prices"
    shutil.copytree(REPOSITORY / "seeds" / "prices", folder)
    (tmp_path / "seeds" / "aws").mkdir()
    (tmp_path / "seeds" / "aws" / "regions.csv").write_text(REGIONS)

    def rest(region: str, confidence: str) -> Row:
        is_chinese = region.startswith("cn-")
        return {
            "aws_partition": "aws-cn" if is_chinese else "aws",
            "region": region,
            "currency": "CNY" if is_chinese else "USD",
            "confidence": confidence,
            "source": "not found" if confidence == "assumed" else "a public table",
            "note": "as it was",
        }

    names = ("traffic_class", "destination", "tier_start_gb", "tier_end_gb", "price_per_gb", "tier_scope")
    transfers = [
        {**rest(region, confidence), **dict(zip(names, price, strict=True)), "valid_from": first, "valid_to": last}
        | {"observed_on": seen}
        for region, *price, first, last, confidence, seen in TRANSFERS
    ]
    hours = [
        {**rest(region, confidence), "item": item, "price_per_hour": price, "unit": unit, "valid_from": first}
        for region, item, price, unit, first, confidence in HOURS
    ]
    requests = [
        {**rest(region, confidence), "storage_class": "STANDARD", "request_price_tier": tier, "price_per_1000": price}
        | {"valid_from": "2026-05-01"}
        for region, tier, price, confidence in REQUESTS
    ]
    for seed, made in (("data_transfer_prices", transfers), ("hourly_prices", hours), ("s3_prices", requests)):
        path = folder / f"{seed}.csv"
        header = path.read_text().splitlines()[0].split(",")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(made)
    return folder


@pytest.fixture
def refresh(seeds: Path, tmp_path: Path) -> Callable[..., int]:
    """Refresh the seeds from offers."""

    def run(*offers: Document | str, more: Sequence[str] = ()) -> int:
        files = []
        for number, content in enumerate(offers):
            file = tmp_path / f"offer_{number}.json"
            file.write_text(content if isinstance(content, str) else json.dumps(content))
            files.append(str(file))
        return refresh_prices.main([*files, "--seeds", str(seeds), *more])

    return run


def rows(seeds: Path, seed: str = "data_transfer_prices", **wanted: str) -> list[Row]:
    """The rows of a seed with these cells."""
    with (seeds / f"{seed}.csv").open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if all(row[name] == value for name, value in wanted.items())]


def cells(found: list[Row], *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in found]


def texts(seeds: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(seeds.iterdir())}


TIERS_OF_DUBLIN = [
    ("0", "10240", "0.0900000000"),
    ("10240", "51200", "0.0850000000"),
    ("51200", "153600", "0.0700000000"),
]


def test_the_price_of_one_tier_changes_and_the_whole_ladder_begins_anew(refresh, seeds: Path) -> None:
    """Tiers belong together: prices of two days would leave a gap or an overlap between them."""
    before = texts(seeds)
    assert (
        refresh(
            offer(
                "AWSDataTransfer",
                to_internet("eu-west-1", "EU-", *TIERS_OF_DUBLIN, ("153600", "Inf", "0.0480000000")),
                to_internet("ap-southeast-2", "APS2-", ("0", "10240", "0.1140000000"), ("10240", "Inf", "0.1")),
            )
        )
        == 0
    )
    names = ("tier_start_gb", "tier_end_gb", "price_per_gb", "valid_from", "valid_to", "confidence")
    found = rows(seeds, traffic_class="internet_egress", region="eu-west-1")
    ends = [(row["valid_from"], row["valid_to"]) for row in found]
    assert ends == [("2021-05-27", "2026-11-30")] * 4 + [("2026-12-01", "")] * 4
    assert cells(found[4:], *names) == [
        ("0", "10240", "0.09", "2026-12-01", "", "verified"),
        ("10240", "51200", "0.085", "2026-12-01", "", "verified"),
        ("51200", "153600", "0.07", "2026-12-01", "", "verified"),
        ("153600", "", "0.048", "2026-12-01", "", "verified"),
    ]
    assert {row["source"] for row in found[4:]} == {"AWS Price List AWSDataTransfer 2026-12-04"}
    assert {row["observed_on"] for row in found[4:]} == {"2026-12-04"}
    assert {row["tier_scope"] for row in found[4:]} == {"account_region_month"}
    sydney = rows(seeds, traffic_class="internet_egress", region="ap-southeast-2", valid_to="")
    assert cells(sydney, "tier_start_gb", "tier_end_gb", "price_per_gb") == [
        ("0", "10240", "0.114"),
        ("10240", "", "0.1"),
    ]
    # Nothing else changed, and no row of before is gone but for its end.
    old = before["data_transfer_prices.csv"].splitlines()
    new = (seeds / "data_transfer_prices.csv").read_text().splitlines()
    gone = [line for line in old if line not in new]
    assert {tuple(line.split(",")[1:3]) for line in gone} == {
        ("eu-west-1", "internet_egress"),
        ("ap-southeast-2", "internet_egress"),
    }
    assert len(new) == len(old) + 4 + 2
    assert {name: text for name, text in texts(seeds).items() if "transfer" not in name} == {
        name: text for name, text in before.items() if "transfer" not in name
    }


def test_a_price_that_did_not_change_is_confirmed_in_its_row(refresh, seeds: Path) -> None:
    (before,) = rows(seeds, traffic_class="cross_az", region="af-south-1")
    assert before["confidence"] == "secondary"
    assert refresh(offer("AWSDataTransfer", within("af-south-1", "AFS1-", "0.0100000000"))) == 0
    (after,) = rows(seeds, traffic_class="cross_az", region="af-south-1")
    assert after == {
        **before,
        "confidence": "verified",
        "observed_on": "2026-12-04",
        "source": f"{before['source']}; AWS Price List AWSDataTransfer 2026-12-04",
    }


def test_the_same_files_again_change_nothing(refresh, seeds: Path) -> None:
    offers = (
        offer("AWSDataTransfer", within("af-south-1", "AFS1-", "0.01"), within("us-east-1", "", "0.02")),
        offer("AmazonEC2", nat("EU-NatGateway-Bytes", "0.05")),
    )
    assert refresh(*offers) == 0
    once = texts(seeds)
    assert refresh(*offers) == 0
    assert texts(seeds) == once
    assert refresh(*offers[::-1]) == 0
    assert texts(seeds) == once


def test_a_later_edition_replaces_the_earlier_ones_name_in_the_source(refresh, seeds: Path) -> None:
    quoted = within("af-south-1", "AFS1-", "0.01")
    assert refresh(offer("AWSDataTransfer", quoted)) == 0
    assert refresh(offer("AWSDataTransfer", quoted, published="2027-01-10T00:00:00Z")) == 0
    (row,) = rows(seeds, traffic_class="cross_az", region="af-south-1")
    assert row["source"].count("AWS Price List") == 1
    assert row["source"].endswith("; AWS Price List AWSDataTransfer 2027-01-10")


def test_an_assumed_row_ends_even_if_the_price_is_the_same(refresh, seeds: Path) -> None:
    """Nobody saw the price of its days; they stay assumed."""
    assert rows(seeds, "s3_prices", region="us-west-2", request_price_tier="get_tier")[0]["confidence"] == "assumed"
    get = product(
        "USW2-Requests-Tier2", "0.0000004000", productFamily="API Request", regionCode="us-west-2", group="S3-API-Tier2"
    )
    assert refresh(offer("AmazonS3", get, unit="Requests")) == 0
    found = rows(seeds, "s3_prices", region="us-west-2", request_price_tier="get_tier")
    assert cells(found, "price_per_1000", "valid_from", "valid_to", "confidence") == [
        ("0.0004", "2026-05-01", "2026-11-30", "assumed"),
        ("0.0004", "2026-12-01", "", "verified"),
    ]


def test_nat_gateways_are_told_from_regional_and_provisioned_ones(
    refresh, seeds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """RegionalNatGateway-Hours ends in NatGateway-Hours. Here every product has a price of its own."""
    hours = [nat("EU-RegionalNatGateway-Hours", "0.061"), nat("EU-NatGateway-Hours", "0.051")]
    volumes = [
        nat("EU-RegionalNatGateway-Bytes", "0.062"),
        nat("EU-NatGateway-Bytes", "0.052"),
        nat("EU-NatGateway-Prvd-Bytes", "0.0000000000"),
        product("EU-BoxUsage:m5.large", "0.1", productFamily="Compute Instance", regionCode="eu-west-1"),
        product("EU-NatGateway-Bytes", "0.9", productFamily="Another", regionCode="eu-west-1"),
    ]
    assert refresh(offer("AmazonEC2", *hours, unit="Hrs"), offer("AmazonEC2", *volumes)) == 0
    new = {
        "nat": rows(seeds, "hourly_prices", region="eu-west-1", item="nat_gateway_hour", valid_to=""),
        "regional": rows(seeds, "hourly_prices", region="eu-west-1", item="regional_nat_gateway_hour", valid_to=""),
    }
    assert cells(new["nat"], "price_per_hour", "unit") == [
        ("0.051", "per gateway and hour (zonal); a regional gateway counts once per AZ")
    ]
    assert cells(new["regional"], "price_per_hour", "unit") == [("0.061", "per AZ the gateway spans and hour")]
    volume = rows(seeds, region="eu-west-1", traffic_class="nat_gateway_processing", valid_to="")
    assert cells(volume, "price_per_gb", "destination", "tier_scope") == [("0.052", "any", "none")]
    said = capsys.readouterr().err
    assert "NAT Gateway, no rule for the usage type: 2 (EU-RegionalNatGateway-Bytes, EU-NatGateway-Prvd-Bytes)" in said
    assert "Compute Instance, no rule for the usage type: 1 (EU-BoxUsage:m5.large)" in said
    assert "productFamily is not 'NAT Gateway': 1 (EU-NatGateway-Bytes)" in said


def test_products_of_a_vpc_become_their_rows(refresh, seeds: Path) -> None:
    here = {"regionCode": "ap-south-1", "locationType": "AWS Region"}
    by_volume = offer(
        "AmazonVPC",
        product("APS3-VpcEndpoint-Bytes", ("0", "1048576", "0.0110000000"), ("1048576", "Inf", "0.007"), **here),
        product("APS3-VpcEndpoint-GWLBE-Bytes", "0.0036", **here),
        product("APS3-VpcPeering-In-Bytes", "0.012", **here),
        product("APS3-VpcPeering-Out-Bytes", "0.012", **here),
        product("APS3-TransitGateway-Bytes", "0.021", operation="TransitGatewayVPC", **here),
        product("APS3-TransitGateway-Bytes", "0.099", operation="TransitGatewayPeering", **here),
    )
    by_hour = offer(
        "AmazonVPC",
        product("APS3-VpcEndpoint-Hours", "0.014", **here),
        product("APS3-VpcEndpoint-GWLBE-Hours", "0.0131", **here),
        product("APS3-TransitGateway-Hours", "0.08", operation="TransitGatewayVPC", **here),
        product("APS3-PublicIPv4:InUseAddress", "0.006", **here),
        product("APS3-PublicIPv4:IdleAddress", "0.006", **here),
        unit="Hrs",
    )
    assert refresh(by_volume, by_hour) == 0
    volumes = rows(seeds, region="ap-south-1", valid_from="2026-12-01")
    assert sorted(cells(volumes, "traffic_class", "destination", "tier_start_gb", "tier_end_gb", "price_per_gb")) == [
        ("gwlb_endpoint_processing", "any", "0", "", "0.0036"),
        ("interface_endpoint_processing", "any", "0", "1048576", "0.011"),
        ("interface_endpoint_processing", "any", "1048576", "", "0.007"),
        ("transit_gateway_processing", "any", "0", "", "0.021"),
        ("vpc_peering_cross_az", "same_region", "0", "", "0.012"),
    ]
    hours = rows(seeds, "hourly_prices", region="ap-south-1", valid_from="2026-12-01")
    assert sorted(cells(hours, "item", "price_per_hour")) == [
        ("gwlb_endpoint_hour", "0.0131"),
        ("interface_endpoint_hour", "0.014"),
        ("public_ipv4_hour", "0.006"),
        ("transit_gateway_attachment_hour", "0.08"),
    ]
    # The row for all regions was right for the others.
    assert rows(seeds, "hourly_prices", region="*", item="public_ipv4_hour", valid_to="")


def test_a_price_that_the_row_for_all_regions_says_needs_no_row(refresh, seeds: Path) -> None:
    before = texts(seeds)
    address = product("EUW2-PublicIPv4:InUseAddress", "0.0050000000", regionCode="eu-west-2")
    assert refresh(offer("AmazonVPC", address, unit="Hrs")) == 0
    assert texts(seeds) == before


def test_a_fallback_that_is_assumed_does_not_speak_for_a_region(refresh, seeds: Path) -> None:
    assert refresh(offer("AWSDataTransfer", within("mx-central-1", "MXC1-", "0.0100000000"))) == 0
    found = rows(seeds, traffic_class="cross_az", region="mx-central-1")
    assert cells(found, "price_per_gb", "confidence", "valid_from") == [("0.01", "verified", "2026-12-01")]


def test_requests_are_priced_by_the_thousand_and_other_tiers_left_alone(refresh, seeds: Path) -> None:
    def request(usage_type: str, group: str, price: str) -> Product:
        return product(usage_type, price, productFamily="API Request", regionCode="us-east-1", group=group)

    requests = [
        request("Requests-Tier1", "S3-API-Tier1", "0.0000060000"),
        request("Requests-Tier2", "S3-API-Tier2", "0.0000004000"),
        request("Requests-SIA-Tier1", "S3-API-SIA-Tier1", "0.00001"),
        request("Requests-Tier3", "S3-API-Tier3", "0.00003"),
    ]
    assert refresh(offer("AmazonS3", *requests, unit="Requests")) == 0
    found = rows(seeds, "s3_prices", region="us-east-1", valid_from="2026-12-01")
    assert cells(found, "request_price_tier", "price_per_1000", "storage_class") == [("put_tier", "0.006", "STANDARD")]


# --- Between regions


def other_regions(region: str) -> list[tuple[str, str]]:
    """The open regions of the partition aws without one, and their prefixes."""
    return [
        (row["region"], row["usage_type_prefix"])
        for row in csv.DictReader(REGIONS.splitlines())
        if (row["aws_partition"], row["status"]) == ("aws", "available") and row["region"] != region
    ]


def test_most_destinations_set_the_price_for_all_and_the_others_get_rows(refresh, seeds: Path) -> None:
    prices = dict.fromkeys((to for to, _ in other_regions("us-east-1")), "0.03")
    prices |= {"us-east-2": "0.0100000000", "us-west-1": "0.0250000000"}
    pairs = [between("us-east-1", "USE1", to, prefix, prices[to]) for to, prefix in other_regions("us-east-1")]
    assert refresh(offer("AWSDataTransfer", *pairs)) == 0
    found = rows(seeds, traffic_class="inter_region_egress", region="us-east-1")
    assert sorted(cells(found, "destination", "price_per_gb", "valid_from", "valid_to")) == [
        ("*", "0.02", "2021-05-21", "2026-11-30"),
        ("*", "0.03", "2026-12-01", ""),
        ("us-east-2", "0.01", "2021-05-27", ""),
        ("us-west-1", "0.025", "2026-12-01", ""),
    ]
    assert rows(seeds, traffic_class="inter_region_egress", region="us-east-2", destination="*", valid_to="")


def test_a_few_destinations_say_nothing_of_the_rest(refresh, seeds: Path) -> None:
    pairs = [
        between("us-east-1", "USE1", "eu-west-2", "EUW2", "0.03"),
        between("us-east-1", "USE1", "mx-central-1", "MXC1", "0.03"),
        between("us-east-1", "USE1", "eu-west-1", "EU", "0.02"),
    ]
    assert refresh(offer("AWSDataTransfer", *pairs)) == 0
    found = rows(seeds, traffic_class="inter_region_egress", region="us-east-1", valid_to="")
    assert sorted(cells(found, "destination", "price_per_gb")) == [
        ("*", "0.02"),
        ("eu-west-2", "0.03"),
        ("mx-central-1", "0.03"),
        ("us-east-2", "0.01"),
    ]


# --- Currencies


def test_prices_in_yuan_stay_in_yuan(refresh, seeds: Path) -> None:
    document = offer(
        "AWSDataTransfer",
        to_internet("cn-northwest-1", "CNW1-", ("0", "Inf", "0.8000000000")),
        between("cn-northwest-1", "CNW1", "cn-north-1", "CNN1", "0.5000000000"),
        currency="CNY",
    )
    assert refresh(document) == 0
    found = rows(seeds, region="cn-northwest-1", valid_from="2026-12-01")
    assert sorted(cells(found, "aws_partition", "traffic_class", "destination", "price_per_gb", "currency")) == [
        ("aws-cn", "inter_region_egress", "cn-north-1", "0.5", "CNY"),
        ("aws-cn", "internet_egress", "internet", "0.8", "CNY"),
    ]


@pytest.mark.parametrize(
    ("region", "prefix", "currency"),
    [("cn-northwest-1", "CNW1-", "USD"), ("eu-west-1", "EU-", "CNY"), ("eu-west-1", "EU-", "EUR")],
)
def test_a_price_in_another_currency_is_refused(
    refresh, seeds: Path, capsys: pytest.CaptureFixture[str], region: str, prefix: str, currency: str
) -> None:
    before = texts(seeds)
    good = offer("AWSDataTransfer", within("us-east-1", "", "0.05"))
    assert refresh(good, offer("AWSDataTransfer", within(region, prefix, "0.05"), currency=currency)) == 2
    assert f"found {currency}" in capsys.readouterr().err
    assert texts(seeds) == before


# --- What is left out or refused


def test_what_a_region_or_partition_does_not_hold_is_ignored_and_named(
    refresh, seeds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = texts(seeds)
    local_zone = within("us-west-2", "USW2-", "0.5")
    local_zone[0]["fromLocationType"] = "AWS Local Zone"
    nameless = to_internet("", "", ("0", "Inf", "0"))
    inbound = within("us-east-1", "", "0.5")
    inbound[0]["transferType"] = "AWS Inbound"
    ignored = [
        local_zone,
        nameless,
        inbound,
        within("us-moon-1", "USM1-", "0.5"),
        within("eu-west-1", "USW2-", "0.5"),
        between("us-east-1", "USE1", "cn-north-1", "CNN1", "0.5"),
    ]
    assert refresh(offer("AWSDataTransfer", *ignored)) == 0
    assert texts(seeds) == before
    said = capsys.readouterr().err
    assert "not in a region: 1 (USW2-DataTransfer-Regional-Bytes)" in said
    assert "transferType is not 'IntraRegion': 1 (DataTransfer-Regional-Bytes)" in said
    assert "region not in regions.csv, or not that of the usage type: 3" in said
    assert "in another partition: 1 (USE1-CNN1-AWS-Out-Bytes)" in said


def test_products_that_contradict_each_other_are_left_out(
    refresh, seeds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = offer(
        "AmazonVPC",
        product("EU-VpcPeering-In-Bytes", "0.02", regionCode="eu-west-1"),
        product("EU-VpcPeering-Out-Bytes", "0.03", regionCode="eu-west-1"),
        product("EU-VpcEndpoint-GWLBE-Bytes", "0.004", regionCode="eu-west-1"),
    )
    before = rows(seeds, traffic_class="vpc_peering_cross_az")
    assert refresh(document) == 1
    assert rows(seeds, traffic_class="vpc_peering_cross_az") == before
    assert rows(seeds, traffic_class="gwlb_endpoint_processing", region="eu-west-1")
    assert "vpc_peering_cross_az, same_region: 0.02 from 0 against 0.03 from 0" in capsys.readouterr().err


def test_of_two_editions_the_newer_one_counts(refresh, seeds: Path) -> None:
    newer = offer("AWSDataTransfer", within("us-east-1", "", "0.03"))
    older = offer("AWSDataTransfer", within("us-east-1", "", "0.02"), published="2026-12-03T00:00:00Z")
    assert refresh(newer, older) == 0
    found = rows(seeds, traffic_class="cross_az", region="us-east-1", valid_to="")
    assert cells(found, "price_per_gb") == [("0.03",)]


def test_an_offer_older_than_what_is_held_changes_nothing(refresh, seeds: Path) -> None:
    before = texts(seeds)
    old = offer(
        "AWSDataTransfer",
        within("af-south-1", "AFS1-", "0.5"),
        published="2020-01-02T00:00:00Z",
        in_force="2020-01-01T00:00:00Z",
    )
    assert refresh(old) == 0
    assert texts(seeds) == before


def test_a_price_in_force_before_the_row_it_replaces_begins_when_it_was_seen(refresh, seeds: Path) -> None:
    """The first day of a held row is often only roughly known; a row must not end before it begins."""
    assert rows(seeds, "hourly_prices", region="af-south-1", item="interface_endpoint_hour")[0]["valid_from"] == (
        "2026-09-21"
    )
    hour = product("AFS1-VpcEndpoint-Hours", "0.02", regionCode="af-south-1")
    assert refresh(offer("AmazonVPC", hour, unit="Hrs", in_force="2026-09-01T00:00:00Z")) == 0
    found = rows(seeds, "hourly_prices", region="af-south-1", item="interface_endpoint_hour")
    assert cells(found, "price_per_hour", "valid_from", "valid_to") == [
        ("0.01309", "2026-09-21", "2026-12-03"),
        ("0.02", "2026-12-04", ""),
    ]
    assert "in force since 2026-09-01" in found[1]["note"]


def changed(**parts: Any) -> Document:
    return {**offer("AWSDataTransfer", within("us-east-1", "", "0.05")), **parts}


def repriced(**parts: Any) -> Document:
    """An offer whose one price dimension has other parts."""
    document = offer("AWSDataTransfer", within("us-east-1", "", "0.05"))
    (term,) = document["terms"]["OnDemand"]["SKU0"].values()
    (dimension,) = term["priceDimensions"].values()
    dimension.update(parts)
    return document


COMPLETE = json.dumps(changed())

REFUSED = {
    "no JSON": ("<html>", "expected '{', found '<'"),
    "cut off in the products": (COMPLETE[: COMPLETE.index('"attributes"')], "the end of the file"),
    "cut off at the end": (COMPLETE[:-1], "the end of the file"),
    "more than one document": (COMPLETE + "{}", "expected the end of the file"),
    "an index of regions": ('{"regions": {}}', "found regions"),
    "no offer code": ({**changed(), "offerCode": None}, "offerCode"),
    "another offer": (changed(offerCode="AmazonRDS"), "found 'AmazonRDS'"),
    "a date that is none": (changed(publicationDate="soon"), "found 'soon'"),
    "no terms": ({name: part for name, part in changed().items() if name != "terms"}, "products and terms"),
    "terms first": ({"terms": {}, **changed()}, "terms first"),
    "another unit": (repriced(unit="TB"), "one per 'TB'"),
    "hours for GB": (repriced(unit="Hrs"), "one per 'Hrs'"),
    "two currencies": (repriced(pricePerUnit={"USD": "0.1", "CNY": "0.7"}), "['CNY', 'USD']"),
    "a price that is none": (repriced(pricePerUnit={"USD": "free"}), "free"),
    "a price below 0": (repriced(pricePerUnit={"USD": "-0.1"}), "at least 0"),
    "a price too fine": (repriced(pricePerUnit={"USD": "0.000000001"}), "at most 8 digits"),
    "ranges that end": (repriced(endRange="10240"), "without a gap"),
    "ranges that begin late": (repriced(beginRange="1"), "without a gap"),
    "a gap between ranges": (
        offer("AWSDataTransfer", to_internet("eu-west-1", "EU-", ("0", "10240", "0.09"), ("10241", "Inf", "0.05"))),
        "without a gap",
    ),
    "tiers of hours": (
        offer(
            "AmazonEC2",
            product(
                "NatGateway-Hours",
                ("0", "9", "1"),
                ("9", "Inf", "2"),
                productFamily="NAT Gateway",
                regionCode="us-east-1",
            ),
            unit="Hrs",
        ),
        "expected one price",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_not_right_changes_nothing(
    refresh, seeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    before = texts(seeds)
    content, message = REFUSED[what]
    good = offer("AWSDataTransfer", within("us-west-2", "USW2-", "0.05"))
    assert refresh(good, content) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'offer_1.json'}" in said
    assert "expected" in said
    assert message in said
    assert texts(seeds) == before


def test_a_dry_run_prints_the_changes_and_writes_nothing(
    refresh, seeds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = texts(seeds)
    document = offer(
        "AWSDataTransfer",
        within("us-east-1", "", "0.0200000000"),
        to_internet("eu-west-1", "EU-", *TIERS_OF_DUBLIN, ("153600", "Inf", "0.0480000000")),
        within("af-south-1", "AFS1-", "0.0100000000"),
    )
    assert refresh(document, more=["--dry-run"]) == 0
    assert texts(seeds) == before
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[0] == ["seed", "region", "what", "tier", "old", "price", "new", "price", "currency", "valid", "from"]
    assert sorted(lines[1:]) == [
        ["data_transfer_prices", "eu-west-1", "internet_egress", "internet", "0", "0.09", "0.09", "USD", "2026-12-01"],
        [
            "data_transfer_prices",
            "eu-west-1",
            "internet_egress",
            "internet",
            "10240",
            "0.085",
            "0.085",
            "USD",
            "2026-12-01",
        ],
        [
            "data_transfer_prices",
            "eu-west-1",
            "internet_egress",
            "internet",
            "153600",
            "0.05",
            "0.048",
            "USD",
            "2026-12-01",
        ],
        [
            "data_transfer_prices",
            "eu-west-1",
            "internet_egress",
            "internet",
            "51200",
            "0.07",
            "0.07",
            "USD",
            "2026-12-01",
        ],
        ["data_transfer_prices", "us-east-1", "cross_az", "same_region", "0", "0.01", "0.02", "USD", "2026-12-01"],
    ]
    assert "changed or new: 2; confirmed: 1" in said.err
    assert "nothing written" in said.err
    assert refresh(document) == 0
    assert capsys.readouterr().out == said.out


@pytest.mark.parametrize("size", [1, 7, 64])
def test_where_the_pieces_of_a_file_end_does_not_matter(
    refresh, seeds: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    document = offer("AWSDataTransfer", within("us-east-1", "", "0.05"), within("us-west-2", "USW2-", "0.06"))
    document["disclaimer"] = 'é, 中文 and \\u00e9 "}{" end'
    document["number"] = 123456
    text = json.dumps(document, ensure_ascii=False, indent=2)

    def pieces(source: str, limit: int):
        content = text.encode()
        yield from (content[place : place + size] for place in range(0, len(content), size))

    monkeypatch.setattr(price_list, "chunks", pieces)
    assert refresh(document) == 0
    found = rows(seeds, traffic_class="cross_az", valid_from="2026-12-01")
    assert cells(found, "region", "price_per_gb") == [("us-east-1", "0.05"), ("us-west-2", "0.06")]


def test_a_value_without_an_end_is_not_read_for_ever(
    refresh, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(price_list, "LONGEST_VALUE", 1000)
    monkeypatch.setattr("shared.seed_files.CHUNK_BYTES", 100)
    assert refresh('{"offerCode": "' + "x" * 100_000) == 2
    assert "expected JSON to its end" in capsys.readouterr().err


# --- The seeds afterwards


def test_the_refreshed_seeds_keep_the_rules_of_the_seeds(refresh, seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is asked of the project's seeds is asked of what a refresh leaves."""
    import test_seeds

    pairs = [between("us-east-2", "USE2", to, prefix, "0.15") for to, prefix in other_regions("us-east-2")]
    tiers = [("0", "10240", "0.14"), ("10240", "51200", "0.12"), ("51200", "Inf", "0.11")]
    of_region = {"regionCode": "us-east-1"}
    transfer = offer(
        "AWSDataTransfer",
        *pairs,
        to_internet("ap-southeast-2", "APS2-", *tiers),
        to_internet("mx-central-1", "MXC1-", *tiers),
        within("us-east-1", "", "0.02"),
    )
    endpoints = offer(
        "AmazonVPC", product("VpcEndpoint-Bytes", ("0", "1048576", "0.01"), ("1048576", "Inf", "0.006"), **of_region)
    )
    gateways = offer("AmazonEC2", nat("EU-NatGateway-Hours", "0.051"), unit="Hrs")
    china = offer("AmazonEC2", nat("CNW1-NatGateway-Bytes", "0.3", "cn-northwest-1"), currency="CNY")
    count = sum(len(rows(seeds, seed)) for seed in test_seeds.PRICE_KEYS)
    assert refresh(transfer, endpoints, gateways, china) == 0
    files = {path.stem: path for path in sorted(seeds.parent.rglob("*.csv"))}
    monkeypatch.setattr(test_seeds, "SEEDS", files)
    for seed in test_seeds.PRICE_KEYS:
        test_seeds.test_every_cell_has_the_shape_of_its_type(seed)
        test_seeds.test_one_price_is_in_force_on_a_day(seed)
        test_seeds.test_prices_are_in_the_currency_of_their_partition(seed)
        test_seeds.test_what_nobody_has_seen_is_assumed(seed)
        test_seeds.test_sources_say_something_to_a_reader_elsewhere(seed)
    test_seeds.test_tiers_follow_each_other_without_a_gap()
    # A price for all other regions, two ladders of three, one of two, and three single prices.
    assert sum(len(rows(seeds, seed)) for seed in test_seeds.PRICE_KEYS) == count + 1 + 2 * 3 + 2 + 3


def test_the_projects_own_seeds_can_be_refreshed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their columns and regions are those that the script knows; an offer of long ago changes nothing in them."""
    long_ago = "2006-08-25T00:00:00Z"
    file = tmp_path / "offer.json"
    document = offer("AWSDataTransfer", within("us-east-1", "", "0.5"), published=long_ago, in_force=long_ago)
    file.write_text(json.dumps(document))
    assert refresh_prices.main([str(file), "--dry-run"]) == 0
    said = capsys.readouterr()
    assert "older than what is held: 1" in said.err
    assert len(said.out.splitlines()) == 1
