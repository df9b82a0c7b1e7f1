#!/usr/bin/env python3
"""Find, and with --apply delete, data of Athena tables that no table shows any more.

Usage: python scripts/sweep_retired_data.py --data s3://bucket/prefix --schema NAME [--older-than-hours 24] [--apply]

Every run writes its days to a new prefix and then points the table at it; what the table showed before stays in S3.
This script lists the objects below <data>/<schema>/<table>/ that no table and no partition of the schema points at and
that are older than the grace period, which open queries need. Entries in Glue that a killed run left beside a table
(<table>__staged_<id> and the like) no longer protect their data after the same time, and are deleted with it.

It touches nothing that a table or partition of the schema points at, nothing outside the data location, and no folder
that belongs to no table, unless --include-unknown is given. Tables of other schemas are not looked at: a schema's
folder is its own.

Exit codes: 0 done, or listed without --apply; 1 AWS refused something, the message says what; 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from shared.s3_locations import CLIENT_CONFIG, DataLocation, schema_name

# What macros/engine/athena/beside_relation.sql calls the tables of a run: <table>__<role>_<invocation id>.
BESIDE_NAME = re.compile(r".+__(?:staged|read|outside|definition|columns)_[0-9a-f]{32}")
SHORTEST_GRACE_HOURS = 1  # Athena cancels a query after 30 minutes unless the account has a higher limit
OBJECTS_PER_DELETE = 1000  # the limit of S3's DeleteObjects


class SweepError(Exception):
    """The sweep cannot go on. The message says what was expected, what was found and what to do."""


@dataclass(frozen=True)
class StoredObject:
    """An object as S3 lists it."""

    key: str
    byte_count: int
    modified_at: datetime


@dataclass
class RetiredPrefix:
    """The retired objects of one prefix that a run wrote."""

    table: str
    prefix: str
    is_known: bool
    objects: list[StoredObject] = field(default_factory=list)

    @property
    def byte_count(self) -> int:
        """Sum of the objects' sizes."""
        return sum(item.byte_count for item in self.objects)

    @property
    def modified_at(self) -> datetime:
        """When the newest of the objects was written."""
        return max(item.modified_at for item in self.objects)


@dataclass(frozen=True)
class Catalog:
    """What Glue says about a schema."""

    table_names: frozenset[str]
    abandoned_names: tuple[str, ...]
    shown_prefixes: tuple[str, ...]

    def shows(self, key: str) -> bool:
        """Tell whether a table or partition points at this object or at a folder around it."""
        return key.startswith(self.shown_prefixes)


@dataclass(frozen=True)
class Findings:
    """What a sweep found: the prefixes, and the entries in Glue that killed runs left."""

    prefixes: tuple[RetiredPrefix, ...]
    abandoned_names: tuple[str, ...]


