"""dbt commands as forks of one process that has dbt loaded and has parsed the project once for each engine.

Loading its modules and parsing the project take most of the CPU seconds of a small command. Hundreds of commands share
them here: each is a fork with its own arguments, environment, folder and output, runs dbt's own command line, and ends
or is killed as a process of its own. What parsing gives differs from command to command in two names only, which are
filled in; test_dbt_server.py compares that with what dbt parses by itself.

Usage (only by this module): python dbt_server.py ADDRESS
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import hashlib
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import boto3.session
import botocore.loaders
import botocore.session
import yaml

if TYPE_CHECKING:
    from types import CodeType

    from dbt.contracts.graph.manifest import Manifest

REPOSITORY = Path(__file__).resolve().parents[2]
# dbt's Rust extractor keeps threads, which a fork loses; without it dbt renders each model's Jinja.
# A log file takes a twentieth of the CPU seconds of a build; the flag --log-level-file of a command brings it back.
ENVIRONMENT = {"DBT_STATIC_PARSER": "false", "DBT_LOG_LEVEL_FILE": "none"}

# Vars that decide what is parsed, or whose mistakes dbt finds while it parses. Commands share what was parsed with
# the same values of them.
PARSED_VARIABLES = {
    "data_transfer_prices_own",
    "payer_account_ids",
    "s3_request_prices_own",
    "s3_requester_pays_buckets",
    "vpc_flow_logs_text_tables",
}
# Commands that write what was parsed.
PARSING_COMMANDS = {"docs", "parse"}
# What stands in the shared manifest where each command has something of its own, by environment variable.
PLACES = {"ATHENA_SCHEMA": "schema_of_the_command", "LOGS": "s3://logs-of-the-command"}
# A manifest takes some ten MiB; tests that set parsed vars in many ways need each only for a while.
KEPT_MANIFESTS = 6
# dbt-athena makes a new session of boto3 whenever it asks for something, with clients of these services.
AWS_SERVICES = ("athena", "glue", "s3", "sts")
PARSE_SECONDS = 600


class DbtProcess:
    """A running dbt command, with what the tests use of subprocess.Popen.

    A write that makes a file larger than `file_size_limit` bytes fails, as on a full disk.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        file_size_limit: int | None = None,
    ) -> None:
        descriptor, name = tempfile.mkstemp(prefix="dbt_output_")
        os.close(descriptor)
        self._output = Path(name)
        request = {
            "arguments": list(arguments),
            "environment": {**environment, **ENVIRONMENT},
            "folder": str(folder),
            "output": name,
            "file_size_limit": file_size_limit,
        }
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(server_address())
        self._connection.sendall(json.dumps(request).encode() + b"\n")
        self._received = b""
        pid = self._answer(timeout=PARSE_SECONDS)
        assert pid is not None, "the dbt server does not answer"
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = self._answer(timeout=0)
        return self.returncode

    def printed(self) -> str:
        """Return what it has printed so far."""
        return self._output.read_text(errors="replace")

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self, timeout: float) -> tuple[str, None]:
        """Wait for its end, and return what it printed. Raises TimeoutError, after the process was killed."""
        if self.returncode is None:
            self.returncode = self._answer(timeout)
        output = self._output.read_text(errors="replace")
        self._output.unlink()
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)
            raise TimeoutError(f"dbt still runs after {timeout} seconds:\n{output}")
        self._connection.close()
        return output, None

    def _answer(self, timeout: float) -> int | None:
        """Return the next number that the server says, None when it says none in that time."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._received:
            if not select.select([self._connection], [], [], max(0, deadline - time.monotonic()))[0]:
                return None
            news = self._connection.recv(4096)
            assert news, "the dbt server has ended"
            self._received += news
        line, self._received = self._received.split(b"\n", 1)
        return int(line)


def inherited_environment() -> dict[str, str]:
    """Return this process's environment without what tells dbt or an AWS client where to go."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "ATHENA_", "AWS_"))}


