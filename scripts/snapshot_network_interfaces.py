#!/usr/bin/env python3
"""Write what network interfaces exist now, one file per account and region, for the project to read.

Usage: python scripts/snapshot_network_interfaces.py --destination s3://bucket/inventory [--regions us-east-1 eu-west-1]
           [--profiles NAME ..] [--role-arns ARN ..] [--no-instance-names] [--dry-run]

A file is <account>_network-interfaces_<region>_<time>.json.gz in <destination>/network-interfaces/<account>/<region>/
YYYY/MM/DD/, one JSON object a line: each interface as DescribeNetworkInterfaces returns it and, unless
--no-instance-names is given, the Name tag of its instance beside it as InstanceName. Where an account has no interface
in a region the file has the one line {}: "none" is known then, and not "not looked".

Accounts are those of the environment's credentials, or of each profile and role that is named. Roles are assumed, and
files are written, with the environment's credentials. An account or region that refuses is named with what to do, and
the others are written all the same. Progress goes to stderr.

Exit codes: 0 all written (or listed); 1 something could not be asked or written, the message says what; 2 wrong
arguments.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from shared.s3_locations import CLIENT_CONFIG
from shared.snapshots import (
    FALLBACK_REGION,
    Destination,
    Identity,
    add_identity_arguments,
    advice,
    checked_account,
    destination,
    enabled_regions,
    identities,
    region_name,
)

# The most that DescribeNetworkInterfaces and DescribeInstances give at once
# (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html, MaxResults).
PAGE_SIZE = 1000
NO_INTERFACE = "{}"

REFUSED_CALL = (
    "Allow the calls that docs/network_interfaces.md lists; where only ec2:DescribeInstances is refused, say "
    "--no-instance-names."
)


class Snapshots:
    """Takes the snapshots of one run."""

    def __init__(self, arguments: argparse.Namespace, destination: Destination, taken_at: datetime) -> None:
        self._arguments = arguments
        self._destination = destination
        self._taken_at = taken_at
        self._asked_accounts: set[str] = set()
        self.written = 0
        self.failed: list[str] = []

    def take(self, identity: Identity) -> None:
        """Write the snapshots of an account, region by region. What fails is said and remembered."""
        try:
            session = identity.open_session()
            start_region = session.region_name or next(iter(self._arguments.regions or ()), FALLBACK_REGION)
            account_id = checked_account(session.client("sts", start_region, config=CLIENT_CONFIG))
            if account_id in self._asked_accounts:
                say(f"{identity.label}: account {account_id} was asked already, left out")
                return
            self._asked_accounts.add(account_id)
            regions = self._arguments.regions or enabled_regions(
                session.client("ec2", start_region, config=CLIENT_CONFIG)
            )
        except (BotoCoreError, ClientError, ValueError) as error:
            self._fail(identity.label, error)
            return
        for region in regions:
            try:
                self._take_region(session, account_id, region)
            except (BotoCoreError, ClientError, OSError) as error:
                self._fail(f"{account_id} {region}", error)

    def _take_region(self, session: Any, account_id: str, region: str) -> None:
        ec2 = session.client("ec2", region, config=CLIENT_CONFIG)
        interfaces = list(described_interfaces(ec2))
        names = instance_names(ec2) if self._arguments.instance_names and interfaces else {}
        path = snapshot_path(account_id, region, self._taken_at)
        if not self._arguments.dry_run:
            self._destination.write(path, snapshot_content(interfaces, names))
        self.written += 1
        verb = "would write" if self._arguments.dry_run else "wrote"
        say(f"{account_id} {region}: {len(interfaces)} interfaces, {verb} {self._destination.name(path)}")

    def _fail(self, what: str, error: Exception) -> None:
        self.failed.append(what)
        say(f"{what}: {error}. {advice(error, REFUSED_CALL)}")


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"snapshot_network_interfaces: {text}", file=sys.stderr)


def described_interfaces(ec2: Any) -> Iterator[dict[str, Any]]:
    """Yield the network interfaces of a region."""
    paginator = ec2.get_paginator("describe_network_interfaces")
    for page in paginator.paginate(PaginationConfig={"PageSize": PAGE_SIZE}):
        yield from page["NetworkInterfaces"]


def instance_names(ec2: Any) -> dict[str, str]:
    """Return the Name tags of the instances of a region, by instance id."""
    paginator = ec2.get_paginator("describe_instances")
    pages = paginator.paginate(
        Filters=[{"Name": "tag-key", "Values": ["Name"]}], PaginationConfig={"PageSize": PAGE_SIZE}
    )
    return {
        instance["InstanceId"]: tag["Value"]
        for page in pages
        for reservation in page["Reservations"]
        for instance in reservation["Instances"]
        for tag in instance.get("Tags", [])
        if tag["Key"] == "Name"
    }


def snapshot_path(account_id: str, region: str, taken_at: datetime) -> str:
    """Return the path of a snapshot below the destination."""
    name = f"{account_id}_network-interfaces_{region}_{taken_at:%Y%m%dT%H%M%SZ}.json.gz"
    return f"network-interfaces/{account_id}/{region}/{taken_at:%Y/%m/%d}/{name}"


def snapshot_content(interfaces: Sequence[dict[str, Any]], names: dict[str, str]) -> bytes:
    """Return the interfaces as JSON lines in gzip."""
    lines = [interface_line(interface, names) for interface in interfaces] or [NO_INTERFACE]
    return gzip.compress("".join(f"{line}\n" for line in lines).encode("ascii"), mtime=0)


def interface_line(interface: dict[str, Any], names: dict[str, str]) -> str:
    """Return an interface as one line of JSON. All but ASCII is escaped, so that no text can break the line."""
    name = names.get(interface.get("Attachment", {}).get("InstanceId", ""))
    fields = interface if name is None else {**interface, "InstanceName": name}
    return json.dumps(fields, default=iso_time)


def iso_time(value: Any) -> str:
    """Return a time as ISO 8601 in UTC, as the AWS CLI does."""
    if not isinstance(value, datetime):
        raise TypeError(f"expected JSON values and times, found {type(value).__name__}")
    return value.astimezone(UTC).isoformat()


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--destination", required=True, type=destination, help="a folder or s3://bucket/prefix")
    parser.add_argument(
        "--regions", nargs="+", type=region_name, default=[], help="default: every region enabled for the account"
    )
    add_identity_arguments(parser)
    parser.add_argument(
        "--instance-names",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="put the Name tag of its instance beside each interface (DescribeInstances; default: on)",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None, now: datetime | None = None) -> int:
    """Take the snapshots, and return the exit code. `now` is the time that the files' names tell."""
    options = read_arguments(arguments)
    snapshots = Snapshots(options, options.destination, (now or datetime.now(UTC)).astimezone(UTC))
    for identity in identities(options):
        snapshots.take(identity)
    verb = "would be written" if options.dry_run else "written"
    say(f"snapshots {verb}: {snapshots.written}, failed: {len(snapshots.failed)}")
    if snapshots.failed:
        say(f"not known: {'; '.join(snapshots.failed)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
