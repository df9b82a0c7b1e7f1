#!/usr/bin/env python3
"""Copy the log files of some days from S3 to a local folder, for a run on DuckDB.

Usage: python scripts/fetch_logs.py s3://bucket/prefix .. FOLDER --start 2026-11-01 --end 2026-11-07 [--late-days 2]
           [--parallel 16] [--profile NAME | --role-arn ARN] [--request-payer] [--quiet] [--dry-run]

A file goes to FOLDER/<bucket>/<key>. Event days --start to --end need the files that were delivered up to --late-days
later (docs/decisions/0001-windows.md); folders of other days are not listed. Snapshots are copied whole. What is there
already, with the size and the time of change that S3 tells, is not asked for again; a file that differs is replaced. A
file is written beside its place and then renamed: nobody sees half of one. What an earlier run left unfinished is
removed. What can't be listed, copied or kept under its name is counted and named, and the rest arrives all the same.

The plan and the command to run next go to stdout, progress and problems to stderr; --quiet leaves the problems alone.
docs/fetching_logs.md says which permissions it needs and what it costs.

Exit codes: 0 all there (or listed); 1 something could not be listed or copied, the message says what and what to do;
2 wrong arguments; 130 interrupted.
"""

from __future__ import annotations

import argparse
import errno
import os
import re
import shlex
import shutil
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_UP, Decimal
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from shared.log_copying import BROKEN_BODY, WRONG_BYTES, Copying, InUseError, locked, remove_unfinished
from shared.log_layouts import PROJECT, LogLayouts
from shared.log_listing import Days, Findings, Folder, Listing, NothingThereError, StoredLog, UnusableKeyError
from shared.s3_locations import CLIENT_CONFIG, bucket_and_prefix
from shared.seed_files import Row, read_rows
from shared.snapshots import EXPIRED, REFUSED_CODES, TOO_MANY, assumed_session, day, role_arn
from shared.text_tables import printable
from tqdm import tqdm

NAMED_FILES = 10  # of each problem; the others are counted
LOG_LINE_PERCENT = 10
CENT = Decimal("0.01")

# What to do by the code of an error: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
# and https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
GONE = "It was deleted after it was listed, perhaps by a lifecycle rule. The next run does not expect it."
RESTORE = "Restore a copy for some days (aws s3api restore-object, or S3 Batch Operations), then run again."
KEYS = "Enable the KMS key that the objects are encrypted with, or allow its use, and run again."
ADVICE = {
    "NoSuchKey": GONE,
    "404": GONE,
    "InvalidObjectState": RESTORE,
    "NoSuchBucket": "Correct the name of the bucket.",
    "InvalidAccessKeyId": "Give other credentials, and run again.",
    "SignatureDoesNotMatch": "Give other credentials, and run again.",
    "ExpiredToken": EXPIRED,
    "SlowDown": TOO_MANY,
    "503": TOO_MANY,
}
REFUSED_LIST = "Allow s3:ListBucket on the bucket; where the requester pays, say --request-payer."
REFUSED_GET = (
    "Allow s3:GetObject on the objects and kms:Decrypt on the key that encrypts them; where the requester pays, say "
    "--request-payer."
)
NO_PLACE_CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FetchError(Exception):
    """Nothing can be copied. The message says what was expected, what was found and what to do."""


class ArchivedError(Exception):
    """An object has to be restored before it can be read."""


# --- What is said


def say(text: str) -> None:
    """Print a line of progress, or a problem."""
    print(f"fetch_logs: {text}", file=sys.stderr)


def size_text(byte_count: int) -> str:
    """Return a number of bytes to be read by people: GB of 10^9 bytes, as everywhere in this project's output."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if byte_count >= size:
            return f"{byte_count / size:,.1f} {unit}"
    return f"{byte_count} bytes"


def files_text(count: int) -> str:
    """Return a number of files in words."""
    return f"{count:,} file" if count == 1 else f"{count:,} files"


def error_code(error: Exception) -> str:
    """Return the code of what AWS answered, or the kind of another error."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code", "")
    if isinstance(error, UnusableKeyError):
        return str(error)
    return f"{type(error).__name__} {getattr(error, 'errno', '')}"


def problem_text(error: Exception) -> str:
    """Return what went wrong in one line, without the name of a local file."""
    if isinstance(error, OSError) and not isinstance(error, BotoCoreError) and error.errno:
        return os.strerror(error.errno)
    return printable(error).rstrip(".")


