"""Prices and payers of the user's own that are none are refused, before anything runs, and the message names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from duckdb_project import DbtRun, DuckdbProject

REQUEST_PRICE = {"request_price_tier": "get_tier", "price_per_1000": 0.0003, "currency": "USD"}
PRICE = {"traffic_class": "nat_gateway_processing", "price_per_gb": 0.04, "currency": "USD"}


def run_with(folder: Path, variables: dict[str, Any], *command: str) -> DbtRun:
    """Run a dbt command with vars, written as JSON, which knows null."""
    return DuckdbProject(folder).dbt(*command, "--vars", json.dumps(variables))


def without(key: str) -> dict[str, Any]:
    """The price without one of its keys."""
    return {name: value for name, value in PRICE.items() if name != key}


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ([{**PRICE, "price": 1}], "entry 1: the key price is not known"),
        ([PRICE, without("currency")], "entry 2: the key currency is missing"),
        ([{**PRICE, "traffic_class": None}], "entry 1: the key traffic_class is missing"),
        ([{**PRICE, "price_per_gb": "0,04"}], "entry 1: price_per_gb is 0,04; expected a number"),
        ([{**PRICE, "tier_start_gb": 0.5}], "entry 1: tier_start_gb is 0.5; expected whole GB"),
        ([{**PRICE, "tier_end_gb": "10 TB"}], "entry 1: tier_end_gb is 10 TB; expected whole GB"),
        ([{**PRICE, "valid_from": "1 November"}], "entry 1: valid_from is 1 November; expected a day"),
        ([{**PRICE, "valid_to": "2026-11"}], "entry 1: valid_to is 2026-11; expected a day"),
    ],
)
def test_a_price_that_is_none_is_refused(tmp_path: Path, prices: list[dict[str, Any]], message: str) -> None:
    run = run_with(tmp_path, {"data_transfer_prices_own": prices}, "parse")
    assert run.exit_code != 0
    assert f"Var data_transfer_prices_own, {message}" in run.output


@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ([REQUEST_PRICE, {**REQUEST_PRICE, "price_per_gb": 1}], "entry 2: the key price_per_gb is not known"),
        ([{**REQUEST_PRICE, "price_per_1000": -1}], "entry 1: price_per_1000 is -1; expected a number"),
    ],
)
def test_a_price_of_requests_that_is_none_is_refused(
    tmp_path: Path, prices: list[dict[str, Any]], message: str
) -> None:
    run = run_with(tmp_path, {"s3_request_prices_own": prices}, "parse")
    assert run.exit_code != 0
    assert f"Var s3_request_prices_own, {message}" in run.output


def test_a_key_of_a_price_may_be_null_like_one_left_out(tmp_path: Path) -> None:
    keys = ("aws_partition", "region", "destination", "tier_start_gb", "tier_end_gb", "valid_from", "valid_to")
    prices = [PRICE, {**PRICE, **dict.fromkeys(keys)}]
    command = ("compile", "--quiet", "--inline", "{{ own_prices('data_transfer_prices_own') }}")
    first, second = [
        run_with(tmp_path, {"data_transfer_prices_own": [price]}, *command).check().output for price in prices
    ]
    assert "'nat_gateway_processing' as traffic_class" in first
    assert first == second


@pytest.mark.parametrize(
    ("payers", "wrong"),
    [
        ({"1111": "444455556666"}, "1111"),
        ({"111122223333": 44445555666}, "44445555666"),
    ],
)
def test_a_payer_that_is_no_account_is_refused(tmp_path: Path, payers: dict[str, Any], wrong: str) -> None:
    run = run_with(tmp_path, {"payer_account_ids": payers}, "parse")
    assert run.exit_code != 0
    assert f"Var payer_account_ids: '{wrong}' is no account id. Expected twelve digits in quotes" in run.output


@pytest.mark.parametrize(
    ("misspelled", "misspelled_request", "exit_code"),
    [
        ({}, {}, 0),
        ({"traffic_class": "nat_gateway_procesing"}, {}, 1),
        ({"region": "us-east-11"}, {}, 1),
        ({"region": "us-east-1"}, {}, 0),
        ({}, {"request_price_tier": "gettier"}, 1),
    ],
)
def test_a_misspelled_class_or_region_fails_the_build(
    tmp_path: Path, misspelled: dict[str, str], misspelled_request: dict[str, str], exit_code: int
) -> None:
    (tmp_path / "logs").mkdir()
    check = "assert_own_prices_are_of_known_classes_and_regions"
    variables = {
        "data_transfer_prices_own": [{**PRICE, **misspelled}],
        "s3_request_prices_own": [{**REQUEST_PRICE, **misspelled_request}],
    }
    run = run_with(tmp_path, variables, "test", "--select", check)
    assert run.exit_code == exit_code, run.output
    assert f"{'PASS' if exit_code == 0 else 'FAIL 1'} " in run.output