@cache
def server_address() -> str:
    """Start the server of this process, and return its address. It ends with this process, however that ends."""
    folder = tempfile.TemporaryDirectory(prefix="dbt_server_")
    address = f"{folder.name}/socket"
    log = Path(folder.name, "server.log")
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, __file__, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            cwd=REPOSITORY,
            env=inherited_environment()
            | {"LOGS": folder.name, "WAREHOUSE": f"{folder.name}/server.duckdb"}
            | {"DBT_TARGET_PATH": f"{folder.name}/target", "DBT_LOG_PATH": f"{folder.name}/logs"}
            | ENVIRONMENT,
        )
    assert server.stdin
    assert server.stdout
    ready = server.stdout.readline()
    assert ready == b"ready\n", log.read_text()

    def stop() -> None:
        server.stdin.close()
        server.wait(timeout=30)
        folder.cleanup()

    atexit.register(stop)
    return address


def serve(address: str) -> None:
    """Load dbt, then fork a process for each request until standard input ends."""
    # What commands load when they run is loaded for the forks.
    import sqlparse  # noqa: F401
    from dbt.adapters import athena, duckdb  # noqa: F401
    from dbt.cli.main import cli
    from dbt.task import build, freshness, run, run_operation, seed, show, test  # noqa: F401

    share_templates()
    share_service_descriptions()
    share_clients()
    for service in AWS_SERVICES:
        boto3.session.Session().client(
            service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
        )
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(16)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system takes care of keepers that have ended
    os.write(1, b"ready\n")
    while True:
        readable, _, _ = select.select([listener, 0], [], [])
        if 0 in readable and not os.read(0, 1):
            return
        if listener in readable:
            connection, _ = listener.accept()
            with connection.makefile("r") as stream:
                request = json.loads(stream.readline())
            shared = None
            if may_share(request):
                shared = shared_manifest(
                    request["environment"], variables_of(request["arguments"]), Path(request["folder"])
                )
            gc.freeze()
            if os.fork() == 0:
                listener.close()
                keep(connection, request, cli, shared)
            connection.close()


def share_service_descriptions() -> None:
    """Let all AWS sessions of this process and of its forks read each service's description once.

    Each session reads those of its clients anew, some MiB of JSON, which took a quarter of dbt's CPU seconds on Athena.
    """
    botocore.session.create_loader = cache(botocore.loaders.create_loader)


def share_clients() -> None:
    """Let each fork keep its AWS clients, and their connections.

    dbt-athena makes a client for nearly every question, which took a third of dbt's CPU seconds on Athena.
    """
    make_client = boto3.session.Session.client
    clients: dict[str, Any] = {}
    lock = threading.Lock()

    def client(session: boto3.session.Session, *service: str, config: Any = None, **options: Any) -> Any:
        key = repr((service, sorted(options.items()), config and sorted(vars(config).items(), key=repr)))
        with lock:
            if key not in clients:
                clients[key] = make_client(session, *service, config=config, **options)
            return clients[key]

    boto3.session.Session.client = client


def share_templates() -> None:
    """Let each text of Jinja be parsed and compiled once, instead of in each project and fork that has it."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment
    from dbt_common.tests import enable_test_caching

    enable_test_caching()  # dbt's own, for parsing
    compile_text = MacroFuzzEnvironment.compile
    codes: dict[str, CodeType] = {}

    def compile_once(environment: MacroFuzzEnvironment, source: str) -> CodeType:
        if source not in codes:
            codes[source] = compile_text(environment, source)
        return codes[source]

    MacroFuzzEnvironment.compile = compile_once


def variables_of(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the vars of a command."""
    return (yaml.safe_load(arguments[arguments.index("--vars") + 1]) or {}) if "--vars" in arguments else {}


def may_share(request: Mapping[str, Any]) -> bool:
    """Tell whether the command of a request needs nothing of its own from parsing."""
    arguments = request["arguments"]
    return (
        "--project-dir" not in arguments or arguments[arguments.index("--project-dir") + 1] == "."
    ) and PARSING_COMMANDS.isdisjoint(arguments)


