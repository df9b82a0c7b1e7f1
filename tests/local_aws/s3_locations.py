"""Split s3:// locations and list what is below them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def split_location(location: str) -> tuple[str, str]:
    """Return the bucket and the key (or key prefix) of an s3:// location, or raise ValueError."""
    if not location.startswith("s3://") or len(location) <= len("s3://"):
        raise ValueError(f"'{location}' is not a location of the form s3://bucket/prefix")
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bucket, key


def folder_prefix(location: str) -> tuple[str, str]:
    """Return the bucket and the key prefix of everything in a folder, never of its neighbours."""
    bucket, key = split_location(location)
    return bucket, key.rstrip("/") + "/" if key.strip("/") else ""


def objects_below(s3: Any, location: str) -> Iterator[dict[str, Any]]:
    """Yield the listing entry of every object in a folder."""
    bucket, prefix = folder_prefix(location)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from page.get("Contents", [])
