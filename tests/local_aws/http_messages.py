"""AWS requests as WSGI sees them: which service and operation they call, and answers in each service's own format."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_SERVICES_BY_TARGET = {"AmazonAthena": "athena", "AWSGlue": "glue"}
_SIGNED_SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


@dataclass
class Request:
    """One AWS request: what it calls, with which parameters, and its body."""

    service: str
    operation: str
    parameters: dict[str, Any]
    body: bytes = field(repr=False, default=b"")

    @property
    def action(self) -> str:
        """The call as policies write it: `glue:GetTables`."""
        return f"{self.service}:{self.operation}"


def read_request(environ: Environ) -> Request:
    """Read and classify a request once; later callers get the same object, and its body can be read again."""
    if "local_aws.request" not in environ:
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
        else:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        environ["local_aws.request"] = _classify(environ, body)
    return environ["local_aws.request"]


def _classify(environ: Environ, body: bytes) -> Request:
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        prefix, _, operation = target.rpartition(".")
        try:
            parameters = json.loads(body or b"{}")
        except ValueError:
            parameters = {}
        return Request(_SERVICES_BY_TARGET.get(prefix, prefix.lower()), operation, parameters, body)
    signed = _SIGNED_SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = signed[1] if signed else "s3"
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", ""), True).items()}
    if service == "s3":
        return _classify_s3(environ, query, body)
    form = parse_qs(body.decode("utf-8", "replace"))
    if "Action" in form:
        return Request(service, form["Action"][0], {name: values[0] for name, values in form.items()}, body)
    return Request(service, unquote(environ.get("PATH_INFO", "")).strip("/") or environ["REQUEST_METHOD"], query, body)


def _classify_s3(environ: Environ, query: dict[str, str], body: bytes) -> Request:
    # WSGI hands over the path with its UTF-8 bytes read as Latin-1.
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
    bucket, _, key = path.lstrip("/").partition("/")
    parameters = {"Bucket": bucket, "Key": key}
    if "prefix" in query:
        parameters["Prefix"] = query["prefix"]
    if environ.get("HTTP_RANGE"):
        parameters["Range"] = environ["HTTP_RANGE"]
    method = environ["REQUEST_METHOD"]
    if not bucket:
        operation = "ListBuckets"
    elif not key:
        operation = _bucket_operation(method, query)
    else:
        operation = _object_operation(method, query, "HTTP_X_AMZ_COPY_SOURCE" in environ)
    return Request("s3", operation, {name: value for name, value in parameters.items() if value}, body)


def _bucket_operation(method: str, query: dict[str, str]) -> str:
    if method == "GET" and (not query or "prefix" in query or "list-type" in query):
        return "ListObjectsV2" if query.get("list-type") == "2" else "ListObjects"
    if method == "POST" and "delete" in query:
        return "DeleteObjects"
    names = {"PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"}
    return names.get(method, f"{method}Bucket")


def _object_operation(method: str, query: dict[str, str], is_copy: bool) -> str:
    if "uploadId" in query:
        names = {"PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}
    elif method == "POST" and "uploads" in query:
        return "CreateMultipartUpload"
    elif method == "PUT" and is_copy:
        return "CopyObject"
    else:
        names = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
    return names.get(method, f"{method}Object")


def send(start_response: StartResponse, status: str, body: bytes, content_type: str) -> list[bytes]:
    """Send an answer."""
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", str(uuid.uuid4())),
    ]
    start_response(status, headers)
    return [body]


def send_json(start_response: StartResponse, document: dict[str, Any], status: str = "200 OK") -> list[bytes]:
    """Send a document the way Athena and Glue do."""
    return send(start_response, status, json.dumps(document).encode(), "application/x-amz-json-1.1")


def send_error(start_response: StartResponse, request: Request, code: str, message: str) -> list[bytes]:
    """Send an error in the format of the service that was called."""
    if request.service == "s3":
        status = "503 Slow Down" if code == "SlowDown" else "400 Bad Request"
        body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        return send(start_response, status, body.encode(), "application/xml")
    if request.service == "sts":
        body = (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
            f"<Code>{code}</Code><Message>{escape(message)}</Message></Error></ErrorResponse>"
        )
        return send(start_response, "403 Forbidden", body.encode(), "text/xml")
    document = {"__type": code, "message": message, "Message": message}
    return send_json(start_response, document, "400 Bad Request")
