"""What the seeds say, read from their files and checked against arithmetic and against each other."""

from __future__ import annotations

import csv
import ipaddress
import re
from collections import defaultdict
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
import yaml
from duckdb_project import REPOSITORY

SEEDS = {path.stem: path for path in sorted((REPOSITORY / "seeds").rglob("*.csv"))}
NETWORKS = {"4": ipaddress.IPv4Network, "6": ipaddress.IPv6Network}
HEX_DIGITS = {"4": 8, "6": 32}
# How the text of a type must look so that both engines read it, and lose nothing.
SHAPES = {
    "integer": r"0|-?[1-9][0-9]{0,9}",
    "bigint": r"0|-?[1-9][0-9]{0,17}",
    "boolean": "true|false",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "timestamp": r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
    "decimal(18,8)": r"[0-9]{1,10}(?:\.[0-9]{1,8})?",
    "varchar": r".+",
}

Row = dict[str, str]


def rows(seed: str) -> list[Row]:
    """The rows of a seed's file; never none."""
    with SEEDS[seed].open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert found
    return found


def settings(seed: str) -> dict[str, Any]:
    """What the yml beside a seed's file says of it."""
    (path,) = SEEDS[seed].parent.glob("_*__seeds.yml")
    (found,) = [entry for entry in yaml.safe_load(path.read_text())["seeds"] if entry["name"] == seed]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_cell_has_the_shape_of_its_type(seed: str) -> None:
    types = settings(seed)["config"]["column_types"]
    for number, row in enumerate(rows(seed), 2):
        for column, text in row.items():
            where = f"{seed}.csv, line {number}, column {column}: '{text}'"
            assert text == "" or re.fullmatch(SHAPES[types[column]], text), where
            assert text.strip().lower() != "null", f"{where}: dbt reads that word as no value; leave the cell empty"
            assert text == "" or text.strip(), f"{where}: dbt reads blanks as no value; leave the cell empty"
            if text and types[column] in ("date", "timestamp"):
                datetime.fromisoformat(text)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_nobody_has_seen_is_assumed(seed: str) -> None:
    unseen = [row for row in rows(seed) if row["source"] in ("not found", "general knowledge; no document seen")]
    assert [row for row in unseen if row["confidence"] != "assumed"] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_sources_say_something_to_a_reader_elsewhere(seed: str) -> None:
    """No number that only one collection of files knows: an offer's version has 14 digits, a date is not alone."""
    texts = [f"{row['source']} {row.get('note', '')}" for row in rows(seed)]
    assert [text for text in texts if re.search(r"(?<![\d.])\d{9,13}(?!\d)", text)] == []
    assert [text for text in texts if re.search(r"stored file|facts of|from memory", text)] == []


# --- Networks


def test_special_purpose_networks_are_what_their_cidr_says() -> None:
    for row in rows("special_purpose_networks"):
        network = NETWORKS[row["ip_version"]](row["cidr"])
        first, last = int(network.network_address), int(network.broadcast_address)
        digits = HEX_DIGITS[row["ip_version"]]
        assert (row["start_hex"], row["end_hex"]) == (f"{first:0{digits}x}", f"{last:0{digits}x}"), row["cidr"]
        assert int(row["prefix_length"]) == network.prefixlen, row["cidr"]
        numbers = (row["start_int"], row["end_int"])
        assert numbers == ((str(first), str(last)) if row["ip_version"] == "4" else ("", "")), row["cidr"]


def test_flag_labels_are_the_sum_of_their_bits() -> None:
    bits = {row["flag"]: int(row["bit_value"]) for row in rows("tcp_flags")}
    assert sorted(bits.values()) == [2**number for number in range(8)]
    for row in rows("tcp_flag_values"):
        names = [] if row["label"] == "none" else re.split(r"[+-]", row["label"])
        assert sum(bits[name] for name in names) == int(row["tcp_flags"]), row["label"]
    reported = {row["flag"] for row in rows("tcp_flags") if row["is_in_flow_logs"] == "true"}
    assert {name for row in rows("tcp_flag_values") for name in re.split(r"[+-]", row["label"])} <= reported | {"none"}


def test_ports_and_protocols_agree() -> None:
    protocols = {row["number"]: row for row in rows("ip_protocols")}
    for row in rows("well_known_ports"):
        protocol = protocols[row["protocol_number"]]
        assert (protocol["keyword"].lower(), protocol["has_ports"]) == (row["transport"], "true")
        assert 0 < int(row["port"]) < 65536


# --- AWS


def test_aws_intervals_are_ordered_and_do_not_overlap() -> None:
    """For every day on which an edition was new, and so for every day."""
    intervals = rows("aws_ip_intervals")
    for day in {row["valid_from"] for row in intervals}:
        for version, digits in HEX_DIGITS.items():
            valid = [
                row
                for row in intervals
                if row["ip_version"] == version and row["valid_from"] <= day and (row["valid_to"] or day) >= day
            ]
            assert len(valid) > 1000
            for row in valid:
                assert re.fullmatch(rf"[0-9a-f]{{{digits}}}", row["start_hex"])
                assert re.fullmatch(rf"[0-9a-f]{{{digits}}}", row["end_hex"])
                assert row["start_hex"] <= row["end_hex"]
            assert [row["start_hex"] for row in valid] == sorted(row["start_hex"] for row in valid)
            touching = [(one, two) for one, two in pairwise(valid) if one["end_hex"] >= two["start_hex"]]
            assert touching == []


