"""What a scenario is handed: the day, a random stream of its own, and a maker of requests."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sample_logs.random_stream import RandomStream
from sample_logs.s3_access_logs.actors import Bucket, Client
from sample_logs.s3_access_logs.operations import Operation
from sample_logs.s3_access_logs.records import Request, UnreadableLine
from sample_logs.settings import Settings

QUIET_DAY_NUMBER = 4
QUIET_DAY_DIVISOR = 12
CAPITALS_AND_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SECONDS_PER_DAY = 86_400


class RequestMaker:
    """Makes the requests of one scenario on one UTC day."""

    def __init__(self, settings: Settings, day: date, scenario: str) -> None:
        self.day = day
        self.day_number = (day - settings.start_date).days + 1
        self.scenario = scenario
        self.random = RandomStream(settings.seed, "s3_access_logs", day.isoformat(), scenario)
        self._scale = settings.scale

    def times(self, count: int) -> range:
        """Return a range over so many requests times the scale; on the quiet day there are far fewer."""
        scaled = count * self._scale
        if self.day_number == QUIET_DAY_NUMBER:
            scaled = max(1, scaled // QUIET_DAY_DIVISOR)
        return range(scaled)

    def moment(self, first_second: int = 0, last_second: int = SECONDS_PER_DAY - 1) -> datetime:
        """Return a moment of the day, in whole seconds as S3 logs them."""
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        return midnight + timedelta(seconds=self.random.integer(first_second, last_second))

    def request_id(self) -> str:
        """Return a new request id."""
        return self.random.text(CAPITALS_AND_DIGITS, 16)

    def version_id(self) -> str:
        """Return the id of an object version."""
        return self.random.text(LETTERS_AND_DIGITS, 32)

    def upload_id(self) -> str:
        """Return the id of a multipart upload."""
        return self.random.text(LETTERS_AND_DIGITS, 40)

    def request(
        self, bucket: Bucket, client: Client, operation: Operation, key: str = "-", query: str = "", **fields: Any
    ) -> Request:
        """Return a request that a client sent. `fields` replaces what is filled in by default."""
        method = operation.name.split(".")[1]
        path = "" if key == "-" else key
        filled: dict[str, Any] = {
            "at": self.moment(),
            "request_id": self.request_id(),
            "request_uri": f"{'PUT' if method == 'COPY' else method} /{path}{query} HTTP/1.1",
            "user_agent": client.user_agent,
            "status": 200,
            "host": bucket.host,
            **self._durations(fields.get("bytes_sent") or fields.get("object_size") or 0),
            **fields,
        }
        return Request(self.scenario, bucket, client=client, operation=operation, key=key, **filled)

    def silent_request(
        self, bucket: Bucket, client: Client, operation: Operation, key: str, quotes: str | None = None, **fields: Any
    ) -> Request:
        """Return a record without a request of its own: request-URI, referrer and user agent are dashes.

        `quotes` is None for bare dashes (copy reads, batch deletes) and "-" for quoted ones (lifecycle). That S3
        writes both was seen in published logs.
        """
        filled: dict[str, Any] = {
            "at": self.moment(),
            "request_id": self.request_id(),
            "request_uri": quotes,
            "referrer": quotes,
            "user_agent": quotes,
            **fields,
        }
        return Request(self.scenario, bucket, client=client, operation=operation, key=key, **filled)

    def unreadable(self, bucket: Bucket, text: str) -> UnreadableLine:
        """Return a line that is no record, early enough to be delivered on its day."""
        return UnreadableLine(self.scenario, bucket, self.moment(last_second=72_000), text)

    def _durations(self, byte_count: int) -> dict[str, int]:
        turn_around = self.random.integer(4, 60)
        return {"turn_around_time": turn_around, "total_time": turn_around + byte_count // 50_000}
