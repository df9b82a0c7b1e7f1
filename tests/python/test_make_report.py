"""The report shows what the marts hold, whatever is chosen, and nothing that the logs say can act in it.

The numbers are asked of the page in a browser and of the marts in SQL. The marts are those of the sample logs; where a
test needs others, it changes rows in a copy.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import make_report
import pytest
from chromium import Page
from duckdb_project import MODELS_ONLY, REPOSITORY, SAMPLE_FORMAT, DuckdbProject
from generate_sample_logs import main as generate_sample_logs

CHARTS = ("egress", "costs-USD", "nat", "s3", "api")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the sample logs."""
    project = DuckdbProject(tmp_path_factory.mktemp("report"))
    assert generate_sample_logs([str(project.logs)]) == 0
    project.dbt(*MODELS_ONLY, variables=SAMPLE_FORMAT).check()
    return project.warehouse


def changed(warehouse: Path, folder: Path, *statements: str) -> Path:
    """A copy of the warehouse in which these statements have run."""
    copy = folder / "changed.duckdb"
    shutil.copyfile(warehouse, copy)
    with duckdb.connect(str(copy)) as connection:
        for statement in statements:
            connection.execute(statement)
    return copy


def marts(warehouse: Path) -> list[str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select table_name from information_schema.tables where table_name like 'fct_%' or table_name like 'dim_%'"
        ).fetchall()
    return [name for (name,) in rows]


def report_of(warehouse: Path, folder: Path, *arguments: str) -> Path:
    """Make the report as the command does, and return its file."""
    file = folder / "report.html"
    assert make_report.main([str(warehouse), str(file), *arguments]) == 0
    return file


@dataclass
class Report:
    """An open report, and the marts behind it."""

    page: Page
    warehouse: Path

    def choose(self, start: str = "", end: str = "", account: str = "", region: str = "") -> None:
        """Set the filters as a person does, all of them; what is not given becomes what it was at first."""
        chosen = {"from": start, "to": end, "account": account, "region": region}
        self.page.ask("document.getElementById('filters').reset()")
        for name, value in chosen.items():
            if value:
                self.page.ask(
                    f"(() => {{ const field = document.getElementById('chosen-{name}'); field.value = {value!r};"
                    " field.dispatchEvent(new Event('change', {bubbles: true})); return field.value })()"
                )
        self.page.settle()

    def table(self, name: str) -> list[dict[str, str]]:
        """The rows of a table by column, opened for it; of a number the exact one behind it."""
        self.page.ask(
            f"(() => {{ const table = document.getElementById({name!r}); const fold = table?.closest('details');"
            " if (fold) fold.open = true })()"
        )
        self.page.settle()
        return self.page.ask(
            f"""(() => {{
                const table = document.getElementById({name!r});
                const names = [...table.querySelectorAll('thead th')].map(each => each.textContent);
                const value = each => each.querySelector('data')?.value
                    ?? [...each.childNodes].filter(node => node.nodeName === '#text').map(node => node.data).join('');
                return [...table.querySelectorAll('tbody tr')].map(row =>
                    Object.fromEntries([...row.cells].map((cell, index) => [names[index], value(cell)])));
            }})()"""
        )

    def text(self, selector: str) -> str:
        return self.page.ask(f"document.querySelector({selector!r}).textContent").replace("\u00a0", " ")

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def number(self, query: str) -> int:
        ((value,),) = self.sql(query)
        return int(value or 0)


@pytest.fixture
def open_report(new_page: Callable[[], Page], tmp_path: Path) -> Iterator[Callable[..., Report]]:
    """Open the report of a warehouse; at the end none of them may have complained, or asked for anything."""
    opened: list[tuple[Report, Path]] = []

    def open_report_of(warehouse: Path, *arguments: str, width: int = 1280) -> Report:
        file = report_of(warehouse, tmp_path, *arguments)
        page = new_page()
        page.size(width, 900)
        page.open(file)
        opened.append((Report(page, warehouse), file))
        return opened[-1][0]

    yield open_report_of
    for report, file in opened:
        assert report.page.complaints() == []
        # The browser draws the signs of its own fields from data: addresses.
        asked = [address for address in report.page.requests() if not address.startswith("data:")]
        assert asked == [file.resolve().as_uri()]


# --- Numbers --------------------------------------------------------------------------------------------------------

CHOICES = {
    "everything": {},
    "one day": {"start": "2026-11-06", "end": "2026-11-06"},
    "days": {"start": "2026-11-02", "end": "2026-11-04"},
    "an account": {"account": "444455556666"},
    "a region": {"region": "us-east-1"},
    "all of them": {"start": "2026-11-05", "end": "2026-11-07", "account": "111122223333", "region": "us-east-1"},
}


