"""Record every AWS request: in memory for tests, and as JSON lines in a file for people."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local_aws.http_messages import Application, Environ, StartResponse, read_request


@dataclass(frozen=True)
class RecordedRequest:
    """One request and how it was answered. `origin` is `client` or `trino`."""

    at: float
    origin: str
    service: str
    operation: str
    parameters: dict[str, Any]
    status: int
    sent_bytes: int

    @property
    def location(self) -> str:
        """The s3:// location the request is about."""
        return f"s3://{self.parameters.get('Bucket', '')}/{self.parameters.get('Key', '')}"


class RequestLog:
    """All requests since the start or the last reset."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1)
        self._lock = threading.Lock()
        self._requests: list[RecordedRequest] = []

    def record(self, request: RecordedRequest) -> None:
        """Add a request."""
        with self._lock:
            self._requests.append(request)
            if not self._file.closed:
                self._file.write(json.dumps(asdict(request)) + "\n")

    def requests(self) -> list[RecordedRequest]:
        """Return the requests in the order in which they were answered."""
        with self._lock:
            return list(self._requests)

    def reset(self) -> None:
        """Forget the requests so far. The file keeps them."""
        with self._lock:
            self._requests.clear()

    def objects_read_by_trino(self) -> dict[str, int]:
        """Return the location of each object that Trino opened, with the bytes it was sent."""
        found: dict[str, int] = {}
        for request in self.requests():
            if request.origin == "trino" and request.operation == "GetObject" and request.status < 400:
                found[request.location] = found.get(request.location, 0) + request.sent_bytes
        return found

    def files_written_by_trino(self, query_id: str) -> list[str]:
        """Return the locations of the objects that one Trino query wrote: it puts its id into their names."""
        return sorted(
            {
                request.location
                for request in self.requests()
                if request.origin == "trino"
                and request.operation in ("PutObject", "CompleteMultipartUpload")
                and query_id in request.location.rsplit("/", 1)[1]
            }
        )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()


class RecordingFace:
    """A WSGI application that records what passes through it to another one."""

    def __init__(self, application: Application, log: RequestLog, origin: str) -> None:
        self.application = application
        self.log = log
        self.origin = origin

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on and record it."""
        request = read_request(environ)
        statuses: list[str] = []

        def note_status(status: str, headers: Any, *error: Any) -> Any:
            statuses.append(status)
            return start_response(status, headers, *error)

        body = b"".join(self.application(environ, note_status))
        self.log.record(
            RecordedRequest(
                at=round(time.time(), 3),
                origin=self.origin,
                service=request.service,
                operation=request.operation,
                parameters=request.parameters,
                status=int(statuses[-1].split(" ", 1)[0]),
                sent_bytes=len(body),
            )
        )
        return [body]
