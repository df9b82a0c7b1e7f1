#!/usr/bin/env python3
"""Copy a folder of log files to S3, keeping the layout: `python scripts/upload_logs.py sample_logs s3://bucket/logs`.

For trying the Athena target, on the local stand-in or in an account of your own. Objects that are there already with
the same size are not sent again; nothing is deleted. The list, the truth and the vars that come with sample logs are
not sent. Exit codes: 0 copied (or listed), 1 AWS refused something, 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from sample_logs.output_folder import LIST_NAME
from sample_logs.writing import TRUTH_NAME, VARIABLES_NAME

S3_CONFIG = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "max_attempts": 5})
PROGRESS_STEP = 100
BESIDE_SAMPLE_LOGS = (LIST_NAME, TRUTH_NAME, VARIABLES_NAME)


def sizes_in_s3(s3: Any, bucket: str, prefix: str) -> dict[str, int]:
    """Sizes in bytes of the objects below a prefix, by key."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}


def files_to_send(folder: Path) -> list[Path]:
    """All files below the folder, without the list, the truth and the vars that come with sample logs."""
    left_out = {folder / name for name in BESIDE_SAMPLE_LOGS} if (folder / LIST_NAME).is_file() else set()
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in left_out]


def upload(s3: Any, folder: Path, bucket: str, prefix: str, *, dry_run: bool) -> int:
    """Send the files that S3 does not hold yet and return how many there were."""
    known = sizes_in_s3(s3, bucket, prefix)
    keys = {path: prefix + path.relative_to(folder).as_posix() for path in files_to_send(folder)}
    missing = {path: key for path, key in keys.items() if known.get(key) != path.stat().st_size}
    print(f"{len(keys)} files in {folder}, {len(missing)} of them not yet in s3://{bucket}/{prefix}")
    if dry_run:
        return len(missing)
    with ThreadPoolExecutor(8) as pool:
        sent = pool.map(lambda item: s3.upload_file(str(item[0]), bucket, item[1]), missing.items())
        for number, _ in enumerate(sent, start=1):
            if number % PROGRESS_STEP == 0 or number == len(missing):
                print(f"  {number} of {len(missing)} sent")
    return len(missing)


def main() -> int:
    """Read the arguments and copy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of log files")
    parser.add_argument("target", help="s3://bucket/prefix that takes the folder's content")
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    arguments = parser.parse_args()
    place = urlsplit(arguments.target)
    if place.scheme != "s3" or not place.netloc:
        parser.error(f"the target must be s3://bucket/prefix, found {arguments.target}")
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is not a folder")
    prefix = place.path.strip("/") + "/" if place.path.strip("/") else ""
    try:
        upload(boto3.client("s3", config=S3_CONFIG), arguments.folder, place.netloc, prefix, dry_run=arguments.dry_run)
    except (BotoCoreError, ClientError) as error:
        print(f"S3 refused: {error}. What was sent stays; run again to send the rest.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
