"""When CloudTrail delivers a trail's records, and in which file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from gzip import compress
from typing import Any

from sample_logs.cloudtrail.actors import Trail
from sample_logs.cloudtrail.records import Record
from sample_logs.random_stream import RandomStream
from sample_logs.s3_access_logs.request_maker import LETTERS_AND_DIGITS

FILES_PER_DAY = 8
PREFIX = "cloudtrail/AWSLogs"


@dataclass(frozen=True, order=True)
class LogFile:
    """One file of records. Sorts by delivery day, then path: the order in which copies of a record count."""

    delivery_date: date
    path: str
    delivered_at: datetime


def file_path(trail: Trail, kind: str, delivered_at: datetime, unique: str) -> str:
    """Return the path of a file as CloudTrail names it. `kind` is CloudTrail, or CloudTrail-Insight for insights."""
    account_id, region = trail.account_id, trail.region
    name = f"{account_id}_{kind}_{region}_{delivered_at:%Y%m%dT%H%MZ}_{unique}.json.gz"
    return f"{PREFIX}/{account_id}/{kind}/{region}/{delivered_at:%Y/%m/%d}/{name}"


def log_file(trail: Trail, delivered_at: datetime, unique: str) -> LogFile:
    """Return the file that is delivered at this moment."""
    return LogFile(delivered_at.date(), file_path(trail, "CloudTrail", delivered_at, unique), delivered_at)


def compressed(document: Any, *, is_pretty: bool = False) -> bytes:
    """Return a JSON document as a gzip file without a time in it; pretty means indented, and ASCII only.

    One zlib gives the same bytes each time; another may compress the same text otherwise.
    """
    if is_pretty:
        text = json.dumps(document, indent=4)
    else:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return compress(text.encode(), mtime=0)


class DeliverySchedule:
    """The moments at which each trail's files appear: eight a day, the last shortly before midnight.

    The schedule of a trail and a day depends on nothing but the seed, so that it stays when records are added.
    What happens after a day's last delivery comes with the next day's first.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.day = cache(self._day)

    def files_of(self, record: Record) -> list[LogFile]:
        """Return the files that hold the record, one for each time it is delivered."""
        following = self._following(record.trail, record.at)
        files = []
        for days in record.delivered_after_days:
            if days == 0:
                files.append(next(following))
            else:
                files.append(self._days_later(record.trail, record.at + timedelta(days=days)))
        return files

    def empty_file(self, trail: Trail, day: date) -> LogFile:
        """Return one more file of that day, at noon, to which no record goes."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return log_file(trail, noon, self._stream(trail, day, "empty file").text(LETTERS_AND_DIGITS, 16))

    def _following(self, trail: Trail, at: datetime) -> Iterator[LogFile]:
        day = at.date()
        while True:
            yield from (file for file in self.day(trail, day) if file.delivered_at >= at)
            day += timedelta(days=1)

    def _days_later(self, trail: Trail, later: datetime) -> LogFile:
        files = self.day(trail, later.date())
        return next((file for file in files if file.delivered_at >= later), files[-1])

    def _day(self, trail: Trail, day: date) -> tuple[LogFile, ...]:
        stream = self._stream(trail, day, "files")
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        files = []
        for position in range(1, FILES_PER_DAY + 1):
            end = midnight + timedelta(hours=24 * position // FILES_PER_DAY)
            delivered_at = end - timedelta(minutes=stream.integer(2, 25))
            files.append(log_file(trail, delivered_at, stream.text(LETTERS_AND_DIGITS, 16)))
        return tuple(files)

    def _stream(self, trail: Trail, day: date, purpose: str) -> RandomStream:
        names = (trail.account_id, trail.region, day.isoformat(), purpose)
        return RandomStream(self._seed, "cloudtrail", "delivery", *names)
