"""An S3 server in this process, moto's, that can be told to send the bytes of an object badly."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.backends import get_backend
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}

Bytes = Iterable[bytes]


class S3Server:
    """Counts the GET requests of each object, and sends it as told: `spoil` takes what makes other bytes of its own.

    unsaid: how the headers begin that are not sent with spoiled bytes.
    """

    def __init__(self) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)
        self._lock = threading.Lock()
        self._spoilers: dict[str, list[Callable[[bytes], Bytes]]] = defaultdict(list)
        self.get_counts: dict[str, int] = defaultdict(int)
        self.is_released = threading.Event()
        self.unsaid: tuple[str, ...] = ()
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def spoil(self, key: str, *spoilers: Callable[[bytes], Bytes]) -> None:
        """Send an object badly, in one way after the other, then well."""
        self._spoilers[key] += spoilers

    def held(self, content: bytes) -> Iterator[bytes]:
        """Send half of the bytes, and the others when the server is released."""
        yield content[: len(content) // 2]
        self.is_released.wait(60)
        yield content[len(content) // 2 :]

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Bytes:
        environ["RAW_URI"] = environ.get("REQUEST_URI", environ["PATH_INFO"])
        spoiler = None
        key = environ["PATH_INFO"].partition("/")[2].partition("/")[2]
        with self._lock:  # moto is not written for several requests at a time
            if environ["REQUEST_METHOD"] == "GET" and key:
                self.get_counts[key] += 1
                spoiler = self._spoilers[key].pop(0) if self._spoilers[key] else None

            def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                kept = [item for item in headers if not spoiler or not item[0].lower().startswith(self.unsaid)]
                return start_response(status, kept, *rest)

            content = b"".join(self._application(environ, start))
        return spoiler(content) if spoiler else [content]

    def start(self) -> None:
        """Begin to serve, from an empty store."""
        for backends in get_backend("s3").values():
            for backend in backends.values():
                backend.reset()
        self._thread.start()

    def stop(self) -> None:
        """End what is held, and the server."""
        self.is_released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Serve, and stop."""
    server = S3Server()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def client_of(server: S3Server) -> Any:
    """Return a client of the server."""
    return boto3.client("s3", REGION, endpoint_url=server.url, aws_access_key_id="test", aws_secret_access_key="test")
