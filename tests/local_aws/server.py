"""Wire the parts together: one emulated AWS, and the faces it shows to clients, to Trino and to the stand-in itself.

clients  --> client face  --> record, faults --> Athena API, or moto (S3, Glue, STS, Lake Formation)
Trino    --> Trino's face --> record, Glue's answers made fit for Trino --> moto
Athena API and DDL --> inner face --> moto
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import boto3
from botocore.config import Config
from cheroot import wsgi
from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.server import DomainDispatcherApplication, create_backend_app

from local_aws.athena_api import AthenaApi
from local_aws.cloudtrail_lines import CloudTrailLines
from local_aws.errors import RequestRefusedError
from local_aws.faults import FaultFace, FaultKind, Faults
from local_aws.glue_limits import too_many_items
from local_aws.http_messages import Application, Environ, StartResponse, read_request, send_error, send_json
from local_aws.query_engine import QueryEngine
from local_aws.request_log import RecordedRequest, RecordingFace, RequestLog
from local_aws.trino_client import TrinoClient
from local_aws.trino_glue_face import TrinoGlueFace
from local_aws.trino_process import CATALOG, TrinoProcess, create_catalog

REGION = "us-east-1"
ACCOUNT_ID = "123456789012"  # moto's
EMULATED_SERVICES = ("s3", "glue", "sts", "lakeformation", "iam")
CLIENT_CONFIG = Config(connect_timeout=5, read_timeout=120, retries={"mode": "standard", "total_max_attempts": 3})


@dataclass(frozen=True)
class RecordedStatement:
    """One statement that Athena was given, and what became of it."""

    query_id: str
    query: str
    state: str
    reason: str | None
    data_scanned_bytes: int
    database: str
    work_group: str


class LocalAws:
    """Athena, Glue, S3 and STS on this machine, with Trino as the query engine.

    Use it as a context manager: `with LocalAws.start(directory) as aws:`. There can be one at a time in a process,
    because moto keeps its state in the process. Everything it writes goes below `directory`: `requests.jsonl`,
    `trino/trino.log` and Trino's configuration.
    """

    _running: ClassVar[LocalAws | None] = None

    def __init__(self, directory: Path, shared_trino: Path | None) -> None:
        self.directory = directory
        self._log: RequestLog | None = None
        self._servers: list[_Server] = []
        self._trino = TrinoProcess(shared_trino or directory / "trino", is_shared=shared_trino is not None)
        self._api: AthenaApi | None = None
        self._faults = Faults()
        self._clients: dict[str, Any] = {}
        self.endpoint = ""

    @classmethod
    def start(cls, directory: Path, shared_trino: Path | None = None) -> LocalAws:
        """Start everything and wait until statements can be run.

        shared_trino: a folder; the Trino in it serves every process that names it, and ends with the last of them.
        Raises TrinoNotAvailableError when Trino or its Java is missing, and RuntimeError when one is running already in
        this process or when Trino does not start.
        """
        if cls._running is not None:
            raise RuntimeError(f"a LocalAws is already running in this process, in {cls._running.directory}")
        aws = cls(directory.resolve(), shared_trino and shared_trino.resolve())
        cls._running = aws
        try:
            aws._start()
        except BaseException:
            aws.stop()
            raise
        return aws

    def _start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        _forget_earlier_state()
        moto = _OneAtATime(_Moto())
        self._log = RequestLog(self.directory / "requests.jsonl")
        inner = self._serve(moto)
        glue, s3 = _client("glue", inner.url), _client("s3", inner.url)

        trino_face = TrinoGlueFace(moto, CloudTrailLines(s3))
        trino_endpoint = self._serve(RecordingFace(trino_face, self._log, "trino")).url
        self._trino.start()

        own_catalog = f"{CATALOG}_{trino_endpoint.rpartition(':')[2]}"
        trino = TrinoClient(self._trino.url, CATALOG, own_catalog)
        self._api = AthenaApi(glue, s3, QueryEngine(trino, glue, s3, self._log), self._faults)
        client_face = FaultFace(_AthenaOrMoto(self._api, self._faults, moto), self._faults)
        self.endpoint = self._serve(RecordingFace(client_face, self._log, "client")).url

        self._trino.wait_until_ready()
        trino.wait_until_queries_run()
        trino.run(create_catalog(CATALOG, trino_endpoint, REGION, ACCOUNT_ID), "default")

    def stop(self) -> None:
        """Cancel what runs, end Trino and the servers, and wait until they are gone."""
        try:
            if self._api is not None:
                self._faults.clear()
                self._api.stop()
            self._trino.stop()
            for server in self._servers:
                server.stop()
            if self._log is not None:
                self._log.close()
        finally:
            type(self)._running = None

    def __enter__(self) -> Self:
        """Return the running stand-in."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.stop()

    def _serve(self, application: Application) -> _Server:
        server = _Server(application)
        self._servers.append(server)
        return server

    # For clients

    def environment(self) -> dict[str, str]:
        """Return the environment variables that lead an AWS client here, and away from real accounts."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "ATHENA_POLL_INTERVAL": "0.05",
        }

    def process_environment(self) -> dict[str, str]:
        """Return this process's environment with every AWS setting of its own replaced by `environment()`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | self.environment()

    @property
    def trino_url(self) -> str:
        """The address of Trino's REST API and of its web page."""
        return self._trino.url

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service, as any user of this stand-in would have it; the same one each time."""
        if service not in self._clients:
            self._clients[service] = _client(service, self.endpoint)
        return self._clients[service]

    def set_scan_limit(self, work_group: str, byte_count: int | None) -> None:
        """Limit the bytes a query of a work group may read; unlike the API, also to less than 10 MB."""
        self._api.work_groups.get(work_group).scan_limit_bytes = byte_count

    # What was done

    def requests(self, origin: str = "client") -> list[RecordedRequest]:
        """Return the AWS requests of clients (or of `trino`) since the start or the last reset."""
        return [request for request in self._log.requests() if request.origin == origin]

    def statements(self) -> list[RecordedStatement]:
        """Return the statements since the start or the last reset, in the order in which they were started."""
        return [
            RecordedStatement(
                query_id=query.query_id,
                query=query.text,
                state=query.state,
                reason=query.reason,
                data_scanned_bytes=query.scanned_bytes,
                database=query.context.get("Database", "default"),
                work_group=query.work_group,
            )
            for query in self._api.queries()
        ]

    def objects_read(self, prefix: str = "") -> dict[str, int]:
        """Return the s3:// location of each object that Trino opened, with the bytes it got, below a prefix."""
        found = self._log.objects_read_by_trino()
        return {location: size for location, size in found.items() if location.startswith(prefix)}

    def reset_log(self) -> None:
        """Forget requests and finished statements. Results of forgotten statements can no longer be asked for."""
        self._log.reset()
        self._api.forget_finished()

    # Faults

    def inject_fault(
        self,
        statement_pattern: str,
        kind: FaultKind = "fail",
        times: int = 1,
        skip: int = 0,
        process_id: int | None = None,
    ) -> None:
        """Let the next `times` matches go wrong, after letting `skip` of them go right.

        The pattern is a regular expression, looked for anywhere and in any case.

        On the text of statements:
        `fail` fails the query with GENERIC_INTERNAL_ERROR; `scan_limit` cancels it as the work group's limit does;
        `hold` keeps it from running until `release()` or until it is stopped;
        `kill` kills a process (`process_id`, or the one given to `register_process`) instead of running the statement.

        On requests written as `service:Operation`, such as `glue:GetTables`:
        `throttle` and `expired_credentials` answer with AWS's error; `kill_at_request` kills the process.
        Requests that Trino makes are never touched.
        """
        self._faults.inject(statement_pattern, kind, times, skip, process_id)

    def register_process(self, process_id: int) -> None:
        """Say which process the faults of kind `kill` and `kill_at_request` kill."""
        self._faults.register_process(process_id)

    def wait_until_held(self, count: int = 1, seconds: float = 60) -> None:
        """Wait until at least `count` statements are held. Raises TimeoutError."""
        self._faults.wait_until_held(count, seconds)

    def release(self) -> None:
        """Let held statements go on."""
        self._faults.release()

    def clear_faults(self) -> None:
        """Forget all faults, and let held statements go on."""
        self._faults.clear()

    def stop_statements(self) -> None:
        """Cancel the statements that still run, here and in Trino, and wait for them to end."""
        self._api.stop()


