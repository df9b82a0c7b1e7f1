"""Wrong settings, folders, files and lines on DuckDB: the project says so and loses nothing."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from cloudtrail_records import event, trail_file, write_trail
from duckdb_project import (
    BUILD,
    COVERAGE,
    MODELS,
    MODELS_ONLY,
    PARTIAL_MODELS,
    DuckdbProject,
    log_file,
    log_line,
)
from flow_log_lines import DEFAULT_HEADER, flow_line, flow_log_path, write_flow_log
from hostile_lines import count_lines, damaged_lines, hostile_requests
from log_file_inspection import COMMON_LINE_BYTES, LONGEST_LINE_BYTES

DAY = "2026-11-01"


@pytest.fixture
def project(tmp_path: Path) -> DuckdbProject:
    return DuckdbProject(tmp_path)


def staged(project: DuckdbProject) -> list[tuple[str | None, bool]]:
    return project.query("select request_id, is_readable from stg_s3_access_logs__requests order by 1, 2")


def coverage(project: DuckdbProject) -> dict[str, int]:
    (row,) = project.query(
        "select sum(file_count), sum(record_count), sum(unreadable_count), sum(unreadable_file_count), "
        "sum(empty_file_count) from fct_log_coverage_daily"
    )
    names = ("files", "records", "unreadable", "unreadable_files", "empty_files")
    return {name: int(value or 0) for name, value in zip(names, row, strict=True)}


def test_a_root_that_does_not_exist_is_named(project: DuckdbProject) -> None:
    run = project.dbt(*COVERAGE)
    assert run.exit_code != 0
    assert f"the folder of log files does not exist: LOGS is '{project.logs}'" in run.output
    assert "make demo" in run.output


def test_an_empty_root_gives_empty_marts_and_says_so(project: DuckdbProject) -> None:
    project.logs.mkdir(parents=True)
    run = project.dbt(*BUILD).check()
    assert f"WARNING: no log files were found below {project.logs}" in run.output
    assert all(rows == [] for rows in project.everything().values())


MARTS_BY_KIND = {
    "s3_access_logs": {"fct_s3_usage_daily", "fct_s3_clients_daily", "fct_data_transfer_cost_daily"},
    "vpc_flow_logs": {
        "fct_network_traffic_daily",
        "fct_internet_egress_daily",
        "fct_internet_egress_peers_daily",
        "fct_data_transfer_cost_daily",
    },
    "cloudtrail": {"fct_api_activity_daily", "fct_api_clients_daily", "fct_s3_log_comparison_daily"},
}


@pytest.mark.parametrize("kind", MARTS_BY_KIND)
def test_any_two_of_the_three_kinds_of_log_may_be_absent(project: DuckdbProject, kind: str) -> None:
    if kind == "s3_access_logs":
        project.write_log(log_file(DAY, "A"), log_line("A", DAY))
    elif kind == "vpc_flow_logs":
        write_flow_log(project, flow_log_path(DAY, "A"), DEFAULT_HEADER, flow_line("A"))
    else:
        write_trail(project.logs, trail_file(DAY, "A"), event("A"))
    project.dbt(*BUILD).check()
    marts = {model for model in (*MODELS, *PARTIAL_MODELS) if model.startswith("fct_") and project.rows(model)}
    assert marts == MARTS_BY_KIND[kind] | {"fct_log_coverage_daily"}
    assert [row["log_source"] for row in project.rows("fct_log_coverage_daily")] == [kind]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"start_date": "2026-11-07", "end_date": "2026-11-01"},
            "start_date 2026-11-07 lies after end_date 2026-11-01",
        ),
        ({"start_date": "2026-11-31", "end_date": "2026-12-01"}, "var start_date must be a calendar day"),
        ({"start_date": "yesterday", "end_date": "2026-12-01"}, "found 'yesterday'"),
        (
            {"start_date": "2026-11-01'; drop table x; --", "end_date": "2026-12-01"},
            "var start_date must be a calendar day",
        ),
        ({"start_date": "2026-11-01"}, "give both vars start_date and end_date, or neither"),
        ({"lookback_days": 2, "late_days": 2}, "lookback_days must be larger"),
    ],
)
def test_dates_that_make_no_window_are_refused(
    project: DuckdbProject, variables: dict[str, object], message: str
) -> None:
    project.write_log(log_file(DAY, "A"), log_line("A", DAY))
    if "lookback_days" in variables:
        project.dbt(*COVERAGE).check()
    run = project.dbt(*COVERAGE, variables=variables)
    assert run.exit_code != 0
    assert message in run.output


def test_bad_files_are_named_and_counted_and_stop_no_good_one(project: DuckdbProject) -> None:
    whole = gzip.compress((log_line("GZIP", DAY) + "\n").encode())
    project.write_log(log_file(DAY, "1"), log_line("GOOD", DAY))
    (project.logs / (log_file(DAY, "2") + ".gz")).write_bytes(whole)
    torn = project.logs / (log_file(DAY, "3") + ".gz")
    torn.write_bytes(whole[:-9])
    corrupt = project.logs / (log_file(DAY, "4") + ".gz")
    corrupt.write_bytes(whole[:20] + b"\x00\x01\x02" + whole[23:])
    disguised = project.logs / log_file(DAY, "5")
    disguised.write_bytes(whole)
    empty = project.write_log(log_file(DAY, "6"))
    run = project.dbt(*COVERAGE).check()
    assert staged(project) == [("GOOD", True), ("GZIP", True)]
    assert coverage(project) == {"files": 2, "records": 2, "unreadable": 0, "unreadable_files": 3, "empty_files": 1}
    assert f"left out: {torn} is not a whole gzip file" in run.output
    assert f"left out: {corrupt} is not a whole gzip file" in run.output
    assert f"left out: {disguised} is gzip-compressed but its name does not end in .gz" in run.output
    assert f"left out: {empty} holds no record" in run.output
    assert project.query("select is_complete from fct_log_coverage_daily") == [(False,)]


def test_the_longest_lines_are_read_and_longer_ones_named(project: DuckdbProject) -> None:
    """A line may begin at any place of a reader's buffer; bytes that are no text become longer when replaced."""
    common, longest = COMMON_LINE_BYTES, LONGEST_LINE_BYTES
    written: dict[str, int] = {}

    def write(day: str, name: str, *lengths: int, filling: bytes = b"x") -> Path:
        lines = []
        for number, length in enumerate(lengths):
            line = log_line(f"{name}{number}", day, user_agent="!").encode()
            written[f"{name}{number}"] = length - len(line) + 1
            lines.append(line.replace(b'"!"', b'"' + filling * (length - len(line) + 1) + b'"'))
        return project.write_log(log_file(day, name), *lines)

    write("2026-11-01", "A", common, 600, common)
    write("2026-11-01", "B", *(common, common // 2, common - 1000) * 10)
    for name, lengths in {"C": (common // 2, common, common - 1000, common), "D": (common,) * 3}.items():
        file = write("2026-11-01", name, *lengths)
        file.with_suffix(".gz").write_bytes(gzip.compress(file.read_bytes(), 1))
        file.unlink()
    write("2026-11-02", "E", common + 1, 600, common // 2)
    write("2026-11-03", "F", common, 600, common // 2, filling=b"\xff")
    write("2026-11-04", "G", 600, longest, 600)
    too_long = write("2026-11-04", "H", longest + 1, 600)
    del written["H0"], written["H1"]

    for day in range(1, 5):
        window = {"start_date": f"2026-11-0{day}", "end_date": f"2026-11-0{day}", "late_days": 0}
        run = project.dbt("run", "--select", "stg_s3_access_logs__requests", variables=window).check()

    assert f"{too_long} has a line of {longest + 1} bytes; the longest that can be read is {longest}" in run.output
    query = "select request_id, length(user_agent) from stg_s3_access_logs__requests where is_readable order by 1"
    assert project.query(query) == sorted(written.items())


def test_a_mended_file_is_read_by_the_next_run(project: DuckdbProject) -> None:
    project.write_log(log_file(DAY, "1"), log_line("GOOD", DAY))
    file = project.logs / (log_file(DAY, "2") + ".gz")
    whole = gzip.compress((log_line("MENDED", DAY) + "\n").encode())
    file.write_bytes(whole[:-9])
    project.dbt(*COVERAGE).check()
    assert staged(project) == [("GOOD", True)]
    file.write_bytes(whole)
    project.dbt(*COVERAGE).check()
    assert staged(project) == [("GOOD", True), ("MENDED", True)]
    assert coverage(project)["unreadable_files"] == 0


def test_bad_lines_are_kept_and_counted_and_stop_no_good_one(project: DuckdbProject) -> None:
    unreadable = (
        log_line("CUT", DAY)[:120],
        "x" * 10_000_000,
        'owner bucket [01/Nov/2026:12:00:00 +0000] 203.0.113.7 - LONG REST.GET.OBJECT key "' + '" ' * 500_000,
        "\x00\x01\x02\x03\x04",
        "last",
    )
    project.write_log(
        log_file(DAY, "1"),
        log_line("GOOD", DAY),
        log_line("NOT_UTF8", DAY, user_agent="agent").encode().replace(b"agent", b"a\xff\xfeb"),
        log_line("FIELDS30", DAY) + " us-east-1 new1 new2 new3",
        log_line("LARGE", DAY, bytes_sent="5000000000000", object_size="5000000000000"),
        log_line(
            "QUOTED", DAY, user_agent="it's \"; drop table x; -- {{ 7 * 7 }} {% raw %} <script>alert(1)</script> \\"
        ),
        b"",
        *unreadable,
    )
    project.dbt(*BUILD).check()
    readable = [request_id for request_id, is_readable in staged(project) if is_readable]
    assert readable == ["FIELDS30", "GOOD", "LARGE", "NOT_UTF8", "QUOTED"]
    assert coverage(project) == {"files": 1, "records": 5, "unreadable": 5, "unreadable_files": 0, "empty_files": 0}
    texts = dict(
        project.query(
            "select request_id, coalesce(additional_fields, user_agent) "
            "from stg_s3_access_logs__requests where is_readable"
        )
    )
    assert texts["FIELDS30"] == "new1 new2 new3"
    assert texts["NOT_UTF8"] == "a\ufffd\ufffdb"
    assert texts["QUOTED"] == "it's \"; drop table x; -- {{ 7 * 7 }} {% raw %} <script>alert(1)</script> \\"
    assert project.query("select sum(downloaded_byte_count)::bigint from fct_s3_usage_daily") == [(5000000000028,)]
    kept = {
        row[0]
        for row in project.query("select unreadable_line from stg_s3_access_logs__requests where not is_readable")
    }
    assert kept == {text.replace("\x01", "\ufffd") for text in unreadable}


def test_hostile_and_damaged_lines_are_all_counted_and_cost_no_neighbour(project: DuckdbProject) -> None:
    hostile, damaged = hostile_requests(DAY, 300, seed=1), damaged_lines(DAY, 1000, seed=2)
    neighbours = [log_line(f"GOOD{number}", DAY, key=f"key{number}") for number in range(1000)]
    lines = [line for pair in zip(damaged, (text.encode() for text in neighbours), strict=True) for line in pair]
    file = project.write_log(log_file(DAY, "1"), *lines, *(line for line, _ in hostile.values()))
    project.dbt(*BUILD).check()

    columns = ", ".join(next(iter(hostile.values()))[1])
    found = {
        request_id: values
        for request_id, *values in project.query(
            f"select request_id, {columns} from stg_s3_access_logs__requests where is_readable"
        )
    }
    assert {name: found.get(name) for name in hostile} == {
        name: list(expected.values()) for name, (_, expected) in hostile.items()
    }
    query = "select object_key from stg_s3_access_logs__requests where request_id like 'GOOD%' and is_readable"
    assert sorted(key for (key,) in project.query(query)) == sorted(f"key{number}" for number in range(1000))
    ((requests, duplicates, unreadable),) = project.query(
        "select sum(record_count)::integer, sum(duplicate_count)::integer, sum(unreadable_count)::integer "
        "from fct_log_coverage_daily"
    )
    assert requests + duplicates + unreadable == count_lines(lines) + len(hostile)
    assert unreadable > 300
    assert requests - 1300 > 300

    # The same file once more: nothing but duplicates. What can't be read has no key, and is counted again.
    before = project.everything()
    again = project.logs / log_file("2026-11-02", "2")
    again.parent.mkdir(parents=True)
    again.write_bytes(file.read_bytes())
    project.dbt(*MODELS_ONLY, variables={"start_date": DAY, "end_date": "2026-11-02"}).check()
    after = project.everything()
    unread = {"stg_s3_access_logs__requests", "fct_log_coverage_daily"}
    assert {name: rows for name, rows in after.items() if name not in unread} == {
        name: rows for name, rows in before.items() if name not in unread
    }
    assert project.query(
        "select sum(record_count)::integer, sum(duplicate_count)::integer, sum(unreadable_count)::integer "
        "from fct_log_coverage_daily"
    ) == [(requests, 2 * duplicates + requests, 2 * unreadable)]
    staged_before, staged_after = (
        [{**row, "duplicate_count": None} for row in rows["stg_s3_access_logs__requests"] if row["is_readable"]]
        for rows in (before, after)
    )
    assert staged_after == staged_before


def test_folders_with_unusual_names_are_read(project: DuckdbProject, tmp_path: Path) -> None:
    unusual = tmp_path / "it's [a] {{ folder }} * ?"
    unusual.mkdir()
    project.logs.symlink_to(unusual)
    project.write_log(log_file(DAY, "1"), log_line("GOOD", DAY))
    project.write_log("flat 'x' [1]/2026-11-01-12-00-00-ABCDEF0123456789", log_line("FLAT", DAY))
    project.dbt(*COVERAGE).check()
    assert staged(project) == [("FLAT", True), ("GOOD", True)]


def test_files_that_are_no_logs_are_left_alone_and_named(project: DuckdbProject) -> None:
    project.write_log(log_file(DAY, "1"), log_line("GOOD", DAY))
    stranger = project.write_log("notes/README.txt", "not a log")
    project.write_log(f"{Path(log_file(DAY, '1')).parent}/.DS_Store", "not a log")
    run = project.dbt(*COVERAGE).check()
    assert "2 files are not known as log files and are left alone" in run.output
    assert str(stranger) in run.output or ".DS_Store" in run.output
    assert staged(project) == [("GOOD", True)]


def test_a_day_whose_files_were_moved_away_is_not_rebuilt_as_empty(project: DuckdbProject) -> None:
    file = project.write_log(log_file(DAY, "1"), log_line("GOOD", DAY))
    project.write_log(log_file(DAY, "2"), log_line("OTHER", DAY))
    project.dbt(*MODELS_ONLY).check()
    file.unlink()
    run = project.dbt(*MODELS_ONLY)
    assert run.exit_code != 0
    assert "1 log files of the delivery days" in run.output
    assert f"are gone, for example {file}" in run.output
    assert staged(project) == [("GOOD", True), ("OTHER", True)]
    project.dbt(*MODELS_ONLY, variables={"allow_missing_files": True}).check()
    assert staged(project) == [("OTHER", True)]


def test_a_warehouse_is_not_mixed_with_the_logs_of_another_folder(project: DuckdbProject, tmp_path: Path) -> None:
    project.write_log(log_file(DAY, "1"), log_line("FIRST", DAY))
    project.dbt(*COVERAGE).check()
    project.logs.rename(tmp_path / "elsewhere")
    project.write_log(log_file(DAY, "1"), log_line("SECOND", DAY))
    (tmp_path / "elsewhere").rename(tmp_path / "first")
    other = DuckdbProject(tmp_path / "other")
    other.write_log(log_file(DAY, "1"), log_line("THIRD", DAY))
    other.warehouse.parent.mkdir(parents=True)
    other.warehouse.write_bytes(project.warehouse.read_bytes())
    run = other.dbt(*COVERAGE)
    assert run.exit_code != 0
    assert "was built from another folder" in run.output
    assert "WAREHOUSE=" in run.output
    other.dbt(*COVERAGE, "--full-refresh").check()
    assert staged(other) == [("THIRD", True)]