def condition(choice: dict[str, str]) -> str:
    """What is chosen, as SQL over a mart."""
    parts = [
        f"event_date between '{choice.get('start', '0001-01-01')}' and '{choice.get('end', '9999-12-31')}'",
        *(f"account_id = '{choice['account']}'" for _ in [0] if "account" in choice),
        *(f"region = '{choice['region']}'" for _ in [0] if "region" in choice),
    ]
    return " and ".join(parts)


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_every_number_is_what_the_marts_say(
    sample: Path, open_report: Callable[..., Report], choice: dict[str, str]
) -> None:
    report = open_report(sample)
    report.choose(**choice)
    where = condition(choice)

    # Headline, days and exit paths: flow logs, and what S3 itself sent to the internet.
    egress = f"""(
        select event_date, exit_path, sender_id, destination_kind, byte_count
        from fct_internet_egress_daily where {where}
        union all
        select event_date, 's3', bucket_name, 'internet', bytes_sent from fct_s3_usage_daily
        where transfer_class = 'internet_egress' and {where})"""
    left = report.number(f"select sum(byte_count) from {egress}")
    assert report.page.ask("document.querySelector('#answer-left data').value") == str(left)
    assert report.text("#answer-left .value") == f"{shown_gb(left)} GB"
    to_internet = report.number(f"select sum(byte_count) from {egress} where destination_kind = 'internet'")
    assert report.text("#answer-left").endswith(
        f"{shown_gb(to_internet)} GB to the internet, "
        f"{shown_gb(left - to_internet)} GB to public addresses of AWS services"
    )
    days = {row["UTC day"]: row for row in report.table("table-egress")}
    for day, total in report.sql(f"select event_date, sum(byte_count) from {egress} group by event_date"):
        assert days[str(day)]["all, GB"] == str(total)
    paths = {"NAT gateway, GB": "nat_gateway", "Internet gateway, GB": "internet_gateway", "S3 itself, GB": "s3"}
    for column, path in paths.items():
        found = sum(int(row.get(column, 0)) for row in days.values())
        assert found == report.number(f"select sum(byte_count) from {egress} where exit_path = '{path}'"), column

    kinds = report.sql(f"select sum(byte_count) from {egress} group by destination_kind")
    assert sorted(int(row["GB"]) for row in report.table("table-destinations")) == sorted(
        int(value) for (value,) in kinds
    )
    senders = report.sql(f"select sender_id, exit_path, sum(byte_count) from {egress} group by sender_id, exit_path")
    assert Counter((row["id"], int(row["GB"])) for row in report.table("table-senders")) == Counter(
        (sender, int(total)) for sender, _, total in senders
    )

    naive = report.number(
        "select sum(byte_count) from fct_network_traffic_daily "
        f"where record_outcome = 'accepted' and traffic_direction = 'outbound_to_public' and {where}"
    )
    if naive:
        assert [int(row["GB"]) for row in report.table("ranked-naive")] == [
            naive,
            report.number(f"select sum(byte_count) from fct_internet_egress_daily where {where}"),
        ]
    same_rows(
        report,
        "table-peers",
        ("address", "sent GB", "received GB"),
        "select remote_address, sum(byte_count), sum(received_byte_count) from fct_internet_egress_peers_daily "
        f"where {where} group by remote_address",
    )
    same_rows(
        report,
        "table-nat",
        ("id", "NAT gateway", "avoidable", "GB", "currency", "cost", "avoidable cost"),
        "select client_id, nat_gateway_id, case when is_avoidable then 'yes' else 'no' end, sum(processed_byte_count), "
        f"currency, sum(estimated_cost), sum(avoidable_cost) from fct_nat_gateway_usage_daily where {where} "
        "group by client_id, nat_gateway_id, destination_service, is_avoidable, currency",
    )
    same_rows(
        report,
        "table-costs",
        ("currency", "GB", "cost"),
        "select currency, sum(byte_count), sum(estimated_cost) from fct_data_transfer_cost_daily "
        f"where {where} group by traffic_class, currency",
    )
    same_rows(
        report,
        "table-zones",
        ("from", "to", "GB"),
        "select source_az_id, destination_az_id, sum(byte_count) from fct_zone_traffic_daily "
        f"where {where} group by source_az_id, destination_az_id",
    )
    same_rows(
        report,
        "table-s3",
        ("bucket", "downloaded GB", "uploaded GB", "copied out inside S3 GB", "requests", "failed"),
        "select bucket_name, sum(downloaded_byte_count), sum(uploaded_byte_count), sum(copied_byte_count), "
        f"sum(request_count), sum(error_count) from fct_s3_usage_daily where {where} group by bucket_name",
    )
    same_rows(
        report,
        "table-api",
        ("id", "calls", "failed"),
        "select principal_id, sum(event_count), sum(case when error_code = 'none' then 0 else event_count end) "
        f"from fct_api_activity_daily where {where} group by principal_id",
    )
    same_rows(
        report,
        "table-api-errors",
        ("principal id", "service", "call", "error", "calls"),
        "select principal_id, event_source, event_name, error_code, sum(event_count) from fct_api_activity_daily "
        f"where error_code <> 'none' and {where} group by principal_id, event_source, event_name, error_code",
    )

    saved = report.sql(
        "select currency, sum(avoidable_cost) from fct_nat_gateway_usage_daily "
        f"where is_avoidable and avoidable_cost > 0 and {where} group by currency"
    )
    texts = [
        f"{currency} {cost:,.2f}" if cost >= Decimal("0.005") else f"{currency} < 0.01" for currency, cost in saved
    ]
    assert report.text("#answer-avoidable .value") == (texts[0] if texts else "none")
    cost = report.sql(
        f"select sum(estimated_cost) from fct_data_transfer_cost_daily where currency = 'USD' and {where}"
    )[0][0]
    assert report.text("#answer-cost .value") == f"USD {cost:,.2f}"
    bad = report.number(
        f"select count(distinct event_date) from fct_log_coverage_daily where not is_complete and {where}"
    )
    assert report.text("#answer-trust .value").startswith(f"{bad} of ")


