"""fetch_logs copies the log files of the days asked for, whole, once, and asks S3 for no others."""

from __future__ import annotations

import fcntl
import io
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import fetch_logs
import pytest
import upload_logs
from botocore.exceptions import ClientError
from cloudtrail_records import trail_file
from duckdb_project import MODELS, MODELS_ONLY, PARTIAL_MODELS, REPOSITORY, SAMPLE_FORMAT, DuckdbProject, log_file
from flow_log_lines import ACCOUNT, flow_log_path
from log_file_inspection import log_file_stamp
from moto import mock_aws
from opened_files import OpenedFiles
from s3_server import CREDENTIALS, S3Server, client_of, s3_server
from shared import log_copying
from shared.log_layouts import LogLayouts

BUCKET = "example-logs"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ONE_DAY = ("--start", "2026-11-01", "--end", "2026-11-01")  # delivered on the 1st to the 3rd
ORGANIZATION = "o-exampleorg"
HIVE = f"hive/AWSLogs/aws-account-id={ACCOUNT}/aws-service=vpcflowlogs/aws-region=eu-west-1"


def hive_flow_log(day: str, hour: str = "", ending: str = ".log.parquet") -> str:
    """Path of a flow log file in a Hive-compatible folder."""
    year, month, day_of_month = day.split("-")
    folder = f"{HIVE}/year={year}/month={month}/day={day_of_month}/{f'hour={hour}/' if hour else ''}"
    return f"{folder}{ACCOUNT}_vpcflowlogs_eu-west-1_fl-0a1b2c3d_{year}{month}{day_of_month}T0005Z_0000ABCD{ending}"


# Each layout that the README names, by what makes its path for a day.
LAYOUTS: Mapping[str, Callable[[str], str]] = {
    "flow log": lambda day: flow_log_path(day, "A"),
    "flow log, by hour": lambda day: flow_log_path(day, "B", hour="23"),
    "flow log, Parquet": lambda day: flow_log_path(day, "C", ending=".log.parquet"),
    "flow log, uncompressed": lambda day: flow_log_path(day, "D", ending=".log"),
    "flow log, Hive": hive_flow_log,
    "flow log, Hive by hour": lambda day: hive_flow_log(day, "00", ".log.gz"),
    "access log, by date": lambda day: log_file(day, "A"),
    "access log, flat": lambda day: f"flat/{day}-10-11-12-0123456789ABCDEF",
    "access log, flat with text": lambda day: f"flat/of-bucket-7-{day}-10-11-12-0123456789ABCDEF.gz",
    "trail": lambda day: trail_file(day, "abcDEF"),
    "trail of an organization": lambda day: trail_file(day, "ghiJKL", f"org/AWSLogs/{ORGANIZATION}"),
}
SNAPSHOTS: Mapping[str, Callable[[str], str]] = {
    "interfaces": lambda day: (
        f"inventory/network-interfaces/{ACCOUNT}/us-east-1/{day.replace('-', '/')}/"
        f"{ACCOUNT}_network-interfaces_us-east-1_{day.replace('-', '')}T002000Z.json.gz"
    ),
    "bill": lambda day: (
        f"billing/billed-usage/{ACCOUNT}/{day.replace('-', '/')}/"
        f"{ACCOUNT}_billed-usage_cost-explorer_{day.replace('-', '')}T002000Z.json.gz"
    ),
}


