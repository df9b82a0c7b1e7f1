"""The two ways Athena says no: it refuses a request, or it accepts a query that then fails."""

from __future__ import annotations

from enum import IntEnum


class ErrorCategory(IntEnum):
    """Who is at fault, in the numbers of Athena's AthenaError structure."""

    SYSTEM = 1
    USER = 2


class RequestRefusedError(Exception):
    """The answer to a request is an error of the API, such as InvalidRequestException."""

    def __init__(self, message: str, code: str = "InvalidRequestException") -> None:
        super().__init__(message)
        self.code = code


class QueryFailedError(Exception):
    """The query ends in the state FAILED with this message as its reason."""

    def __init__(self, message: str, category: ErrorCategory = ErrorCategory.USER) -> None:
        super().__init__(message)
        self.category = category


class QueryCancelledError(Exception):
    """The query ends in the state CANCELLED with this message as its reason."""
