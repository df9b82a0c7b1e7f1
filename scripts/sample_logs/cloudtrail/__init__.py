"""Sample CloudTrail files: a week of two accounts whose trails deliver to one bucket."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sample_logs.cloudtrail.actors import FIRST_US, SECOND_EU
from sample_logs.cloudtrail.delivery import DeliverySchedule, LogFile, compressed
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.other_files import note, other_files
from sample_logs.cloudtrail.records import Record
from sample_logs.cloudtrail.scenarios import SCENARIOS
from sample_logs.cloudtrail.truth import Truth
from sample_logs.delivery_order import in_delivery_order
from sample_logs.settings import SampleFile, Settings

# AWS writes one line; programs that copy logs may not. The number is the file's on the first day.
PRETTY_FILE_NUMBER = 3


class CloudTrail:
    """Makes the files of this log kind, and the truth about them."""

    name = "cloudtrail"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._schedule = DeliverySchedule(settings.seed)
        self._truth = Truth()
        first_day = settings.start_date
        self._file_of_no_record = self._schedule.empty_file(FIRST_US, first_day)
        self._file_without_records = self._schedule.empty_file(SECOND_EU, first_day + timedelta(days=1))
        self._pretty_file = self._schedule.day(FIRST_US, first_day)[PRETTY_FILE_NUMBER]

    def files(self) -> Iterator[SampleFile]:
        """Yield the log files by delivery day, then path, and before them the files that are no logs."""
        yield self._ignored(note())
        for day in self._settings.event_days:
            for other_file in other_files(self._settings.seed, day):
                yield self._ignored(other_file)
        yield from in_delivery_order(self._settings.event_days, self._made_on, self._written)

    def truth(self) -> dict[str, Any]:
        """Return the truth about all files that were taken."""
        return self._truth.as_json()

    def _made_on(self, day: date) -> Iterator[tuple[LogFile, list[Record]]]:
        """Yield the records that an event day adds to files, and count them."""
        for file in (self._file_of_no_record, self._file_without_records):
            if file.delivery_date == day:
                yield file, []
        for scenario in SCENARIOS:
            for record in scenario(EventMaker(self._settings, day, scenario.__name__)):
                holders = self._schedule.files_of(record)
                self._truth.add(record, holders)
                yield from ((file, [record]) for file in holders)

    def _written(self, file: LogFile, records: list[Record]) -> SampleFile:
        self._truth.add_file(file, is_empty=not records)
        in_order = sorted(records, key=lambda record: record.at)
        document = {"Records": [record.as_json() for record in in_order]}
        if file == self._file_without_records:
            document = {}
        return SampleFile(file.path, compressed(document, is_pretty=file == self._pretty_file))

    def _ignored(self, file: SampleFile) -> SampleFile:
        self._truth.ignored_files.append(file.path)
        return file
