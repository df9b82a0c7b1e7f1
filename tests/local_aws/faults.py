"""Faults on request: make the n-th matching statement or AWS request go wrong in a chosen way, exactly so often."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from local_aws.errors import ErrorCategory, QueryCancelledError, QueryFailedError, RequestRefusedError
from local_aws.http_messages import Application, Environ, StartResponse, read_request, send_error

StatementFault = Literal["fail", "scan_limit", "hold", "kill"]
RequestFault = Literal["throttle", "expired_credentials", "kill_at_request"]
FaultKind = Literal[StatementFault, RequestFault]

STATEMENT_FAULTS = get_args(StatementFault)
REQUEST_FAULTS = get_args(RequestFault)
SCAN_LIMIT_MESSAGE = "Bytes scanned limit was exceeded"
PROCESS_SECONDS = 30


@dataclass
class Fault:
    """A fault that waits for its statement or request."""

    pattern: re.Pattern[str]
    kind: FaultKind
    times: int
    skip: int
    process_id: int | None

    def meets(self, text: str) -> bool:
        """Count a statement or request that matches; tell whether it is one that must go wrong."""
        if self.times <= 0 or not self.pattern.search(text):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Faults:
    """The faults that tests asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._changed = threading.Condition()
        self._process_id: int | None = None
        self._held = 0
        self._releases = 0

    def inject(
        self, pattern: str, kind: FaultKind = "fail", times: int = 1, skip: int = 0, process_id: int | None = None
    ) -> None:
        """Let `times` matches go wrong, after `skip` matches that go right. Raises ValueError on an unknown kind."""
        if kind not in STATEMENT_FAULTS + REQUEST_FAULTS:
            raise ValueError(f"unknown kind of fault '{kind}': expected one of {STATEMENT_FAULTS + REQUEST_FAULTS}")
        compiled = re.compile(pattern, re.IGNORECASE | re.DOTALL)
        with self._changed:
            self._faults.append(Fault(compiled, kind, times, skip, process_id))

    def clear(self) -> None:
        """Forget all faults and the registered process, and let held statements go on."""
        with self._changed:
            self._faults.clear()
            self._process_id = None
        self.release()

    def register_process(self, process_id: int) -> None:
        """Say which process the faults of kind `kill` and `kill_at_request` kill, unless they name one themselves."""
        with self._changed:
            self._process_id = process_id
            self._changed.notify_all()

    def release(self) -> None:
        """Let the statements that are held now go on."""
        with self._changed:
            self._releases += 1
            self._changed.notify_all()

    def wait_until_held(self, count: int = 1, seconds: float = 60) -> None:
        """Wait until at least `count` statements are held. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._held >= count, timeout=seconds):
                raise TimeoutError(f"{self._held} statements are held after {seconds} seconds, expected {count}")

    def before_start(self, statement: str) -> None:
        """Kill the registered process if a `kill` fault is met; the statement then does not run."""
        for fault in self._met(statement, ("kill",)):
            self._kill(fault)
            raise RequestRefusedError("the client was killed before this statement")

    def before_run(self, statement: str, is_cancelled: Callable[[], bool]) -> None:
        """Fail, cancel or hold a statement that is about to run, if a fault is met."""
        for fault in self._met(statement, ("fail", "scan_limit", "hold")):
            if fault.kind == "fail":
                raise QueryFailedError("GENERIC_INTERNAL_ERROR: injected fault", ErrorCategory.SYSTEM)
            if fault.kind == "scan_limit":
                raise QueryCancelledError(SCAN_LIMIT_MESSAGE)
            self._hold(is_cancelled)

    def before_request(self, action: str) -> tuple[str, str] | None:
        """Return the error code and message that a request of this action gets, or None when it goes through."""
        for fault in self._met(action, REQUEST_FAULTS):
            if fault.kind == "throttle":
                return _throttled(action)
            if fault.kind == "expired_credentials":
                code = "ExpiredToken" if action.startswith(("s3:", "sts:")) else "ExpiredTokenException"
                return code, "The security token included in the request is expired"
            self._kill(fault)
            return "InternalServerException", "the client was killed before this request"
        return None

    def notify(self) -> None:
        """Let held statements look again whether they were cancelled."""
        with self._changed:
            self._changed.notify_all()

    def _met(self, text: str, kinds: Iterable[str]) -> list[Fault]:
        with self._changed:
            return [fault for fault in self._faults if fault.kind in kinds and fault.meets(text)]

    def _hold(self, is_cancelled: Callable[[], bool]) -> None:
        with self._changed:
            release = self._releases + 1
            self._held += 1
            self._changed.notify_all()
            try:
                self._changed.wait_for(lambda: self._releases >= release or is_cancelled())
            finally:
                self._held -= 1

    def _kill(self, fault: Fault) -> None:
        with self._changed:
            # A test learns the id of a process only after starting it, and the process may be quicker.
            if fault.process_id is None and not self._changed.wait_for(
                lambda: self._process_id is not None, timeout=PROCESS_SECONDS
            ):
                raise RuntimeError("a fault of kind kill was met, but no process is registered: register_process(pid)")
            process_id = fault.process_id or self._process_id
        os.kill(process_id, signal.SIGKILL)
        _wait_until_dead(process_id)


def _wait_until_dead(process_id: int) -> None:
    """Wait until the process runs no more, so that it makes no further request."""
    deadline = time.monotonic() + PROCESS_SECONDS
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{process_id}/stat") as status:
                if status.read().rpartition(")")[2].split()[0] == "Z":
                    return  # dead; its parent has not asked yet
        except OSError:
            return
        time.sleep(0.01)


def _throttled(action: str) -> tuple[str, str]:
    if action == "athena:StartQueryExecution":
        return (
            "TooManyRequestsException",
            "You have exceeded the limit for the number of queries you can run concurrently",
        )
    if action.startswith("s3:"):
        return "SlowDown", "Please reduce your request rate."
    return ("Throttling" if action.startswith("sts:") else "ThrottlingException"), "Rate exceeded"


class FaultFace:
    """A WSGI application that answers requests with the faults asked for, and passes the others on."""

    def __init__(self, application: Application, faults: Faults) -> None:
        self.application = application
        self.faults = faults

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer with a fault, or pass the request on."""
        request = read_request(environ)
        error = self.faults.before_request(request.action)
        if error is not None:
            return send_error(start_response, request, *error)
        return self.application(environ, start_response)
