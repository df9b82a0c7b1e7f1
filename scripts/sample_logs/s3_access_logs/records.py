"""One record of the log, and how S3 writes it as a line."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha512

from sample_logs.s3_access_logs.actors import Bucket, Client
from sample_logs.s3_access_logs.operations import Operation

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ALL_FIELDS = 27


@dataclass(frozen=True)
class Request:
    """One request, with everything that its line says. None is a field that S3 leaves out as `-`.

    `delivered_after_days` says how often and when the line is delivered: (0,) is once, in the next file; (1,) is one
    day late; (0, 0) is twice, the second time in the file after; (0, 1) is once more on the next day.
    """

    scenario: str
    bucket: Bucket
    at: datetime
    client: Client
    request_id: str
    operation: Operation
    key: str = "-"
    # The three quoted fields. None is a bare dash; "-" is a dash in quotes.
    request_uri: str | None = "-"
    referrer: str | None = "-"
    user_agent: str | None = "-"
    status: int | None = None
    error_code: str = "-"
    bytes_sent: int | None = None
    object_size: int | None = None
    total_time: int | None = None
    turn_around_time: int | None = None
    version_id: str = "-"
    host: str = "-"
    access_point_arn: str = "-"
    acl_required: str = "-"
    field_count: int = ALL_FIELDS
    delivered_after_days: tuple[int, ...] = (0,)

    def line(self) -> str:
        """Return the line, without its end. Lines of earlier years have fewer fields, later ones may have more."""
        is_secure = self.host not in ("-", self.bucket.website_host)
        is_signed = self.client.authentication != "-"
        fields = [
            self.bucket.owner,
            self.bucket.name,
            log_time(self.at),
            self.client.remote_address,
            self.client.requester,
            self.request_id,
            self.operation.name,
            self.key,
            quoted(self.request_uri),
            number(self.status),
            self.error_code,
            number(self.bytes_sent),
            number(self.object_size),
            number(self.total_time),
            number(self.turn_around_time),
            quoted(self.referrer),
            quoted(self.user_agent),
            self.version_id,
            host_id(self.request_id),
            "SigV4" if is_signed else "-",
            "TLS_AES_128_GCM_SHA256" if is_secure else "-",
            self.client.authentication,
            self.host,
            "TLSv1.3" if is_secure else "-",
            self.access_point_arn,
            self.acl_required,
            self.client.source_region,
        ]
        fields += [f"later-field-{position}" for position in range(len(fields) + 1, self.field_count + 1)]
        return " ".join(fields[: self.field_count])


@dataclass(frozen=True)
class UnreadableLine:
    """A line that is no record: cut off, or never one. Its day is the day it is delivered."""

    scenario: str
    bucket: Bucket
    at: datetime
    text: str
    delivered_after_days: tuple[int, ...] = (0,)

    def line(self) -> str:
        """Return the line, without its end."""
        return self.text


Record = Request | UnreadableLine


def log_time(at: datetime) -> str:
    """Return the time in S3's form. Not by strftime: its month names follow the locale."""
    return f"[{at.day:02d}/{MONTHS[at.month - 1]}/{at.year:04d}:{at:%H:%M:%S} +0000]"


def quoted(text: str | None) -> str:
    """Return the text in quotes. S3 does not escape quotes inside it."""
    return "-" if text is None else f'"{text}"'


def number(value: int | None) -> str:
    """Return the number, or the dash that stands for none."""
    return "-" if value is None else str(value)


def host_id(request_id: str) -> str:
    """Return an extended request id (x-amz-id-2): 76 letters of base64."""
    return b64encode(sha512(request_id.encode()).digest()[:56]).decode()
