#!/usr/bin/env python3
"""Write what the marts say as one HTML file: `python scripts/make_report.py warehouse/demo.duckdb report.html`.

Reads a warehouse that a run has built on DuckDB. The file needs no network and no other file; it holds addresses and
names from the logs (docs/report.md). Exit codes: 0 written, 1 the warehouse is in use or the file could not be written,
2 the warehouse or a mart is missing, or it has none of the days asked for.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from shared.text_tables import printable
from shared.warehouses import WarehouseError, WarehouseInUseError, open_warehouse

PAGE = Path(__file__).resolve().parent / "report_page"
PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"

# Bounds of the page, so that a year of many accounts stays a file that a browser opens (docs/report.md).
MOST_DAYS = 366
MOST_PLACES = 20  # pairs of account and region; smaller ones are added up
# Senders, addresses, buckets .. of a list, by their rank over all or, times MOST_PLACES, within their place, so that
# each place has its largest on the page; the others are added up. Fewer where they would make more than MOST_ROWS.
MOST_NAMES = 100
MOST_ROWS = 15_000
LONGEST_TEXT = 200

LARGEST_SAFE_INTEGER = 2**53 - 1  # of JavaScript; larger ones travel as text
OTHERS = "others"


@dataclass(frozen=True)
class Part:
    """Rows of a day, account and region for one part of the page.

    They are told apart by `names`, all of which are kept, and by `listed`, of which the largest by the first measure
    are kept and the others are added up. `labels` say more about what is listed.
    """

    sql: str
    measures: tuple[str, ...]
    names: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


# What S3 sends to the internet itself passes no network interface, so that both can be added up (docs/costs.md).
PARTS: Mapping[str, Part] = {
    "egress": Part(
        """
        select event_date, account_id, region, exit_path, destination_kind,
            case when destination_kind = 'internet' then 'internet' else 'aws' end as destination, byte_count
        from fct_internet_egress_daily
        union all
        select event_date, account_id, region, 's3', 'internet', 'internet', bytes_sent
        from fct_s3_usage_daily where transfer_class = 'internet_egress'
        """,
        names=("exit_path", "destination"),
        listed=("destination_kind",),
        measures=("byte_count",),
    ),
    "every_record": Part(
        """
        select event_date, account_id, region, byte_count, record_count
        from fct_network_traffic_daily
        where record_outcome = 'accepted' and traffic_direction = 'outbound_to_public'
        """,
        measures=("byte_count", "record_count"),
    ),
    "senders": Part(
        """
        select event_date, account_id, region, exit_path, sender_id, sender_name, sender_kind, byte_count
        from fct_internet_egress_daily
        union all
        select event_date, account_id, region, 's3', bucket_name, null, 's3_bucket', bytes_sent
        from fct_s3_usage_daily where transfer_class = 'internet_egress'
        """,
        listed=("sender_id", "exit_path"),
        labels=("sender_name", "sender_kind"),
        measures=("byte_count",),
    ),
    "peers": Part(
        """
        with own_addresses as (
            select unnest(string_split(concat_ws(' ', public_addresses, ipv6_addresses), ' ')) as remote_address,
                coalesce(resource_name, resource_id) as own_name, valid_from, valid_to
            from dim_network_interfaces
        ),
        own_names as (
            select peers.event_date, own_addresses.remote_address, max(own_name) as own_name
            from (select distinct event_date, remote_address from fct_internet_egress_peers_daily) as peers
            inner join own_addresses
                on own_addresses.remote_address = peers.remote_address and peers.event_date >= own_addresses.valid_from
                and (peers.event_date <= own_addresses.valid_to or own_addresses.valid_to is null)
            group by peers.event_date, own_addresses.remote_address
        )
        select event_date, account_id, region, remote_address, own_name, destination_kind, byte_count,
            received_byte_count
        from fct_internet_egress_peers_daily
        left join own_names using (event_date, remote_address)
        """,
        listed=("remote_address",),
        labels=("own_name", "destination_kind"),
        measures=("byte_count", "received_byte_count"),
    ),
    "nat": Part(
        """
        select event_date, account_id, region, is_avoidable::varchar as is_avoidable, currency, client_id,
            destination_service, nat_gateway_id, client_name, client_kind, processed_byte_count, estimated_cost,
            avoidable_cost
        from fct_nat_gateway_usage_daily
        """,
        names=("is_avoidable", "currency"),
        listed=("client_id", "destination_service", "nat_gateway_id"),
        labels=("client_name", "client_kind"),
        measures=("processed_byte_count", "estimated_cost", "avoidable_cost"),
    ),
    "costs": Part(
        """
        select event_date, account_id, region, traffic_class, currency, price_confidence, byte_count, billable_gb,
            estimated_cost
        from fct_data_transfer_cost_daily
        """,
        names=("traffic_class", "currency", "price_confidence"),
        measures=("byte_count", "billable_gb", "estimated_cost"),
    ),
    "zones": Part(
        """
        select event_date, account_id, region, source_az_id, destination_az_id, byte_count
        from fct_zone_traffic_daily
        """,
        listed=("source_az_id", "destination_az_id"),
        measures=("byte_count",),
    ),
    "buckets": Part(
        """
        select event_date, account_id, region, bucket_name, downloaded_byte_count, uploaded_byte_count,
            copied_byte_count, request_count, error_count
        from fct_s3_usage_daily
        """,
        listed=("bucket_name",),
        measures=(
            "downloaded_byte_count",
            "uploaded_byte_count",
            "copied_byte_count",
            "request_count",
            "error_count",
        ),
    ),
    # The mart of clients knows no account: it is the bucket's. A bucket may stand in a flat prefix, too, as `unknown`.
    "downloaders": Part(
        """
        with owners as (
            select event_date, bucket_name, min({'account_id': account_id, 'region': region}) as owner
            from fct_s3_usage_daily group by event_date, bucket_name
        )
        select event_date, coalesce(owner.account_id, 'unknown') as account_id,
            coalesce(owner.region, 'unknown') as region, remote_address, bucket_name, downloaded_byte_count,
            request_count
        from fct_s3_clients_daily
        left join owners using (event_date, bucket_name)
        qualify sum(downloaded_byte_count) over (partition by remote_address, bucket_name) > 0
        """,
        listed=("remote_address", "bucket_name"),
        measures=("downloaded_byte_count", "request_count"),
    ),
    "api": Part(
        """
        select event_date, account_id, region, principal_id, principal_name, principal_type, event_count,
            case when error_code = 'none' then 0 else event_count end as error_count
        from fct_api_activity_daily
        """,
        listed=("principal_id",),
        labels=("principal_name", "principal_type"),
        measures=("event_count", "error_count"),
    ),
    "api_errors": Part(
        """
        select event_date, account_id, region, principal_id, event_source, event_name, error_code, principal_name,
            event_count
        from fct_api_activity_daily where error_code <> 'none'
        """,
        listed=("principal_id", "event_source", "event_name", "error_code"),
        labels=("principal_name",),
        measures=("event_count",),
    ),
    "coverage": Part(
        """
        select event_date, account_id, region, log_source, file_count, record_count, unreadable_file_count,
            unreadable_count, skipped_count, gap_hour_count, late_count, duplicate_count,
            case when is_complete then 0 else 1 end as incomplete_count
        from fct_log_coverage_daily
        """,
        names=("log_source",),
        measures=(
            "file_count",
            "record_count",
            "unreadable_file_count",
            "unreadable_count",
            "skipped_count",
            "gap_hour_count",
            "late_count",
            "duplicate_count",
            "incomplete_count",
        ),
    ),
}

# Where a day, an account or a region can be known from; what weighs more is listed first.
PLACES = """
    select event_date, account_id, region, byte_count as weight from fct_internet_egress_daily
    union all
    select event_date, account_id, region, bytes_sent from fct_s3_usage_daily
    union all
    select event_date, account_id, region, byte_count from fct_data_transfer_cost_daily
    union all
    select event_date, account_id, region, 0 from fct_network_traffic_daily
    union all
    select event_date, account_id, region, 0 from fct_nat_gateway_usage_daily
    union all
    select event_date, account_id, region, 0 from fct_zone_traffic_daily
    union all
    select event_date, account_id, region, 0 from fct_api_activity_daily
    union all
    select event_date, account_id, region, 0 from fct_log_coverage_daily
