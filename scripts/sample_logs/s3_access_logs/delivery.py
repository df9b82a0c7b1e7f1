"""When S3 delivers a bucket's records, and in which file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from sample_logs.random_stream import RandomStream
from sample_logs.s3_access_logs.actors import Bucket
from sample_logs.s3_access_logs.records import Record

FILES_PER_DAY = 10
DATE_PARTITIONED_PREFIX = "s3-access-logs"
FLAT_PREFIX = "s3-access-logs-flat"


@dataclass(frozen=True, order=True)
class LogFile:
    """One file of log lines. Sorts by delivery day, then path: the order in which copies of a line count."""

    delivery_date: date
    path: str
    delivered_at: datetime


def log_file(bucket: Bucket, delivered_at: datetime, unique: str) -> LogFile:
    """Return the file that is delivered at this moment, named as S3 names it."""
    name = f"{delivered_at:%Y-%m-%d-%H-%M-%S}-{unique}"
    if bucket.has_flat_logs:
        path = f"{FLAT_PREFIX}/{name}"
    else:
        folder = f"{bucket.account_id}/{bucket.region}/{bucket.name}/{delivered_at:%Y/%m/%d}"
        path = f"{DATE_PARTITIONED_PREFIX}/{folder}/{name}"
    return LogFile(delivered_at.date(), path, delivered_at)


class DeliverySchedule:
    """The moments at which each bucket's log files appear: about ten a day, the last shortly before midnight.

    The schedule of a bucket and a day depends on nothing but the seed, so that it stays when records are added.
    What happens after a day's last delivery comes with the next day's first.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.day = cache(self._day)

    def files_of(self, record: Record) -> list[LogFile]:
        """Return the files that hold the record, one for each time it is delivered."""
        following = self._following(record.bucket, record.at)
        files = []
        for days in record.delivered_after_days:
            if days == 0:
                files.append(next(following))
            else:
                files.append(next(self._following(record.bucket, record.at, days)))
        return files

    def empty_file(self, bucket: Bucket, day: date) -> LogFile:
        """Return one more file of that day, at noon, to which no record goes."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return log_file(bucket, noon, self._stream(bucket, day, "empty file").text("0123456789ABCDEF", 16))

    def _following(self, bucket: Bucket, at: datetime, days_later: int = 0) -> Iterator[LogFile]:
        """Yield the files after a moment; with days later, the first is one of that later day."""
        if days_later:
            later = at + timedelta(days=days_later)
            files = self.day(bucket, later.date())
            yield next((file for file in files if file.delivered_at >= later), files[-1])
            return
        day = at.date()
        while True:
            yield from (file for file in self.day(bucket, day) if file.delivered_at >= at)
            day += timedelta(days=1)

    def _day(self, bucket: Bucket, day: date) -> tuple[LogFile, ...]:
        stream = self._stream(bucket, day, "files")
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        files = []
        for position in range(1, FILES_PER_DAY + 1):
            end = midnight + timedelta(seconds=86_400 * position // FILES_PER_DAY)
            delivered_at = end - timedelta(seconds=stream.integer(90, 1_500))
            files.append(log_file(bucket, delivered_at, stream.text("0123456789ABCDEF", 16)))
        return tuple(files)

    def _stream(self, bucket: Bucket, day: date, purpose: str) -> RandomStream:
        return RandomStream(self._seed, "s3_access_logs", "delivery", bucket.name, day.isoformat(), purpose)
