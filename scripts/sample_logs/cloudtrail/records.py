"""One record of a trail, and how CloudTrail writes it as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sample_logs.cloudtrail.actors import Caller, Trail

# The minor version of `eventVersion` since which a field is written (CloudTrail user guide, "Record contents").
MANAGEMENT_EVENT_SINCE = 6
EVENT_CATEGORY_SINCE = 7
TLS_DETAILS_SINCE = 8
MANAGEMENT = "Management"
DATA = "Data"


@dataclass(frozen=True)
class Event:
    """One event, with everything that its record says.

    What is None is left out of the record, but for the caller's user agent and the request's parameters and response:
    CloudTrail writes null for those. `additional_data` is `additionalEventData` without the bytes; `more_fields` are
    further fields of the record, as they are written.

    `delivered_after_days` says how often and when the record is delivered: (0,) is once, in the next file; (1,) is one
    day late; (0, 0) is twice, the second time in the file after; (0, 1) is once more on the next day.
    `is_corrected` says that a later record of the story takes this one's place. `finding` names what of the truth's
    findings the event is part of.
    """

    scenario: str
    trail: Trail
    at: datetime
    caller: Caller
    event_source: str
    event_name: str
    event_id: str
    region: str
    recipient_account_id: str | None
    request_id: str | None
    error_code: str | None = None
    error_message: str | None = None
    request_parameters: Any = None
    response_elements: Any = None
    additional_data: Mapping[str, Any] | None = None
    bytes_in: int | None = None
    bytes_out: int | None = None
    are_bytes_floats: bool = False
    event_type: str = "AwsApiCall"
    category: str = MANAGEMENT
    is_read_only: bool = True
    minor_version: int = 11
    shared_event_id: str | None = None
    tls_host: str | None = None
    more_fields: Mapping[str, Any] = field(default_factory=dict)
    delivered_after_days: tuple[int, ...] = (0,)
    is_corrected: bool = False
    finding: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON values, in the order in which CloudTrail writes its fields."""
        fields: dict[str, Any] = {
            "eventVersion": f"1.{self.minor_version:02d}" if self.minor_version < 10 else f"1.{self.minor_version}",
            "userIdentity": self.caller.user_identity(self.at),
            "eventTime": f"{self.at:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": self.event_source,
            "eventName": self.event_name,
            "awsRegion": self.region,
        }
        if self.caller.source_address is not None:
            fields["sourceIPAddress"] = self.caller.source_address
        fields["userAgent"] = self.caller.user_agent
        if self.error_code is not None:
            fields["errorCode"] = self.error_code
        if self.error_message is not None:
            fields["errorMessage"] = self.error_message
        fields["requestParameters"] = self.request_parameters
        fields["responseElements"] = self.response_elements
        additional_data = {**(self.additional_data or {}), **self._transferred_bytes()}
        if additional_data:
            fields["additionalEventData"] = additional_data
        if self.request_id is not None:
            fields["requestID"] = self.request_id
        fields["eventID"] = self.event_id
        fields["readOnly"] = self.is_read_only
        fields["eventType"] = self.event_type
        if self.minor_version >= MANAGEMENT_EVENT_SINCE:
            fields["managementEvent"] = self.category == MANAGEMENT
        if self.recipient_account_id is not None:
            fields["recipientAccountId"] = self.recipient_account_id
        if self.shared_event_id is not None:
            fields["sharedEventID"] = self.shared_event_id
        if self.minor_version >= EVENT_CATEGORY_SINCE:
            fields["eventCategory"] = self.category
        if self.tls_host is not None and self.minor_version >= TLS_DETAILS_SINCE:
            fields["tlsDetails"] = {
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": self.tls_host,
            }
        return {**fields, **self.more_fields}

    def _transferred_bytes(self) -> dict[str, int | float]:
        found = {"bytesTransferredIn": self.bytes_in, "bytesTransferredOut": self.bytes_out}
        return {
            name: float(count) if self.are_bytes_floats else count for name, count in found.items() if count is not None
        }


@dataclass(frozen=True)
class UnreadableRecord:
    """A record whose time cannot be told. Its day is the day it is delivered."""

    scenario: str
    trail: Trail
    at: datetime
    fields: Mapping[str, Any]
    delivered_after_days: tuple[int, ...] = (0,)

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return dict(self.fields)


Record = Event | UnreadableRecord