class _AthenaOrMoto:
    """Answers Athena requests, and the requests about faults; passes every other service's to moto."""

    def __init__(self, api: AthenaApi, faults: Faults, moto: Application) -> None:
        self.api = api
        self.faults = faults
        self.moto = moto

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = read_request(environ)
        excess = too_many_items(request)
        if excess is not None:
            return send_error(start_response, request, "ValidationException", excess)
        if request.service != "athena":
            return self.moto(environ, start_response)
        try:
            answer = self._fault_operation(request.operation, request.parameters)
            if answer is None:
                answer = self.api.operation(request.operation)(request.parameters)
        except RequestRefusedError as error:
            return send_error(start_response, request, error.code, str(error))
        return send_json(start_response, answer)

    def _fault_operation(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """Serve the test-only operations, so that another process can ask for faults too."""
        if operation == "InjectFault":
            try:
                self.faults.inject(
                    parameters["StatementPattern"],
                    parameters.get("Kind", "fail"),
                    parameters.get("Times", 1),
                    parameters.get("Skip", 0),
                    parameters.get("ProcessId"),
                )
            except (KeyError, ValueError) as error:
                raise RequestRefusedError(f"InjectFault: {error}") from None
        elif operation == "ReleaseHeldStatements":
            self.faults.release()
        elif operation == "ClearFaults":
            self.faults.clear()
        else:
            return None
        return {}


class _Moto(DomainDispatcherApplication):
    """Moto, which finds a host's service among its folders once: it would list them for each request."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self.get_backend_for_host = cache(super().get_backend_for_host)


class _OneAtATime:
    """Lets one request at a time into moto, which is not written for several."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self.lock:
            return [b"".join(self.application(environ, start_response))]


class _Server(wsgi.Server):
    """An HTTP server on a free port, in threads of its own, which keeps connections open for the next request."""

    timeout = 600  # seconds that an idle connection stays open
    shutdown_timeout = 10

    def __init__(self, application: Application) -> None:
        def with_raw_uri(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            environ["RAW_URI"] = environ["REQUEST_URI"]  # moto's name of the path as it came
            return application(environ, start_response)

        super().__init__(("127.0.0.1", 0), with_raw_uri, numthreads=24)
        self.prepare()
        self._thread = threading.Thread(target=self.serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of this server."""
        return f"http://127.0.0.1:{self.bind_addr[1]}"

    def stop(self) -> None:
        """Stop listening, close the open connections and end the threads."""
        super().stop()
        self._thread.join()


def _client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=CLIENT_CONFIG,
    )


def _forget_earlier_state() -> None:
    """Empty moto, which may hold the state of a stand-in that ran in this process before."""
    for service in EMULATED_SERVICES:
        backends: BackendDict[Any] = get_backend(service)
        for backend in backends.values():
            for region in backend.values():
                region.reset()