"""


class NoReportError(Exception):
    """There is nothing to report on. The message says why and what to do."""


def shown(value: object) -> str | None:
    """Return text of bearable length with escapes in place of what is invisible or turns the direction of writing."""
    if value is None:
        return None
    text = str(value)
    text = text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
    return printable(text)


def measured(value: int | Decimal | None) -> int | str | None:
    """Return a number that JavaScript reads exactly. Decimals, which have nine places, become billionths."""
    if value is None:
        return None
    number = int(value.scaleb(9)) if isinstance(value, Decimal) else int(value)
    return number if abs(number) <= LARGEST_SAFE_INTEGER else str(number)


def find_days(connection: duckdb.DuckDBPyConnection, start: date | None, end: date | None) -> tuple[date, date] | None:
    """Return the first and the last day of the report, at most MOST_DAYS; None where the marts have none of them."""
    first, last = connection.execute(
        f"select min(event_date), max(event_date) from ({PLACES})"  # noqa: S608 - a constant
        " where event_date between coalesce($start, date '0001-01-01') and coalesce($end, date '9999-12-31')",
        {"start": start, "end": end},
    ).fetchone()
    if first is None:
        return None
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last


def find_places(connection: duckdb.DuckDBPyConnection) -> list[list[str | None]]:
    """Return the pairs of account and region by their numbers, which `places` holds; the last one is all others."""
    connection.execute(
        f"""
        create temp table places as
        select account_id, region,
            least(row_number() over (order by sum(weight) desc, account_id, region) - 1, {MOST_PLACES}) as place
        from ({PLACES}) where event_date between getvariable('first_day') and getvariable('last_day')
        group by account_id, region
        """  # noqa: S608 - constants
    )
    rows = connection.execute("select place, account_id, region from places order by all").fetchall()
    places = [[shown(account), shown(region)] for place, account, region in rows if place < MOST_PLACES]
    return places + ([[OTHERS, OTHERS]] if len(rows) > MOST_PLACES else [])


def read_part(connection: duckdb.DuckDBPyConnection, part: Part) -> dict[str, Any]:
    """Return a part as the page reads it: entities, each with its texts, and rows of numbers that point to them."""
    columns = ", ".join((*part.names, *part.listed, *part.labels, *part.measures))
    connection.execute(
        f"""
        create or replace temp table part as
        select date_diff('day', getvariable('first_day'), event_date) as day, place, {columns}
        from ({part.sql}) inner join places using (account_id, region)
        where event_date between getvariable('first_day') and getvariable('last_day')
        """  # noqa: S608 - constants, here and below
    )
    kept = "true"
    if part.listed:
        listed = ", ".join(part.listed)
        connection.execute(
            f"""
            create or replace temp table kept as
            with amounts as (
                select {listed}, place, sum({part.measures[0]}) as amount, count(distinct day) as day_count
                from part group by {listed}, place
            ),
            place_ranks as (
                select *, row_number() over (partition by place order by amount desc, {listed}) as place_rank
                from amounts
            ),
            ranks as (
                select {listed}, sum(day_count) as row_count,
                    least(
                        row_number() over (order by sum(amount) desc, {listed}), min(place_rank) * {MOST_PLACES}
                    ) as rank
                from place_ranks group by {listed}
            )
            select {listed} from ranks
            qualify rank <= {MOST_NAMES} and sum(row_count) over (order by rank, {listed}) <= {MOST_ROWS}
            """  # noqa: S608
        )
        kept = f"({listed}) in (select ({listed}) from kept)"  # noqa: S608
    keys = [*part.names, *(f"case when is_kept then {name} end" for name in part.listed)]
    labels = [f"max(case when is_kept then {name} end)" for name in part.labels]
    count = f"count(distinct ({', '.join(part.listed)}))" if part.listed else "1"
    source = f"(select *, {kept} as is_kept from part)"  # noqa: S608
    entities = connection.execute(
        f"select {', '.join([*keys, 'is_kept', *labels, count])} from {source} group by all order by all"  # noqa: S608
    ).fetchall()
    width = len(keys) + 1
    numbers = {entity[:width]: number for number, entity in enumerate(entities)}
    sums = [f"sum({measure})" for measure in part.measures]
    rows = connection.execute(
        f"select {', '.join([*keys, 'is_kept', 'day', 'place', *sums])} from {source} group by all order by all"  # noqa: S608
    ).fetchall()
    return {
        "texts": [*part.names, *part.listed, *part.labels],
        "measures": list(part.measures),
        "entities": [
            [
                *map(shown, (*entity[: width - 1], *entity[width:-1])),
                0 if entity[width - 1] else entity[-1],
            ]
            for entity in entities
        ],
        "rows": [[*row[width : width + 2], numbers[row[:width]], *map(measured, row[width + 2 :])] for row in rows],
    }


def read_marts(warehouse: Path, start: date | None, end: date | None) -> dict[str, Any]:
    """Return everything that the page shows. Raises NoReportError, WarehouseError and DuckDB's own errors."""
    with open_warehouse(warehouse) as connection:
        days = find_days(connection, start, end)
        if days is None and (start or end):
            raise NoReportError(
                f"{warehouse} has no day between {start or 'its first'} and {end or 'its last'}. "
                "Give other days, or none for all."
            )
        first, last = days or (date.min, date.min)
        connection.execute("set variable first_day = $1::date", [first])
        connection.execute("set variable last_day = $1::date", [last])
        (older_days,) = connection.execute(
            f"select count(distinct event_date) from ({PLACES}) where event_date < $1",  # noqa: S608 - a constant
            [first],
        ).fetchone()
        (newest,) = connection.execute(
            "select max(last_event_at) from fct_log_coverage_daily where event_date <= $1", [last]
        ).fetchone()
        return {
            "first_day": first.isoformat() if days else None,
            "day_count": (last - first).days + 1 if days else 0,
            "older_day_count": older_days,
            "newest_record": newest and newest.isoformat(sep=" ", timespec="seconds"),
            "places": find_places(connection),
            "parts": {name: read_part(connection, part) for name, part in PARTS.items()},
            "bounds": {"names": MOST_NAMES, "places": MOST_PLACES, "days": MOST_DAYS},
        }