def shown_gb(byte_count: int) -> str:
    return "0" if byte_count == 0 else "< 0.1" if byte_count < 5e7 else f"{byte_count / 1e9:,.1f}"


def same_rows(report: Report, table: str, columns: tuple[str, ...], query: str) -> None:
    """The table has a row for each of the query's, and the same values in it; decimals as billionths."""
    expected = Counter(
        tuple(
            "-" if value is None else str(int(value.scaleb(9))) if isinstance(value, Decimal) else str(value)
            for value in row
        )
        for row in report.sql(query)
    )
    if not expected:
        assert report.page.ask(f"document.getElementById({table!r})") is None
        return
    assert Counter(tuple(row[column] for column in columns) for row in report.table(table)) == expected


def test_downloaders_stand_with_the_account_and_region_of_their_bucket(
    sample: Path, open_report: Callable[..., Report]
) -> None:
    report = open_report(sample)
    report.choose(account="444455556666", region="eu-west-1")
    buckets = "select bucket_name from fct_s3_usage_daily where account_id = '444455556666' and region = 'eu-west-1'"
    same_rows(
        report,
        "table-downloaders",
        ("address", "bucket", "GB", "requests"),
        "select remote_address, bucket_name, sum(downloaded_byte_count), sum(request_count) from fct_s3_clients_daily "
        f"where bucket_name in ({buckets}) group by remote_address, bucket_name having sum(downloaded_byte_count) > 0",
    )


def test_lists_begin_with_the_largest_and_end_with_all_others(sample: Path, open_report: Callable[..., Report]) -> None:
    report = open_report(sample)
    rows = report.table("ranked-peers")
    top = report.sql(
        "select remote_address, sum(byte_count) as sent from fct_internet_egress_peers_daily "
        "group by remote_address order by sent desc limit 10"
    )
    addresses, sent = report.sql(
        "select count(distinct remote_address), sum(byte_count) from fct_internet_egress_peers_daily"
    )[0]
    assert [(row["Address"], int(row["sent GB"])) for row in rows[:10]] == [(name, int(total)) for name, total in top]
    assert rows[10]["Address"] == f"{addresses - 10} more addresses"
    assert int(rows[10]["sent GB"]) == sent - sum(total for _, total in top)


def test_names_of_the_inventory_stand_for_ids_and_for_own_addresses(
    sample: Path, open_report: Callable[..., Report]
) -> None:
    report = open_report(sample)
    names = dict(report.sql("select sender_id, max(sender_name) from fct_internet_egress_daily group by sender_id"))
    shown = {row["id"]: row["sender"] for row in report.table("table-senders")}
    assert {sender: shown[sender] for sender, name in names.items() if name} == {s: n for s, n in names.items() if n}
    own = report.sql(
        "select distinct remote_address, coalesce(resource_name, resource_id) from fct_internet_egress_peers_daily "
        "inner join dim_network_interfaces on list_contains(string_split(public_addresses, ' '), remote_address)"
    )
    assert own
    peers = {row["address"]: row["own name"] for row in report.table("table-peers")}
    assert {address: peers[address] for address, _ in own} == dict(own)


def test_bytes_beyond_what_javascript_counts_are_exact(
    sample: Path, tmp_path: Path, open_report: Callable[..., Report]
) -> None:
    huge = 2**62 + 1
    report = open_report(
        changed(
            sample,
            tmp_path,
            "delete from fct_s3_usage_daily",
            f"update fct_internet_egress_daily set byte_count = {huge} where event_date = '2026-11-03'",
        )
    )
    expected = report.number("select sum(byte_count) from fct_internet_egress_daily")
    assert expected > 2**64
    assert report.page.ask("document.querySelector('#answer-left data').value") == str(expected)
    assert report.page.ask("document.querySelector('#answer-left data').title") == f"{expected:,} bytes"


