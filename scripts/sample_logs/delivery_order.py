"""The order in which the files of every log kind are written: that of their delivery."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

from sample_logs.settings import SampleFile

MOST_DAYS_LATE = 2


class LogFile(Protocol):
    """One file of a log kind. Sorts by delivery day, then path."""

    @property
    def delivery_date(self) -> date:
        """The UTC day on which the file appears."""

    @property
    def path(self) -> str:
        """Where the file lies, below the output folder."""

    def __lt__(self, other: "LogFile", /) -> bool:
        """Tell whether this file comes first."""


File = TypeVar("File", bound=LogFile)
Record = TypeVar("Record")


def in_delivery_order(
    event_days: Sequence[date],
    made_on: Callable[[date], Iterable[tuple[File, Sequence[Record]]]],
    written: Callable[[File, list[Record]], SampleFile],
) -> Iterator[SampleFile]:
    """Yield the files by delivery day, then path.

    `made_on` gives what an event day adds to files, an empty file with no records; `written` makes a file of all that
    was added to it. A file is written as soon as later event days add nothing to it, that is, when its day is over.
    """
    waiting: defaultdict[File, list[Record]] = defaultdict(list)
    for day in event_days:
        for file, records in made_on(day):
            waiting[file].extend(records)
        complete = sorted(file for file in waiting if file.delivery_date <= day)
        yield from (written(file, waiting.pop(file)) for file in complete)
    for file in sorted(waiting):
        if file.delivery_date > event_days[-1] + timedelta(days=MOST_DAYS_LATE):
            raise ValueError(f"{file.path} is delivered more than {MOST_DAYS_LATE} days after the last event day.")
        yield written(file, waiting[file])
