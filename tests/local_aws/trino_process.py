"""Start and stop the Trino server, with configuration made for one run and logs kept in that run's folder."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from pathlib import Path

from get_trino import TrinoNotAvailableError, find_java_home, is_installed, trino_home

from local_aws import process_keeper

CATALOG = "awsdatacatalog"
START_SECONDS = 180
PARTITIONS_PER_WRITE = 100  # https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html

# Both compilers: the first one alone starts sooner, and after seven minutes of statements it is behind. The second one
# only for what runs much: four times its default thresholds spare a quarter of the CPU seconds of the first minutes.
JAVA_OPTIONS = (
    "-Xmx2g",
    "-XX:+UseParallelGC",  # G1 marks beside the work, on processors that are busy
    "-XX:Tier4InvocationThreshold=20000",
    "-XX:Tier4MinInvocationThreshold=2400",
    "-XX:Tier4CompileThreshold=60000",
    "-XX:Tier4BackEdgeThreshold=160000",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:ReservedCodeCacheSize=256M",
    "-XX:+EnableDynamicAgentLoading",
    "-Djdk.attach.allowAttachSelf=true",
    "-Djdk.nio.maxCachedBufferSize=2000000",
    "-Dfile.encoding=UTF-8",
    "-Duser.timezone=UTC",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)


def missing_trino() -> str | None:
    """Say why Trino cannot be started on this machine, or return None when it can."""
    home = trino_home()
    if not is_installed(home):
        return f"Trino is not installed: run `make trino` (looked in {home})"
    try:
        find_java_home()
    except TrinoNotAvailableError as error:
        return str(error)
    return None


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TrinoProcess:
    """A Trino server of one node, which several processes may share that name the same directory."""

    def __init__(self, directory: Path, *, is_shared: bool = False) -> None:
        self.directory = directory
        self.log_file = directory / "trino.log"
        self._program = process_keeper.KeptProgram(directory, is_shared=is_shared)

    @property
    def url(self) -> str:
        """The address of Trino's REST API."""
        return (self.directory / "url").read_text()

    def start(self) -> None:
        """Start the server without waiting for it, unless another process has started it.

        Raises TrinoNotAvailableError when Trino or its Java is not there.
        """
        reason = missing_trino()
        if reason:
            raise TrinoNotAvailableError(reason)
        self._program.ask(self._command, self.log_file)

    def _command(self) -> list[str]:
        home = trino_home()
        self._write_configuration(home)
        etc = self.directory / "etc"
        return [
            str(find_java_home() / "bin" / "java"),
            *JAVA_OPTIONS,
            "-Dnode.environment=local",
            "-Dnode.id=local",
            "-Dnode.bind-ip=127.0.0.1",
            "-Dnode.internal-address=127.0.0.1",
            f"-Dnode.data-dir={self.directory / 'data'}",
            f"-Dconfig={etc / 'config.properties'}",
            f"-Dlog.levels-file={etc / 'log.properties'}",
            "-cp",
            str(home / "lib" / "*"),
            "io.trino.server.TrinoServer",
        ]

    def wait_until_ready(self) -> None:
        """Wait until the server has started. Raises RuntimeError with the end of its log when it does not."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._program.is_running():
            try:
                with urllib.request.urlopen(f"{self.url}/v1/info", timeout=5) as answer:  # noqa: S310 - own address
                    if json.load(answer)["starting"] is False:
                        return
            except (OSError, ValueError):
                pass  # nobody listens yet
            time.sleep(0.1)
        end_of_log = self.log_file.read_text(errors="replace")[-3000:]
        raise RuntimeError(
            f"Trino did not start within {START_SECONDS} seconds; its log {self.log_file} ends:\n{end_of_log}"
        )

    def stop(self) -> None:
        """End the server, unless other processes use it. One that is not shared is gone afterwards."""
        self._program.leave()

    def _write_configuration(self, home: Path) -> None:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        node = {
            "coordinator": "true",
            "node-scheduler.include-coordinator": "true",
            "http-server.http.port": port,
            "discovery.uri": url,
            "http-server.log.enabled": "false",
            "plugin.dir": home / "plugin",
            "catalog.management": "dynamic",
            "catalog.store": "memory",
            "query.max-memory": "512MB",
            "query.max-memory-per-node": "512MB",
            "memory.heap-headroom-per-node": "256MB",
            "task.concurrency": 2,
            # One writer per query, so that the limit of open partitions is a limit per statement, as Athena has it.
            "task.min-writer-count": 1,
            "task.max-writer-count": 1,
            # Plans for one node and a few rows: fewer stages; and what was run before is soon forgotten.
            "join-distribution-type": "BROADCAST",
            "redistribute-writes": "false",
            "scale-writers": "false",
            "task.scale-writers.enabled": "false",
            "use-preferred-write-partitioning": "false",
            "enable-dynamic-filtering": "false",
            "query.max-history": 10,
            "query.min-expire-age": "30s",
            "task.info.max-age": "30s",
        }
        etc = self.directory / "etc"
        _write_properties(etc / "config.properties", node)
        _write_properties(etc / "log.properties", {"io.trino": "WARN"})
        (self.directory / "url").write_text(url)


def create_catalog(name: str, aws_endpoint: str, region: str, account_id: str) -> str:
    """Return the statement that makes a catalog of what is behind one Glue and S3 endpoint."""
    values = {
        "hive.metastore": "glue",
        "hive.metastore.glue.region": region,
        "hive.metastore.glue.endpoint-url": aws_endpoint,
        "hive.metastore.glue.aws-access-key": "trino",
        "hive.metastore.glue.aws-secret-key": "trino",
        "hive.metastore.glue.catalogid": account_id,
        "hive.metastore.glue.partitions-segments": 1,  # moto ignores Segment: each would return everything
        "hive.metastore.glue.skip-archive": "true",
        "hive.metastore-cache-ttl": "0s",
        "hive.metastore-stats-cache-ttl": "0s",
        "fs.native-s3.enabled": "true",
        "s3.endpoint": aws_endpoint,
        "s3.region": region,
        "s3.path-style-access": "true",
        "s3.aws-access-key": "trino",
        "s3.aws-secret-key": "trino",
        "parquet.writer.validation-percentage": 0,  # it reads back what was written, which would count as read
        "hive.storage-format": "PARQUET",
        "hive.compression-codec": "GZIP",  # what Athena writes unless told otherwise
        "hive.non-managed-table-writes-enabled": "true",
        "hive.recursive-directories": "true",
        "hive.partition-projection-enabled": "true",
        "hive.max-partitions-per-writers": PARTITIONS_PER_WRITE,
        "hive.table-statistics-enabled": "false",
        "hive.collect-column-statistics-on-write": "false",
        "hive.hive-views.enabled": "false",
    }
    properties = ", ".join(f"\"{key}\" = '{value}'" for key, value in values.items())
    return f"create catalog {name} using hive with ({properties})"


def _write_properties(path: Path, values: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