def advice(error: Exception, refused: str) -> str:
    """Return what to do about an error. refused: what to do where the permission is missing."""
    if isinstance(error, ClientError):
        code = error_code(error)
        if code in (*REFUSED_CODES, "403"):
            return refused
        return KEYS if code.startswith("KMS.") else ADVICE.get(code, "Correct it, and run again.")
    if isinstance(error, NothingThereError):
        return "Correct the bucket or the prefix; a prefix is the name of a folder."
    if isinstance(error, UnusableKeyError):
        return "It is left out; to have it, copy the object to another key."
    if isinstance(error, ArchivedError):
        return RESTORE
    if isinstance(error, WRONG_BYTES):
        return "Run again; if it stays so, the object is damaged, or something changes it on its way."
    if isinstance(error, (BotoCoreError, *BROKEN_BODY)):
        return "Check the credentials, the profile and the way to the network, and run again."
    if isinstance(error, OSError) and error.errno in NO_PLACE_CODES:
        return "Make room, or choose fewer days or another folder, and run again."
    return "Let this user write there, or move what is in the way, and run again."


def say_problems(problems: Mapping[str, Exception], refused: str) -> None:
    """Name what failed, equal problems together, with what to do."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, error in sorted(problems.items()):
        alike[error_code(error), advice(error, refused)].append(path)
    for (_, what_to_do), paths in alike.items():
        say(f"{problem_text(problems[paths[0]])}. {what_to_do}")
        for path in paths[:NAMED_FILES]:
            say(f"  s3://{printable(path)}")
        if len(paths) > NAMED_FILES:
            say(f"  and {len(paths) - NAMED_FILES:,} more")


class Progress:
    """Shows how far the copying is: a bar on a terminal, else a line now and then, nothing when quiet."""

    def __init__(self, file_count: int, byte_count: int, quiet: bool) -> None:
        self._lock = threading.Lock()
        self._file_count, self._byte_count, self._quiet = file_count, byte_count, quiet
        self._files = self._bytes = 0
        self._said_percent = 0
        self._started_at = time.monotonic()
        self._bar = None
        if not quiet and sys.stderr.isatty():
            self._bar = tqdm(total=byte_count, unit="B", unit_scale=True, desc="Copying", file=sys.stderr)

    def add_bytes(self, count: int) -> None:
        """Count bytes that arrived; fewer than none where they have to come again."""
        with self._lock:
            self._bytes += count
            if self._bar is not None:
                self._bar.update(count)
            elif not self._quiet:
                self._say_percent()

    def add_file(self) -> None:
        """Count a file that is done with."""
        with self._lock:
            self._files += 1
            if self._bar is not None:
                self._bar.set_postfix_str(f"{self._files:,} of {files_text(self._file_count)}", refresh=False)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()

    def _say_percent(self) -> None:
        percent = self._bytes * 100 // max(self._byte_count, 1) // LOG_LINE_PERCENT * LOG_LINE_PERCENT
        if percent <= self._said_percent:
            return
        self._said_percent = percent
        left = (time.monotonic() - self._started_at) * max(self._byte_count - self._bytes, 0) / self._bytes
        say(
            f"{percent}%: {size_text(self._bytes)} of {size_text(self._byte_count)}, {self._files:,} of "
            f"{files_text(self._file_count)}, {timedelta(seconds=round(left))} left"
        )


# --- Plan


@dataclass(frozen=True)
class Plan:
    """What is to be copied, and what can't be."""

    findings: Findings
    there: list[StoredLog]
    missing: list[StoredLog]
    unreadable: dict[str, Exception]

    @property
    def missing_bytes(self) -> int:
        """How many bytes are to be copied."""
        return sum(stored.byte_count for stored in self.missing)


def make_plan(findings: Findings, folder: Path) -> Plan:
    """Compare what S3 holds with the folder."""
    plan = Plan(findings, [], [], dict(findings.refused))
    for path, stored in sorted(findings.logs.items()):
        if is_there(stored, folder / path):
            plan.there.append(stored)
        elif stored.is_archived:
            plan.unreadable[path] = ArchivedError("expected an object that can be read, found an archived one")
        else:
            plan.missing.append(stored)
    return plan


def is_there(stored: StoredLog, file: Path) -> bool:
    """Tell whether a file has the size and the time of change of the object, to the second, as S3 tells it."""
    try:
        status = file.stat()
    except (OSError, ValueError):
        return False
    return status.st_size == stored.byte_count and int(status.st_mtime) == int(stored.modified_at.timestamp())


def print_plan(plan: Plan, days: Days, cost: str | None) -> None:
    """Print what is to be copied."""
    findings = plan.findings
    counts, sizes = Counter(), Counter()
    for stored in findings.logs.values():
        counts[stored.log.source] += 1
        sizes[stored.log.source] += stored.byte_count
    print(f"Delivery days {days.first} to {days.last}, and all snapshots")
    for source_name, count in sorted(counts.items()):
        print(f"  {source_name}: {files_text(count)}, {size_text(sizes[source_name])}")
    print(f"{files_text(counts.total())}, {size_text(sizes.total())}, of which {len(plan.there):,} are there already")
    print(f"To copy: {files_text(len(plan.missing))}, {size_text(plan.missing_bytes)}")
    if cost:
        print(cost)
    keys, folders = findings.unknown_keys, findings.unknown_folders
    if keys.count:
        print(f"Left alone: {keys.count:,} keys of no known layout, for example s3://{printable(keys.path)}")
    if folders.count:
        print(
            f"Not looked into: {folders.count:,} folders of other days and no known layout, for example "
            f"s3://{printable(folders.path)}"
        )
    for description, path in findings.neighbours.items():
        print(f"Not looked into: {description}, for example s3://{printable(path)}")


