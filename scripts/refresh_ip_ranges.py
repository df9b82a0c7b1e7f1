#!/usr/bin/env python3
"""Bring the seeds of AWS's addresses up to date from an edition of ip-ranges.json.

Usage: python scripts/refresh_ip_ranges.py FILE_OR_URL [--seeds seeds/aws] [--dry-run]
       python scripts/refresh_ip_ranges.py https://ip-ranges.amazonaws.com/ip-ranges.json

ip-ranges.json lists a prefix under several services and prefixes inside prefixes. For each address the longest prefix
wins, among equal ones the most specific service; neighbours that agree in service, region and border group become one
interval, and no interval crosses an address bucket, within which the models join.

History is kept: an interval that the edition no longer shows ends on the day before it (valid_to, inclusive), a new one
begins on its day, one that stays keeps its row. What changed is printed by service.

Exit codes: 0 written, or listed with --dry-run; 1 the seeds could not be written; 2 wrong arguments, or refused: the
message says why, and nothing is written.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import re
import sys
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.seed_files import NotWrittenError, RefusedError, Row, chunks, csv_text, read_rows, table, write_files

DEFAULT_SEEDS = Path(__file__).resolve().parent.parent / "seeds" / "aws"
LIMIT_BYTES = 64 * 1024 * 1024  # thirty times the edition of 2026-08-22
# dbt keeps no checksum of a file above this size (docs/decisions/0003-seeds.md).
CHECKSUM_LIMIT_BYTES = 1024 * 1024
SMALLEST_SHARE = 0.5  # of the prefixes of the edition before; AWS's list grows, and half of it is a damaged file

# Among equal prefixes the first of these wins, then other services by name, then the last ones: the more specific the
# service, the sooner. AMAZON covers all prefixes (https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html).
FIRST_SERVICES = ("S3", "DYNAMODB", "CLOUDFRONT", "CLOUDFRONT_ORIGIN_FACING", "GLOBALACCELERATOR", "API_GATEWAY")
LAST_SERVICES = ("EC2_INSTANCE_CONNECT", "EC2", "AMAZON")

BITS = {4: 32, 6: 128}
# Address buckets, as in macros/network/address_bucket_length.sql: 2 digits of IPv4, 4 of IPv6.
BUCKET_BITS = {4: 24, 6: 112}
NETWORKS = {4: ipaddress.IPv4Network, 6: ipaddress.IPv6Network}
LISTS = {4: ("prefixes", "ip_prefix"), 6: ("ipv6_prefixes", "ipv6_prefix")}

INTERVAL_COLUMNS = (
    "ip_version",
    "start_hex",
    "end_hex",
    "start_int",
    "end_int",
    "service",
    "region",
    "network_border_group",
    "valid_from",
    "valid_to",
    "source",
    "confidence",
)
IDENTITY_COLUMNS = ("ip_version", "start_hex", "end_hex", "service", "region", "network_border_group")
SNAPSHOT_COLUMNS = (
    "valid_from",
    "created_at",
    "sync_token",
    "ipv4_prefix_count",
    "ipv6_prefix_count",
    "source",
    "confidence",
)
SOURCE = "ip-ranges.json"

# What an address has: service, region, border group.
Label = tuple[str, str, str]


@dataclass(frozen=True)
class Prefix:
    """One entry of ip-ranges.json, as numbers."""

    first: int
    last: int
    length: int
    label: Label


@dataclass(frozen=True)
class Interval:
    """Addresses from first to last, both included, that have one label."""

    first: int
    last: int
    label: Label


@dataclass(frozen=True)
class Edition:
    """What an edition of ip-ranges.json says."""

    created_at: datetime
    sync_token: int
    prefixes: dict[int, list[Prefix]]

    @property
    def day(self) -> str:
        """The UTC day of publication."""
        return str(self.created_at.date())


def refuse(source: str, expected: str, found: str, advice: str) -> RefusedError:
    """Make the error of a file that is not as it should be."""
    return RefusedError(f"{source}: expected {expected}, found {found}. {advice}")


# --- Read


def read_edition(source: str) -> Edition:
    """Read ip-ranges.json. Raises RefusedError."""
    again = "Download it again from https://ip-ranges.amazonaws.com/ip-ranges.json."
    content = b"".join(chunks(source, LIMIT_BYTES))
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise refuse(source, "ip-ranges.json", f"no JSON ({error})", again) from error
    if not isinstance(document, dict):
        raise refuse(source, "a JSON object", f"a JSON {type(document).__name__}", again)
    missing = [key for key in ("syncToken", "createDate", "prefixes", "ipv6_prefixes") if key not in document]
    if missing:
        raise refuse(source, "the keys of ip-ranges.json", f"no {', '.join(missing)}", again)
    created_at, sync_token = read_time(source, document["createDate"], document["syncToken"])
    return Edition(
        created_at, sync_token, {version: list(read_prefixes(source, document, version)) for version in LISTS}
    )


def read_time(source: str, created: Any, token: Any) -> tuple[datetime, int]:
    """Return the time of publication and the token, which is the same time in seconds since 1970."""
    if not isinstance(token, str) or not re.fullmatch(r"[0-9]{1,12}", token):
        raise refuse(source, "a syncToken of digits", repr(token), "Name AWS's own file, unchanged.")
    try:
        created_at = datetime.strptime(str(created), "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise refuse(
            source, "createDate as yyyy-mm-dd-hh-mm-ss", repr(created), "Name AWS's own file, unchanged."
        ) from error
    if int(created_at.timestamp()) != int(token):
        raise refuse(
            source,
            f"the syncToken of createDate {created}, {int(created_at.timestamp())}",
            token,
            "Name AWS's own file, unchanged.",
        )
    return created_at, int(token)


def read_prefixes(source: str, document: dict[str, Any], version: int) -> Iterator[Prefix]:
    """Yield the entries of an IP version."""
    list_name, prefix_name = LISTS[version]
    advice = "Name AWS's own file, unchanged."
    entries = document[list_name]
    if not isinstance(entries, list):
        raise refuse(source, f"a list in {list_name}", type(entries).__name__, advice)
    for number, entry in enumerate(entries):
        where = f"{list_name}[{number}]"
        names = (prefix_name, "service", "region", "network_border_group")
        if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) and entry[name] for name in names):
            raise refuse(source, f"{', '.join(names)} as text in {where}", json.dumps(entry)[:200], advice)
        try:
            network = NETWORKS[version](entry[prefix_name])
        except ValueError as error:
            raise refuse(source, f"an IPv{version} prefix in {where}", f"{entry[prefix_name]!r}", advice) from error
        yield Prefix(
            int(network.network_address),
            int(network.broadcast_address),
            network.prefixlen,
            (entry["service"], entry["region"], entry["network_border_group"]),
        )


# --- Resolve


def service_order(service: str) -> tuple[int, str]:
    """Return where a service stands among equal prefixes; the lowest wins."""
    if service in FIRST_SERVICES:
        return FIRST_SERVICES.index(service), ""
    if service in LAST_SERVICES:
        return len(FIRST_SERVICES) + 1 + LAST_SERVICES.index(service), ""
    return len(FIRST_SERVICES), service


def resolved(prefixes: Iterable[Prefix], version: int) -> list[Interval]:
    """Return intervals that do not overlap, in order: every address has the label of its longest prefix."""
    best: dict[tuple[int, int], Prefix] = {}
    for prefix in sorted(prefixes, key=lambda prefix: (service_order(prefix.label[0]), prefix.label)):
        best.setdefault((prefix.first, prefix.length), prefix)
    nested = sorted(best.values(), key=lambda prefix: (prefix.first, prefix.length))
    return list(split_at_buckets(merged(runs(nested)), version))


def runs(nested: Sequence[Prefix]) -> Iterator[Interval]:
    """Yield runs of addresses, in order. Two prefixes lie one inside the other or apart, so a stack is enough."""
    around: list[Prefix] = []
    position = 0  # of the first address that has no run yet
    for prefix in nested:
        while around and around[-1].last < prefix.first:
            position = yield from run(around.pop(), position, None)
        if around:
            yield from run(around[-1], position, prefix.first - 1)
        around.append(prefix)
        position = prefix.first
    while around:
        position = yield from run(around.pop(), position, None)


def run(prefix: Prefix, first: int, last: int | None) -> Generator[Interval, None, int]:
    """Yield the addresses of a prefix from first to last, or to its end, if any; return the address after them."""
    end = prefix.last if last is None else last
    if first <= end:
        yield Interval(first, end, prefix.label)
    return max(first, end + 1)


def merged(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Yield intervals with neighbours that agree made one."""
    held: Interval | None = None
    for interval in intervals:
        if held and held.last + 1 == interval.first and held.label == interval.label:
            held = Interval(held.first, interval.last, held.label)
        else:
            if held:
                yield held
            held = interval
    if held:
        yield held


