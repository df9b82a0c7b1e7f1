"""What a correct reader finds in the sample CloudTrail files.

Every number is added up from the record at the moment it is made, never from a written file. The object `cloudtrail`
of the truth file has these keys:

- `totals` and `event_days` (by event day, the UTC day of `eventTime`): `delivered_record_count`, elements of all
  `Records`; `record_count`, readable events after duplicate removal; `duplicate_count`, records removed as duplicates
  or because a later one corrects them; `unreadable_count`, records without an `eventTime` that is a time, on the day
  they are delivered; `late_count`, events delivered on a later day than they happened.
  delivered_record_count = record_count + duplicate_count + unreadable_count, in total and on each day.
- `delivery_days` (by delivery day): `file_count` (all log files, the empty ones too), `empty_file_count`,
  `delivered_record_count`, `unreadable_count`. Two files hold no record: one an empty `Records`, one no `Records` at
  all (`{}`). A correct reader finds nothing in either, and nothing wrong with it: `empty_files` names them.
  Digest files and insight files are no log files and are not counted: `ignored_files` names them.
- `scenarios`: delivered records by scenario.
- `log_coverage_daily`: rows of event_date, account_id, region (both the folder's), with file_count (files with a record
  of that event day that counts, so not those of duplicates alone; an unreadable record's day is its delivery day),
  record_count, unreadable_count, no_data_count and skipped_count (both 0: CloudTrail has no such records),
  duplicate_count, late_count, gap_hour_count (hours between the first and the last without any),
  first_event_at and last_event_at (null without readable events).
- `api_activity_daily`: rows of event_date, account_id (`recipientAccountId`, the folder's where the record has none),
  region (`awsRegion`), principal_id and principal_type (what a reader calls the caller and takes it for: an ARN where
  the caller has one; `anonymous` for requests that nobody signed; a service where the record names one),
  event_source, event_name, error_code (`unnamed` where there is an `errorMessage` alone, as in a failed console login;
  `none` without either), with principal_name; event_count; aws_service_event_count, those of them that services made;
  shared_copy_count, events of a call that the caller's account was told of, too, which count there alone; bytes_in and
  bytes_out, null when no event of the row carries the number;
  source_address_count, the different values of `sourceIPAddress`.
- `api_clients_daily`: rows of event_date, account_id, region, source_address (`none` where absent), principal_id,
  event_source, is_aws_service (the story's services have no IP address), with event_count, error_count (events with an
  `errorCode` or an `errorMessage`), shared_copy_count and bytes_out (null as above).
- `findings`: what the story hides.
  - `root_logins`, `console_logins_without_mfa`: one row per successful console login.
  - `failed_console_logins`: failed console logins by day and address, with event_count.
  - `access_denied_spree`: refused calls of one principal by day, with event_count.
  - `access_keys_created`, `trail_changes`, `buckets_opened`, `security_groups_opened`: one row per call that did so.
  - `shared_events`: one row per call that two accounts were told of, with shared_event_id, account_ids, event_ids.
  - `corrections`: one row per record whose addendum has the reason UPDATED_DATA, with event_id and original_event_id.
    The reading taken here: the later record has an event id of its own and takes the place of the one it names, which
    is counted as a duplicate.
  - `request_ids_in_s3_log`: ids of the requests that the S3 access logs of the same story hold as well.

Events are known by account and `eventID`. Of an event that is delivered more than once, the copy in the earliest
delivery day, then path, is the one that counts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from sample_logs.cloudtrail.delivery import LogFile
from sample_logs.cloudtrail.records import Event, Record
from sample_logs.truth_tables import Key, coverage_as_json, days_as_json, row

COUNTS = ("delivered_record_count", "record_count", "duplicate_count", "unreadable_count", "late_count")
FILE_COUNTS = ("file_count", "empty_file_count", "delivered_record_count", "unreadable_count")
COVERAGE_MEASURES = (
    "record_count",
    "unreadable_count",
    "no_data_count",
    "skipped_count",
    "duplicate_count",
    "late_count",
)
ACTIVITY_KEY = (
    "event_date",
    "account_id",
    "region",
    "principal_id",
    "principal_type",
    "event_source",
    "event_name",
    "error_code",
)
CLIENT_KEY = ("event_date", "account_id", "region", "source_address", "principal_id", "event_source", "is_aws_service")
NONE = "none"
UNNAMED = "unnamed"

# The findings that events are marked with.
ROOT_LOGIN = "root_login"
LOGIN_WITHOUT_MFA = "login_without_mfa"
FAILED_LOGIN = "failed_login"
SPREE = "spree"
CORRECTION = "correction"
S3_REQUEST = "s3_request"
ACCESS_KEY_CREATED = "access_key_created"
TRAIL_CHANGED = "trail_changed"
BUCKET_OPENED = "bucket_opened"
SECURITY_GROUP_OPENED = "security_group_opened"


class Truth:
    """Adds up records and files."""

    def __init__(self) -> None:
        self.ignored_files: list[str] = []
        self._empty_files: list[str] = []
        self._days: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._delivery_days: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._scenarios: Counter[str] = Counter()
        self._coverage: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        self._coverage_files: defaultdict[Key, set[str]] = defaultdict(set)
        self._coverage_moments: defaultdict[Key, list[datetime]] = defaultdict(list)
        self._activity: defaultdict[Key, list[Event]] = defaultdict(list)
        self._clients: defaultdict[Key, list[Event]] = defaultdict(list)
        self._shared: defaultdict[str, list[Event]] = defaultdict(list)
        self._findings: defaultdict[str, list[Event]] = defaultdict(list)

    def add_file(self, file: LogFile, *, is_empty: bool) -> None:
        """Count a file that is written."""
        self._delivery_days[file.delivery_date.isoformat()].update(file_count=1, empty_file_count=int(is_empty))
        if is_empty:
            self._empty_files.append(file.path)

    def add(self, record: Record, files: Sequence[LogFile]) -> None:
        """Count a record that stands once in each of the files."""
        self._scenarios[record.scenario] += len(files)
        if isinstance(record, Event):
            self._add_event(record, files)
        else:
            self._add_unreadable(record, files)
        for file in files:
            self._delivery_days[file.delivery_date.isoformat()]["delivered_record_count"] += 1

    def _add_event(self, event: Event, files: Sequence[LogFile]) -> None:
        event_date = event.at.date().isoformat()
        coverage = (event_date, event.trail.account_id, event.trail.region)
        if event.is_corrected:
            self._days[event_date].update(delivered_record_count=len(files), duplicate_count=len(files))
            self._coverage[coverage]["duplicate_count"] += len(files)
            return
        counted_copy = min(files)
        counts = {
            "record_count": 1,
            "duplicate_count": len(files) - 1,
            "late_count": int(counted_copy.delivery_date > event.at.date()),
        }
        self._days[event_date].update(delivered_record_count=len(files), **counts)

        self._coverage[coverage].update(counts)
        self._coverage_files[coverage].add(counted_copy.path)
        self._coverage_moments[coverage].append(event.at)

        account_id = event.recipient_account_id or event.trail.account_id
        place = (event_date, account_id, event.region)
        principal = (event.caller.known_id, event.caller.known_kind)
        call = (event.event_source, event.event_name, named_error(event))
        self._activity[place + principal + call].append(event)
        source_address = event.caller.source_address or NONE
        client = (source_address, event.caller.known_id, event.event_source, is_service_call(event))
        self._clients[(*place, *client)].append(event)

        if event.shared_event_id is not None:
            self._shared[event.shared_event_id].append(event)
        if event.finding is not None:
            self._findings[event.finding].append(event)

    def _add_unreadable(self, record: Record, files: Sequence[LogFile]) -> None:
        for file in files:
            delivery_date = file.delivery_date.isoformat()
            self._days[delivery_date].update(delivered_record_count=1, unreadable_count=1)
            self._delivery_days[delivery_date]["unreadable_count"] += 1
            coverage = (delivery_date, record.trail.account_id, record.trail.region)
            self._coverage[coverage]["unreadable_count"] += 1
            self._coverage_files[coverage].add(file.path)

    def as_json(self) -> dict[str, Any]:
        """Return the whole truth as plain JSON values, rows in the order of their keys."""
        return {
            **days_as_json(self._days, self._delivery_days, COUNTS, FILE_COUNTS),
            "scenarios": dict(self._scenarios),
            "ignored_files": sorted(self.ignored_files),
            "empty_files": sorted(self._empty_files),
            "log_coverage_daily": coverage_as_json(
                self._coverage, COVERAGE_MEASURES, self._coverage_files, self._coverage_moments
            ),
            "api_activity_daily": [
                row(ACTIVITY_KEY, key, activity_measures(events)) for key, events in sorted(self._activity.items())
            ],
            "api_clients_daily": [
                row(CLIENT_KEY, key, client_measures(events)) for key, events in sorted(self._clients.items())
            ],
            "findings": self._findings_as_json(),
        }

    def _findings_as_json(self) -> dict[str, Any]:
        found = self._findings
        return {
            "root_logins": [login(event) for event in found[ROOT_LOGIN]],
            "console_logins_without_mfa": [login(event) for event in found[LOGIN_WITHOUT_MFA]],
            "failed_console_logins": counted(
                ("event_date", "source_address"),
                ((event.at.date().isoformat(), str(event.caller.source_address)) for event in found[FAILED_LOGIN]),
            ),
            "access_denied_spree": counted(
                ("event_date", "principal_id"),
                ((event.at.date().isoformat(), event.caller.known_id) for event in found[SPREE]),
            ),
            "access_keys_created": [change(event) for event in found[ACCESS_KEY_CREATED]],
            "trail_changes": [change(event) for event in found[TRAIL_CHANGED]],
            "buckets_opened": [change(event) for event in found[BUCKET_OPENED]],
            "security_groups_opened": [change(event) for event in found[SECURITY_GROUP_OPENED]],
            "shared_events": [
                {
                    "shared_event_id": shared_event_id,
                    "account_ids": sorted(str(event.recipient_account_id) for event in events),
                    "event_ids": sorted(event.event_id for event in events),
                }
                for shared_event_id, events in sorted(self._shared.items())
            ],
            "corrections": [
                {
                    "event_date": event.at.date().isoformat(),
                    "event_id": event.event_id,
                    "original_event_id": event.more_fields["addendum"]["originalEventID"],
                }
                for event in found[CORRECTION]
            ],
            "request_ids_in_s3_log": sorted({str(event.request_id) for event in found[S3_REQUEST]}),
        }


def is_shared_copy(event: Event) -> bool:
    """Tell whether the caller's account counts the call: in the story it is always told of a shared one."""
    return event.shared_event_id is not None and event.caller.identity["accountId"] != event.recipient_account_id