def check_folder(plan: Plan, folder: Path, sources: Sequence[Folder]) -> None:
    """Refuse to begin where the end can be foreseen. Raises FetchError."""
    free = shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists())).free
    if plan.missing_bytes > free:
        raise FetchError(
            f"{folder}: expected room for {size_text(plan.missing_bytes)}, found {size_text(free)}. Make room, or "
            "choose fewer days or another folder. Nothing was copied."
        )
    for stored in plan.missing:
        for source in sources:
            if stored.bucket != source.bucket or not stored.key.startswith(source.prefix):
                continue
            # Flow records have no key: those of a file that lies there twice are counted twice.
            twin = folder / stored.key.removeprefix(source.prefix)
            if os.path.isfile(twin) and twin.stat().st_size == stored.byte_count:
                raise FetchError(
                    f"{printable(twin)}: expected this file below {folder / stored.bucket}, found it where "
                    f"`aws s3 sync` puts it. A run would count both. Move what was copied so from {folder} to "
                    f"{folder / source.path}, or name another folder. Nothing was copied."
                )


# --- Costs


def cost_text(s3: Any, plan: Plan, today: date) -> str | None:
    """Return what listing and copying cost at most; None when it is not known."""
    if not plan.missing:
        return None
    costs: dict[str, Decimal] = defaultdict(Decimal)
    requests, transfers = (
        read_rows(PROJECT / "seeds/prices" / name, ["region", "currency", "valid_from", "valid_to"])
        for name in ("s3_prices.csv", "data_transfer_prices.csv")
    )
    for bucket, list_count in plan.findings.request_counts.items():
        missing = [stored for stored in plan.missing if stored.bucket == bucket]
        try:
            region = s3.head_bucket(Bucket=bucket)["BucketRegion"]
        except (BotoCoreError, ClientError, KeyError):
            return None
        of_list = price(requests, region, today, request_price_tier="put_tier")
        of_get = price(requests, region, today, request_price_tier="get_tier")
        of_gb = price(transfers, region, today, traffic_class="internet_egress", tier_start_gb="0")
        if of_list is None or of_get is None or of_gb is None:
            return None
        costs[of_gb["currency"]] += (
            Decimal(of_list["price_per_1000"]) * list_count / 1000
            + Decimal(of_get["price_per_1000"]) * len(missing) / 1000
            + Decimal(of_gb["price_per_gb"]) * sum(stored.byte_count for stored in missing) / 2**30
        )
    amounts = " and ".join(f"{currency} {cost.quantize(CENT, ROUND_UP)}" for currency, cost in costs.items())
    return (
        f"Costs at most {amounts} by list prices: {sum(plan.findings.request_counts.values()):,} LIST and "
        f"{len(plan.missing):,} GET requests, and the bytes where they leave AWS"
    )


def price(rows: Sequence[Row], region: str, day: date, **wanted: str) -> Row | None:
    """Return the row of a seed of prices that holds in a region on a day."""
    return next(
        (
            row
            for row in rows
            if row["region"] == region
            and row["valid_from"] <= f"{day}" <= (row["valid_to"] or "9999")
            and all(row[column] == value for column, value in wanted.items())
        ),
        None,
    )


# --- Command line


def fetch(s3: Any, options: argparse.Namespace, today: date) -> int:
    """List, plan, copy, and return the exit code. Raises FetchError, and OSError of the folder itself."""
    days = Days(options.start, options.end + timedelta(days=options.late_days))
    request = {"RequestPayer": "requester"} if options.request_payer else {}
    listing = Listing(s3, LogLayouts.of_project(), days, request)
    is_hidden = options.quiet or not sys.stderr.isatty()
    with tqdm(desc="Listing", unit=" keys", disable=is_hidden, leave=False, file=sys.stderr) as bar:
        findings = listing.find(options.sources, options.parallel, bar.update)
    plan = make_plan(findings, options.folder)
    if not options.quiet:
        print_plan(plan, days, cost_text(s3, plan, today))
        sys.stdout.flush()
    say_problems(findings.failed, REFUSED_LIST)
    say_problems(plan.unreadable, REFUSED_GET)
    check_folder(plan, options.folder, options.sources)
    problems = {} if options.dry_run else copy(s3, plan, options, request)
    say_problems(problems, REFUSED_GET)
    if not options.quiet:
        print_end(plan, options, len(problems))
    if problems or plan.unreadable or findings.failed:
        say(
            f"Not copied: {files_text(len(problems) + len(plan.unreadable))}. "
            f"Not listed: {len(findings.failed):,} folders."
        )
        return 1
    return 0