def list_objects(s3: Any, location: DataLocation) -> list[StoredObject]:
    """Return all objects below a folder."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=location.bucket, Prefix=location.prefix)
    return [
        StoredObject(entry["Key"], entry["Size"], entry["LastModified"])
        for page in pages
        for entry in page.get("Contents", [])
    ]


def read_catalog(glue: Any, schema: str, bucket: str, cutoff: datetime) -> Catalog:
    """Return the tables of a schema and the prefixes in a bucket that they show.

    A table beside another one that is older than `cutoff` was left by a killed run: it shows nothing.
    """
    names, abandoned, shown = set(), [], set()
    for page in glue.get_paginator("get_tables").paginate(DatabaseName=schema):
        for table in page["TableList"]:
            name = table["Name"]
            if BESIDE_NAME.fullmatch(name):
                if "CreateTime" in table and table["CreateTime"] < cutoff:
                    abandoned.append(name)
                    continue
            else:
                names.add(name)
            shown.update(table_locations(table))
            if table.get("PartitionKeys"):
                shown.update(partition_locations(glue, schema, name))
    return Catalog(frozenset(names), tuple(sorted(abandoned)), tuple(sorted(key_prefixes(shown, bucket))))


def table_locations(table: dict[str, Any]) -> Iterator[str]:
    """Yield the location of a table, and where it projects its partitions."""
    location = table.get("StorageDescriptor", {}).get("Location")
    if location:
        yield location
    parameters = table.get("Parameters", {})
    if parameters.get("projection.enabled", "").lower() == "true" and "storage.location.template" in parameters:
        yield parameters["storage.location.template"].partition("${")[0].rpartition("/")[0]


def partition_locations(glue: Any, schema: str, table: str) -> Iterator[str]:
    """Yield where the partitions of a table lie."""
    paginator = glue.get_paginator("get_partitions")
    for page in paginator.paginate(DatabaseName=schema, TableName=table, ExcludeColumnSchema=True):
        for partition in page["Partitions"]:
            location = partition.get("StorageDescriptor", {}).get("Location")
            if not location:
                raise SweepError(
                    f"Glue names no location for partition {partition['Values']} of {schema}.{table}, so what it shows "
                    "cannot be told. Nothing was deleted; repair or drop the partition first."
                )
            yield location


def key_prefixes(locations: Iterable[str], bucket: str) -> Iterator[str]:
    """Yield the key prefixes of locations in a bucket."""
    for location in locations:
        match = re.fullmatch(r"s3[an]?://([^/]+)/*(.*)", location, re.DOTALL)
        if match and match.group(1) == bucket:
            prefix = match.group(2)
            yield prefix if not prefix or prefix.endswith("/") else f"{prefix}/"


def find_retired(s3: Any, glue: Any, data: DataLocation, schema: str, cutoff: datetime) -> Findings:
    """Return what nobody shows and what is older than `cutoff`.

    S3 is listed before Glue is read: a day that is switched meanwhile is either seen as shown, or its objects are
    younger than the listing.
    """
    root = data.below(schema)
    objects = list_objects(s3, root)
    catalog = read_catalog(glue, schema, data.bucket, cutoff)
    found: dict[str, RetiredPrefix] = {}
    for item in objects:
        if item.modified_at >= cutoff or catalog.shows(item.key):
            continue
        table, slash, rest = item.key.removeprefix(root.prefix).partition("/")
        if not slash:
            table, rest = "", table
        prefix = f"{root.prefix}{table}/{rest.partition('/')[0]}/" if "/" in rest else f"{root.prefix}{table}{slash}"
        is_known = table in catalog.table_names
        found.setdefault(prefix, RetiredPrefix(table, prefix, is_known)).objects.append(item)
    prefixes = tuple(found[prefix] for prefix in sorted(found))
    return Findings(prefixes, catalog.abandoned_names)


def deletable(findings: Findings, include_unknown: bool) -> list[RetiredPrefix]:
    """Return the prefixes that --apply deletes."""
    return [prefix for prefix in findings.prefixes if prefix.is_known or include_unknown]


def print_findings(findings: Findings, include_unknown: bool, bucket: str, now: datetime) -> None:
    """Print a table of what was found, and a total of what may be deleted."""
    header = ("table", "prefix", "objects", "bytes", "age in hours", "")
    rows = [
        (
            prefix.table or "(none)",
            f"s3://{bucket}/{prefix.prefix}",
            str(len(prefix.objects)),
            str(prefix.byte_count),
            f"{(now - prefix.modified_at) / timedelta(hours=1):.0f}",
            "" if prefix.is_known or include_unknown else "of no table: left alone",
        )
        for prefix in findings.prefixes
    ]
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        cells = [
            cell.rjust(width) if column in (2, 3, 4) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    for name in findings.abandoned_names:
        print(f"Left in Glue by a killed run: {name}")
    chosen = deletable(findings, include_unknown)
    print(
        f"Total: {len(chosen)} prefixes, {sum(len(prefix.objects) for prefix in chosen)} objects, "
        f"{sum(prefix.byte_count for prefix in chosen)} bytes"
    )


def delete_abandoned(glue: Any, schema: str, names: Sequence[str]) -> None:
    """Delete the entries that killed runs left in Glue; never data."""
    for name in names:
        try:
            glue.delete_table(DatabaseName=schema, Name=name)
        except glue.exceptions.EntityNotFoundException:
            continue  # somebody else was quicker
        print(f"Deleted from Glue: {name}")


def delete_objects(s3: Any, bucket: str, prefixes: Sequence[RetiredPrefix]) -> int:
    """Delete the objects and return their number. Raises SweepError when S3 keeps some."""
    keys = (item.key for prefix in prefixes for item in prefix.objects)
    deleted, kept = 0, []
    while batch := list(islice(keys, OBJECTS_PER_DELETE)):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True})
        errors = answer.get("Errors", [])
        deleted += len(batch) - len(errors)
        kept += errors
    if kept:
        reasons: dict[str, list[str]] = defaultdict(list)
        for error in kept:
            reasons[f"{error.get('Code')}: {error.get('Message')}"].append(error["Key"])
        text = "; ".join(f"{reason} ({len(keys)} objects, such as {keys[0]})" for reason, keys in reasons.items())
        raise SweepError(
            f"S3 deleted {deleted} objects and kept {len(kept)}: {text}. Run it again with the needed rights."
        )
    return deleted


def sweep(s3: Any, glue: Any, arguments: argparse.Namespace, now: datetime) -> None:
    """Find, print and, if asked to, delete. Raises SweepError, and what boto3 raises."""
    cutoff = now - timedelta(hours=arguments.older_than_hours)
    try:
        findings = find_retired(s3, glue, arguments.data, arguments.schema, cutoff)
    except glue.exceptions.EntityNotFoundException:
        raise SweepError(
            f"--schema: Glue has no database {arguments.schema}. Give the schema that dbt builds into (ATHENA_SCHEMA)."
        ) from None
    print_findings(findings, arguments.include_unknown, arguments.data.bucket, now)
    if not arguments.apply:
        print("Nothing was deleted. Say --apply to delete.")
        return
    delete_abandoned(glue, arguments.schema, findings.abandoned_names)
    chosen = deletable(findings, arguments.include_unknown)
    print(f"Deleted {delete_objects(s3, arguments.data.bucket, chosen)} objects.")


def grace_hours(text: str) -> float:
    """Read a number of hours. Raises argparse.ArgumentTypeError."""
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not SHORTEST_GRACE_HOURS <= hours < float("inf"):
        raise argparse.ArgumentTypeError(
            f"expected at least {SHORTEST_GRACE_HOURS} hour, found '{text}': running queries read what was just retired"
        )
    return hours


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=DataLocation.parse, help="the data location of dbt (ATHENA_DATA)")
    parser.add_argument(
        "--schema", required=True, type=schema_name, help="the schema that dbt builds into (ATHENA_SCHEMA)"
    )
    parser.add_argument(
        "--older-than-hours", type=grace_hours, default=24.0, help="grace period: younger objects stay (default: 24)"
    )
    parser.add_argument(
        "--include-unknown", action="store_true", help="also folders that belong to no table of the schema"
    )
    parser.add_argument("--apply", action="store_true", help="delete; without it nothing is changed")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None, now: datetime | None = None) -> int:
    """Sweep, and return the exit code. `now` is the time against which ages are measured."""
    options = read_arguments(arguments)
    try:
        # dbt's profile names the region by AWS_REGION, which boto3 does not read.
        session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        s3, glue = (session.client(service, config=CLIENT_CONFIG) for service in ("s3", "glue"))
        sweep(s3, glue, options, now or datetime.now(UTC))
    except (SweepError, BotoCoreError, ClientError) as error:
        print(f"sweep_retired_data: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
