"""What scripts that take snapshots share: whose credentials ask, where files go, what to do when AWS refuses."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError

from shared.s3_locations import CLIENT_CONFIG, bucket_and_prefix

# Where accounts and their regions are asked for when the environment names no region.
FALLBACK_REGION = "us-east-1"
REGION_NAME = r"[a-z]{2,}(?:-[a-z0-9]+)+"

# What to do by the code of an error: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
REFUSED_REGION = (
    "The region is not enabled for this account, or its credentials are not valid there: enable the region, give other "
    "credentials, or leave it out of --regions."
)
EXPIRED = "The credentials have expired: get new ones, and run again."
TOO_MANY = "AWS took no more requests for now, also after retries: run again later."
ADVICE = {
    "AuthFailure": REFUSED_REGION,
    "OptInRequired": REFUSED_REGION,
    "InvalidClientTokenId": REFUSED_REGION,
    "UnrecognizedClientException": REFUSED_REGION,
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "RequestExpired": EXPIRED,
    "RequestLimitExceeded": TOO_MANY,
    "LimitExceededException": TOO_MANY,
    "Throttling": TOO_MANY,
    "NoSuchBucket": "Create the bucket, or correct --destination.",
}
REFUSED_CODES = ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")


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


def advice(error: Exception, refused_call: str) -> str:
    """Return what to do about an error. refused_call: what to do where the permission is missing."""
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        return refused_call if code in REFUSED_CODES else ADVICE.get(code, "Correct it, and run again.")
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


def assumed_session(role_arn: str, session_name: str = "aws-internet-traffic-snapshot") -> Any:
    """Assume a role with the environment's credentials and return a session of it."""
    session = boto3.Session()
    sts = session.client("sts", session.region_name or FALLBACK_REGION, config=CLIENT_CONFIG)
    credentials = sts.assume_role(RoleArn=role_arn, RoleSessionName=session_name)["Credentials"]
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


def day(text: str) -> date:
    """Read a day. Raises argparse.ArgumentTypeError."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as YYYY-MM-DD, found '{text}'") from None


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


def add_identity_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say whose credentials ask."""
    parser.add_argument("--profiles", nargs="+", default=[], help="profiles of the AWS configuration, one per account")
    parser.add_argument("--role-arns", nargs="+", type=role_arn, default=[], help="roles to assume, one per account")
