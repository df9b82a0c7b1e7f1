"""Sample CloudTrail files: a week of two accounts whose trails deliver to one bucket."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sample_logs.cloudtrail.actors import FIRST_US, SECOND_EU
from sample_logs.cloudtrail.delivery import DeliverySchedule, LogFile, compressed
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.other_files import note, other_files
from sample_logs.cloudtrail.records import Record
from sample_logs.cloudtrail.scenarios import SCENARIOS
from sample_logs.cloudtrail.truth import Truth
from sample_logs.settings import SampleFile, Settings

MOST_DAYS_LATE = 2
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
        """Yield the log files by delivery day, then path, and on each day before them the files that are no logs."""
        yield self._ignored(note())
        waiting: defaultdict[LogFile, list[Record]] = defaultdict(list)
        for day in self._settings.event_days:
            for other_file in other_files(self._settings.seed, day):
                yield self._ignored(other_file)
            for file in (self._file_of_no_record, self._file_without_records):
                if file.delivery_date == day:
                    waiting[file] = []
            for scenario in SCENARIOS:
                for record in scenario(EventMaker(self._settings, day, scenario.__name__)):
                    holders = self._schedule.files_of(record)
                    self._truth.add(record, holders)
                    for file in holders:
                        waiting[file].append(record)
            # Later event days add nothing to the files delivered until now.
            complete = sorted(file for file in waiting if file.delivery_date <= day)
            yield from (self._written(file, waiting.pop(file)) for file in complete)
        yield from (self._written(file, waiting[file]) for file in sorted(waiting))

    def truth(self) -> dict[str, Any]:
        """Return the truth about all files that were taken."""
        return self._truth.as_json()

    def _written(self, file: LogFile, records: list[Record]) -> SampleFile:
        if file.delivery_date > self._settings.event_days[-1] + timedelta(days=MOST_DAYS_LATE):
            raise ValueError(f"{file.path} is delivered more than {MOST_DAYS_LATE} days after the last event day.")
        self._truth.add_file(file, is_empty=not records)
        in_order = sorted(records, key=lambda record: record.at)
        document = {"Records": [record.as_json() for record in in_order]}
        if file == self._file_without_records:
            document = {}
        return SampleFile(file.path, compressed(document, is_pretty=file == self._pretty_file))

    def _ignored(self, file: SampleFile) -> SampleFile:
        self._truth.ignored_files.append(file.path)
        return file
