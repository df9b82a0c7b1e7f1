"""What Trino's Glue client sees in place of the plain answers of the emulated Glue.

1. Column statistics and user-defined functions: moto does not know these calls, and every INSERT ends in them.
2. Views: dbt's persist_docs overwrites comment and description; Trino takes a view for its own only while both say so.
3. Partition filters: moto cannot read date literals, quoted names or types with a length. The filter is left out, so
   that Glue gives every partition; Trino applies the whole predicate to the partition values it gets anyway.
4. CloudTrailInputFormat: open-source Trino has no reader for it. See cloudtrail_lines.py.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from local_aws.cloudtrail_lines import CloudTrailLines
from local_aws.http_messages import Application, Environ, StartResponse, read_request, send, send_json

EMPTY_ANSWERS: dict[str, dict[str, Any]] = {
    "GetColumnStatisticsForTable": {"ColumnStatisticsList": [], "Errors": []},
    "GetColumnStatisticsForPartition": {"ColumnStatisticsList": [], "Errors": []},
    "UpdateColumnStatisticsForTable": {"Errors": []},
    "UpdateColumnStatisticsForPartition": {"Errors": []},
    "DeleteColumnStatisticsForTable": {},
    "DeleteColumnStatisticsForPartition": {},
    "GetUserDefinedFunctions": {"UserDefinedFunctions": []},
}
READS = {"GetTable", "GetTables", "GetPartition", "GetPartitions", "BatchGetPartition"}


class TrinoGlueFace:
    """A WSGI application that makes Glue's answers fit for Trino and passes everything else on."""

    def __init__(self, application: Application, cloudtrail: CloudTrailLines) -> None:
        self.application = application
        self.cloudtrail = cloudtrail

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request of Trino."""
        request = read_request(environ)
        if request.service == "glue" and request.operation in EMPTY_ANSWERS:
            return send_json(start_response, EMPTY_ANSWERS[request.operation])
        if request.service != "glue" or request.operation not in READS:
            return self.application(environ, start_response)
        if request.operation == "GetPartitions" and "Expression" in request.parameters:
            parameters = {name: value for name, value in request.parameters.items() if name != "Expression"}
            _replace_body(environ, json.dumps(parameters).encode())
        seen: dict[str, str] = {}

        def note_status(status: str, headers: Any, *error: Any) -> None:
            seen["status"] = status

        body = b"".join(self.application(environ, note_status))
        if seen["status"].startswith("200"):
            document = json.loads(body)
            for entry in _tables_and_partitions(document):
                self._edit(entry)
            body = json.dumps(document).encode()
        return send(start_response, seen["status"], body, "application/x-amz-json-1.1")

    def _edit(self, entry: dict[str, Any]) -> None:
        parameters = entry.get("Parameters") or {}
        if entry.get("TableType") == "VIRTUAL_VIEW" and parameters.get("presto_view") == "true":
            parameters["comment"] = "Presto View"
            entry.pop("Description", None)  # Trino would take it for the comment
        self.cloudtrail.show_as_lines(entry)


def _replace_body(environ: Environ, body: bytes) -> None:
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))


def _tables_and_partitions(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("Table", "Partition"):
        if name in document:
            yield document[name]
    for name in ("TableList", "Partitions"):
        yield from document.get(name, [])