def split_at_buckets(intervals: Iterable[Interval], version: int) -> Iterator[Interval]:
    """Yield intervals cut wherever an address bucket ends."""
    bits = BUCKET_BITS[version]
    for interval in intervals:
        for bucket in range(interval.first >> bits, (interval.last >> bits) + 1):
            first = max(interval.first, bucket << bits)
            last = min(interval.last, ((bucket + 1) << bits) - 1)
            yield Interval(first, last, interval.label)


# --- Compare


def interval_rows(edition: Edition) -> list[Row]:
    """Return the intervals of an edition as rows of the seed."""
    rows = []
    for version, prefixes in edition.prefixes.items():
        digits = BITS[version] // 4
        for interval in resolved(prefixes, version):
            service, region, border_group = interval.label
            rows.append(
                {
                    "ip_version": str(version),
                    "start_hex": f"{interval.first:0{digits}x}",
                    "end_hex": f"{interval.last:0{digits}x}",
                    "start_int": str(interval.first) if version == 4 else "",
                    "end_int": str(interval.last) if version == 4 else "",
                    "service": service,
                    "region": region,
                    "network_border_group": "" if border_group == region else border_group,
                    "valid_from": edition.day,
                    "valid_to": "",
                    "source": SOURCE,
                    "confidence": "verified",
                }
            )
    return rows


