"""The sample CloudTrail files: repeatable, and described by their truth to the byte.

The reader below is written apart from the generator: it sees nothing but the files.
"""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from generate_sample_logs import main
from sample_logs.cloudtrail import CloudTrail
from sample_logs.output_folder import OutputFolder
from sample_logs.settings import SampleFile, Settings
from test_sample_logs import Logs as S3Logs
from test_sample_logs import Row, gap_hour_count, tree

DAYS = [date(2026, 11, number) for number in range(1, 8)]
FIRST, SECOND = "111122223333", "444455556666"
FOLDERS = {(FIRST, "us-east-1"), (FIRST, "eu-west-1"), (SECOND, "eu-west-1")}
PATH = re.compile(
    r"cloudtrail/AWSLogs/(?P<account>\d{12})/CloudTrail/(?P<region>[a-z0-9-]+)/(?P<day>\d{4}/\d\d/\d\d)/"
    r"(?P=account)_CloudTrail_(?P=region)_(?P<at>\d{8}T\d{4}Z)_[0-9A-Za-z]{16}\.json\.gz"
)
OTHER_PATH = re.compile(
    r"cloudtrail/AWSLogs/(README\.txt|\d{12}/CloudTrail-(Digest|Insight)/[a-z0-9-]+/\d{4}/\d\d/\d\d/[^/]+\.json\.gz)"
)
IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9a-f:]*:[0-9a-f:]*")
S3_OPERATIONS = {
    "REST.GET.OBJECT": "GetObject",
    "REST.PUT.OBJECT": "PutObject",
    "REST.COPY.OBJECT": "CopyObject",
    "REST.DELETE.OBJECT": "DeleteObject",
    "REST.POST.MULTI_OBJECT_DELETE": "DeleteObjects",
    "BATCH.DELETE.OBJECT": "DeleteObject",
}


@dataclass(frozen=True)
class File:
    """A log file as found on disk."""

    path: str
    delivered_at: datetime
    folder: tuple[str, str]
    text: str
    records: tuple[dict[str, Any], ...]

    @property
    def delivery_date(self) -> str:
        return self.delivered_at.date().isoformat()


@dataclass(frozen=True)
class Event:
    """A readable record, and where it stood."""

    file: File
    at: datetime
    record: dict[str, Any]

    def __getitem__(self, path: str) -> Any:
        """Return a nested value by its path, None where there is none."""
        value: Any = self.record
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    @property
    def event_date(self) -> str:
        return self.at.date().isoformat()

    @property
    def account_id(self) -> str:
        return self["recipientAccountId"] or self.file.folder[0]

    @property
    def principal_id(self) -> str:
        identity = self["userIdentity"]
        if identity.get("accountId") == "ANONYMOUS_PRINCIPAL":
            return "anonymous"
        if identity.get("userName") == "HIDDEN_DUE_TO_SECURITY_REASONS":
            return f"{identity['accountId']}:{identity['userName']}"
        user_id = identity.get("onBehalfOf", {}).get("userId")
        words = (identity.get("arn"), identity.get("principalId"), user_id, identity.get("invokedBy"))
        return next(word for word in words if word)

    @property
    def principal_name(self) -> str:
        identity = self["userIdentity"]
        if identity.get("type") == "Root":
            return "root"
        after = re.search(":(?:assumed-role|federated-user)/(.+)", self.principal_id)
        return identity.get("userName") or (after[1] if after else self.principal_id)

    @property
    def principal_type(self) -> str:
        if self.principal_id == "anonymous":
            return "anonymous"
        return self["userIdentity.type"] or "AWSService"

    @property
    def is_aws_service(self) -> bool:
        return self["sourceIPAddress"] is not None and not IP_ADDRESS.fullmatch(self["sourceIPAddress"])

    @property
    def error_code(self) -> str:
        return self["errorCode"] or ("unnamed" if self["errorMessage"] else "none")

    @property
    def is_late(self) -> bool:
        return self.file.delivered_at.date() > self.at.date()


def time_of(record: dict[str, Any]) -> datetime | None:
    """Return the record's time, None when it has none that is one."""
    try:
        return datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError):
        return None