def test_currencies_are_never_added(sample: Path, tmp_path: Path, open_report: Callable[..., Report]) -> None:
    report = open_report(
        changed(
            sample,
            tmp_path,
            "update fct_data_transfer_cost_daily set currency = 'CNY' where currency = 'USD' and region = 'eu-west-1'",
        )
    )
    costs = dict(
        report.sql(
            "select currency, sum(estimated_cost) from fct_data_transfer_cost_daily "
            "where estimated_cost is not null group by currency"
        )
    )
    assert set(costs) == {"USD", "CNY"}
    for currency, cost in costs.items():
        days = report.table(f"table-costs-days-{currency}")
        assert sum(int(row[f"all, {currency}"]) for row in days) == int(cost.scaleb(9))
    expected = " + ".join(f"{name} {cost:,.2f}" for name, cost in sorted(costs.items(), key=lambda item: -item[1]))
    assert report.text("#answer-cost .value") == expected
    unpriced = report.number("select sum(byte_count) from fct_data_transfer_cost_daily where estimated_cost is null")
    assert f"{unpriced / 1e9:,.1f} GB without a known price" in report.text("#answer-cost")


# --- Days -----------------------------------------------------------------------------------------------------------


def test_each_day_says_whether_to_trust_it_and_why(
    sample: Path, tmp_path: Path, open_report: Callable[..., Report]
) -> None:
    report = open_report(
        changed(
            sample,
            tmp_path,
            "update fct_log_coverage_daily set is_complete = true, unreadable_count = 0, skipped_count = 0",
            "update fct_log_coverage_daily set gap_hour_count = 0",
            "delete from fct_log_coverage_daily where log_source = 's3_access_logs' and event_date = '2026-11-02'",
            "delete from fct_log_coverage_daily where log_source = 'vpc_flow_logs' and event_date = '2026-11-03' "
            "and region = 'eu-west-1'",
            "update fct_log_coverage_daily set is_complete = false, skipped_count = 5 "
            "where log_source = 'vpc_flow_logs' and event_date = '2026-11-04' and region = 'us-east-1'",
            "update fct_log_coverage_daily set is_complete = false "
            "where log_source = 'cloudtrail' and event_date = '2026-11-07'",
            # A quiet region of CloudTrail proves nothing.
            "delete from fct_log_coverage_daily where log_source = 'cloudtrail' and event_date = '2026-11-04' "
            "and region = 'eu-west-1'",
        )
    )
    states = {
        (row["UTC day"], row["log"]): (row["state"], row["why"])
        for row in report.table("table-coverage")
        if row["state"] != "complete"
    }
    assert states == {
        ("2026-11-02", "S3 access logs"): ("missing", "nothing arrived"),
        ("2026-11-03", "VPC flow logs"): ("incomplete", "nothing from 444455556666 eu-west-1"),
        ("2026-11-04", "VPC flow logs"): ("incomplete", "5 records say that AWS left records out"),
        ("2026-11-07", "CloudTrail"): ("incomplete", "late records may still come"),
    }
    cells = report.page.ask(
        "[...document.querySelectorAll('.days td[data-day]')].filter(each => each.className !== 'complete')"
        ".map(each => [each.dataset.day, each.dataset.source, each.className, each.title])"
    )
    assert [cell[:3] for cell in cells] == [
        ["2026-11-03", "vpc_flow_logs", "incomplete"],
        ["2026-11-04", "vpc_flow_logs", "incomplete"],
        ["2026-11-02", "s3_access_logs", "missing"],
        ["2026-11-07", "cloudtrail", "incomplete"],
    ]
    assert cells[1][3] == "VPC flow logs, 4 Nov 2026: incomplete; 5 records say that AWS left records out"
    assert report.text("#answer-trust .value") == "4 of 7"
    assert "2 Nov, 3 Nov, 4 Nov and 7 Nov" in report.text("#advice")
    report.choose(start="2026-11-05", end="2026-11-06")
    assert report.text("#answer-trust .value") == "0 of 2"


# --- Nothing to show ------------------------------------------------------------------------------------------------


def test_a_warehouse_without_records_says_so_everywhere(
    sample: Path, tmp_path: Path, open_report: Callable[..., Report]
) -> None:
    report = open_report(changed(sample, tmp_path, *(f"delete from {mart}" for mart in marts(sample))))
    assert report.text("#selection") == "This warehouse holds no records."
    assert report.page.ask("document.querySelectorAll('svg, .ranked').length") == 0
    silent = report.page.ask(
        "[...document.querySelectorAll('main > section:not(#answers)')]"
        ".filter(each => !/There (is|are) no/.test(each.textContent)).map(each => each.id)"
    )
    assert silent == []
    values = report.page.ask("[...document.querySelectorAll('.answer .value')].map(each => each.textContent)")
    assert set(values) == {"unknown"}