def copy(s3: Any, plan: Plan, options: argparse.Namespace, request: dict[str, Any]) -> dict[str, Exception]:
    """Copy what is missing, and return what failed."""
    if not plan.findings.logs:
        return {}
    options.folder.mkdir(parents=True, exist_ok=True)
    with locked(options.folder):
        for bucket in {source.bucket for source in options.sources}:
            remove_unfinished(options.folder / bucket)
        progress = Progress(len(plan.missing), plan.missing_bytes, options.quiet)
        copying = Copying(s3, options.folder, request, progress)
        try:
            copying.copy_all(plan.missing, options.parallel)
        finally:
            progress.close()
    return copying.problems


def print_end(plan: Plan, options: argparse.Namespace, problem_count: int) -> None:
    """Print what was done, and the command to run next."""
    if options.dry_run:
        print("Nothing was copied (--dry-run).")
        return
    print(f"Copied {files_text(len(plan.missing) - problem_count)} to {options.folder}")
    if not plan.findings.logs and not plan.findings.failed:
        print("No log file of these days was found: look at the days and the prefixes.")
    elif len(plan.there) + len(plan.missing) > problem_count:
        print(f"Next: make build LOGS={shlex.quote(str(options.folder))} START={options.start} END={options.end}")


def source(text: str) -> Folder:
    """Read s3://bucket/prefix. Raises argparse.ArgumentTypeError."""
    place = bucket_and_prefix(text)
    if place is None:
        raise argparse.ArgumentTypeError(f"expected a location such as s3://bucket/prefix, found '{text}'")
    bucket, prefix = place
    return Folder(bucket, f"{prefix}/" if prefix else "")


def local_folder(text: str) -> Path:
    """Read the path of a folder that may still have to be made. Raises argparse.ArgumentTypeError."""
    folder = Path(text).expanduser()
    if not text or "://" in text or (folder.exists() and not folder.is_dir()):
        raise argparse.ArgumentTypeError(f"expected a local folder, found '{text}'")
    return folder


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number in a range."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, found '{text}'")
        return int(text)

    return read


def late_days_of_project() -> int:
    """Return the var late_days as dbt_project.yml has it."""
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]["late_days"]


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", type=source, metavar="s3://bucket/prefix", help="where the logs are")
    parser.add_argument("folder", type=local_folder, help="local folder that takes them")
    parser.add_argument("--start", required=True, type=day, help="first event day, as YYYY-MM-DD")
    parser.add_argument("--end", required=True, type=day, help="last event day, as YYYY-MM-DD")
    parser.add_argument(
        "--late-days",
        type=whole_number(0, 366),
        default=late_days_of_project(),
        help="delivery days after the last event day (default: %(default)s, the var of dbt_project.yml)",
    )
    parser.add_argument(
        "--parallel", type=whole_number(1, 256), default=16, help="requests at a time (default: %(default)s)"
    )
    identity = parser.add_mutually_exclusive_group()
    identity.add_argument("--profile", help="profile of the AWS configuration")
    identity.add_argument("--role-arn", type=role_arn, help="role to assume with the environment's credentials")
    parser.add_argument("--request-payer", action="store_true", help="pay for requests to Requester Pays buckets")
    parser.add_argument("--quiet", action="store_true", help="print problems alone")
    parser.add_argument("--dry-run", action="store_true", help="say what would be copied, and copy nothing")
    options = parser.parse_args(arguments)
    if options.end < options.start:
        parser.error(f"--start {options.start} lies after --end {options.end}")
    return options


def open_client(options: argparse.Namespace) -> Any:
    """Return the client of S3 whose credentials the arguments name."""
    if options.role_arn:
        session = assumed_session(options.role_arn, "aws-internet-traffic-fetch")
    else:
        session = boto3.Session(profile_name=options.profile)
    return session.client("s3", config=CLIENT_CONFIG.merge(Config(max_pool_connections=options.parallel)))


def main(arguments: Sequence[str] | None = None, now: datetime | None = None) -> int:
    """Fetch, and return the exit code. `now` is the time whose prices hold."""
    options = read_arguments(arguments)
    try:
        return fetch(open_client(options), options, (now or datetime.now(UTC)).date())
    except (BotoCoreError, ClientError) as error:
        say(f"{problem_text(error)}. {advice(error, 'Allow sts:AssumeRole on the role.')}")
    except (FetchError, InUseError, OSError) as error:
        say(str(error))
    except KeyboardInterrupt:
        say("Interrupted. What was copied stays; run again to go on.")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