@dataclass(frozen=True)
class Change:
    """The seed after an edition, and what became of its intervals."""

    rows: list[Row]
    kept: Counter[str]
    ended: Counter[str]
    added: Counter[str]


def changed(held: Sequence[Row], edition: Edition) -> Change:
    """Return the held intervals with the edition's on top."""
    shown = {identity(row): row for row in interval_rows(edition)}
    day_before = str(edition.created_at.date() - timedelta(days=1))
    change = Change([], Counter(), Counter(), Counter())
    for row in held:
        if row["valid_to"]:
            change.rows.append(row)
        elif shown.pop(identity(row), None):
            change.kept[row["service"]] += 1
            change.rows.append(row)
        else:
            change.ended[row["service"]] += 1
            change.rows.append({**row, "valid_to": day_before})
    for row in shown.values():
        change.added[row["service"]] += 1
        change.rows.append(row)
    change.rows.sort(key=lambda row: (row["ip_version"], row["start_hex"], row["valid_from"]))
    return change


def identity(row: Row) -> tuple[str, ...]:
    """Return what makes an interval the same in two editions."""
    return tuple(row[column] for column in IDENTITY_COLUMNS)


def check_newer(source: str, edition: Edition, snapshots: Sequence[Row]) -> None:
    """Refuse an edition that is not of a later day than those held, or has far fewer prefixes than the newest."""
    if not snapshots:
        return
    newest = max(snapshots, key=lambda row: row["valid_from"])
    if edition.day <= newest["valid_from"]:
        raise refuse(
            source,
            f"an edition of a day after {newest['valid_from']}, the newest held",
            f"one of {edition.day}",
            "Name a newer one; the seeds know one edition a day, and are not filled in backwards.",
        )
    for version, prefixes in edition.prefixes.items():
        known = int(newest[f"ipv{version}_prefix_count"])
        if len(prefixes) < known * SMALLEST_SHARE:
            raise refuse(
                source,
                f"about {known} IPv{version} prefixes, as in the edition of {newest['valid_from']}",
                f"{len(prefixes)}",
                "The file is cut off or another one: download it again.",
            )


