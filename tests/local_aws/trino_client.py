"""Run one statement on Trino through its REST API (https://trino.io/docs/current/develop/client-protocol.html)."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

HTTP_SECONDS = 60
BUSY_SECONDS = 30


class TrinoError(Exception):
    """A statement failed: Trino's name of the error, its message, and whether the statement is to blame."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.name: str = error["errorName"]
        self.is_user_error: bool = error["errorType"] == "USER_ERROR"


@dataclass
class TrinoAnswer:
    """What a statement gave: columns as Trino describes them, rows as JSON values, and its statistics."""

    query_id: str = ""
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    update_type: str | None = None
    update_count: int | None = None
    scanned_bytes: int = 0


class TrinoClient:
    """A client of one Trino server, in which the catalog that statements know has a name of this client's own."""

    def __init__(self, url: str, catalog: str, own_catalog: str) -> None:
        self.url = url
        self.catalog = catalog
        self.own_catalog = own_catalog
        self._catalog_name = re.compile(re.escape(catalog).encode(), re.IGNORECASE)

    def run(
        self,
        statement: str,
        database: str,
        session: dict[str, str] | None = None,
        watch: Callable[[TrinoAnswer], None] = lambda answer: None,
    ) -> TrinoAnswer:
        """Run a statement to its end and return the answer.

        `watch` is called with the answer so far each time Trino reports; when it raises, the statement is cancelled in
        Trino and the exception passes on. Raises TrinoError when the statement fails.
        """
        headers = {
            "X-Trino-User": "athena",
            "X-Trino-Catalog": self.own_catalog,
            "X-Trino-Schema": database,
            "X-Trino-Time-Zone": "UTC",
        }
        if session:
            properties = ",".join(f"{name}={value}" for name, value in session.items())
            headers["X-Trino-Session"] = properties.replace(self.catalog, self.own_catalog)
        answer = TrinoAnswer()
        text = self._catalog_name.sub(self.own_catalog.encode(), statement.encode())
        report = self._send("POST", f"{self.url}/v1/statement", text, headers)
        while True:
            answer.query_id = report["id"]
            answer.columns = report.get("columns") or answer.columns
            answer.rows += report.get("data") or []
            answer.update_type = report.get("updateType", answer.update_type)
            answer.update_count = report.get("updateCount", answer.update_count)
            answer.scanned_bytes = report.get("stats", {}).get("physicalInputBytes", answer.scanned_bytes)
            following = report.get("nextUri")
            try:
                watch(answer)
            except BaseException:
                if following:
                    self._send("DELETE", following)
                raise
            if report.get("error"):
                raise TrinoError(report["error"])
            if not following:
                return answer
            report = self._send("GET", following)

    def is_final(self, query_id: str) -> bool:
        """Tell whether none of a query's tasks runs any more; a failed one is reported before its tasks have ended."""
        try:
            return self._send("GET", f"{self.url}/v1/query/{query_id}", None, {"X-Trino-User": "athena"})[
                "finalQueryInfo"
            ]
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                return True  # Trino has forgotten it
            raise

    def wait_until_queries_run(self) -> None:
        """Wait until the server accepts work: for a moment after its start it knows no node to run it on."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self.run("select 1", "default")
                return
            except TrinoError as error:
                if error.name != "NO_NODES_AVAILABLE" or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _send(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        request = urllib.request.Request(url, body, headers or {}, method=method)  # noqa: S310 - Trino's own address
        with urllib.request.urlopen(request, timeout=HTTP_SECONDS) as answer:  # noqa: S310
            text = answer.read() or b"{}"
        return json.loads(text.replace(self.own_catalog.encode(), self.catalog.encode()))