@pytest.mark.parametrize(
    ("source", "emptied", "sections"),
    [
        (
            "VPC flow logs",
            "internet_egress|network|nat|zone|transfer",
            ("peers", "nat", "nat-clients", "zones", "naive", "costs"),
        ),
        ("S3 access logs", "s3", ("s3", "downloaders")),
        ("CloudTrail logs", "api", ("api", "api-errors")),
    ],
)
def test_an_absent_kind_of_log_is_named(
    sample: Path,
    tmp_path: Path,
    open_report: Callable[..., Report],
    source: str,
    emptied: str,
    sections: tuple[str, ...],
) -> None:
    name = source.removesuffix(" logs").lower() if "Trail" in source else source.lower().replace(" ", "_")
    report = open_report(
        changed(
            sample,
            tmp_path,
            *(
                f"delete from {mart} where event_date is not null"
                for mart in marts(sample)
                if re.search(f"fct_.*({emptied})", mart)
            ),
            f"delete from fct_log_coverage_daily where log_source = '{name}'",
        )
    )
    for section in (*sections, "coverage"):
        assert f"There are no {source} in this warehouse." in report.text(f"#{section}")
    for section in sections:
        assert report.page.ask(f"document.querySelectorAll('#{section} svg, #{section} table').length") == 0


# --- Text from logs -------------------------------------------------------------------------------------------------

HOSTILE = (
    "</script><script>alert(1)</script>",
    '<img src=x onerror="alert(2)">',
    "<!--<script>",
    "quotes ' \" ` ${1 + 1} {{ 1 + 1 }} %DATA% %SCRIPT%",
    "\u202eevil\u202c \u2066isolate\u2069 \u200f",
    "bell \x07 escape \x1b[31m line\nbreak \u2028 \u2029 \x85",
    "🪣 Übung עברית",
    "https://example.com/" + "x" * 5000,
    "__proto__",
)
# The same, as a person is to see it.
SHOWN = (
    *HOSTILE[:4],
    "\\u202eevil\\u202c \\u2066isolate\\u2069 \\u200f",
    "bell \\x07 escape \\x1b[31m line\\nbreak \\u2028 \\u2029 \\x85",
    *HOSTILE[6:7],
    HOSTILE[7][:199] + "…",
    HOSTILE[8],
)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.fixture
def hostile(sample: Path, tmp_path: Path) -> Path:
    """The sample's marts with hostile text in every column of text that holds more than the project's own words."""
    own_words = {
        "log_source",
        "record_outcome",
        "traffic_direction",
        "operation_category",
        "transfer_class",
        "counting_role",
        "currency",
    }
    texts = ", ".join(map(quoted, HOSTILE))
    with duckdb.connect(str(sample), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name from information_schema.columns where data_type = 'VARCHAR'"
            " and (table_name like 'fct_%' or table_name = 'dim_network_interfaces') order by all"
        ).fetchall()
    return changed(
        sample,
        tmp_path,
        *(
            f'update {mart} set "{column}" = [{texts}][(hash({quoted(column)}, rowid) % {len(HOSTILE)})::integer + 1]'
            for mart, column in columns
            if column not in own_words
        ),
    )


@pytest.mark.parametrize("width", [1280, 375])
def test_hostile_text_is_shown_and_does_nothing(hostile: Path, open_report: Callable[..., Report], width: int) -> None:
    report = open_report(hostile, width=width)
    page = report.page
    page.ask("document.querySelectorAll('details').forEach(each => { each.open = true })")
    page.settle()
    for index in range(len(HOSTILE)):
        page.ask(f"document.getElementById('chosen-account').selectedIndex = {index}")
        page.ask("document.getElementById('filters').dispatchEvent(new Event('change'))")
        page.settle()
        page.ask(
            "document.querySelectorAll('svg').forEach(each => "
            "each.dispatchEvent(new KeyboardEvent('keydown', {key: 'End'})))"
        )
    report.choose()
    allowed = (
        "html head meta title style body header div h1 p form label input select option button main noscript section "
        "h2 h3 bdi a ol ul li data span table thead tbody tr th td i details summary colgroup col footer script "
        "svg line rect text"
    )
    names = set(page.ask("[...new Set([...document.querySelectorAll('*')].map(each => each.localName))]"))
    assert names <= set(allowed.split())
    assert page.ask("document.scripts.length") == 2
    attributes = set(
        page.ask("[...new Set([...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames()))]")
    )
    assert not [
        name for name in attributes if name.startswith("on") or name in ("src", "srcset", "srcdoc", "formaction")
    ]
    links = page.ask("[...document.links].map(each => each.getAttribute('href'))")
    assert [link for link in links if not re.fullmatch(r"#[a-z-]+", link)] == []
    cells = set(page.ask("[...document.querySelectorAll('#table-senders td')].map(each => each.textContent)"))
    assert set(SHOWN) <= cells
    text = page.ask(
        "document.body.innerText + [...document.querySelectorAll('[title]')].map(each => each.title).join()"
    )
    assert re.findall("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\x00-\x08\x0e-\x1f\x7f-\x9f]", text) == []
    assert page.ask("document.documentElement.scrollWidth <= window.innerWidth")