@dataclass
class Calls:
    """The requests that were made, and how many keys the answers listed."""

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    listed_key_count: int = 0

    def count(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.requests)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def calls(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What is asked of AWS from now on."""
    calls = Calls()
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        calls.requests.append((operation, parameters))
        answer = make_call(client, operation, parameters)
        calls.listed_key_count += len(answer.get("Contents", [])) if operation == "ListObjectsV2" else 0
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    return calls


def put(s3: Any, *keys: str, bucket: str = BUCKET, content: bytes | None = None) -> None:
    """Store objects; each holds its key, where nothing else is said."""
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode() if content is None else content)


def files(folder: Path) -> set[str]:
    """The paths of all files below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def run(*words: str | Path, source: str = f"s3://{BUCKET}") -> int:
    """Fetch, and return the exit code."""
    return fetch_logs.main([source, *map(str, words)], NOW)


# --- Which files


def test_the_files_of_the_days_arrive_from_every_layout_as_they_lie(s3: Any, tmp_path: Path) -> None:
    days = ["2025-11-01", "2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-12-02"]
    put(s3, *(path(day) for path in (*LAYOUTS.values(), *SNAPSHOTS.values()) for day in days))
    assert run(tmp_path, *ONE_DAY) == 0
    wanted = {path(day) for path in LAYOUTS.values() for day in ("2026-11-01", "2026-11-02", "2026-11-03")}
    wanted |= {path(day) for path in SNAPSHOTS.values() for day in days}
    assert files(tmp_path) == {f"{BUCKET}/{key}" for key in wanted}
    assert all((tmp_path / BUCKET / key).read_bytes() == key.encode() for key in wanted)


def test_late_days_are_those_of_the_project_or_as_told(s3: Any, tmp_path: Path) -> None:
    put(s3, *(trail_file(f"2026-11-{day:02}", "A") for day in range(1, 10)))
    assert run(tmp_path / "told", "--start", "2026-11-02", "--end", "2026-11-03", "--late-days", "4") == 0
    found = [re.search(r"/(..)/[^/]*$", path)[1] for path in sorted(files(tmp_path / "told"))]
    assert found == ["02", "03", "04", "05", "06", "07"]
    (late_days,) = re.findall(r"^  late_days: (\d+)$", (REPOSITORY / "dbt_project.yml").read_text(), re.MULTILINE)
    assert run(tmp_path / "default", *ONE_DAY) == 0
    assert len(files(tmp_path / "default")) == 1 + int(late_days)


def test_a_source_below_the_logs_own_folders_keeps_their_whole_path(s3: Any, tmp_path: Path) -> None:
    path = trail_file("2026-11-01", "A")
    put(s3, path, trail_file("2026-11-01", "B", region="eu-west-1"))
    assert run(tmp_path, *ONE_DAY, source=f"s3://{BUCKET}/{path[: path.index('/2026/')]}/") == 0
    assert files(tmp_path) == {f"{BUCKET}/{path}"}


def test_several_sources_are_copied_beside_each_other_and_what_they_share_once(
    s3: Any, tmp_path: Path, calls: Calls
) -> None:
    s3.create_bucket(Bucket="other-logs")
    put(s3, trail_file("2026-11-01", "A"))
    put(s3, trail_file("2026-11-01", "A"), bucket="other-logs")
    assert run("s3://other-logs", f"s3://{BUCKET}/cloudtrail", tmp_path, *ONE_DAY) == 0
    assert files(tmp_path) == {f"{bucket}/{trail_file('2026-11-01', 'A')}" for bucket in (BUCKET, "other-logs")}
    assert calls.count("GetObject") == 2


# What may lie among logs: other days, names that are no log's, days that are none, text before names, other services.
STRANGE_PATHS = (
    "2026-11-01-10-11-12-0123456789ABCDEF",
    "s3/2025/2026-11-01-10-11-12-0123456789ABCDEF",
    "flat/a-2025-12-31-2026-11-01-10-11-12-0123456789ABCDEF",
    "flat/2026-11-01-10-11-12-0123456789ABCDEF/2026-11-02-10-11-12-0123456789ABCDEF",
    "flat/2026-13-01-10-11-12-0123456789ABCDEF",
    "flat/12026-11-01-10-11-12-0123456789ABCDEF",
    "flat/2026-11-01-10-11-12-0123456789ABCDEF.txt",
    "flat/README.txt",
    f"s3/{ACCOUNT}/us-east-1/example-bucket/2026/11/31/2026-11-02-00-00-00-0123456789ABCDEF",
    f"s3/{ACCOUNT}/us-east-1/example-bucket/2026/11/30/2026-12-01-00-00-00-0123456789ABCDEF",
    f"s3/{ACCOUNT}/us-east-1/example-bucket/2026/11/2026-12-01-00-00-00-0123456789ABCDEF",
    f"s3/{ACCOUNT}/us-east-1/123456789012/2026/11/30/2026-11-30-00-00-00-0123456789ABCDEF",
    trail_file("2026-02-30", "A"),
    trail_file("2026-11-01", "A", ending=".json"),
    trail_file("2026-11-01", "A", ending=".json.gz.tmp"),
    trail_file("2026-11-01", "A").replace("/CloudTrail/", "/CloudTrail-Digest/"),
    trail_file("2026-11-01", "copy").replace(f"/{ACCOUNT}_", f"/copy of {ACCOUNT}_"),
    trail_file("2026-11-01", "digit").replace(f"/{ACCOUNT}_", f"/9{ACCOUNT}_"),
    flow_log_path("2026-11-01", "A", hour="7"),
    hive_flow_log("2026-11-01").replace("vpcflowlogs/", "vpcdnsquerylogs/"),
    f"AWSLogs/{ACCOUNT}/elasticloadbalancing/us-east-1/2026/11/01/{ACCOUNT}_elasticloadbalancing_us-east-1_x.log.gz",
    "written_files.txt",
    ".fetch-0123456789abcdef0123456789abcdef.unfinished",
)


@pytest.mark.slow
def test_the_same_files_are_logs_of_the_same_days_as_the_project_finds(tmp_path: Path) -> None:
    project = DuckdbProject(tmp_path)
    paths = [path("2026-11-01") for path in (*LAYOUTS.values(), *SNAPSHOTS.values())] + list(STRANGE_PATHS)
    unfinished = [log_copying.unfinished_file(Path(path)).as_posix() for path in paths]
    for path in [*paths, *unfinished]:
        file = project.logs / path
        if file.parent.is_file():  # a folder's name that is also a file's: one of both can be there
            file.parent.unlink()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    project.start_as_it_is("source", "freshness").communicate(timeout=600)
    rows = project.query("select file_path, log_source, delivery_date from main_raw.log_files")
    ledger = {Path(path).relative_to(project.logs.resolve()).as_posix(): (kind, day) for path, kind, day in rows}
    layouts = LogLayouts.of_project()
    found = {path: layouts.log_file(path) for path in files(project.logs)}
    assert {path: (log.source, log.delivery_date) for path, log in found.items() if log} == ledger
    assert {kind for kind, _ in ledger.values()} == {
        "vpc_flow_logs", "s3_access_logs", "cloudtrail", "inventory", "billing",
    }  # fmt: skip
    assert not ledger.keys() & set(unfinished)
    assert set(unfinished) <= files(project.logs)


def test_what_is_no_log_is_counted_and_said(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], calls: Calls
) -> None:
    elb = f"AWSLogs/{ACCOUNT}/elasticloadbalancing/us-east-1"
    digest = trail_file("2026-11-01", "A").replace("/CloudTrail/", "/CloudTrail-Digest/")
    put(s3, trail_file("2026-11-01", "A"), digest, "a.txt", "b/\x1b[31mred", f"{elb}/2026/11/02/x.log.gz")
    put(s3, f"{elb}/2026/10/02/x.log.gz", f"{elb}/2025/10/02/x.log.gz")
    put(s3, "cloudtrail/", content=b"")  # what the console makes to show an empty folder
    assert run(tmp_path, *ONE_DAY) == 0
    assert files(tmp_path) == {f"{BUCKET}/{trail_file('2026-11-01', 'A')}"}
    told = capsys.readouterr().out
    assert f"Left alone: 3 keys of no known layout, for example s3://{BUCKET}/a.txt\n" in told
    assert f"Not looked into: 2 folders of other days and no known layout, for example s3://{BUCKET}/{elb}/2025" in told
    assert "Not looked into: digests, Insights, network activity or aggregated events of CloudTrail" in told
    asked = {parameters["Prefix"] for name, parameters in calls.requests if name == "ListObjectsV2"}
    assert not [prefix for prefix in asked if "Digest" in prefix or "2025" in prefix or "2026/10" in prefix]


