"""Places in S3 and Glue as a person writes them, and how the scripts wait for AWS."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass

from botocore.config import Config

CLIENT_CONFIG = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 8})


def bucket_and_prefix(text: str) -> tuple[str, str] | None:
    """Read s3://bucket/prefix; the prefix has no slash at its ends. Return None for anything else."""
    match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]+[a-z0-9])(?:/+(.*?))?/*", text)
    return match and (match.group(1), match.group(2) or "")


@dataclass(frozen=True)
class DataLocation:
    """A folder in S3; `prefix` is empty or ends in a slash."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, text: str) -> DataLocation:
        """Read s3://bucket/prefix. Raises argparse.ArgumentTypeError."""
        place = bucket_and_prefix(text)
        if place is None:
            raise argparse.ArgumentTypeError(f"expected a location such as s3://bucket/prefix, found '{text}'")
        bucket, prefix = place
        return cls(bucket, f"{prefix}/" if prefix else "")

    def below(self, folder: str) -> DataLocation:
        """Return a folder of this one."""
        return DataLocation(self.bucket, f"{self.prefix}{folder}/")


def schema_name(text: str) -> str:
    """Read the name of a schema. Raises argparse.ArgumentTypeError."""
    if not re.fullmatch(r"[a-z0-9_]+", text):
        raise argparse.ArgumentTypeError(f"expected lower case letters, digits and underscores, found '{text}'")
    return text