def snapshot_row(edition: Edition) -> Row:
    """Return an edition as a row of the seed."""
    return {
        "valid_from": edition.day,
        "created_at": f"{edition.created_at:%Y-%m-%d %H:%M:%S}",
        "sync_token": str(edition.sync_token),
        "ipv4_prefix_count": str(len(edition.prefixes[4])),
        "ipv6_prefix_count": str(len(edition.prefixes[6])),
        "source": SOURCE,
        "confidence": "verified",
    }


# --- Say


def summary(change: Change) -> str:
    """Return the changes by service as a table."""
    services = sorted(change.kept.keys() | change.ended.keys() | change.added.keys())
    counts = [(name, change.kept[name], change.added[name], change.ended[name]) for name in services]
    counts.append(("all", change.kept.total(), change.added.total(), change.ended.total()))
    return table(("service", "kept", "added", "ended"), [(name, *map(str, numbers)) for name, *numbers in counts])


def warnings(change: Change, regions: Path, size_bytes: int) -> Iterator[str]:
    """Yield what a person has to do besides."""
    if regions.exists():
        known = {row["region"] for row in read_rows(regions, ("region",))} | {"GLOBAL"}
        for region in sorted({row["region"] for row in change.rows} - known):
            yield f"{regions} has no row for region {region}: add it, or the tests of aws_ip_intervals fail."
    if size_bytes > CHECKSUM_LIMIT_BYTES:
        yield (
            f"aws_ip_intervals.csv has {size_bytes:,} bytes; dbt keeps no checksum of files above "
            f"{CHECKSUM_LIMIT_BYTES:,} and reads it at every run. Take rows out whose valid_to lies before the days "
            "that you still build."
        )


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"refresh_ip_ranges: {text}", file=sys.stderr)


def refresh(source: str, seeds: Path, *, dry_run: bool) -> None:
    """Bring the seeds up to date. Raises RefusedError."""
    intervals_path, snapshots_path = seeds / "aws_ip_intervals.csv", seeds / "aws_ip_snapshots.csv"
    held = read_rows(intervals_path, INTERVAL_COLUMNS)
    snapshots = read_rows(snapshots_path, SNAPSHOT_COLUMNS)
    edition = read_edition(source)
    check_newer(source, edition, snapshots)
    change = changed(held, edition)
    text = csv_text(INTERVAL_COLUMNS, change.rows)
    print(summary(change))
    for warning in warnings(change, seeds / "regions.csv", len(text.encode())):
        say(warning)
    if dry_run:
        say(f"edition of {edition.created_at:%Y-%m-%d %H:%M:%S} read, nothing written")
        return
    # The snapshot last: without it the edition is new once more, and a second run ends what a broken one began.
    write_files({intervals_path: text, snapshots_path: csv_text(SNAPSHOT_COLUMNS, [*snapshots, snapshot_row(edition)])})
    say(f"edition of {edition.created_at:%Y-%m-%d %H:%M:%S} written to {intervals_path} and {snapshots_path}")


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", metavar="FILE_OR_URL", help="ip-ranges.json, a local file or an https URL")
    parser.add_argument("--seeds", type=Path, default=DEFAULT_SEEDS, help="folder of the seeds (default: seeds/aws)")
    parser.add_argument("--dry-run", action="store_true", help="print what would change, and write nothing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring the seeds up to date, and return the exit code."""
    options = read_arguments(arguments)
    try:
        refresh(options.source, options.seeds, dry_run=options.dry_run)
    except RefusedError as error:
        say(f"{error} Nothing was written.")
        return 2
    except NotWrittenError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
