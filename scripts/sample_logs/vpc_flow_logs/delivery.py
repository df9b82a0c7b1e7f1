"""When a flow log's records are delivered, and in which file."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from sample_logs.random_stream import RandomStream
from sample_logs.vpc_flow_logs.flow_logs import FlowLog
from sample_logs.vpc_flow_logs.records import Record

# AWS makes a file every five minutes; six a day tell the same.
FILES_PER_DAY = 6
# Records reach S3 about ten minutes after their window ends (VPC user guide, "Flow logs in Amazon S3").
DELIVERY_DELAY = timedelta(minutes=10)
HEXADECIMAL_DIGITS = "0123456789abcdef"


@dataclass(frozen=True, order=True)
class LogFile:
    """One file of a flow log. Sorts by delivery day, then path."""

    delivery_date: date
    path: str
    delivered_at: datetime
    flow_log: FlowLog


class DeliverySchedule:
    """The moments at which each flow log's files appear: six a day, the last shortly before midnight.

    The schedule of a flow log and a day depends on nothing but the seed, so that it stays when records are added.
    What happens after a day's last file comes with the next day's first.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.day = cache(self._day)

    def files_of(self, record: Record) -> list[LogFile]:
        """Return the files that hold the record: one for each flow log that records its interface."""
        ready_at = record.ended_at + DELIVERY_DELAY + timedelta(days=record.delivered_after_days)
        return [self._first_after(flow_log, ready_at) for flow_log in record.flow_logs]

    def empty_file(self, flow_log: FlowLog, day: date) -> LogFile:
        """Return one more file of that day, at noon, to which no record goes."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return self._file(flow_log, noon, self._stream(flow_log, day, "empty file"))

    def _first_after(self, flow_log: FlowLog, ready_at: datetime) -> LogFile:
        days = (ready_at.date(), ready_at.date() + timedelta(days=1))
        return next(file for day in days for file in self.day(flow_log, day) if file.delivered_at >= ready_at)

    def _day(self, flow_log: FlowLog, day: date) -> tuple[LogFile, ...]:
        stream = self._stream(flow_log, day, "files")
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        files = []
        for position in range(1, FILES_PER_DAY + 1):
            slot_end = midnight + timedelta(days=1) * position // FILES_PER_DAY
            files.append(self._file(flow_log, slot_end - timedelta(minutes=stream.integer(1, 6) * 5), stream))
        return tuple(files)

    def _file(self, flow_log: FlowLog, delivered_at: datetime, stream: RandomStream) -> LogFile:
        path = flow_log.path(delivered_at, stream.text(HEXADECIMAL_DIGITS, 8))
        return LogFile(delivered_at.date(), path, delivered_at, flow_log)

    def _stream(self, flow_log: FlowLog, day: date, purpose: str) -> RandomStream:
        return RandomStream(self._seed, "vpc_flow_logs", "delivery", flow_log.flow_log_id, day.isoformat(), purpose)