class Trails:
    """Everything below the CloudTrail folder, read back."""

    def __init__(self, root: Path) -> None:
        self.truth = json.loads((root / "truth.json").read_text(encoding="utf-8"))["cloudtrail"]
        self.other_paths: list[str] = []
        self.files = sorted(self._files(root), key=lambda file: (file.delivery_date, file.path))
        self.events: list[Event] = []
        self.duplicates: list[Event] = []
        self.corrected: list[Event] = []
        self.unreadable: list[tuple[File, dict[str, Any]]] = []
        self._read()

    def _files(self, root: Path) -> Iterator[File]:
        for path in sorted(path for path in (root / "cloudtrail").rglob("*") if path.is_file()):
            name = path.relative_to(root).as_posix()
            found = PATH.fullmatch(name)
            if not found:
                self.other_paths.append(name)
                continue
            text = gzip.decompress(path.read_bytes()).decode()
            yield File(
                name,
                datetime.strptime(found["at"], "%Y%m%dT%H%MZ").replace(tzinfo=UTC),
                (found["account"], found["region"]),
                text,
                tuple(json.loads(text).get("Records", ())),
            )

    def _read(self) -> None:
        seen = set()
        originals = {
            record["addendum"]["originalEventID"]
            for file in self.files
            for record in file.records
            if record.get("addendum", {}).get("reason") == "UPDATED_DATA"
        }
        for file in self.files:
            for record in file.records:
                at = time_of(record)
                if at is None:
                    self.unreadable.append((file, record))
                    continue
                event = Event(file, at, record)
                identity = (event.account_id, record["eventID"])
                if record["eventID"] in originals:
                    self.corrected.append(event)
                elif identity in seen:
                    self.duplicates.append(event)
                else:
                    self.events.append(event)
                seen.add(identity)

    def counted(self, events: Iterable[Event]) -> list[Event]:
        """Return the events without those that the caller's account was told of, too."""
        tellers: dict[str, set[str]] = defaultdict(set)
        for event in self.events:
            tellers[event["sharedEventID"]].add(event.account_id)
        return [
            event
            for event in events
            if event["sharedEventID"] is None
            or event["userIdentity.accountId"] not in tellers[event["sharedEventID"]] - {event.account_id}
        ]

    def named(self, *names: str) -> list[Event]:
        """Return the events of these names."""
        return [event for event in self.events if event["eventName"] in names]


