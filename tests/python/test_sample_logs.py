"""The sample logs: repeatable, safe to write, and described by their truth file to the byte.

The reader below is written apart from the generator: it sees nothing but the files.
"""

import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from generate_sample_logs import main
from sample_logs.output_folder import LIST_NAME, FolderRefusedError, OutputFolder
from sample_logs.random_stream import RandomStream
from sample_logs.settings import SampleFile

SCRIPT = Path(__file__).parents[2] / "scripts" / "generate_sample_logs.py"
DAYS = [date(2026, 11, number) for number in range(1, 8)]

FILE_NAME = r"(?P<at>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)-[0-9A-F]{16}"
PARTITIONED = re.compile(
    r"s3-access-logs/(?P<account>\d{12})/(?P<region>[a-z0-9-]+)/(?P<bucket>[^/]+)/(?P<day>\d{4}/\d\d/\d\d)/" + FILE_NAME
)
# Folders of the other log kinds, whose files have tests of their own.
OTHER_KINDS = ("vpc-flow-logs", "cloudtrail/", "inventory/")
FLAT = re.compile(r"s3-access-logs-flat/" + FILE_NAME)
LINE = re.compile(
    r"(?P<owner>\S+) (?P<bucket>\S+) \[(?P<at>[^]]+)\] (?P<remote>\S+) (?P<requester>\S+) (?P<request_id>\S+) "
    r'(?P<operation>\S+) (?P<key>\S+) (?P<uri>-|".*?") (?P<status>\d+|-) (?P<error>\S+) (?P<sent>\d+|-) '
    r'(?P<size>\d+|-) (?P<total>\d+|-) (?P<turn>\d+|-) (?P<referrer>-|".*?") (?P<agent>-|".*") (?P<version>\S+)'
    r"(?P<tail>( \S+)*)"
)
DOWNLOADS = ("REST.GET.OBJECT", "REST.GET.PART", "WEBSITE.GET.OBJECT")
UPLOADS = ("REST.PUT.OBJECT", "REST.PUT.PART", "REST.POST.OBJECT")
COPY_READS = ("REST.COPY.OBJECT_GET", "REST.COPY.PART_GET")
COPY_WRITES = ("REST.COPY.OBJECT", "REST.COPY.PART")


