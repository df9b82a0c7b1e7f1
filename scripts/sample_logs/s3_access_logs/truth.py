"""What a correct reader finds in the sample S3 access logs.

Every number is added up from the record at the moment it is made, never from a written line. The object
`s3_access_logs` of the truth file has these keys:

- `totals` and `event_days` (by event day): `line_count`; `request_count`, readable requests after duplicate removal;
  `duplicate_count`, lines removed as duplicates; `unreadable_count`, lines that are no record, on the day they are
  delivered; `late_count`, requests delivered on a later day than they happened.
  line_count = request_count + duplicate_count + unreadable_count, in total and on each day.
- `delivery_days` (by delivery day): `file_count` (all files, the empty ones too), `empty_file_count`, `line_count`,
  `unreadable_count`. Files that are no logs are not counted: `ignored_files` names them.
- `scenarios`: lines by scenario. `field_counts`: requests by the number of fields of their line.
- `s3_usage_daily`: rows of event_date, bucket_name, operation, operation_category, requester (`anonymous` for `-`),
  transfer_class (of `transfer_class` below), http_status_class (`2xx` to `5xx`, or `none`), with request_count,
  bytes_sent, downloaded_byte_count, uploaded_byte_count, copied_byte_count, error_byte_count, error_count.
- `s3_clients_daily`: rows of event_date, bucket_name, remote_address (`none` for `-`), operation_category,
  transfer_class, with request_count, downloaded_byte_count, copied_byte_count, object_count (different keys as logged;
  `-` is no key).
- `log_coverage_daily`: rows of event_date, account_id, region (both `unknown` for a flat prefix), with file_count
  (files with a line of that event day that counts, so not those of duplicates alone; an unreadable line's day is its
  delivery day),
  record_count, unreadable_count, duplicate_count, late_count, gap_hour_count (hours between the first and the
  last without any), first_event_at and last_event_at (null without
  records).

Of a line that is delivered more than once, the copy in the earliest delivery day, then path, is the one that counts.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sample_logs.s3_access_logs.actors import PRIVATE_CLIENTS
from sample_logs.s3_access_logs.delivery import LogFile
from sample_logs.s3_access_logs.records import Record, Request
from sample_logs.truth_tables import Key, coverage_as_json, days_as_json, row

COUNTS = ("line_count", "request_count", "duplicate_count", "unreadable_count", "late_count")
FILE_COUNTS = ("file_count", "empty_file_count", "line_count", "unreadable_count")
USAGE_KEY = (
    "event_date",
    "bucket_name",
    "operation",
    "operation_category",
    "requester",
    "transfer_class",
    "http_status_class",
)
USAGE_MEASURES = (
    "request_count",
    "bytes_sent",
    "downloaded_byte_count",
    "uploaded_byte_count",
    "copied_byte_count",
    "error_byte_count",
    "error_count",
)
CLIENT_KEY = ("event_date", "bucket_name", "remote_address", "operation_category", "transfer_class")
CLIENT_MEASURES = ("request_count", "downloaded_byte_count", "copied_byte_count")
COVERAGE_MEASURES = ("record_count", "unreadable_count", "duplicate_count", "late_count")


def measures_of(request: Request) -> dict[str, int]:
    """Return what one request adds to each measure."""
    operation, status = request.operation, request.status
    is_success = status is not None and 200 <= status <= 299
    is_copied = {
        "copy_read": is_success or status is None,
        "copy_write": is_success,
    }.get(operation.category, False)
    bytes_sent = request.bytes_sent or 0
    object_size = request.object_size or 0
    return {
        "request_count": 1,
        "bytes_sent": bytes_sent,
        "downloaded_byte_count": bytes_sent if operation.is_download and status in (200, 206) else 0,
        "uploaded_byte_count": object_size if operation.is_upload and is_success else 0,
        "copied_byte_count": object_size if is_copied else 0,
        "error_byte_count": bytes_sent if status is not None and status >= 400 else 0,
        "error_count": 1 if status is not None and status >= 400 else 0,
    }


def transfer_class(request: Request) -> str:
    """Return the class that the bytes of a request have for the account of the bucket, by who asked from where.

    S3 charges nothing for failures of its own, nor for refusing others than the bucket's account (S3 user guide,
    "Billing for Amazon S3 error responses"). Of a flat prefix nobody knows the region.
    """
    bucket, client = request.bucket, request.client
    is_own = client.requester == bucket.owner or f"::{bucket.account_id}:" in client.requester
    if (request.status or 0) >= 500 or (request.error_code == "AccessDenied" and not is_own):
        return "not_billed"
    if client.remote_address == "-":
        return "aws_internal"
    if client in PRIVATE_CLIENTS:
        return "private_network"
    if client.source_region == "-":
        return "internet_egress"
    if bucket.has_flat_logs:
        return "unknown"
    return "s3_same_region" if client.source_region == bucket.region else "inter_region_egress"


class Truth:
    """Adds up records and files."""

    def __init__(self) -> None:
        self.ignored_files: list[str] = []
        self._days: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._delivery_days: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._scenarios: Counter[str] = Counter()
        self._field_counts: Counter[str] = Counter()
        self._usage: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        self._clients: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        self._client_keys: defaultdict[Key, set[str]] = defaultdict(set)
        self._coverage: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        self._coverage_files: defaultdict[Key, set[str]] = defaultdict(set)
        self._coverage_moments: defaultdict[Key, list[datetime]] = defaultdict(list)

    def add_file(self, file: LogFile, *, is_empty: bool) -> None:
        """Count a file that is written."""
        self._delivery_days[file.delivery_date.isoformat()].update(file_count=1, empty_file_count=int(is_empty))

    def add(self, record: Record, files: Sequence[LogFile]) -> None:
        """Count a record whose line stands once in each of the files."""
        self._scenarios[record.scenario] += len(files)
        if isinstance(record, Request):
            self._add_request(record, files)
        else:
            self._add_unreadable(record, files)
        for file in files:
            self._delivery_days[file.delivery_date.isoformat()]["line_count"] += 1

    def _add_request(self, request: Request, files: Sequence[LogFile]) -> None:
        event_date = request.at.date().isoformat()
        counted_copy = min(files)
        duplicates = len(files) - 1
        late = int(counted_copy.delivery_date > request.at.date())
        self._days[event_date].update(
            line_count=len(files), request_count=1, duplicate_count=duplicates, late_count=late
        )
        self._field_counts[str(request.field_count)] += 1

        coverage = self._coverage_key(request, event_date)
        self._coverage[coverage].update(record_count=1, duplicate_count=duplicates, late_count=late)
        self._coverage_files[coverage].add(counted_copy.path)
        self._coverage_moments[coverage].append(request.at)

        measures = measures_of(request)
        category = request.operation.category
        requester = "anonymous" if request.client.requester == "-" else request.client.requester
        status_class = "none" if request.status is None else f"{request.status // 100}xx"
        bytes_class = transfer_class(request)
        usage = (
            event_date,
            request.bucket.name,
            request.operation.name,
            category,
            requester,
            bytes_class,
            status_class,
        )
        self._usage[usage].update(measures)

        remote_address = "none" if request.client.remote_address == "-" else request.client.remote_address
        client = (event_date, request.bucket.name, remote_address, category, bytes_class)
        self._clients[client].update({name: measures[name] for name in CLIENT_MEASURES})
        if request.key != "-":
            self._client_keys[client].add(request.key)

    def _add_unreadable(self, record: Record, files: Sequence[LogFile]) -> None:
        for file in files:
            delivery_date = file.delivery_date.isoformat()
            self._days[delivery_date].update(line_count=1, unreadable_count=1)
            self._delivery_days[delivery_date]["unreadable_count"] += 1
            coverage = self._coverage_key(record, delivery_date)
            self._coverage[coverage]["unreadable_count"] += 1
            self._coverage_files[coverage].add(file.path)

    def as_json(self) -> dict[str, Any]:
        """Return the whole truth as plain JSON values, rows in the order of their keys."""
        return {
            **days_as_json(self._days, self._delivery_days, COUNTS, FILE_COUNTS),
            "scenarios": dict(self._scenarios),
            "field_counts": dict(self._field_counts),
            "ignored_files": sorted(self.ignored_files),
            "s3_usage_daily": [
                row(USAGE_KEY, key, {name: counts[name] for name in USAGE_MEASURES})
                for key, counts in sorted(self._usage.items())
            ],
            "s3_clients_daily": [
                row(
                    CLIENT_KEY,
                    key,
                    {**{name: counts[name] for name in CLIENT_MEASURES}, "object_count": len(self._client_keys[key])},
                )
                for key, counts in sorted(self._clients.items())
            ],
            "log_coverage_daily": coverage_as_json(
                self._coverage, COVERAGE_MEASURES, self._coverage_files, self._coverage_moments
            ),
        }

    def _coverage_key(self, record: Record, event_date: str) -> Key:
        bucket = record.bucket
        if bucket.has_flat_logs:
            return (event_date, "unknown", "unknown")
        return (event_date, bucket.account_id, bucket.region)
