"""What a scenario is handed: the day, a random stream of its own, and a maker of events."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sample_logs.cloudtrail.actors import Caller, Trail
from sample_logs.cloudtrail.records import Event, UnreadableRecord
from sample_logs.random_stream import RandomStream
from sample_logs.s3_access_logs.request_maker import QUIET_DAY_DIVISOR, QUIET_DAY_NUMBER, SECONDS_PER_DAY
from sample_logs.settings import Settings

HEXADECIMAL = "0123456789abcdef"
EARLY_SECOND = 60_000


class EventMaker:
    """Makes the events of one scenario on one UTC day."""

    def __init__(self, settings: Settings, day: date, scenario: str) -> None:
        self.settings = settings
        self.day = day
        self.day_number = (day - settings.start_date).days + 1
        self.scenario = scenario
        self.random = RandomStream(settings.seed, "cloudtrail", day.isoformat(), scenario)

    def times(self, count: int) -> range:
        """Return a range over so many events times the scale; on the quiet day there are far fewer."""
        scaled = count * self.settings.scale
        if self.day_number == QUIET_DAY_NUMBER:
            scaled = max(1, scaled // QUIET_DAY_DIVISOR)
        return range(scaled)

    def moment(self, first_second: int = 0, last_second: int = SECONDS_PER_DAY - 1) -> datetime:
        """Return a moment of the day, in whole seconds as CloudTrail logs them."""
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        return midnight + timedelta(seconds=self.random.integer(first_second, last_second))

    def early_moment(self) -> datetime:
        """Return a moment that leaves time for several deliveries on the same day."""
        return self.moment(last_second=EARLY_SECOND)

    def unique_id(self) -> str:
        """Return a new id of an event or a request (UUID, version 4)."""
        return uuid_text(self.random)

    def event(self, trail: Trail, caller: Caller, event_source: str, event_name: str, **fields: Any) -> Event:
        """Return an event of the trail. `event_source` is the service's short name.

        `fields` replaces what is filled in by default.
        """
        filled: dict[str, Any] = {
            "at": self.moment(),
            "event_id": self.unique_id(),
            "request_id": self.unique_id(),
            "region": trail.region,
            "recipient_account_id": trail.account_id,
            "tls_host": f"{event_source}.{trail.region}.amazonaws.com",
            **fields,
        }
        source = f"{event_source}.amazonaws.com"
        return Event(self.scenario, trail, caller=caller, event_source=source, event_name=event_name, **filled)

    def without_time(self, event: Event) -> UnreadableRecord:
        """Return the event's record without `eventTime`."""
        record = {name: value for name, value in event.as_json().items() if name != "eventTime"}
        return UnreadableRecord(self.scenario, event.trail, event.at, record)

    def with_time(self, event: Event, event_time: str | None) -> UnreadableRecord:
        """Return the event's record with something else in the place of its time."""
        record = {**event.as_json(), "eventTime": event_time}
        return UnreadableRecord(self.scenario, event.trail, event.at, record)


def uuid_text(random: RandomStream) -> str:
    """Return a UUID of version 4 as text."""
    digits = random.text(HEXADECIMAL, 30)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-a{digits[15:18]}-{digits[18:30]}"
