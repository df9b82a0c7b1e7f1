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
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from s3_locations import CLIENT_CONFIG, bucket_and_prefix

# The most that DescribeNetworkInterfaces and DescribeInstances give at once
# (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html, MaxResults).
PAGE_SIZE = 1000
# Where accounts and their regions are asked for when the environment names no region.
FALLBACK_REGION = "us-east-1"
REGION_NAME = r"[a-z]{2,}(?:-[a-z0-9]+)+"
NO_INTERFACE = "{}"

# What to do by the code of an error: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
REFUSED_REGION = (
    "The region is not enabled for this account, or its credentials are not valid there: enable the region, give other "
    "credentials, or leave it out of --regions."
)
REFUSED_CALL = (
    "Allow the calls that docs/network_interfaces.md lists; where only ec2:DescribeInstances is refused, say "
    "--no-instance-names."
)
EXPIRED = "The credentials have expired: get new ones, and run again."
TOO_MANY = "AWS took no more requests for now, also after retries: run again later."
ADVICE = {
    "AuthFailure": REFUSED_REGION,
    "OptInRequired": REFUSED_REGION,
    "InvalidClientTokenId": REFUSED_REGION,
    "UnrecognizedClientException": REFUSED_REGION,
    "UnauthorizedOperation": REFUSED_CALL,
    "AccessDenied": REFUSED_CALL,
    "AccessDeniedException": REFUSED_CALL,
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "RequestExpired": EXPIRED,
    "RequestLimitExceeded": TOO_MANY,
    "Throttling": TOO_MANY,
    "NoSuchBucket": "Create the bucket, or correct --destination.",
}


class Destination(Protocol):
    """Where files go: a folder or a prefix in S3."""

    def name(self, path: str) -> str:
        """Return what a file at this path below the destination is called."""

    def write(self, path: str, content: bytes) -> None:
        """Write a file, whole or not at all. Raises OSError, or what boto3 raises."""


@dataclass(frozen=True)
class Folder:
    """A local folder."""

    root: Path

    def name(self, path: str) -> str:
        """Return the path of a file."""
        return str(self.root / path)

    def write(self, path: str, content: bytes) -> None:
        """Write beside, then rename: nobody sees half a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
        try:
            unfinished.write_bytes(content)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)


@dataclass(frozen=True)
class Prefix:
    """A prefix in S3, empty or without a slash at its ends."""

    bucket: str
    prefix: str
    open_client: Callable[[], Any]

    def name(self, path: str) -> str:
        """Return the location of an object."""
        return f"s3://{self.bucket}/{self._key(path)}"

    def write(self, path: str, content: bytes) -> None:
        """Put an object, which S3 shows whole or not at all."""
        self.open_client().put_object(Bucket=self.bucket, Key=self._key(path), Body=content)

    def _key(self, path: str) -> str:
        return f"{self.prefix}/{path}" if self.prefix else path


@dataclass(frozen=True)
class Identity:
    """Credentials by which an account is asked, and how a message calls them."""

    label: str
    open_session: Callable[[], Any]


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
        say(f"{what}: {error}. {advice(error)}")


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"snapshot_network_interfaces: {text}", file=sys.stderr)


def advice(error: Exception) -> str:
    """Return what to do about an error."""
    if isinstance(error, ClientError):
        return ADVICE.get(error.response.get("Error", {}).get("Code", ""), "Correct it, and run again.")
    if isinstance(error, EndpointConnectionError):
        return "Check the name of the region and the way to the network, and run again."
    if isinstance(error, OSError):
        return "Make room or let this user write there, or name another --destination."
    return "Correct the credentials or the profile, and run again."


def checked_account(sts: Any) -> str:
    """Return the account of the credentials."""
    account_id = sts.get_caller_identity()["Account"]
    if not re.fullmatch(r"[0-9]{12}", account_id):
        raise ValueError(f"expected an account id of 12 digits, found {account_id!r}")
    return account_id


def enabled_regions(ec2: Any) -> list[str]:
    """Return the regions that are enabled for the account.

    Without AllRegions the API gives no others (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html).
    """
    names = sorted(region["RegionName"] for region in ec2.describe_regions()["Regions"])
    strange = [name for name in names if not re.fullmatch(REGION_NAME, name)]
    if strange:
        raise ValueError(f"expected names of regions, found {strange[0]!r}")
    return names


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


def assumed_session(role_arn: str) -> Any:
    """Assume a role with the environment's credentials and return a session of it."""
    session = boto3.Session()
    sts = session.client("sts", session.region_name or FALLBACK_REGION, config=CLIENT_CONFIG)
    credentials = sts.assume_role(RoleArn=role_arn, RoleSessionName="snapshot-network-interfaces")["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=session.region_name,
    )


def identities(arguments: argparse.Namespace) -> list[Identity]:
    """Return the credentials to ask with: the environment's where none are named."""
    named = [
        Identity(f"profile {profile}", lambda profile=profile: boto3.Session(profile_name=profile))
        for profile in arguments.profiles
    ]
    named += [Identity(f"role {role}", lambda role=role: assumed_session(role)) for role in arguments.role_arns]
    return named or [Identity("credentials of the environment", boto3.Session)]


def destination(text: str) -> Destination:
    """Read a folder or s3://bucket/prefix. Raises argparse.ArgumentTypeError."""
    if "://" not in text:
        root = Path(text).expanduser()
        if not text or (root.exists() and not root.is_dir()):
            raise argparse.ArgumentTypeError(f"expected a folder or s3://bucket/prefix, found '{text}'")
        return Folder(root)
    place = bucket_and_prefix(text)
    if place is None:
        raise argparse.ArgumentTypeError(f"expected a folder or s3://bucket/prefix, found '{text}'")
    return Prefix(*place, lambda: boto3.client("s3", config=CLIENT_CONFIG))


def region_name(text: str) -> str:
    """Read the name of a region. Raises argparse.ArgumentTypeError."""
    if not re.fullmatch(REGION_NAME, text):
        raise argparse.ArgumentTypeError(f"expected the name of a region such as us-east-1, found '{text}'")
    return text


def role_arn(text: str) -> str:
    """Read the ARN of a role. Raises argparse.ArgumentTypeError."""
    if not re.fullmatch(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", text):
        raise argparse.ArgumentTypeError(f"expected arn:aws:iam::<account>:role/<name>, found '{text}'")
    return text


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--destination", required=True, type=destination, help="a folder or s3://bucket/prefix")
    parser.add_argument(
        "--regions", nargs="+", type=region_name, default=[], help="default: every region enabled for the account"
    )
    parser.add_argument("--profiles", nargs="+", default=[], help="profiles of the AWS configuration, one per account")
    parser.add_argument("--role-arns", nargs="+", type=role_arn, default=[], help="roles to assume, one per account")
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