def test_text_from_logs_leaves_the_numbers_alone(hostile: Path, open_report: Callable[..., Report]) -> None:
    report = open_report(hostile)
    sent = report.number("select sum(byte_count) from fct_internet_egress_peers_daily")
    assert sum(int(row["sent GB"]) for row in report.table("table-peers")) == sent
    assert sum(int(row["sent GB"]) for row in report.table("ranked-peers")) == sent


def test_the_policy_of_the_page_forbids_what_is_not_its_own(
    sample: Path, tmp_path: Path, new_page: Callable[[], Page]
) -> None:
    page = new_page()
    page.open(report_of(sample, tmp_path))
    tries = {
        "script": """(() => {
            const made = document.createElement('script');
            made.textContent = 'window.ran = true';
            document.body.append(made);
            return window.ran;
        })()""",
        "handler": """(() => {
            const made = document.createElement('i');
            made.setAttribute('onclick', 'window.ran = true');
            document.body.append(made);
            made.click();
            return window.ran;
        })()""",
        "eval": "(() => { try { return eval('1') } catch { return undefined } })()",
        "fetch": "fetch('http://127.0.0.1:9/').then(() => true, () => undefined)",
        "image": """new Promise(done => {
            const made = new Image();
            made.onload = () => done(true);
            made.onerror = () => done(undefined);
            made.src = 'http://127.0.0.1:9/a.png';
        })""",
    }
    assert {name: page.ask(script) for name, script in tries.items()} == dict.fromkeys(tries)
    blocked = [
        event["params"]["issue"]["details"]["contentSecurityPolicyIssueDetails"]["violatedDirective"]
        for event in page.complaints()
        if event["method"] == "Audits.issueAdded" and event["params"]["issue"]["code"] == "ContentSecurityPolicyIssue"
    ]
    assert {"connect-src", "img-src"} <= set(blocked)
    assert any(directive.startswith("script-src") for directive in blocked)


# --- Charts and looks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chart", CHARTS)
def test_charts_have_bars_and_can_be_read_by_keys(sample: Path, open_report: Callable[..., Report], chart: str) -> None:
    page = open_report(sample).page
    bars = page.ask(
        f"[...document.querySelectorAll('#chart-{chart} rect[data-series]')]"
        ".map(each => [each.dataset.day, each.getBoundingClientRect().height])"
    )
    assert {day for day, height in bars if height > 0} == {f"2026-11-0{number}" for number in range(1, 8)}
    page.ask(f"document.querySelector('#chart-{chart} svg').focus()")
    page.press("Home", 36)
    page.press("ArrowRight", 39)
    assert page.ask(f"document.querySelector('#chart-{chart} .readout').textContent").startswith("2 Nov 2026: ")


def test_bars_are_as_high_as_their_numbers(sample: Path, open_report: Callable[..., Report]) -> None:
    report = open_report(sample)
    found = report.page.ask(
        "[...document.querySelectorAll('#chart-api rect[data-series]')]"
        ".map(each => [each.dataset.day, each.dataset.series, each.getBBox().height])"
    )
    heights = {(day, name): height for day, name, height in found}
    calls = report.sql(
        "select event_date, sum(case when error_code = 'none' then event_count end) "
        "from fct_api_activity_daily group by event_date"
    )
    largest, most = max(calls, key=lambda row: row[1])
    scale = (heights[str(largest), "answered"] + 1) / float(most)
    for day, count in calls:
        # One pixel of a bar is the gap to the next.
        assert heights[str(day), "answered"] == pytest.approx(float(count) * scale, abs=2.1), day


