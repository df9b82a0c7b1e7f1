"""Sample S3 server access logs: a week of six buckets, date-partitioned and flat."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sample_logs.delivery_order import in_delivery_order
from sample_logs.s3_access_logs.actors import DATA_LAKE, LEGACY_REPORTS, MEDIA_ASSETS
from sample_logs.s3_access_logs.delivery import DATE_PARTITIONED_PREFIX, FLAT_PREFIX, DeliverySchedule, LogFile
from sample_logs.s3_access_logs.records import Record
from sample_logs.s3_access_logs.request_maker import RequestMaker
from sample_logs.s3_access_logs.scenarios import SCENARIOS
from sample_logs.s3_access_logs.truth import Truth
from sample_logs.settings import SampleFile, Settings

EMPTY_FILES = ((2, DATA_LAKE), (5, LEGACY_REPORTS))


class S3AccessLogs:
    """Makes the files of this log kind, and the truth about them."""

    name = "s3_access_logs"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._schedule = DeliverySchedule(settings.seed)
        self._truth = Truth()

    def files(self) -> Iterator[SampleFile]:
        """Yield the log files by delivery day, then path, and before them the files that are no logs."""
        for clutter in self._clutter():
            self._truth.ignored_files.append(clutter.path)
            yield clutter
        yield from in_delivery_order(self._settings.event_days, self._made_on, self._written)

    def truth(self) -> dict[str, Any]:
        """Return the truth about all files that were taken."""
        return self._truth.as_json()

    def _made_on(self, day: date) -> Iterator[tuple[LogFile, list[Record]]]:
        """Yield the records that an event day adds to files, and count them."""
        for empty_on, bucket in EMPTY_FILES:
            if day == self._settings.start_date + timedelta(days=empty_on - 1):
                yield self._schedule.empty_file(bucket, day), []
        for scenario in SCENARIOS:
            for record in scenario(RequestMaker(self._settings, day, scenario.__name__)):
                holders = self._schedule.files_of(record)
                self._truth.add(record, holders)
                yield from ((file, [record]) for file in holders)

    def _written(self, file: LogFile, records: list[Record]) -> SampleFile:
        self._truth.add_file(file, is_empty=not records)
        lines = [f"{record.line()}\n" for record in sorted(records, key=lambda record: record.at)]
        return SampleFile(file.path, "".join(lines).encode())

    def _clutter(self) -> Iterator[SampleFile]:
        """Files that people and programs leave beside logs; a reader ignores them."""
        day = self._settings.start_date
        folder = f"{MEDIA_ASSETS.account_id}/{MEDIA_ASSETS.region}/{MEDIA_ASSETS.name}/{day:%Y/%m/%d}"
        yield SampleFile(f"{DATE_PARTITIONED_PREFIX}/README.txt", b"Access logs of all buckets. Do not delete.\n")
        yield SampleFile(f"{DATE_PARTITIONED_PREFIX}/{folder}/.DS_Store", b"\x00\x00\x00\x01Bud1\x00\x00\x10\x00")
        yield SampleFile(f"{FLAT_PREFIX}/README.txt", b"Access logs of example-legacy-reports.\n")