@pytest.fixture(scope="module")
def week_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("week") / "logs"
    assert main([str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def week(week_folder: Path) -> Trails:
    return Trails(week_folder)


@pytest.fixture(scope="module")
def s3_week(week_folder: Path) -> S3Logs:
    return S3Logs(week_folder)


def trails_alone(folder: Path, days: int = 1, seed: int = 20261101, scale: int = 1) -> Trails:
    """Make the CloudTrail files without the other kinds of log, and read them back."""
    kind = CloudTrail(Settings(seed, DAYS[0], days, scale))
    output = OutputFolder(folder)
    output.replace()
    for file in kind.files():
        output.write(file)
    output.write(SampleFile("truth.json", json.dumps({"cloudtrail": kind.truth()}).encode()))
    return Trails(folder)


# --- The same arguments give the same bytes -------------------------------------------------------------------------


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        trails_alone(tmp_path / name, days=2)
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert len(one) > 50
    assert one == two
    assert {content[4:8] for name, content in one.items() if name.endswith(".gz")} == {bytes(4)}, "a time in a file"


def test_one_more_day_leaves_the_files_delivered_so_far_and_their_events_as_they_are(tmp_path: Path) -> None:
    two_days, three_days = trails_alone(tmp_path / "two", days=2), trails_alone(tmp_path / "three", days=3)
    kept = {file.path: file.text for file in two_days.files if file.delivered_at.date() <= DAYS[1]}
    assert len(kept) > 40
    assert kept.items() <= {file.path: file.text for file in three_days.files}.items()
    earlier = [event.record for event in three_days.events if event.at.date() <= DAYS[1]]
    assert sorted(map(json.dumps, earlier)) == sorted(json.dumps(event.record) for event in two_days.events)


def test_another_seed_changes_every_event(tmp_path: Path) -> None:
    one, two = trails_alone(tmp_path / "one"), trails_alone(tmp_path / "two", seed=7)
    assert len(one.events) > 500
    assert not {event["eventID"] for event in one.events} & {event["eventID"] for event in two.events}


def test_scale_multiplies_the_events(tmp_path: Path) -> None:
    one, three = trails_alone(tmp_path / "one"), trails_alone(tmp_path / "three", scale=3)
    assert 2.7 < len(three.events) / len(one.events) < 3.0


# --- The layout -----------------------------------------------------------------------------------------------------


def test_files_lie_where_cloudtrail_delivers_them(week: Trails) -> None:
    assert {file.folder for file in week.files} == FOLDERS
    for file in week.files:
        assert PATH.fullmatch(file.path)["day"] == f"{file.delivered_at:%Y/%m/%d}"


def test_the_other_files_are_named_in_the_truth(week: Trails) -> None:
    assert sorted(week.other_paths) == week.truth["ignored_files"]
    assert {OTHER_PATH.fullmatch(path)[2] for path in week.other_paths} == {None, "Digest", "Insight"}


def test_insight_files_hold_records_that_are_no_events(week_folder: Path, week: Trails) -> None:
    paths = [week_folder / path for path in week.other_paths if "CloudTrail-Insight" in path]
    records = [record for path in paths for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]]
    assert len(records) == 14
    assert {record["eventCategory"] for record in records} == {"Insight"}
    assert not {record["eventID"] for record in records} & {event["eventID"] for event in week.events}


def test_records_are_never_delivered_before_they_happened(week: Trails) -> None:
    for event in week.events + week.duplicates + week.corrected:
        assert event.at <= event.file.delivered_at
        assert event.file.delivered_at.date() - event.at.date() <= timedelta(days=2)
    assert {event.at.date() for event in week.events} == set(DAYS)


def test_one_file_is_pretty_one_holds_no_record_and_one_has_no_records(week: Trails) -> None:
    (pretty,) = [file for file in week.files if "\n" in file.text]
    assert len(pretty.records) > 5
    assert pretty.text.isascii()
    assert any(not file.text.isascii() for file in week.files)
    assert sorted(file.text for file in week.files if not file.records) == ['{"Records":[]}', "{}"]
    assert week.truth["empty_files"] == sorted(file.path for file in week.files if not file.records)


# --- The truth ------------------------------------------------------------------------------------------------------


def test_totals_match_the_records_on_disk(week: Trails) -> None:
    assert week.truth["totals"] == {
        "delivered_record_count": sum(len(file.records) for file in week.files),
        "record_count": len(week.events),
        "duplicate_count": len(week.duplicates) + len(week.corrected),
        "unreadable_count": len(week.unreadable),
        "late_count": sum(event.is_late for event in week.events),
        "file_count": len(week.files),
        "empty_file_count": 2,
    }
    assert sum(week.truth["scenarios"].values()) == week.truth["totals"]["delivered_record_count"]


def test_the_week_is_small(week: Trails) -> None:
    assert 4_000 < len(week.events) < 6_000


def test_each_event_day_adds_up(week: Trails) -> None:
    found: dict[str, Counter[str]] = {day.isoformat(): Counter() for day in DAYS}
    for event in week.events:
        found[event.event_date].update(delivered_record_count=1, record_count=1, late_count=int(event.is_late))
    for event in week.duplicates + week.corrected:
        found[event.event_date].update(delivered_record_count=1, duplicate_count=1)
    for file, _ in week.unreadable:
        found[file.delivery_date].update(delivered_record_count=1, unreadable_count=1)
    assert {day: +Counter(counts) for day, counts in week.truth["event_days"].items()} == {
        day: +counts for day, counts in found.items()
    }


def test_counts_by_delivery_day_match_the_files(week: Trails) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for file in week.files:
        found[file.delivery_date].update(
            file_count=1, empty_file_count=int(not file.records), delivered_record_count=len(file.records)
        )
    for file, _ in week.unreadable:
        found[file.delivery_date]["unreadable_count"] += 1
    assert {day: +Counter(counts) for day, counts in week.truth["delivery_days"].items()} == {
        day: +counts for day, counts in found.items()
    }


def test_coverage_rows_match_the_records(week: Trails) -> None:
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    files: dict[tuple[str, ...], set[str]] = defaultdict(set)
    moments: dict[tuple[str, ...], list[datetime]] = defaultdict(list)
    for event in week.events:
        group = (event.event_date, *event.file.folder)
        counts[group].update(record_count=1, late_count=int(event.is_late))
        files[group].add(event.file.path)
        moments[group].append(event.at)
    for event in week.duplicates + week.corrected:
        counts[(event.event_date, *event.file.folder)]["duplicate_count"] += 1
    for file, _ in week.unreadable:
        group = (file.delivery_date, *file.folder)
        counts[group]["unreadable_count"] += 1
        files[group].add(file.path)
    told = {(row["event_date"], row["account_id"], row["region"]): row for row in week.truth["log_coverage_daily"]}
    assert told == {
        group: {
            **dict(zip(("event_date", "account_id", "region"), group, strict=True)),
            "file_count": len(files[group]),
            **{
                name: counts[group][name]
                for name in ("record_count", "unreadable_count", "duplicate_count", "late_count")
            },
            "no_data_count": 0,
            "skipped_count": 0,
            "gap_hour_count": gap_hour_count(moments[group]),
            "first_event_at": f"{min(moments[group]):%Y-%m-%dT%H:%M:%S}",
            "last_event_at": f"{max(moments[group]):%Y-%m-%dT%H:%M:%S}",
        }
        for group in counts
    }


def known_bytes(events: list[Event], name: str) -> int | None:
    """Return the sum of the bytes, None when no event says them."""
    numbers = [event[f"additionalEventData.{name}"] for event in events]
    known = [number for number in numbers if number is not None]
    assert all(number == int(number) for number in known)
    return int(sum(known)) if known else None


def test_activity_rows_match_the_events(week: Trails) -> None:
    groups: dict[tuple[str, ...], list[Event]] = defaultdict(list)
    for event in week.events:
        kind = event.principal_type
        call = (event["eventSource"], event["eventName"], event.error_code)
        groups[(event.event_date, event.account_id, event["awsRegion"], event.principal_id, kind, *call)].append(event)
    found = [
        {
            "event_date": key[0],
            "account_id": key[1],
            "region": key[2],
            "principal_id": key[3],
            "principal_type": key[4],
            "event_source": key[5],
            "event_name": key[6],
            "error_code": key[7],
            "principal_name": events[0].principal_name,
            "event_count": len(counted := week.counted(events)),
            "aws_service_event_count": sum(event.is_aws_service for event in counted),
            "shared_copy_count": len(events) - len(counted),
            "bytes_in": known_bytes(counted, "bytesTransferredIn"),
            "bytes_out": known_bytes(counted, "bytesTransferredOut"),
            "source_address_count": len({event["sourceIPAddress"] for event in events} - {None}),
        }
        for key, events in sorted(groups.items())
    ]
    assert found == week.truth["api_activity_daily"]
    assert {event.principal_name for event in week.events} == {row["principal_name"] for row in found}
    assert sum(row["shared_copy_count"] for row in found) == len(week.truth["findings"]["shared_events"]) > 100


def test_client_rows_match_the_events(week: Trails) -> None:
    groups: dict[tuple[str, ...], list[Event]] = defaultdict(list)
    for event in week.events:
        address = event["sourceIPAddress"] or "none"
        place = (event.event_date, event.account_id, event["awsRegion"])
        groups[(*place, address, event.principal_id, event["eventSource"], event.is_aws_service)].append(event)
    found = [
        {
            "event_date": key[0],
            "account_id": key[1],
            "region": key[2],
            "source_address": key[3],
            "principal_id": key[4],
            "event_source": key[5],
            "is_aws_service": key[6],
            "principal_name": events[0].principal_name,
            "event_count": len(counted := week.counted(events)),
            "error_count": sum(event.error_code != "none" for event in counted),
            "shared_copy_count": len(events) - len(counted),
            "bytes_out": known_bytes(counted, "bytesTransferredOut"),
        }
        for key, events in sorted(groups.items())
    ]
    assert found == week.truth["api_clients_daily"]


@pytest.mark.parametrize("measure", ["event_count", "shared_copy_count", "bytes_out"])
def test_activity_and_clients_hold_the_same_sums_by_day(week: Trails, measure: str) -> None:
    sums: dict[str, Counter[str]] = {"api_activity_daily": Counter(), "api_clients_daily": Counter()}
    for table, counted in sums.items():
        for row in week.truth[table]:
            counted[row["event_date"]] += row[measure] or 0
    assert sums["api_activity_daily"] == sums["api_clients_daily"]
    assert all(sums["api_activity_daily"].values())


def test_some_rows_know_their_bytes_some_know_none_and_some_do_not_know(week: Trails) -> None:
    known = {row["bytes_out"] for row in week.truth["api_activity_daily"]}
    assert {None, 0} < known
    assert max(count for count in known if count is not None) > 2**20


# --- The findings ---------------------------------------------------------------------------------------------------


def logins(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return console logins as the truth writes them."""
    return [
        {
            "event_date": event.event_date,
            "account_id": event["recipientAccountId"],
            "principal_id": event.principal_id,
            "source_address": event["sourceIPAddress"],
            "event_id": event["eventID"],
        }
        for event in by_time(events)
    ]


def by_time(events: Iterable[Event]) -> list[Event]:
    """Return events in the order in which they happened."""
    return sorted(events, key=lambda event: event.at)


def test_root_logins_and_logins_without_mfa_are_the_ones_found(week: Trails) -> None:
    successes = [event for event in week.named("ConsoleLogin") if event["responseElements.ConsoleLogin"] == "Success"]
    by_root = logins(event for event in successes if event["userIdentity.type"] == "Root")
    without_mfa = logins(event for event in successes if event["additionalEventData.MFAUsed"] != "Yes")
    assert week.truth["findings"]["root_logins"] == by_root
    assert week.truth["findings"]["console_logins_without_mfa"] == without_mfa
    assert [len(by_root), len(without_mfa)] == [1, 2]
    assert len(successes) > 20


def test_failed_logins_are_the_ones_found_and_have_no_error_code(week: Trails) -> None:
    failures = [event for event in week.named("ConsoleLogin") if event["responseElements.ConsoleLogin"] == "Failure"]
    assert not any("errorCode" in event.record for event in failures)
    found = Counter((event.event_date, event["sourceIPAddress"]) for event in failures)
    assert week.truth["findings"]["failed_console_logins"] == [
        {"event_date": day, "source_address": address, "event_count": count}
        for (day, address), count in sorted(found.items())
    ]
    assert found[("2026-11-05", "192.52.193.222")] == 40


def test_one_principal_is_refused_far_more_than_any_other_within_one_day(week: Trails) -> None:
    refusals = Counter(
        (event.event_date, event.principal_id)
        for event in week.events
        if re.search("AccessDenied|UnauthorizedOperation", event["errorCode"] or "")
        and event["eventCategory"] != "Data"
    )
    ((day, principal_id), count), (_, second_count) = refusals.most_common(2)
    assert week.truth["findings"]["access_denied_spree"] == [
        {"event_date": day, "principal_id": principal_id, "event_count": count}
    ]
    assert count > 10 * second_count
    other_days = [event for event in week.events if event.principal_id == principal_id and event.event_date != day]
    assert len(other_days) > 20
    assert not any(event["errorCode"] for event in other_days)


def parameters(event: Event) -> str:
    """Return the parameters of a request as text."""
    return json.dumps(event["requestParameters"])


def test_changes_are_the_ones_found_and_others_of_their_names_are_harmless(week: Trails) -> None:
    events = [event for event in week.events if not event["readOnly"] and event.error_code == "none"]
    expected = {
        "access_keys_created": [event for event in events if event["eventName"] == "CreateAccessKey"],
        "trail_changes": [event for event in events if event["eventSource"] == "cloudtrail.amazonaws.com"],
        "buckets_opened": [
            event
            for event in events
            if event["eventSource"] == "s3.amazonaws.com"
            and ('"Principal": "*"' in parameters(event) or '"RestrictPublicBuckets": false' in parameters(event))
        ],
        "security_groups_opened": [
            event
            for event in events
            if event["eventName"] == "AuthorizeSecurityGroupIngress" and '"0.0.0.0/0"' in parameters(event)
        ],
    }
    for finding, found in expected.items():
        rows = [
            {**row, "event_name": event["eventName"]} for row, event in zip(logins(found), by_time(found), strict=True)
        ]
        assert week.truth["findings"][finding] == rows, finding
    assert [len(found) for found in expected.values()] == [1, 2, 2, 1]
    names = Counter(event["eventName"] for event in week.events)
    assert (names["AuthorizeSecurityGroupIngress"], names["PutBucketPolicy"], names["StopLogging"]) == (2, 2, 2)


def test_shared_events_are_the_ones_found(week: Trails) -> None:
    shared: dict[str, list[Event]] = defaultdict(list)
    for event in week.events:
        if event["sharedEventID"]:
            shared[event["sharedEventID"]].append(event)
    assert week.truth["findings"]["shared_events"] == [
        {
            "shared_event_id": shared_event_id,
            "account_ids": sorted(event["recipientAccountId"] for event in events),
            "event_ids": sorted(event["eventID"] for event in events),
        }
        for shared_event_id, events in sorted(shared.items())
    ]
    assert {event["eventSource"] for events in shared.values() for event in events} == {
        "kms.amazonaws.com",
        "s3.amazonaws.com",
    }
    for one, other in shared.values():
        assert one["eventID"] != other["eventID"]
        assert {one.file.folder[0], other.file.folder[0]} == {FIRST, SECOND}
        assert (one.at, one["requestID"], one["eventName"]) == (other.at, other["requestID"], other["eventName"])


def test_corrections_name_a_record_that_is_there_and_supply_what_it_lacks(week: Trails) -> None:
    originals = {event["eventID"]: event for event in week.corrected}
    corrections = [event for event in week.events if event["addendum.reason"] == "UPDATED_DATA"]
    assert len(corrections) == len(originals) > 10
    found = [
        {
            "event_date": event.event_date,
            "event_id": event["eventID"],
            "original_event_id": event["addendum.originalEventID"],
        }
        for event in corrections
    ]
    assert sorted(found, key=repr) == sorted(week.truth["findings"]["corrections"], key=repr)
    assert {event.is_late for event in corrections} == {True, False}
    for event in corrections:
        original = originals[event["addendum.originalEventID"]]
        assert original["eventID"] != event["eventID"]
        assert original["requestID"] == event["addendum.originalRequestID"]
        changed = {name for name in event.record if event.record[name] != original.record.get(name)}
        assert changed == {"eventID", "addendum", event["addendum.updatedFields"]}


# --- The requests that the S3 access log holds too ------------------------------------------------------------------


def s3_requests(s3_week: S3Logs) -> list[Row]:
    """Return the requests about objects of the data lake, as the access log has them."""
    return [row for row in s3_week.of(*S3_OPERATIONS) if row["bucket"] == "example-data-lake"]


Identity = tuple[str, str, str, str]


def identity_of_row(row: Row) -> Identity:
    """Return what tells a line of the access log from others: the version where one call deletes several."""
    version = row["version"] if row["operation"] == "BATCH.DELETE.OBJECT" else "-"
    return (row["request_id"], S3_OPERATIONS[row["operation"]], row["key"], version)


def identity_of_event(event: Event) -> Identity:
    """Return what tells a data event from others, as the access log has it."""
    key, version = event["requestParameters.key"], event["requestParameters.versionId"]
    return (event["requestID"], event["eventName"], key or "-", version or "-")


def test_the_data_lake_s_requests_stand_in_both_logs(week: Trails, s3_week: S3Logs) -> None:
    requests = s3_requests(s3_week)
    in_s3 = Counter(identity_of_row(row) for row in requests)
    events = [event for event in week.named(*S3_OPERATIONS.values()) if event.account_id == FIRST]
    assert in_s3 == Counter(identity_of_event(event) for event in events)
    assert set(in_s3.values()) == {1}
    assert len(requests) > 3_000
    assert week.truth["findings"]["request_ids_in_s3_log"] == sorted({row["request_id"] for row in requests})


def test_both_logs_say_the_same_about_a_request(week: Trails, s3_week: S3Logs) -> None:
    requests = {identity_of_row(row): row for row in s3_requests(s3_week)}
    seen = Counter[str]()
    for event in week.named(*S3_OPERATIONS.values()):
        row = requests[identity_of_event(event)]
        assert event.at == row.at
        assert event["requestParameters.bucketName"] == row["bucket"]
        assert event["sourceIPAddress"] == row["remote"]
        assert event["errorCode"] == (None if row["error"] == "-" else row["error"])
        seen[event["userIdentity.type"]] += 1
        assert {
            "IAMUser": event["userIdentity.arn"],
            "AssumedRole": event["userIdentity.arn"],
            "AWSAccount": "-" if event["userIdentity.accountId"] == "ANONYMOUS_PRINCIPAL" else None,
            "Root": row["requester"] if len(row["requester"]) == 64 else None,
        }[event["userIdentity.type"]] == row["requester"]
        version = event["requestParameters.versionId"] or event["responseElements.x-amz-version-id"]
        assert (version or "-") == row["version"]
        bytes_out = event["additionalEventData.bytesTransferredOut"]
        if bytes_out is not None:
            assert bytes_out == row.number("sent")
        bytes_in = event["additionalEventData.bytesTransferredIn"]
        if bytes_in is not None:
            assert bytes_in == row.uploaded
    assert min(seen[kind] for kind in ("IAMUser", "AssumedRole", "AWSAccount", "Root")) > 50


def test_bytes_are_numbers_with_and_without_a_fraction_or_absent(week: Trails) -> None:
    found = Counter(
        type(event["additionalEventData.bytesTransferredOut"]).__name__ for event in week.named("GetObject")
    )
    assert set(found) == {"int", "float", "NoneType"}
    assert min(found.values()) > 20
    assert re.search(r'"bytesTransferredOut":\d+\.0[,}]', "".join(file.text for file in week.files))


# --- The story ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "pattern", "at_least"),
    [
        ("userIdentity.type", "Root", 1),
        ("userIdentity.type", "IAMUser", 500),
        ("userIdentity.type", "AssumedRole", 500),
        ("userIdentity.type", "FederatedUser", 7),
        ("userIdentity.type", "WebIdentityUser", 20),
        ("userIdentity.type", "IdentityCenterUser", 7),
        ("userIdentity.type", "AWSService", 100),
        ("userIdentity.type", "AWSAccount", 100),
        ("userIdentity.accountId", "ANONYMOUS_PRINCIPAL", 100),
        ("userIdentity.sessionContext.sessionIssuer.type", "Role", 500),
        ("userIdentity.sessionContext.sessionIssuer.type", "IAMUser", 7),
        ("userIdentity.sessionContext.attributes.mfaAuthenticated", "false", 500),
        ("userIdentity.sessionContext.ec2RoleDelivery", r"2\.0", 100),
        ("userIdentity.sessionContext.webIdFederationData.federatedProvider", "arn:aws:iam::.*oidc.eks.*", 20),
        ("userIdentity.onBehalfOf.identityStoreArn", "arn:aws:identitystore::.*", 100),
        ("userIdentity.invokedBy", r".*\.amazonaws\.com", 100),
        ("sourceIPAddress", r"10\..*", 500),
        ("sourceIPAddress", r".*:.*", 15),
        ("sourceIPAddress", r"[a-z0-9-]+\.amazonaws\.com", 100),
        ("sourceIPAddress", r"AWS Internal", 30),
        ("sourceIPAddress", r"AWS Internal/\d+", 10),
        ("eventType", "AwsServiceEvent", 40),
        ("eventType", "AwsConsoleSignIn", 50),
        ("eventCategory", "Data", 3_000),
        ("vpcEndpointId", "vpce-.*", 500),
        ("vpcEndpointAccountId", FIRST, 500),
        ("tlsDetails.tlsVersion", r"TLSv1\.3", 3_000),
        ("errorCode", "AccessDenied", 500),
        ("errorCode", r"Client\.UnauthorizedOperation", 20),
        ("errorCode", "ThrottlingException", 15),
        ("errorMessage", "", 15),
        ("errorMessage", ".*日本語.*", 7),
        ("addendum.reason", "DELIVERY_DELAY", 30),
        ("sessionCredentialFromConsole", "true", 100),
        ("serviceEventDetails.keyId", ".*", 20),
        ("userAgent", "", 7),
        ("userAgent", r'.*"with quotes" and \\backslashes\\', 7),
        ("userAgent", "line one\nline two\r\n.*\t.*", 7),
        ("userAgent", r".*[\x01\x07\x1b\x7f].*", 7),
        ("userAgent", ".*日本語.*", 7),
        ("userAgent", "'; drop table events; --", 7),
        ("userAgent", r"\{\{ 7\*7 \}\}.*", 7),
        ("userAgent", r"<script>alert\(1\)</script>", 7),
        ("userAgent", '.*"eventID":"forged".*', 7),
        ("userAgent", "null", 7),
        ("userAgent", "x{1024}", 7),
        ("requestParameters.instanceType", ".*", 15),
    ],
)
def test_the_story_has_events_whose_field_matches(week: Trails, path: str, pattern: str, at_least: int) -> None:
    values = [event[path] for event in week.events]
    assert sum(isinstance(value, str) and bool(re.fullmatch(pattern, value, re.DOTALL)) for value in values) >= at_least


@pytest.mark.parametrize(
    ("name", "at_least"), [("userAgent", 14), ("requestParameters", 500), ("responseElements", 1_000)]
)
def test_some_fields_are_null(week: Trails, name: str, at_least: int) -> None:
    assert sum(event.record.get(name, "absent") is None for event in week.events) >= at_least


@pytest.mark.parametrize("name", ["recipientAccountId", "requestID", "sourceIPAddress", "additionalEventData"])
def test_some_events_lack_a_field(week: Trails, name: str) -> None:
    assert sum(name not in event.record for event in week.events) >= 7


def test_service_events_have_neither_a_principal_nor_its_type(week: Trails) -> None:
    events = [event for event in week.events if event["eventType"] == "AwsServiceEvent"]
    assert {tuple(sorted(event["userIdentity"])) for event in events} == {("accountId", "invokedBy")}


def test_versions_reach_from_1_05_to_1_11_and_early_ones_lack_later_fields(week: Trails) -> None:
    versions = {event["eventVersion"] for event in week.events}
    assert versions == {"1.05", "1.06", "1.07", "1.08", "1.09", "1.10", "1.11"}
    for event in week.events:
        minor = int(event["eventVersion"].split(".")[1])
        assert ("managementEvent" in event.record) == (minor >= 6)
        assert ("eventCategory" in event.record) == (minor >= 7)
        assert "tlsDetails" not in event.record or minor >= 8


def test_launches_are_large_and_deeply_nested(week: Trails) -> None:
    launches = [event for event in week.named("RunInstances") if not event["errorCode"]]
    assert all(len(json.dumps(event.record)) > 4_000 for event in launches)
    tags = launches[0]["requestParameters.tagSpecificationSet"]["items"][0]["tags"]
    assert any("東京" in tag["value"] for tag in tags)


def test_some_events_log_another_region_than_their_folder(week: Trails) -> None:
    others = {(event.file.folder[1], event["awsRegion"]) for event in week.events} - {
        (region, region) for _, region in FOLDERS
    }
    assert others == {("eu-west-1", "us-east-1")}


def test_unreadable_records_lack_a_time_or_have_none_that_is_one(week: Trails) -> None:
    assert len(week.unreadable) == 16
    assert sum("eventTime" not in record for _, record in week.unreadable) == 4
    assert {record["eventTime"] for _, record in week.unreadable if "eventTime" in record} == {
        "2026-02-30T10:00:00Z",
        "2026-11-01T25:61:00Z",
        "yesterday",
        "",
    }
    assert {file.folder for file, _ in week.unreadable} == FOLDERS


def test_duplicates_come_on_the_same_day_and_on_later_days(week: Trails) -> None:
    first = {(event.account_id, event["eventID"]): event for event in week.events}
    gaps = Counter[int]()
    for event in week.duplicates:
        original = first[(event.account_id, event["eventID"])]
        assert event.record == original.record
        assert event.file.path != original.file.path
        gaps[(event.file.delivered_at.date() - original.file.delivered_at.date()).days] += 1
    assert min(gaps[0], gaps[1]) > 20


def test_late_events_come_one_and_two_days_late_in_each_folder(week: Trails) -> None:
    late = {(event.file.folder, (event.file.delivered_at.date() - event.at.date()).days) for event in week.events}
    assert late == {(folder, days) for folder in FOLDERS for days in (0, 1, 2)}


def test_a_file_after_midnight_holds_two_event_days(week: Trails) -> None:
    days: dict[str, set[str]] = defaultdict(set)
    for event in week.events:
        days[event.file.path].add(event.event_date)
    assert sum(1 for found in days.values() if len(found) > 1) > 10
    assert {f"{event.at:%H:%M:%S}" for event in week.events} >= {"00:00:00", "23:59:59"}