def test_every_list_and_every_part_has_a_table(sample: Path, open_report: Callable[..., Report]) -> None:
    page = open_report(sample).page
    assert page.ask("[...document.querySelectorAll('.ranked')].map(each => each.id)") == [
        f"ranked-{name}"
        for name in ("senders", "peers", "nat", "zones", "naive", "buckets", "downloaders", "api", "api-errors")
    ]
    without = page.ask(
        "[...document.querySelectorAll('main > section:not(#answers, #advice)')]"
        ".filter(each => !each.querySelector('details table')).map(each => each.id)"
    )
    assert without == []


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2) of rgb(..)."""
    channels = [int(number) / 255 for number in re.findall(r"\d+", color)[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(sample: Path, open_report: Callable[..., Report], scheme: str) -> None:
    page = open_report(sample).page
    page.prefer(scheme)
    page.settle()
    pairs = page.ask(
        """[
            'body', 'h2', '.kicker', '.note', '.readout', 'summary', 'a', '.secondary', 'td.incomplete', 'td.complete',
            '.warn .value'
        ].map(name => {
            const each = document.querySelector('main ' + name) ?? document.querySelector(name);
            const isClear = element => getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)';
            let ground = each;
            while (isClear(ground) && ground.parentElement) ground = ground.parentElement;
            return [name, getComputedStyle(each).color, getComputedStyle(ground).backgroundColor];
        })"""
    )
    for name, ink, ground in pairs:
        bright, dull = sorted((luminance(ink), luminance(ground)), reverse=True)
        assert (bright + 0.05) / (dull + 0.05) >= 4.5, f"{name}: {ink} on {ground}"
    is_dark = luminance(next(ground for name, _, ground in pairs if name == "h2")) < 0.1
    assert is_dark == (scheme == "dark")


def test_a_phone_shows_it_without_scrolling_sideways(sample: Path, open_report: Callable[..., Report]) -> None:
    page = open_report(sample, width=375).page
    assert page.ask("document.documentElement.scrollWidth") == 375
    page.ask("document.querySelectorAll('details').forEach(each => { each.open = true })")
    page.settle()
    assert page.ask("document.documentElement.scrollWidth") == 375
    page.size(1280, 900)
    assert page.ask("document.querySelector('#chart-egress svg').viewBox.baseVal.width") > 900


def test_paper_has_every_table_whole_and_no_filters(sample: Path, open_report: Callable[..., Report]) -> None:
    report = open_report(sample)
    page = report.page
    page.ask("window.dispatchEvent(new Event('beforeprint'))")
    page.command("Emulation.setEmulatedMedia", media="print")
    page.settle()
    assert page.ask("getComputedStyle(document.getElementById('filters')).display") == "none"
    cut = page.ask(
        "[...document.querySelectorAll('.scroll')].filter(each => !each.closest('details').open "
        "|| !each.querySelector('tbody tr') || getComputedStyle(each).overflow !== 'visible' "
        "|| getComputedStyle(each).maxHeight !== 'none').length"
    )
    assert cut == 0
    page.command("Emulation.setEmulatedMedia", media="")
    page.ask("window.dispatchEvent(new Event('afterprint'))")
    assert page.ask("document.querySelectorAll('details[open]').length") == 0
    assert page.pdf().startswith(b"%PDF")


# --- Bounds ---------------------------------------------------------------------------------------------------------


def test_what_is_beyond_the_bounds_is_added_up(
    sample: Path, open_report: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_report, "MOST_PLACES", 2)
    monkeypatch.setattr(make_report, "MOST_NAMES", 4)
    report = open_report(sample)
    sent, addresses = report.sql(
        "select sum(byte_count), count(distinct remote_address) from fct_internet_egress_peers_daily"
    )[0]
    rows = report.table("ranked-peers")
    # The four largest of all, and the two largest of each of two accounts, of which some are the same.
    kept = len(rows) - 1
    assert 4 <= kept <= 8
    assert rows[-1]["Address"] == f"{addresses - kept} more addresses"
    assert sum(int(row["sent GB"]) for row in rows) == sent
    accounts = report.page.ask("[...document.getElementById('chosen-account').options].map(each => each.value)")
    assert len(accounts) == 4
    assert "others" in accounts
    left = report.number("select sum(byte_count) from fct_internet_egress_daily") + report.number(
        "select sum(bytes_sent) from fct_s3_usage_daily where transfer_class = 'internet_egress'"
    )
    amounts = []
    for account in accounts[1:]:
        report.choose(account=account)
        amounts.append(int(report.page.ask("document.querySelector('#answer-left data').value")))
    assert sum(amounts) == left


def test_a_long_list_ends_where_its_rows_would_be_too_many(
    sample: Path, open_report: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_report, "MOST_ROWS", 30)
    report = open_report(sample)
    data = report.page.ask("JSON.parse(document.getElementById('data').textContent).parts.peers")
    listed = [number for number, entity in enumerate(data["entities"]) if entity[-1] == 0]
    assert listed
    assert len([row for row in data["rows"] if row[2] in listed]) <= 30
    assert sum(int(row["sent GB"]) for row in report.table("ranked-peers")) == report.number(
        "select sum(byte_count) from fct_internet_egress_peers_daily"
    )


def test_of_more_than_a_year_the_newest_days_are_shown(
    sample: Path, tmp_path: Path, open_report: Callable[..., Report]
) -> None:
    years = changed(
        sample,
        tmp_path,
        *(
            f"insert into {mart} select mart.* replace (mart.event_date - 7 * weeks.number::integer as event_date) "
            f"from {mart} as mart, range(1, 60) as weeks(number)"
            for mart in ("fct_internet_egress_daily", "fct_log_coverage_daily", "fct_api_activity_daily")
        ),
    )
    report = open_report(years)
    last = date(2026, 11, 7)
    assert report.page.ask("document.getElementById('chosen-from').min") == str(last - timedelta(days=365))
    older = 60 * 7 - 366
    assert f"{older} older days are in the warehouse and not on this page." in report.text("#foot")
    # So many days would be too thin: a bar is a week, and no byte is lost in it.
    weeks = report.page.ask(
        "new Set([...document.querySelectorAll('#chart-api rect[data-series]')].map(each => each.dataset.day)).size"
    )
    assert weeks == 53
    assert "One bar is a week" in report.text("#chart-api")
    days = report.table("table-api-days")
    assert len(days) == 366
    assert sum(int(row["all, calls"]) for row in days) == report.number(
        f"select sum(event_count) from fct_api_activity_daily where event_date > '{last - timedelta(days=366)}'"
    )
    earlier = open_report(years, "--end", "2025-10-01", "--start", "2025-09-30")
    assert earlier.text("#selection").startswith("30 Sep 2025 to 1 Oct 2025")


# --- The command ----------------------------------------------------------------------------------------------------


def run(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    """Run the command the way a user does."""
    return subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "make_report.py", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_file_is_complete_in_itself_and_says_where_it_is(sample: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.html"
    answer = run(sample, file)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith(f"Wrote {file}, 0.1 MB.")
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"%[A-Z]+%|(?:src|href)=|url\(|@import", text.split('<script type="application/json"')[0]) == []
    assert [path.name for path in tmp_path.iterdir()] == ["new.html"]


def test_a_dry_run_writes_nothing(sample: Path, tmp_path: Path) -> None:
    answer = run(sample, tmp_path / "new.html", "--dry-run")
    assert answer.returncode == 0
    assert answer.stdout.startswith(f"Would write {tmp_path / 'new.html'}")
    assert list(tmp_path.iterdir()) == []


def test_without_a_name_the_report_lies_beside_the_warehouse(sample: Path, tmp_path: Path) -> None:
    assert run(changed(sample, tmp_path)).returncode == 0
    assert (tmp_path / "changed.html").is_file()


def refused(answer: subprocess.CompletedProcess[str], exit_code: int, *words: str) -> None:
    """It ended with this code and one line that has these words."""
    assert answer.returncode == exit_code, answer.stderr
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert [word for word in words if word not in answer.stderr] == []


def test_what_is_no_warehouse_is_named(sample: Path, tmp_path: Path) -> None:
    refused(run(tmp_path / "none.duckdb"), 2, "none.duckdb does not exist", "make build")
    (tmp_path / "text.duckdb").write_text("no database\n" * 1000)
    refused(run(tmp_path / "text.duckdb"), 2, "text.duckdb cannot be read as a DuckDB file")
    refused(
        run(changed(sample, tmp_path, "drop table fct_zone_traffic_daily")), 2, "fct_zone_traffic_daily", "make build"
    )
    refused(run(sample, "--start", "2027-01-01"), 2, "has no day between 2027-01-01 and its last")
    answer = run(sample, "--start", "yesterday")
    assert answer.returncode == 2
    assert "yesterday" in answer.stderr


def test_a_warehouse_that_a_run_is_writing_is_named(sample: Path, tmp_path: Path) -> None:
    copy = changed(sample, tmp_path)
    with duckdb.connect(str(copy)):
        refused(run(copy, tmp_path / "report.html"), 1, "changed.duckdb is being written", "try again")
    assert not (tmp_path / "report.html").exists()


def test_a_report_that_cannot_be_written_leaves_nothing_behind(sample: Path, tmp_path: Path) -> None:
    refused(run(sample, tmp_path / "nowhere" / "report.html"), 1, "could not be written", "No such file")
    (tmp_path / "folder").mkdir()
    refused(run(sample, tmp_path / "folder"), 1, "could not be written", "Is a directory")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(
    ("required", "outcome"),
    [("", "SKIPPED"), ("1", "ERROR")],
    ids=["skipped", "failed when required"],
)
def test_a_missing_chromium_is_named(tmp_path: Path, required: str, outcome: str) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(new_page):\n    pass\n")
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "conftest", "-p", "no:cacheprovider", str(tmp_path)],
        env=os.environ
        | {
            "PATH": str(tmp_path),
            "REQUIRE_CHROMIUM": required,
            "PYTHONPATH": ":".join(str(REPOSITORY / folder) for folder in ("tests/python", "tests", "scripts")),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
    ).stdout
    assert outcome in said
    assert "Chromium is not installed: run `make chromium`" in said
