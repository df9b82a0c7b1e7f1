"""Places in S3 as a person writes them, and how the scripts wait for AWS."""

from __future__ import annotations

import re

from botocore.config import Config

CLIENT_CONFIG = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 8})


def bucket_and_prefix(text: str) -> tuple[str, str] | None:
    """Read s3://bucket/prefix; the prefix has no slash at its ends. Return None for anything else."""
    match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]+[a-z0-9])(?:/+(.*?))?/*", text)
    return match and (match.group(1), match.group(2) or "")