def is_service_call(event: Event) -> bool:
    """Tell whether a service made the call: in the story nothing else comes without an IP address."""
    address = event.caller.source_address
    return address is not None and not is_ip_address(address)


def named_error(event: Event) -> str:
    """Return the error code, or the word for an error without one, or for none."""
    return event.error_code or (UNNAMED if event.error_message else NONE)


def activity_measures(events: Sequence[Event]) -> dict[str, Any]:
    """Return the measures of a row of `api_activity_daily`."""
    addresses = {event.caller.source_address for event in events} - {None}
    counted_events = [event for event in events if not is_shared_copy(event)]
    return {
        "principal_name": events[0].caller.known_name,
        "event_count": len(counted_events),
        "aws_service_event_count": sum(map(is_service_call, counted_events)),
        "shared_copy_count": len(events) - len(counted_events),
        "bytes_in": known_sum(event.bytes_in for event in counted_events),
        "bytes_out": known_sum(event.bytes_out for event in counted_events),
        "source_address_count": len(addresses),
    }


def client_measures(events: Sequence[Event]) -> dict[str, Any]:
    """Return the measures of a row of `api_clients_daily`."""
    counted_events = [event for event in events if not is_shared_copy(event)]
    return {
        "principal_name": events[0].caller.known_name,
        "event_count": len(counted_events),
        "error_count": sum(named_error(event) != NONE for event in counted_events),
        "shared_copy_count": len(events) - len(counted_events),
        "bytes_out": known_sum(event.bytes_out for event in counted_events),
    }


def known_sum(counts: Iterable[int | None]) -> int | None:
    """Return the sum of the numbers that are known, None when none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def is_ip_address(text: str) -> bool:
    """Tell whether the text is an IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def login(event: Event) -> dict[str, Any]:
    """Return a console login as a row."""
    return {
        "event_date": event.at.date().isoformat(),
        "account_id": event.recipient_account_id,
        "principal_id": event.caller.known_id,
        "source_address": event.caller.source_address,
        "event_id": event.event_id,
    }


def change(event: Event) -> dict[str, Any]:
    """Return a call that changed something as a row."""
    return {**login(event), "event_name": event.event_name}


def counted(key_names: Key, keys: Iterable[Key]) -> list[dict[str, Any]]:
    """Return one row per key with its event_count."""
    return [row(key_names, key, {"event_count": count}) for key, count in sorted(Counter(keys).items())]