def test_aws_intervals_say_the_same_address_in_both_ways() -> None:
    for row in rows("aws_ip_intervals"):
        is_4 = row["ip_version"] == "4"
        for end in ("start", "end"):
            assert row[f"{end}_int"] == (str(int(row[f"{end}_hex"], 16)) if is_4 else "")
        assert row["network_border_group"] != row["region"], "null stands for the region itself"


def test_aws_intervals_lie_outside_private_networks() -> None:
    """AWS lists public addresses alone: an interval in a private block would be an error of the arithmetic."""
    private = sorted(
        (row["start_hex"], row["end_hex"])
        for row in rows("special_purpose_networks")
        if row["category"] in ("private", "loopback", "link_local", "shared_cgn", "multicast")
    )
    inside = [
        row
        for row in rows("aws_ip_intervals")
        for first, last in private
        if len(first) == len(row["start_hex"]) and row["start_hex"] <= last and row["end_hex"] >= first
    ]
    assert inside == []


def test_aws_snapshots_agree_with_their_token() -> None:
    for row in rows("aws_ip_snapshots"):
        created = datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC)
        assert int(row["sync_token"]) == int(created.timestamp())
        assert row["valid_from"] == str(created.date())


# --- Prices


PRICE_KEYS = {
    "data_transfer_prices": ("aws_partition", "region", "traffic_class", "destination"),
    "hourly_prices": ("aws_partition", "region", "item"),
    "s3_prices": ("aws_partition", "region", "storage_class", "request_price_tier"),
}


@pytest.mark.parametrize("seed", PRICE_KEYS)
def test_one_price_is_in_force_on_a_day(seed: str) -> None:
    days: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for row in rows(seed):
        key = tuple(row[column] for column in PRICE_KEYS[seed])
        assert days[key].setdefault(row["valid_from"], row["valid_to"]) == row["valid_to"], key
    for key, ranges in days.items():
        for (first, last), (following, _) in pairwise(sorted(ranges.items())):
            assert last, f"{key}: two prices without an end"
            assert date.fromisoformat(first) <= date.fromisoformat(last) < date.fromisoformat(following), key


# The allowance ends; of endpoint processing most regions' prices were seen for the first tier only.
WITHOUT_A_LAST_TIER = {"internet_egress_free_allowance", "interface_endpoint_processing"}


def test_tiers_follow_each_other_without_a_gap() -> None:
    tiers: dict[tuple[str, ...], list[tuple[int, int | None]]] = defaultdict(list)
    for row in rows("data_transfer_prices"):
        key = tuple(row[column] for column in (*PRICE_KEYS["data_transfer_prices"], "valid_from"))
        tiers[key].append((int(row["tier_start_gb"]), int(row["tier_end_gb"]) if row["tier_end_gb"] else None))
    assert max(map(len, tiers.values())) > 1
    for key, found in tiers.items():
        found.sort()
        assert found[0][0] == 0, key
        assert all(one[1] == two[0] for one, two in pairwise(found)), key
        if not WITHOUT_A_LAST_TIER & set(key):
            assert found[-1][1] is None, key


@pytest.mark.parametrize("seed", PRICE_KEYS)
def test_prices_are_in_the_currency_of_their_partition(seed: str) -> None:
    currencies = {row["aws_partition"]: "CNY" if row["aws_partition"] == "aws-cn" else "USD" for row in rows(seed)}
    assert [row for row in rows(seed) if row["currency"] != currencies[row["aws_partition"]]] == []
    partitions = {row["region"]: row["aws_partition"] for row in rows("regions")}
    assert [
        row for row in rows(seed) if row["aws_partition"] != partitions.get(row["region"], row["aws_partition"])
    ] == []


def test_every_request_tier_has_a_price() -> None:
    priced = {row["request_price_tier"] for row in rows("s3_prices")}
    assert {row["request_price_tier"] for row in rows("s3_operations")} <= priced


# --- Interfaces


def test_interface_rules_are_ordered_and_take_one_name_out() -> None:
    rules = rows("eni_kind_patterns")
    assert [int(row["match_order"]) for row in rules] == list(range(1, len(rules) + 1))
    for row in rules:
        if row["extract_regex"]:
            assert re.compile(row["extract_regex"]).groups == 1, row["pattern"]


def test_no_interface_rule_hides_a_later_one() -> None:
    """A prefix that stands before a longer one that starts with it would always win."""
    prefixes = [row["pattern"] for row in rows("eni_kind_patterns") if row["attribute"] == "description_prefix"]
    hidden = [(one, two) for place, one in enumerate(prefixes) for two in prefixes[place + 1 :] if two.startswith(one)]
    assert hidden == []


def test_seed_files_are_small_enough_for_a_checksum() -> None:
    """Of files above 1 MiB dbt keeps none: they would be read at every run."""
    limit = 1024 * 1024
    assert [path.name for path in SEEDS.values() if path.stat().st_size > limit] == []