# --- How much is listed


def days_from(first: str, count: int) -> list[str]:
    return [f"{date.fromisoformat(first) + timedelta(days=number)}" for number in range(count)]


def test_only_the_folders_of_the_days_are_listed(s3: Any, tmp_path: Path, calls: Calls) -> None:
    days = days_from("2025-11-01", 400)
    put(s3, *(trail_file(day, "A") for day in days))
    calls.requests.clear()
    assert run(tmp_path, "--start", "2026-11-01", "--end", "2026-11-07", "--dry-run") == 0
    # The bucket, cloudtrail, AWSLogs, account, CloudTrail, region, year, month; seven days and two late ones.
    assert calls.count("ListObjectsV2") == 8 + 9
    assert calls.listed_key_count == 9


@pytest.mark.parametrize("text", ["", "of-bucket-"])
def test_of_a_flat_prefix_only_the_keys_of_the_days_are_listed(
    s3: Any, tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    page = 20
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", str(page))
    days = days_from("2025-11-01", 400)
    put(s3, *(f"flat/{text}{day}-06-00-00-0123456789ABCDEF" for day in days))
    # What sorts between the days of a year and those of the next, before and after them.
    between = [f"flat/{text}{name}" for name in ("2026.txt", "2026/x.txt", "30.txt", "~.txt", "!.txt")]
    put(s3, *between, "flat/zzz-2026-11-02-00-00-00-0123456789ABCDEF")
    assert run(tmp_path, "--start", "2026-11-01", "--end", "2026-11-07") == 0
    wanted = {f"{text}{day}-06" for day in days_from("2026-11-01", 9)}
    assert {re.sub(r"-00-00-0123456789ABCDEF$", "", Path(path).name) for path in files(tmp_path)} == {
        *wanted, "zzz-2026-11-02-00",
    }  # fmt: skip
    # One page in each year before the days, those of the days, and one behind them; the bucket, and the folder 2026.
    assert calls.listed_key_count <= 5 * page
    assert calls.count("ListObjectsV2") <= 7
    listed = {parameters["Prefix"] for name, parameters in calls.requests if name == "ListObjectsV2"}
    assert f"flat/{text}2026/" in listed


def test_keys_between_the_days_of_a_flat_prefix_are_seen(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    years = [f"{year}-0{month}-01-00-00-00-0123456789ABCDEF" for year in range(2022, 2031) for month in range(1, 8)]
    put(s3, *years, "2023.txt", "2024x", "2027_", "31")
    put(s3, f"202712122000/us-east-1/example-bucket/2026/11/01/{'2026-11-01-00-00-00-0123456789ABCDEF'}")
    assert run(tmp_path, *ONE_DAY) == 0
    assert [path.split("/")[1] for path in files(tmp_path)] == ["202712122000"]
    assert "Left alone: 4 keys of no known layout" in capsys.readouterr().out


# --- Again


def test_an_exact_repeat_asks_for_no_object(s3: Any, tmp_path: Path, calls: Calls) -> None:
    keys = [path("2026-11-01") for path in LAYOUTS.values()]
    put(s3, *keys)
    assert run(tmp_path, *ONE_DAY) == 0
    assert calls.count("GetObject") == len(keys)
    stamps = {path: log_file_stamp(str(tmp_path / path)) for path in files(tmp_path)}
    calls.requests.clear()
    assert run(tmp_path, *ONE_DAY) == 0
    assert {name for name, _ in calls.requests} == {"ListObjectsV2"}
    assert {path: log_file_stamp(str(tmp_path / path)) for path in files(tmp_path)} == stamps


def test_a_file_is_as_old_as_its_object(s3: Any, tmp_path: Path) -> None:
    key = trail_file("2026-11-01", "A")
    put(s3, key)
    assert run(tmp_path, *ONE_DAY) == 0
    modified_at = s3.head_object(Bucket=BUCKET, Key=key)["LastModified"]
    assert (tmp_path / BUCKET / key).stat().st_mtime_ns == int(modified_at.timestamp()) * 10**9


def test_an_object_that_changed_is_found_also_when_its_size_did_not(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    changed, same = trail_file("2026-11-01", "A"), trail_file("2026-11-01", "B")
    put(s3, changed, same)
    assert run(tmp_path, *ONE_DAY) == 0
    stamp = log_file_stamp(str(tmp_path / BUCKET / changed))
    put(s3, changed, content=changed[::-1].encode())
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=2)
    (stored,) = [entry for entry in moto_objects() if entry.name == changed]
    stored.last_modified = later
    calls.requests.clear()
    assert run(tmp_path, *ONE_DAY) == 0
    assert [parameters["Key"] for name, parameters in calls.requests if name == "GetObject"] == [changed]
    assert (tmp_path / BUCKET / changed).read_bytes() == changed[::-1].encode()
    assert log_file_stamp(str(tmp_path / BUCKET / changed)) != stamp


def moto_objects() -> list[Any]:
    """The objects of the bucket as moto keeps them."""
    from moto.s3.models import s3_backends

    return list(s3_backends["123456789012"]["aws"].buckets[BUCKET].keys.values())


def test_a_local_file_that_was_cut_short_is_replaced(s3: Any, tmp_path: Path) -> None:
    key = trail_file("2026-11-01", "A")
    put(s3, key)
    assert run(tmp_path, *ONE_DAY) == 0
    file = tmp_path / BUCKET / key
    status = file.stat()
    file.write_bytes(b"cut")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert run(tmp_path, *ONE_DAY) == 0
    assert file.read_bytes() == key.encode()


def test_files_that_aws_s3_sync_has_copied_are_not_copied_beside(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], calls: Calls
) -> None:
    key = trail_file("2026-11-01", "A")
    put(s3, f"logs/{key}")
    twin = tmp_path / key
    twin.parent.mkdir(parents=True)
    twin.write_bytes(f"logs/{key}".encode())
    assert run(tmp_path, *ONE_DAY, source=f"s3://{BUCKET}/logs") == 1
    assert files(tmp_path) == {key}
    assert calls.count("GetObject") == 0
    told = capsys.readouterr().err
    assert f"{twin}: expected this file below {tmp_path / BUCKET}, found it where `aws s3 sync` puts it" in told
    assert f"Move what was copied so from {tmp_path} to {tmp_path / BUCKET / 'logs'}" in told


# --- What a person sees


def test_the_plan_stands_before_the_first_byte_and_the_next_command_behind_the_last(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my logs"
    put(s3, *(trail_file("2026-11-01", f"A{number}") for number in range(4)), content=b"x" * 1000)
    assert run(folder, *ONE_DAY) == 0
    put(s3, flow_log_path("2026-11-02", "A"), content=b"x" * 2_500_000)
    capsys.readouterr()
    assert run(folder, *ONE_DAY) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:6] == [
        "Delivery days 2026-11-01 to 2026-11-03, and all snapshots",
        "  cloudtrail: 4 files, 4.0 KB",
        "  vpc_flow_logs: 1 file, 2.5 MB",
        "5 files, 2.5 MB, of which 4 are there already",
        "To copy: 1 file, 2.5 MB",
        lines[5],
    ]
    assert lines[5].startswith("Costs at most USD 0.01 by list prices: ")
    assert lines[-2:] == [
        f"Copied 1 file to {folder}",
        f"Next: make build LOGS='{folder}' START=2026-11-01 END=2026-11-01",
    ]


def test_what_it_costs_is_what_the_price_list_says(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = trail_file("2026-11-01", "A")
    put(s3, key)
    monkeypatch.setattr(fetch_logs.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**50, 0, 2**50))
    (stored,) = moto_objects()
    monkeypatch.setattr(type(stored), "size", 2**40)
    assert run(tmp_path, *ONE_DAY, "--dry-run") == 0
    # https://aws.amazon.com/s3/pricing/, us-east-1: USD 0.09 a GB of 2^30 bytes, in the first tier.
    assert "Costs at most USD 92.17 by list prices: 9 LIST and 1 GET requests" in capsys.readouterr().out
    assert calls.count("ListObjectsV2") == 9


def test_a_log_file_gets_lines_a_terminal_a_bar_and_quiet_nothing(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, *(trail_file("2026-11-01", f"A{number}") for number in range(20)), content=b"x" * 1000)
    assert run(tmp_path / "lines", *ONE_DAY, "--parallel", "1") == 0
    lines = capsys.readouterr().err.splitlines()
    assert [re.match(r"fetch_logs: (\d+)%: ", line)[1] for line in lines] == [f"{10 * step}" for step in range(1, 11)]
    assert re.fullmatch(r"fetch_logs: 50%: 10.0 KB of 20.0 KB, \d+ of 20 files, \d:\d\d:\d\d left", lines[4])

    assert run(tmp_path / "quiet", *ONE_DAY, "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert len(files(tmp_path / "quiet")) == 20

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert run(tmp_path / "terminal", *ONE_DAY) == 0
    shown = terminal.getvalue().split("\r")
    assert any(text.startswith("Listing: ") for text in shown)
    assert re.match(r"Copying: 100%\|.*20\.0k/20\.0k .*B/s, 20 of 20 files\]", shown[-1])


def test_a_dry_run_says_what_it_would_copy_and_copies_nothing(
    s3: Any, tmp_path: Path, calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    put(s3, trail_file("2026-11-01", "A"))
    assert run(tmp_path / "logs", *ONE_DAY, "--dry-run") == 0
    assert calls.count("GetObject") == 0
    assert list(tmp_path.iterdir()) == []
    told = capsys.readouterr().out
    assert "To copy: 1 file" in told
    assert told.endswith("Nothing was copied (--dry-run).\n")


# --- Hostile names


def test_names_that_can_not_be_paths_are_refused_and_the_others_arrive(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = [path("2026-11-01") for path in LAYOUTS.values()]
    name = Path(trail_file("2026-11-01", "A")).name
    days = f"{ACCOUNT}/CloudTrail/us-east-1/2026/11/01"
    bad = [
        f"../../../{days}/{name}",
        f"..//{days}/{name}",
        f"/etc/{days}/{name}",
        f"a/./{days}/{name}",
        f"a//{days}/{name}",
        f"a\0b/{days}/{name}",
        f"a\nb/{days}/{name}",
        f"a\x1b[2J\x9b31mb/{days}/{name}",
        f"{days}/{name}/",
        "flat/2026-11-02-10-11-12-0123456789ABCDEF",
        "flat/2026-11-02-10-11-12-0123456789ABCDEF/2026-11-03-10-11-12-0123456789ABCDEF",
    ]
    put(s3, *good, *bad)
    folder = tmp_path / "deep" / "down" / "logs"
    assert run(folder, *ONE_DAY) == 1
    assert files(tmp_path) == {f"deep/down/logs/{BUCKET}/{key}" for key in good}
    told = capsys.readouterr().err
    assert f"fetch_logs: Not copied: {len(bad)} files. Not listed: 0 folders.\n" in told
    for key in bad:
        escaped = key.replace("\0", "\\x00").replace("\n", "\\n").replace("\x1b", "\\x1b").replace("\x9b", "\\x9b")
        assert f"fetch_logs:   s3://{BUCKET}/{escaped}\n" in told
    assert told.replace("\n", "").isprintable()
    for reason in ("ends with a slash", "is empty, '.' or '..'", "a control character", "also that of a folder"):
        assert told.count(reason) == 1


def test_a_name_that_is_too_long_for_a_file_system_stops_nothing(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(s3, f"{'a' * 300}-2026-11-01-10-11-12-0123456789ABCDEF", trail_file("2026-11-01", "A"))
    assert run(tmp_path, *ONE_DAY) == 1
    assert files(tmp_path) == {f"{BUCKET}/{trail_file('2026-11-01', 'A')}"}
    assert "fetch_logs: File name too long. " in capsys.readouterr().err


# --- Errors


def fail_on(monkeypatch: pytest.MonkeyPatch, errors: Mapping[str, str]) -> None:
    """Make S3 refuse to send the objects of these keys, each with its code."""
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        code = errors.get(parameters.get("Key", "")) if operation == "GetObject" else None
        if code:
            raise ClientError({"Error": {"Code": code, "Message": f"{code} for {parameters['Key']}"}}, operation)
        return make_call(client, operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDenied", "kms:Decrypt"),
        ("KMS.DisabledException", "Enable the KMS key"),
        ("InvalidObjectState", "Restore a copy"),
        ("ExpiredToken", "get new ones"),
        ("SlowDown", "run again later"),
        ("SomethingNew", "Correct it, and run again"),
    ],
)
def test_objects_that_are_refused_are_named_together_and_the_others_arrive(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, code: str, advice: str
) -> None:
    good = trail_file("2026-11-02", "GOOD")
    bad = [trail_file("2026-11-01", f"BAD{number:02}") for number in range(12)]
    put(s3, good, *bad)
    fail_on(monkeypatch, dict.fromkeys(bad, code))
    assert run(tmp_path, *ONE_DAY) == 1
    assert files(tmp_path) == {f"{BUCKET}/{good}"}
    told = [line for line in capsys.readouterr().err.splitlines() if "%: " not in line]
    assert code in told[0]
    assert advice in told[0]
    assert told[1:11] == [f"fetch_logs:   s3://{BUCKET}/{key}" for key in bad[:10]]
    assert told[11:] == ["fetch_logs:   and 2 more", "fetch_logs: Not copied: 12 files. Not listed: 0 folders."]


def test_an_object_that_is_deleted_meanwhile_is_named_and_not_expected_again(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, good = trail_file("2026-11-01", "A"), trail_file("2026-11-01", "B")
    put(s3, gone, good)
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "GetObject" and parameters["Key"] == gone:
            make_call(client, "DeleteObject", parameters)
        return make_call(client, operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    assert run(tmp_path, *ONE_DAY) == 1
    assert files(tmp_path) == {f"{BUCKET}/{good}"}
    told = capsys.readouterr().err
    assert "NoSuchKey" in told
    assert f"fetch_logs:   s3://{BUCKET}/{gone}\n" in told
    assert run(tmp_path, *ONE_DAY) == 0


def test_archived_objects_are_said_before_anything_is_copied(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    archived = {unique: trail_file("2026-11-01", unique) for unique in ("GLACIER", "DEEP", "RESTORED", "IR")}
    classes = {"GLACIER": "GLACIER", "DEEP": "DEEP_ARCHIVE", "RESTORED": "GLACIER", "IR": "GLACIER_IR"}
    for unique, key in archived.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x", StorageClass=classes[unique])
    s3.restore_object(Bucket=BUCKET, Key=archived["RESTORED"], RestoreRequest={"Days": 1})
    assert all(
        parameters["OptionalObjectAttributes"] == ["RestoreStatus"]
        for name, parameters in calls.requests
        if name == "ListObjectsV2"
    )
    make_call = botocore.client.BaseClient._make_api_call
    said_before_copying = []

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        """Tell the status of a restored copy, which moto leaves out of a listing."""
        if operation == "GetObject":
            said_before_copying.append(capsys.readouterr().err)
        answer = make_call(client, operation, parameters)
        if operation == "ListObjectsV2" and parameters["OptionalObjectAttributes"] == ["RestoreStatus"]:
            for entry in answer.get("Contents", []):
                if entry["Key"] == archived["RESTORED"]:
                    entry["RestoreStatus"] = {"IsRestoreInProgress": False, "RestoreExpiryDate": NOW}
                elif entry["Key"] == archived["DEEP"]:
                    entry["RestoreStatus"] = {"IsRestoreInProgress": True}
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    assert run(tmp_path, *ONE_DAY, "--parallel", "1") == 1
    assert files(tmp_path) == {f"{BUCKET}/{archived[unique]}" for unique in ("RESTORED", "IR")}
    told = said_before_copying[0]
    assert "found an archived one. Restore a copy" in told
    named = re.findall(r"fetch_logs:   s3://example-logs/(\S+)", told)
    assert named == sorted([archived["GLACIER"], archived["DEEP"]])


def test_a_source_that_can_not_be_listed_does_not_stop_the_others(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(s3, trail_file("2026-11-01", "A"))
    assert run(f"s3://{BUCKET}/none", "s3://no-such-bucket", tmp_path, *ONE_DAY) == 1
    assert files(tmp_path) == {f"{BUCKET}/{trail_file('2026-11-01', 'A')}"}
    told = capsys.readouterr().err
    assert "NoSuchBucket" in told
    assert "fetch_logs:   s3://no-such-bucket/\n" in told
    assert "expected logs, found no key. Correct the bucket or the prefix; a prefix is the name of a folder.\n" in told
    assert f"fetch_logs:   s3://{BUCKET}/none/\n" in told
    assert "Not copied: 0 files. Not listed: 2 folders." in told


def test_a_folder_that_is_refused_half_way_keeps_what_was_listed(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    put(s3, *(f"flat/2026-11-01-0{hour}-00-00-0123456789ABCDEF" for hour in range(5)))
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if "ContinuationToken" in parameters:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "Please reduce your request rate."}}, operation)
        return make_call(client, operation, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    assert run(tmp_path, *ONE_DAY) == 1
    assert len(files(tmp_path)) == 2
    told = capsys.readouterr().err
    assert "SlowDown" in told
    assert f"fetch_logs:   s3://{BUCKET}/flat/\n" in told


def test_room_that_is_missing_is_said_before_anything_is_copied(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    put(s3, trail_file("2026-11-01", "A"), content=b"x" * 3_000_000)
    monkeypatch.setattr(fetch_logs.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 5000, 5000))
    assert run(tmp_path, *ONE_DAY) == 1
    assert calls.count("GetObject") == 0
    assert "expected room for 3.0 MB, found 5.0 KB. Make room" in capsys.readouterr().err


def test_what_stands_in_the_way_of_a_file_is_left_alone(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key, good = trail_file("2026-11-01", "A"), trail_file("2026-11-01", "B")
    put(s3, key, good)
    (tmp_path / BUCKET / key / "mine").mkdir(parents=True)
    assert run(tmp_path, *ONE_DAY) == 1
    assert files(tmp_path) == {f"{BUCKET}/{good}"}
    assert (tmp_path / BUCKET / key / "mine").is_dir()
    assert "Is a directory. Let this user write there, or move what is in the way" in capsys.readouterr().err


def test_one_run_at_a_time_copies_to_a_folder(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], calls: Calls
) -> None:
    put(s3, trail_file("2026-11-01", "A"))
    other = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert run(tmp_path, *ONE_DAY) == 1
    finally:
        os.close(other)
    assert calls.count("GetObject") == 0
    assert "found another fetch_logs at work" in capsys.readouterr().err
    assert run(tmp_path, *ONE_DAY) == 0


def test_after_an_interrupt_only_whole_files_are_there_and_the_next_run_goes_on(
    s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [trail_file("2026-11-01", f"A{number:02}") for number in range(40)]
    put(s3, *keys)
    is_ending = threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, *words: Any, **options: Any) -> None:
            is_ending.set()
            super().shutdown(*words, **options)

    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the test runner does with it
    try:
        with monkeypatch.context() as patched:
            make_call = botocore.client.BaseClient._make_api_call

            def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
                if parameters.get("Key") == keys[10]:
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                if parameters.get("Key") in keys[10:]:  # else all may have arrived before the main thread notices
                    assert is_ending.wait(60)
                return make_call(client, operation, parameters)

            patched.setattr(botocore.client.BaseClient, "_make_api_call", call)
            patched.setattr(log_copying, "ThreadPoolExecutor", Pool)
            assert run(tmp_path, *ONE_DAY, "--parallel", "2") == 130
    finally:
        signal.signal(signal.SIGINT, handler)
    arrived = files(tmp_path)
    assert f"{BUCKET}/{keys[0]}" in arrived
    assert f"{BUCKET}/{keys[-1]}" not in arrived
    assert all((tmp_path / path).read_bytes() == path.removeprefix(f"{BUCKET}/").encode() for path in arrived)
    assert "Interrupted. What was copied stays; run again to go on." in capsys.readouterr().err
    assert run(tmp_path, *ONE_DAY) == 0
    assert files(tmp_path) == {f"{BUCKET}/{key}" for key in keys}


# --- Whose credentials, and who pays


def test_the_requester_pays_when_told(s3: Any, tmp_path: Path, calls: Calls) -> None:
    put(s3, trail_file("2026-11-01", "A"))
    calls.requests.clear()
    assert run(tmp_path, *ONE_DAY, "--request-payer") == 0
    payers = {(name, parameters.get("RequestPayer")) for name, parameters in calls.requests if name != "HeadBucket"}
    assert payers == {("ListObjectsV2", "requester"), ("GetObject", "requester")}


def test_a_role_is_assumed(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(s3, trail_file("2026-11-01", "A"))
    make_call = botocore.client.BaseClient._make_api_call
    used, given = set(), []

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        answer = make_call(client, operation, parameters)
        if operation == "AssumeRole":
            given.append((parameters["RoleArn"], answer["Credentials"]["AccessKeyId"]))
        else:
            used.add(client._request_signer._credentials.access_key)
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    role = "arn:aws:iam::444455556666:role/logs"
    assert run(tmp_path, *ONE_DAY, "--role-arn", role) == 0
    assert given == [(role, *used)]


def test_a_profile_that_is_not_there_is_named(s3: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, *ONE_DAY, "--profile", "nobody") == 1
    assert "The config profile (nobody) could not be found. " in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        [f"s3://{BUCKET}"],
        [f"s3://{BUCKET}", "logs"],
        [f"s3://{BUCKET}", "logs", "--start", "2026-11-01"],
        [f"s3://{BUCKET}", "logs", "--start", "2026-11-02", "--end", "2026-11-01"],
        [f"s3://{BUCKET}", "logs", "--start", "2026-11-31", "--end", "2026-12-01"],
        [f"s3://{BUCKET}", "logs", "--start", "20261101", "--end", "2026-12-01"],
        ["logs", "logs", *ONE_DAY],
        [f"s3://{BUCKET}", f"s3://{BUCKET}", *ONE_DAY],
        [f"s3://{BUCKET}", __file__, *ONE_DAY],
        [f"s3://{BUCKET}", "logs", *ONE_DAY, "--late-days", "-1"],
        [f"s3://{BUCKET}", "logs", *ONE_DAY, "--parallel", "0"],
        [f"s3://{BUCKET}", "logs", *ONE_DAY, "--role-arn", "role"],
        [f"s3://{BUCKET}", "logs", *ONE_DAY, "--profile", "a", "--role-arn", "arn:aws:iam::444455556666:role/logs"],
    ],
)
def test_wrong_arguments_end_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        fetch_logs.main(words)
    assert end.value.code == 2


# --- Bytes that break off


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with s3_server() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        client_of(server).create_bucket(Bucket=BUCKET)
        yield server


KEY, OTHER_KEY = trail_file("2026-11-01", "A"), trail_file("2026-11-01", "B")
CONTENT = bytes(range(256)) * 16384  # 4 MiB


def half(content: bytes) -> list[bytes]:
    return [content[: len(content) // 2]]


def flipped(content: bytes) -> list[bytes]:
    return [content[:-1] + bytes([content[-1] ^ 1])]


def test_bytes_that_break_off_or_are_wrong_are_asked_for_again(server: S3Server, tmp_path: Path) -> None:
    put(client_of(server), KEY, content=CONTENT)
    server.spoil(KEY, half, flipped, half)
    assert run(tmp_path, *ONE_DAY) == 0
    assert server.get_counts[KEY] == 4
    assert files(tmp_path) == {f"{BUCKET}/{KEY}"}
    assert (tmp_path / BUCKET / KEY).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("spoiler", "unsaid"),
    [(half, ("etag", "x-amz-checksum")), (flipped, ("etag",)), (flipped, ("x-amz-checksum",))],
    ids=["length", "checksum", "entity tag"],
)
def test_bytes_that_never_come_right_make_no_file(
    server: S3Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoiler: Callable[[bytes], list[bytes]],
    unsaid: tuple[str, ...],
) -> None:
    server.unsaid = unsaid  # each is found by what is said of the object, also where that is one thing alone
    put(client_of(server), KEY, OTHER_KEY, content=CONTENT)
    server.spoil(KEY, *[spoiler] * log_copying.BODY_ATTEMPTS)
    assert run(tmp_path, *ONE_DAY) == 1
    assert server.get_counts[KEY] == log_copying.BODY_ATTEMPTS
    assert files(tmp_path) == {f"{BUCKET}/{OTHER_KEY}"}
    assert "Run again; if it stays so, the object is damaged" in capsys.readouterr().err
    assert run(tmp_path, *ONE_DAY) == 0
    assert (tmp_path / BUCKET / KEY).read_bytes() == CONTENT


def start(server: S3Server, folder: Path, *words: str, **options: Any) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    script = REPOSITORY / "scripts" / "fetch_logs.py"
    command = [sys.executable, script, f"s3://{BUCKET}", folder, *ONE_DAY, *words]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env={**os.environ, "AWS_ENDPOINT_URL": server.url}, **pipes, **options)


def test_a_killed_run_leaves_no_half_file_and_the_next_one_completes_it(server: S3Server, tmp_path: Path) -> None:
    put(client_of(server), KEY, content=b"first")
    put(client_of(server), OTHER_KEY, content=CONTENT)
    server.spoil(OTHER_KEY, server.held)
    process = start(server, tmp_path, "--parallel", "1")
    with process:
        said = next(line for line in process.stderr if "%: " in line)  # half of it arrived and was written
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert "of 4.2 MB" in said
    server.is_released.set()
    (unfinished,) = [path for path in files(tmp_path) if path != f"{BUCKET}/{KEY}"]
    assert log_copying.UNFINISHED_NAME.fullmatch(Path(unfinished).name)
    assert 0 < (tmp_path / unfinished).stat().st_size < len(CONTENT)
    assert LogLayouts.of_project().log_file(unfinished) is None
    mine = tmp_path / BUCKET / ".mine.unfinished"
    mine.write_bytes(b"")
    of_another_day = log_copying.unfinished_file(tmp_path / BUCKET / "2026-01-01-00-00-00-0123456789ABCDEF")
    of_another_day.write_bytes(b"half")

    assert run(tmp_path, *ONE_DAY) == 0
    assert files(tmp_path) == {f"{BUCKET}/{KEY}", f"{BUCKET}/{OTHER_KEY}", f"{BUCKET}/.mine.unfinished"}
    assert (tmp_path / BUCKET / OTHER_KEY).read_bytes() == CONTENT
    assert server.get_counts == {KEY: 1, OTHER_KEY: 2}


def test_a_disk_that_takes_no_more_leaves_no_half_file_and_takes_the_others(server: S3Server, tmp_path: Path) -> None:
    put(client_of(server), KEY, content=CONTENT)
    put(client_of(server), OTHER_KEY, content=b"small")

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(CONTENT) - 1, len(CONTENT) - 1))

    with start(server, tmp_path, preexec_fn=limit_files) as process:
        _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert files(tmp_path) == {f"{BUCKET}/{OTHER_KEY}"}
    assert "fetch_logs: File too large. Make room, or choose fewer days or another folder, and run again.\n" in told
    assert f"fetch_logs:   s3://{BUCKET}/{KEY}\n" in told


# --- The project reads it


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="opened files are watched with Linux's inotify")
def test_a_run_opens_what_was_fetched_and_makes_the_same_marts_of_it(
    s3: Any, tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = DuckdbProject(tmp_path / "whole")
    script = REPOSITORY / "scripts" / "generate_sample_logs.py"
    subprocess.run([sys.executable, script, whole.logs], check=True, stdout=subprocess.DEVNULL)
    upload_logs.upload(s3, whole.logs, BUCKET, "logs/", dry_run=False)
    fetched = DuckdbProject(tmp_path / "fetched")
    day = "2026-11-03"
    assert run(fetched.logs, "--start", day, "--end", day, source=f"s3://{BUCKET}/logs") == 0

    variables = {"start_date": day, "end_date": day, **SAMPLE_FORMAT}
    with OpenedFiles(whole.logs) as opened:
        whole.dbt(*MODELS_ONLY, variables=variables).check()
    wanted = {f"{BUCKET}/logs/{path.relative_to(whole.logs).as_posix()}" for path in opened.paths}
    assert len(wanted) > 100
    assert files(fetched.logs) == wanted

    fetched.dbt(*MODELS_ONLY, variables=variables).check()
    marts = [model for model in (*MODELS, *PARTIAL_MODELS, "dim_network_interfaces") if model[:4] in ("fct_", "dim_")]
    assert all(whole.rows(model) for model in marts)
    for model in marts:
        assert fetched.rows(model) == whole.rows(model), model