@dataclass
class SharedManifest:
    """What dbt parses for many commands, and where in it stands what each command has of its own."""

    manifest: Manifest
    places: list[tuple[Any, Any]]  # a dictionary or list, and the key of the text in it

    @classmethod
    def of(cls, manifest: Manifest) -> SharedManifest:
        """Find the PLACES in a manifest."""
        return cls(manifest, list(cls._found(manifest)))

    @classmethod
    def _found(cls, value: Any) -> Iterator[tuple[Any, Any]]:
        holder = vars(value) if is_dataclass(value) else value
        for key, part in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if isinstance(part, str):
                if any(place in part for place in PLACES.values()):
                    yield holder, key
            elif isinstance(part, dict | list) or is_dataclass(part):
                yield from cls._found(part)

    def filled(self, environment: Mapping[str, str]) -> Manifest:
        """Put in what a command has of its own. Only once: the places are gone then."""
        for holder, key in self.places:
            for name, place in PLACES.items():
                holder[key] = holder[key].replace(place, environment.get(name, ""))
        return self.manifest


MANIFESTS: dict[tuple[str, ...], SharedManifest | None] = {}


def shared_manifest(
    environment: Mapping[str, str], variables: Mapping[str, Any], folder: Path = REPOSITORY
) -> SharedManifest | None:
    """Return what dbt parses for the engine of an environment, with PLACES; None where it cannot parse.

    variables: those of the command, of which only PARSED_VARIABLES matter. folder: a project; copies of the same files
    share what was parsed.
    """
    from dbt.cli.main import dbtRunner
    from dbt_common.clients.jinja import get_environment

    parsed = json.dumps({name: variables[name] for name in sorted(PARSED_VARIABLES & variables.keys())})
    # DuckDB names the database after its file.
    key = (environment.get("DBT_TARGET", ""), Path(environment.get("WAREHOUSE", "")).stem, digest(folder), parsed)
    if key not in MANIFESTS:
        while len(MANIFESTS) >= KEPT_MANIFESTS:
            del MANIFESTS[next(iter(MANIFESTS))]
        own, where = dict(os.environ), ["--project-dir", str(folder), "--profiles-dir", str(folder), "--vars", parsed]
        with tempfile.TemporaryDirectory() as output:
            os.environ.update({**environment, **PLACES, "DBT_TARGET_PATH": output, "DBT_LOG_PATH": output})
            manifest = dbtRunner().invoke(["--quiet", "--log-level", "none", "parse", *where]).result
        os.environ.clear()
        os.environ.update(own)
        MANIFESTS[key] = SharedManifest.of(manifest) if manifest else None
        environment_of_jinja = get_environment()
        for macro in manifest.macros.values() if manifest else ():
            environment_of_jinja.compile(macro.macro_sql)  # see share_templates
    MANIFESTS[key] = MANIFESTS.pop(key)  # the one used last goes last
    return MANIFESTS[key]


def digest(folder: Path) -> str:
    """Return a digest of the project in a folder; of the repository its path, because nothing changes it."""
    if folder == REPOSITORY:
        return str(folder)
    files = [path for part in ("*.yml", "models/**/*", "macros/**/*") for path in folder.glob(part) if path.is_file()]
    found = hashlib.sha256()
    for path in sorted(files):
        found.update(f"{path.relative_to(folder)} ".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()


def keep(connection: socket.socket, request: Mapping[str, Any], cli: Any, shared: SharedManifest | None) -> NoReturn:
    """Fork the dbt process of a request, and answer with its process id and then with its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection.makefile("w") as stream:
        pid = os.fork()
        if pid == 0:
            os.close(connection.fileno())
            run(request, cli, shared)
        stream.write(f"{pid}\n")
        stream.flush()
        _, status = os.waitpid(pid, 0)
        with contextlib.suppress(OSError):  # nobody waits any more
            stream.write(f"{os.waitstatus_to_exitcode(status)}\n")
            stream.flush()
    os._exit(0)


def run(request: Mapping[str, Any], cli: Any, shared: SharedManifest | None) -> NoReturn:
    """Be the dbt command of a request."""
    output = os.open(request["output"], os.O_WRONLY | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for old, new in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(old, new)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    if request["file_size_limit"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_size_limit"], request["file_size_limit"]))
    sys.argv = ["dbt", *request["arguments"]]
    manifest = None
    if shared:
        import dbt.task.runnable

        manifest = shared.filled(request["environment"])
        dbt.task.runnable.write_manifest = lambda *_: None  # a fifth of the CPU seconds of a small command
    code = 1
    try:
        cli(obj={"manifest": manifest})
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