@dataclass(frozen=True)
class File:
    """A log file as found on disk."""

    delivered_at: datetime
    path: str
    account_and_region: tuple[str, str]
    folder_bucket: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A line that was read, and where it stood."""

    file: File
    at: datetime
    fields: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields[name]

    @property
    def event_date(self) -> str:
        return self.at.date().isoformat()

    @property
    def identity(self) -> tuple[str, ...]:
        return (self["request_id"], self["operation"], self["key"], self["version"])

    @property
    def status_class(self) -> str:
        return "none" if self["status"] == "-" else f"{self['status'][0]}xx"

    def number(self, name: str) -> int:
        return 0 if self[name] == "-" else int(self[name])

    @property
    def downloaded(self) -> int:
        return self.number("sent") if self["operation"] in DOWNLOADS and self["status"] in ("200", "206") else 0

    @property
    def uploaded(self) -> int:
        return self.number("size") if self["operation"] in UPLOADS and self.status_class == "2xx" else 0

    @property
    def copied(self) -> int:
        read = self["operation"] in COPY_READS and self.status_class in ("2xx", "none")
        write = self["operation"] in COPY_WRITES and self.status_class == "2xx"
        return self.number("size") if read or write else 0

    @property
    def transfer_class(self) -> str:
        account, region = self.file.account_and_region
        is_own = self["requester"] == self["owner"] or account in self["requester"].split(":")
        source_region = self["tail"].split()[8:9] or ["-"]
        if self.status_class == "5xx" or (self["error"] == "AccessDenied" and not is_own):
            return "not_billed"
        if self["remote"] == "-" or self["remote"].startswith("10."):
            return "aws_internal" if self["remote"] == "-" else "private_network"
        if source_region == ["-"] or region == "unknown":
            return "internet_egress" if source_region == ["-"] else "unknown"
        return "s3_same_region" if source_region == [region] else "inter_region_egress"


class Logs:
    """Everything below an output folder, read back."""

    def __init__(self, root: Path) -> None:
        self.truth = json.loads((root / "truth.json").read_text(encoding="utf-8"))["s3_access_logs"]
        self.files = sorted(self._files(root), key=lambda file: (file.delivered_at.date(), file.path))
        self.unreadable: list[tuple[File, str]] = []
        self.rows: list[Row] = []
        self.duplicates: list[Row] = []
        self._read()

    def _files(self, root: Path) -> Iterator[File]:
        self.other_paths = []
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            name = path.relative_to(root).as_posix()
            found = PARTITIONED.fullmatch(name) or FLAT.fullmatch(name)
            if not found:
                self.other_paths.append(name)
                continue
            parts = found.groupdict()
            lines = path.read_bytes().decode().split("\n")
            assert lines.pop() == "", f"{name} ends without a line end"
            yield File(
                datetime.strptime(parts["at"], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC),
                name,
                (parts.get("account", "unknown"), parts.get("region", "unknown")),
                parts.get("bucket", "example-legacy-reports"),
                tuple(lines),
            )

    def _read(self) -> None:
        seen = set()
        for file in self.files:
            for line in file.lines:
                found = LINE.fullmatch(line)
                if not found:
                    self.unreadable.append((file, line))
                    continue
                at = datetime.strptime(found["at"], "%d/%b/%Y:%H:%M:%S %z")
                row = Row(file, at, found.groupdict())
                (self.duplicates if row.identity in seen else self.rows).append(row)
                seen.add(row.identity)

    def of(self, *operations: str) -> list[Row]:
        """Return the rows of these operations."""
        return [row for row in self.rows if row["operation"] in operations]


@pytest.fixture(scope="module")
def week_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("week") / "logs"
    assert main([str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def week(week_folder: Path) -> Logs:
    return Logs(week_folder)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below the folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def gap_hour_count(moments: list[datetime]) -> int:
    """Return how many hours without any of the moments lie between hours with one."""
    hours = sorted({moment.hour for moment in moments})
    return sum(later - earlier - 1 for earlier, later in pairwise(hours))


# --- The same arguments give the same bytes -------------------------------------------------------------------------


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    for name, hash_seed, locale in (("one", "1", "C"), ("two", "2", "C.UTF-8")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "LC_ALL": locale}
        words = [sys.executable, str(SCRIPT), str(tmp_path / name), "--days", "2"]
        subprocess.run(words, env=environment, check=True, capture_output=True)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_random_stream_gives_the_values_seen_on_python_3_11_to_3_13() -> None:
    stream = RandomStream(20261101, "pin")
    assert [stream.integer(1, 1_000_000) for _ in range(3)] == [797170, 969617, 172879]
    assert stream.text("0123456789ABCDEF", 8) == "8E81AA20"


def test_another_seed_changes_every_log_file_with_lines(tmp_path: Path) -> None:
    assert main([str(tmp_path / "one"), "--days", "1"]) == 0
    assert main([str(tmp_path / "two"), "--days", "1", "--seed", "7"]) == 0
    one, two = ({file.lines for file in Logs(tmp_path / name).files} for name in ("one", "two"))
    assert len(one) > 50
    assert one & two == set()


def test_one_more_day_leaves_the_files_delivered_so_far_as_they_are(tmp_path: Path) -> None:
    assert main([str(tmp_path / "two_days"), "--days", "2"]) == 0
    assert main([str(tmp_path / "three_days"), "--days", "3"]) == 0
    kept = {file.path for file in Logs(tmp_path / "two_days").files if file.delivered_at.date() <= DAYS[1]}
    assert len(kept) > 100
    two_days, three_days = tree(tmp_path / "two_days"), tree(tmp_path / "three_days")
    assert {path: two_days[path] for path in kept} == {path: three_days[path] for path in kept}


def test_scale_multiplies_the_requests(tmp_path: Path) -> None:
    assert main([str(tmp_path / "one"), "--days", "1"]) == 0
    assert main([str(tmp_path / "three"), "--days", "1", "--scale", "3"]) == 0
    one, three = Logs(tmp_path / "one"), Logs(tmp_path / "three")
    assert 2.8 < len(three.rows) / len(one.rows) < 3.0
    on_the_event_day = [file for file in one.files if file.delivered_at.date() == DAYS[0]]
    assert len(on_the_event_day) == 60
    assert {file.path for file in on_the_event_day} < {file.path for file in three.files}


def test_start_date_moves_the_event_days(tmp_path: Path) -> None:
    assert main([str(tmp_path / "logs"), "--days", "1", "--start-date", "2025-02-28"]) == 0
    logs = Logs(tmp_path / "logs")
    assert {row.event_date for row in logs.rows} == {"2025-02-28"}
    assert {file.delivered_at.date().isoformat() for file in logs.files} == {"2025-02-28", "2025-03-01", "2025-03-02"}


# --- The output folder ----------------------------------------------------------------------------------------------


def test_earlier_output_is_replaced_without_a_trace(tmp_path: Path) -> None:
    assert main([str(tmp_path / "used"), "--days", "3", "--seed", "7"]) == 0
    assert main([str(tmp_path / "used"), "--days", "1"]) == 0
    assert main([str(tmp_path / "fresh"), "--days", "1"]) == 0
    assert tree(tmp_path / "used") == tree(tmp_path / "fresh")
    assert not (tmp_path / "used/s3-access-logs/111122223333/us-east-1/example-website/2026/11/05").exists()


def test_output_of_a_stopped_run_is_replaced(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path / "logs")
    folder.replace()
    folder.write(SampleFile("s3-access-logs/half", b"written"))
    with (tmp_path / "logs" / LIST_NAME).open("a") as written_files:
        written_files.write("s3-access-logs/listed-but-never-written\n")
    assert main([str(tmp_path / "logs"), "--days", "1"]) == 0
    assert not (tmp_path / "logs/s3-access-logs/half").exists()


def test_a_folder_with_other_files_is_refused_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    assert main([str(tmp_path), "--days", "1"]) == 1
    assert tree(tmp_path) == {"thesis.txt": b"ten years of work"}
    message = capsys.readouterr().err
    assert str(tmp_path) in message
    assert "Name a new or empty folder" in message


def test_earlier_output_with_a_stranger_in_it_is_refused_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "logs"), "--days", "1"]) == 0
    stranger = tmp_path / "logs/s3-access-logs/111122223333/my-own-log"
    stranger.write_text("mine")
    before = tree(tmp_path)
    assert main([str(tmp_path / "logs"), "--days", "1", "--seed", "7"]) == 1
    assert tree(tmp_path) == before
    assert "s3-access-logs/111122223333/my-own-log" in capsys.readouterr().err


@pytest.mark.parametrize("listed", ["../outside", "/etc/outside", "a/../../outside"])
def test_a_list_that_names_a_path_outside_is_refused(tmp_path: Path, listed: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("keep")
    folder = OutputFolder(tmp_path / "logs")
    folder.replace()
    with (tmp_path / "logs" / LIST_NAME).open("a") as written_files:
        written_files.write(f"{listed}\n")
    with pytest.raises(FolderRefusedError, match="not a path below the folder"):
        folder.replace()
    assert outside.read_text() == "keep"


def test_a_file_in_the_folder_s_place_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("keep")
    assert main([str(tmp_path / "file")]) == 1
    assert "is a file; expected a folder" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("keep")
    assert main([str(tmp_path / "file" / "logs"), "--days", "1"]) == 1
    assert f"{tmp_path / 'file' / 'logs'}: Not a directory" in capsys.readouterr().err


def test_dry_run_counts_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "logs"), "--days", "1", "--dry-run"]) == 0
    counted = capsys.readouterr().out
    assert not (tmp_path / "logs").exists()
    assert main([str(tmp_path / "logs"), "--days", "1"]) == 0
    assert capsys.readouterr().out == counted.replace("Would write", "Wrote")
    before = tree(tmp_path)
    assert main([str(tmp_path / "logs"), "--days", "2", "--dry-run"]) == 0
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--start-date", "2026-11-31"], "expected a date as YYYY-MM-DD, found '2026-11-31'"),
        (["--days", "0"], "expected a whole number of 1 or more, found '0'"),
        (["--scale", "-1"], "expected a whole number of 1 or more, found '-1'"),
    ],
)
def test_wrong_arguments_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path / "logs"), *words])
    assert stopped.value.code == 2
    assert complaint in capsys.readouterr().err


# --- The dbt vars ---------------------------------------------------------------------------------------------------


def paths_below(folder: Path, *parts: str) -> list[re.Match[str]]:
    """Return the paths of files below the folder that begin with these parts, patterns all."""
    pattern = re.compile("/".join(parts) + "/")
    paths = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    found = [match for path in paths if (match := pattern.match(path))]
    assert found, parts
    return found


def values_of(matches: list[re.Match[str]], name: str) -> list[str]:
    """Return the different values of a named group, in order."""
    return sorted({match[name] for match in matches})


@pytest.fixture(scope="module")
def variables(week_folder: Path) -> dict[str, object]:
    return yaml.safe_load((week_folder / "variables.yml").read_text(encoding="utf-8"))


def test_each_var_of_the_logs_is_one_that_the_project_declares(variables: dict[str, object]) -> None:
    declared = yaml.safe_load((SCRIPT.parents[1] / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert variables
    assert variables.keys() - declared.keys() == set()


ACCOUNT, REGION, DAY = r"(?P<account>\d{12})", r"(?P<region>[a-z]+-[a-z]+-\d)", r"\d{4}/\d\d/\d\d"


def test_vars_of_s3_access_logs_are_those_of_the_folders(week_folder: Path, variables: dict[str, object]) -> None:
    path = variables["s3_access_logs_partitioned_path"]
    found = paths_below(week_folder, str(path), ACCOUNT, REGION, r"(?P<bucket>[^/]+)", DAY)
    assert variables["s3_access_logs_account_ids"] == values_of(found, "account")
    assert variables["s3_access_logs_regions"] == values_of(found, "region")
    assert sorted(variables["s3_access_logs_buckets"]) == values_of(found, "bucket")
    flat = week_folder / str(variables["s3_access_logs_flat_path"])
    assert [path.name for path in flat.iterdir() if re.fullmatch(FILE_NAME, path.name)]


def test_vars_of_flow_logs_are_those_of_the_folders_and_headers(
    week_folder: Path, variables: dict[str, object]
) -> None:
    default, custom, parquet = (
        str(variables[f"vpc_flow_logs_{kind}_path"]) for kind in ("default", "custom", "parquet")
    )
    layouts = {"daily": DAY + r"/[^/]+[.]log[.]gz", "hourly": DAY + r"/\d\d/[^/]+[.]log[.]gz"}
    hive = (f"aws-account-id={ACCOUNT}", "aws-service=vpcflowlogs", f"aws-region={REGION}", r"year=\d{4}")
    found = paths_below(week_folder, parquet, *hive)
    for path, layout in ((default, "daily"), (custom, variables["vpc_flow_logs_custom_layout"])):
        files = list((week_folder / path).rglob("*.log.gz"))
        assert files
        for file in files:
            relative = file.relative_to(week_folder / path).as_posix()
            match = re.fullmatch(f"{ACCOUNT}/vpcflowlogs/{REGION}/{layouts[str(layout)]}", relative)
            assert match, relative
            found.append(match)
    assert variables["vpc_flow_logs_account_ids"] == values_of(found, "account")
    assert variables["vpc_flow_logs_regions"] == values_of(found, "region")
    headers = {
        gzip.decompress(file.read_bytes()).decode().split("\n")[0] for file in (week_folder / custom).rglob("*.gz")
    }
    assert {variables["vpc_flow_logs_custom_fields"]} == headers


def test_vars_of_cloudtrail_are_those_of_the_folders(week_folder: Path, variables: dict[str, object]) -> None:
    found = paths_below(week_folder, str(variables["cloudtrail_path"]), ACCOUNT, "CloudTrail", REGION, DAY)
    assert variables["cloudtrail_account_ids"] == values_of(found, "account")
    assert variables["cloudtrail_regions"] == values_of(found, "region")


def test_the_first_log_date_is_the_first_day_of_any_file(week_folder: Path, variables: dict[str, object]) -> None:
    days = re.findall(r"\b2026[-/]\d\d[-/]\d\d\b", "\n".join(tree(week_folder)))
    assert len(days) > 500
    assert variables["first_log_date"] == min(day.replace("/", "-") for day in days)


# --- The layout -----------------------------------------------------------------------------------------------------


def test_files_lie_where_s3_delivers_them(week: Logs) -> None:
    places = {(*file.account_and_region, file.folder_bucket) for file in week.files}
    assert places == {
        ("111122223333", "us-east-1", "example-media-assets"),
        ("111122223333", "us-east-1", "example-website"),
        ("111122223333", "eu-west-1", "example-data-lake"),
        ("444455556666", "us-east-1", "example-analytics"),
        ("444455556666", "eu-west-1", "example-backups"),
        ("unknown", "unknown", "example-legacy-reports"),
    }
    for file in week.files:
        folder = PARTITIONED.fullmatch(file.path)
        assert folder is None or folder["day"] == f"{file.delivered_at:%Y/%m/%d}"


def test_the_other_files_are_named_in_the_truth(week: Logs) -> None:
    assert len(week.truth["ignored_files"]) == 3
    other_paths = [path for path in week.other_paths if not path.startswith(OTHER_KINDS)]
    assert sorted(other_paths) == sorted([*week.truth["ignored_files"], "truth.json", "variables.yml", LIST_NAME])


def test_lines_lie_in_their_bucket_s_folder_and_never_before_they_happened(week: Logs) -> None:
    for row in week.rows + week.duplicates:
        assert row["bucket"] == row.file.folder_bucket
        assert row.at <= row.file.delivered_at
        assert row.file.delivered_at.date() - row.at.date() <= timedelta(days=2)
    assert {row.at.date() for row in week.rows} == set(DAYS)


# --- The truth ------------------------------------------------------------------------------------------------------


def test_totals_match_the_lines_on_disk(week: Logs) -> None:
    totals = week.truth["totals"]
    assert totals["line_count"] == sum(len(file.lines) for file in week.files)
    assert totals["line_count"] == totals["request_count"] + totals["duplicate_count"] + totals["unreadable_count"]
    assert totals["request_count"] == len(week.rows)
    assert totals["duplicate_count"] == len(week.duplicates)
    assert totals["unreadable_count"] == len(week.unreadable)
    assert totals["late_count"] == sum(row.file.delivered_at.date() > row.at.date() for row in week.rows)
    assert totals["file_count"] == len(week.files)
    assert totals["empty_file_count"] == sum(not file.lines for file in week.files) == 2
    assert sum(week.truth["scenarios"].values()) == totals["line_count"]


def test_counts_by_delivery_day_match_the_files(week: Logs) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for file in week.files:
        found[file.delivered_at.date().isoformat()].update(
            file_count=1, empty_file_count=int(not file.lines), line_count=len(file.lines)
        )
    for file, _ in week.unreadable:
        found[file.delivered_at.date().isoformat()]["unreadable_count"] += 1
    assert {day: +Counter(counts) for day, counts in week.truth["delivery_days"].items()} == {
        day: +counts for day, counts in found.items()
    }


def test_each_event_day_adds_up(week: Logs) -> None:
    assert sorted(week.truth["event_days"]) == [day.isoformat() for day in DAYS]
    for counts in week.truth["event_days"].values():
        assert counts["line_count"] == sum(
            counts[name] for name in ("request_count", "duplicate_count", "unreadable_count")
        )


def test_usage_rows_match_the_lines(week: Logs) -> None:
    found: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in week.rows:
        requester = "anonymous" if row["requester"] == "-" else row["requester"]
        found[row.event_date, row["bucket"], row["operation"], requester, row.transfer_class, row.status_class].update(
            request_count=1,
            bytes_sent=row.number("sent"),
            downloaded_byte_count=row.downloaded,
            uploaded_byte_count=row.uploaded,
            copied_byte_count=row.copied,
            error_byte_count=row.number("sent") if row.number("status") >= 400 else 0,
            error_count=int(row.number("status") >= 400),
        )
    key = ("event_date", "bucket_name", "operation", "requester", "transfer_class", "http_status_class")
    measures = (
        "request_count",
        "bytes_sent",
        "downloaded_byte_count",
        "uploaded_byte_count",
        "copied_byte_count",
        "error_byte_count",
        "error_count",
    )
    told = {
        tuple(row[name] for name in key): {name: row[name] for name in measures} for row in week.truth["s3_usage_daily"]
    }
    assert len(told) == len(week.truth["s3_usage_daily"])
    assert told == {group: {name: counts[name] for name in measures} for group, counts in found.items()}


def test_client_rows_match_the_lines(week: Logs) -> None:
    categories = {row["operation"]: row["operation_category"] for row in week.truth["s3_usage_daily"]}
    found: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    keys: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in week.rows:
        address = "none" if row["remote"] == "-" else row["remote"]
        group = (row.event_date, row["bucket"], address, categories[row["operation"]], row.transfer_class)
        found[group].update(request_count=1, downloaded_byte_count=row.downloaded, copied_byte_count=row.copied)
        keys[group] |= {row["key"]} - {"-"}
    key = ("event_date", "bucket_name", "remote_address", "operation_category", "transfer_class")
    measures = ("request_count", "downloaded_byte_count", "copied_byte_count")
    told = {
        tuple(row[name] for name in key): (
            *(row[name] for name in measures),
            row["object_count"],
        )
        for row in week.truth["s3_clients_daily"]
    }
    assert len(told) == len(week.truth["s3_clients_daily"])
    assert told == {group: (*(counts[name] for name in measures), len(keys[group])) for group, counts in found.items()}


def test_each_operation_has_the_category_it_is_known_for(week: Logs) -> None:
    categories: dict[str, set[str]] = defaultdict(set)
    for row in week.truth["s3_usage_daily"]:
        categories[row["operation_category"]].add(row["operation"])
    assert categories == {
        "download": {"REST.GET.OBJECT", "REST.GET.PART"},
        "website": {"WEBSITE.GET.OBJECT", "WEBSITE.HEAD.OBJECT"},
        "upload": {"REST.POST.UPLOADS", "REST.POST.UPLOAD", *UPLOADS},
        "copy_read": set(COPY_READS),
        "copy_write": set(COPY_WRITES),
        "delete": {
            "REST.DELETE.OBJECT",
            "REST.DELETE.UPLOAD",
            "REST.POST.MULTI_OBJECT_DELETE",
            "BATCH.DELETE.OBJECT",
        },
        "head": {"REST.HEAD.OBJECT", "REST.HEAD.BUCKET"},
        "list": {"REST.GET.BUCKET", "REST.GET.BUCKETVERSIONS"},
        "config": {
            "REST.GET.VERSIONING",
            "REST.GET.LOCATION",
            "REST.GET.BUCKETPOLICY",
            "REST.GET.OBJECT_TAGGING",
            "REST.PUT.ACL",
        },
        "other": {"REST.OPTIONS.PREFLIGHT"},
        "lifecycle": {
            "S3.EXPIRE.OBJECT",
            "S3.CREATE.DELETEMARKER",
            "S3.TRANSITION_SIA.OBJECT",
            "S3.DELETE.UPLOAD",
        },
    }


def test_coverage_rows_match_the_lines(week: Logs) -> None:
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    files: dict[tuple[str, ...], set[str]] = defaultdict(set)
    moments: dict[tuple[str, ...], list[datetime]] = defaultdict(list)
    for row in week.rows:
        group = (row.event_date, *row.file.account_and_region)
        counts[group].update(record_count=1, late_count=int(row.file.delivered_at.date() > row.at.date()))
        files[group].add(row.file.path)
        moments[group].append(row.at)
    for row in week.duplicates:
        group = (row.event_date, *row.file.account_and_region)
        counts[group]["duplicate_count"] += 1
    for file, _ in week.unreadable:
        group = (file.delivered_at.date().isoformat(), *file.account_and_region)
        counts[group]["unreadable_count"] += 1
        files[group].add(file.path)
    told = {(row["event_date"], row["account_id"], row["region"]): row for row in week.truth["log_coverage_daily"]}
    assert told == {
        group: {
            **dict(zip(("event_date", "account_id", "region"), group, strict=True)),
            "file_count": len(files[group]),
            **{
                name: counts[group][name]
                for name in ("record_count", "unreadable_count", "duplicate_count", "late_count")
            },
            "gap_hour_count": gap_hour_count(moments[group]),
            "first_event_at": f"{min(moments[group]):%Y-%m-%dT%H:%M:%S}",
            "last_event_at": f"{max(moments[group]):%Y-%m-%dT%H:%M:%S}",
        }
        for group in counts
    }


@pytest.mark.parametrize("measure", ["request_count", "downloaded_byte_count", "copied_byte_count"])
def test_usage_and_clients_hold_the_same_sums_by_day(week: Logs, measure: str) -> None:
    sums: dict[str, Counter[str]] = {}
    for table in ("s3_usage_daily", "s3_clients_daily"):
        sums[table] = Counter()
        for row in week.truth[table]:
            sums[table][row["event_date"]] += row[measure]
    assert sums["s3_usage_daily"] == sums["s3_clients_daily"]
    if measure == "request_count":
        assert sums["s3_usage_daily"] == {
            day: counts["request_count"] for day, counts in week.truth["event_days"].items()
        }


def test_truth_file_is_sorted_and_indented(week_folder: Path) -> None:
    text = (week_folder / "truth.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


# --- The story ------------------------------------------------------------------------------------------------------


def test_one_public_address_downloads_far_more_than_any_other(week: Logs) -> None:
    sums: Counter[str] = Counter()
    for row in week.of("REST.GET.OBJECT"):
        if row["bucket"] == "example-media-assets":
            sums[row["remote"]] += row.downloaded
    (first, first_bytes), (_, second_bytes) = sums.most_common(2)
    assert first == "192.175.48.77"
    assert first_bytes > 10 * second_bytes
    ranges = [row for row in week.rows if row["remote"] == first]
    assert {row["status"] for row in ranges} == {"206"}
    assert all(row.number("size") > 20 * row.number("sent") for row in ranges)


def test_one_downloader_grows_tenfold_on_the_sixth_day(week: Logs) -> None:
    requests = Counter(row.event_date for row in week.rows if row["remote"] == "192.52.193.140")
    assert requests["2026-11-05"] == 40
    assert requests["2026-11-06"] == 400
    assert requests["2026-11-07"] == 40


def test_the_fourth_day_is_quiet(week: Logs) -> None:
    requests = {day: counts["request_count"] for day, counts in week.truth["event_days"].items()}
    assert 0 < requests["2026-11-04"] * 5 < min(count for day, count in requests.items() if day != "2026-11-04")


def test_copies_have_both_halves(week: Logs) -> None:
    for read, write in zip(COPY_READS, COPY_WRITES, strict=True):
        reads = {row["request_id"]: row for row in week.of(read)}
        writes = {row["request_id"]: row for row in week.of(write)}
        assert reads.keys() == writes.keys()
        assert all(row["uri"] == row["agent"] == "-" for row in reads.values())
        assert {row.status_class for row in reads.values()} >= {"none", "2xx"}
        assert sum(row.copied for row in reads.values()) == sum(row.copied for row in writes.values()) > 0
    refused = [row for row in week.of(*COPY_READS, *COPY_WRITES) if row["status"] == "403"]
    assert len(refused) > 20
    assert {row.copied for row in refused} == {0}


def test_a_multipart_upload_s_parts_make_up_its_whole_object(week: Logs) -> None:
    parts: Counter[str] = Counter()
    for row in week.of("REST.PUT.PART"):
        parts[row["key"]] += row.number("size")
    completed = {row["key"]: row.number("size") for row in week.of("REST.POST.UPLOAD") if row["key"] in parts}
    assert len(completed) > 40
    assert completed == {key: parts[key] for key in completed}


def test_deleted_keys_share_the_request_id_of_their_call(week: Logs) -> None:
    calls = {row["request_id"] for row in week.of("REST.POST.MULTI_OBJECT_DELETE")}
    deleted: dict[str, list[Row]] = defaultdict(list)
    for row in week.of("BATCH.DELETE.OBJECT"):
        deleted[row["request_id"]].append(row)
    assert deleted.keys() == calls
    for rows in deleted.values():
        assert len({row["key"] for row in rows}) == len(rows) - 1
        assert len({row["version"] for row in rows}) == len(rows)


def test_lifecycle_rows_come_from_s3_itself(week: Logs) -> None:
    rows = week.of("S3.EXPIRE.OBJECT", "S3.TRANSITION_SIA.OBJECT", "S3.CREATE.DELETEMARKER")
    assert len(rows) > 200
    assert {(row["remote"], row["requester"], row["status"]) for row in rows} == {("-", "AmazonS3", "-")}
    assert {row["uri"] for row in rows} == {'"-"'}


@pytest.mark.parametrize(
    ("status", "operation"),
    [
        ("403", "REST.GET.OBJECT"),
        ("404", "REST.GET.OBJECT"),
        ("503", "REST.GET.OBJECT"),
        ("404", "WEBSITE.GET.OBJECT"),
    ],
)
def test_failed_requests_send_a_body_that_is_no_download(week: Logs, status: str, operation: str) -> None:
    rows = [row for row in week.of(operation) if row["status"] == status]
    assert len(rows) > 20
    assert all(row.number("sent") > 0 and row.downloaded == 0 for row in rows)


@pytest.mark.parametrize(
    ("field", "pattern", "at_least"),
    [
        ("status", r"304", 300),
        ("requester", r"-", 1_000),
        ("requester", r"[0-9a-f]{64}", 100),
        ("requester", r"arn:aws:iam::\d{12}:user/.*", 1_000),
        ("requester", r"arn:aws:sts::\d{12}:assumed-role/.*", 1_000),
        ("remote", r"10\..*", 500),
        ("remote", r".*:.*", 300),
        ("key", r".*\+.*", 7),
        ("key", r".*%25.*", 14),
        ("key", r".*%E6%97%A5.*", 7),
        ("key", r"';drop.*", 7),
        ("key", r"\{\{7\*7\}\}\.txt", 7),
        ("uri", r'".*".*"', 7),
        ("uri", r".*\\.*", 7),
        ("uri", r".*  .*", 7),
        ("referrer", r'".*" ?.*"', 7),
        ("agent", r'".+".+"', 7),
        ("agent", r'""', 7),
        ("agent", r'.*\\"', 7),
        ("agent", r".*\S  \S.*", 7),
        ("agent", r".*'; drop table.*", 7),
        ("agent", r".*\{\{ 7\*7 \}\}.*", 7),
        ("agent", r".*<script>alert\(1\)</script>.*", 7),
        ("tail", r".* QueryString .*", 300),
    ],
)
def test_the_story_has_lines_whose_field_matches(week: Logs, field: str, pattern: str, at_least: int) -> None:
    assert sum(1 for row in week.rows if re.fullmatch(pattern, row[field])) >= at_least


def test_lines_have_eighteen_to_thirty_fields(week: Logs) -> None:
    found = Counter(str(18 + len(row["tail"].split())) for row in week.rows)
    assert found == week.truth["field_counts"]
    assert set(found) == {"18", "24", "25", "26", "27", "30"}


def test_some_numbers_do_not_fit_32_bits(week: Logs) -> None:
    assert sum(row.number("sent") >= 2**31 for row in week.rows) == 21
    assert sum(row.number("sent") >= 2**32 for row in week.rows) == 14
    assert sum(row.number("size") >= 2**31 for row in week.rows) > 1_000


def test_unreadable_lines_are_torn_or_never_were_records(week: Logs) -> None:
    torn = [line for _, line in week.unreadable if "torn.txt" in line]
    assert len(torn) == 4
    assert all(re.search(r'"Mozilla/5\.0 [^"]*$', line) for line in torn)
    assert len(week.unreadable) == 12


def test_duplicates_come_on_the_same_day_and_on_later_days(week: Logs) -> None:
    first = {row.identity: row for row in week.rows}
    gaps = Counter(
        (row.file.delivered_at.date() - first[row.identity].file.delivered_at.date()).days for row in week.duplicates
    )
    assert gaps[0] > 50
    assert gaps[1] > 50
    assert all(row.file.path != first[row.identity].file.path for row in week.duplicates)
    assert any(row["operation"] == "BATCH.DELETE.OBJECT" for row in week.duplicates)


def test_late_records_come_one_and_two_days_late_in_both_layouts(week: Logs) -> None:
    late: dict[bool, set[int]] = defaultdict(set)
    for row in week.rows:
        late[row.file.account_and_region[0] == "unknown"].add((row.file.delivered_at.date() - row.at.date()).days)
    assert late == {True: {0, 1, 2}, False: {0, 1, 2}}


def test_a_file_after_midnight_holds_two_event_days(week: Logs) -> None:
    days: dict[str, set[str]] = defaultdict(set)
    for row in week.rows:
        days[row.file.path].add(row.event_date)
    assert sum(1 for found in days.values() if len(found) > 1) > 10
    assert {f"{row.at:%H:%M:%S}" for row in week.rows} >= {"00:00:00", "23:59:59"}