def as_json(data: Mapping[str, Any]) -> str:
    """Return JSON that stays inside a script element, whatever the texts in it say."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def digest(text: str) -> str:
    """Return the source expression by which the content security policy knows a script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def make_page(data: Mapping[str, Any]) -> str:
    """Put style, data and script into the page. Its policy forbids whatever is not one of them."""
    style, script = ((PAGE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    own = f"script-src {digest(script)}; style-src {digest(style)}"
    policy = f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"
    page = (PAGE / "page.html").read_text(encoding="utf-8")
    # The data go in last: nothing in them is taken for a place to fill.
    for place, text in (("POLICY", policy), ("STYLE", style), ("SCRIPT", script), ("DATA", as_json(data))):
        before, after = page.split(f"%{place}%")
        page = before + text + after
    return page


def write_whole(file: Path, text: str) -> int:
    """Write the file beside its place and move it there, so that it is never seen half; return its bytes."""
    content = text.encode()
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return len(content)


def day(text: str) -> date:
    """Read a day of the command line."""
    return date.fromisoformat(text)


def parse_arguments(arguments: Iterable[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("warehouse", type=Path, help="DuckDB file that a run has built")
    parser.add_argument("report", type=Path, nargs="?", help="file to write; default: beside the warehouse, as .html")
    parser.add_argument("--start", type=day, metavar="YYYY-MM-DD", help="first day; default: the first that there is")
    parser.add_argument("--end", type=day, metavar="YYYY-MM-DD", help="last day; default: the last that there is")
    parser.add_argument("--dry-run", action="store_true", help="make the report and write nothing")
    return parser.parse_args(arguments)


def main(arguments: Iterable[str] | None = None) -> int:
    """Write the report and say where it is."""
    options = parse_arguments(arguments)
    warehouse: Path = options.warehouse
    report: Path = options.report or warehouse.with_suffix(".html")
    try:
        data = read_marts(warehouse, options.start, options.end)
    except WarehouseInUseError as error:
        print(error, file=sys.stderr)
        return 1
    except (NoReportError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 2
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        what = str(error).splitlines()[0]
        print(f"{warehouse} lacks a mart or a column ({what}). Build it again: make build.", file=sys.stderr)
        return 2
    versions = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    data |= {
        "made_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "made_by": f"{versions['name']} {versions['version']}, DuckDB {duckdb.__version__}",
        "warehouse": shown(warehouse.name),
    }
    page = make_page(data)
    if options.dry_run:
        print(f"Would write {report}, {len(page.encode()) / 1e6:,.1f} MB. Nothing is written (--dry-run).")
        return 0
    try:
        size = write_whole(report, page)
    except OSError as error:
        print(f"{report} could not be written ({error.strerror}). Name another file.", file=sys.stderr)
        return 1
    print(f"Wrote {report}, {size / 1e6:,.1f} MB. Open it in a browser. It holds addresses and names from the logs.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
