"""Flow log files and lines that are wrong, on DuckDB: named, counted, kept, and no hindrance to the others."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path

import duckdb
import pytest
from duckdb_project import BUILD, COVERAGE, MODELS_ONLY, REPOSITORY, DuckdbProject
from flow_log_lines import DEFAULT_HEADER, epoch, flow_line, flow_log_path, write_flow_log

DAY = "2026-11-01"
CUSTOM_HEADER = "interface-id bytes flow-direction start"


@pytest.fixture
def project(tmp_path: Path) -> DuckdbProject:
    return DuckdbProject(tmp_path)


def staged(project: DuckdbProject) -> dict[str, tuple[bool, int | None]]:
    """Readability and bytes of every staged row, by the end of its interface id."""
    rows = project.query("select interface_id, is_readable, byte_count from stg_vpc_flow_logs__records")
    found = {interface.removeprefix("eni-"): (is_readable, count) for interface, is_readable, count in rows}
    assert len(found) == len(rows)
    return found


def coverage(project: DuckdbProject) -> dict[str, int]:
    names = ("file_count", "record_count", "unreadable_count", "unreadable_file_count", "empty_file_count")
    ((*sums,),) = project.query(
        f"select {', '.join(f'sum({name})' for name in names)} from fct_log_coverage_daily "
        "where log_source = 'vpc_flow_logs'"
    )
    return {name: int(value or 0) for name, value in zip(names, sums, strict=True)}


def test_lines_of_another_form_are_kept_and_counted(project: DuckdbProject) -> None:
    second = epoch(f"{DAY}T12:00:00")
    unreadable = (
        flow_line("TOO_FEW").rsplit(" ", 1)[0],
        flow_line("TOO_MANY") + " more than",
        flow_line("WORD", bytes="many"),
        flow_line("FRACTION", bytes="1.5"),
        flow_line("NEGATIVE", bytes="-1"),
        flow_line("TOO_LARGE", bytes=10**15),
        flow_line("LARGER_THAN_BIGINT", bytes=10**30),
        flow_line("END_BEFORE_START", end=second - 1),
        flow_line("SWAPPED", srcaddr=6, protocol="10.0.0.1"),
        flow_line("PORT", dstport=65536),
        flow_line("MILLISECONDS", start=second * 1000, end=second * 1000 + 1),
        flow_line("TABS").replace(" ", "\t"),
    )
    write_flow_log(
        project,
        flow_log_path(DAY, "1"),
        DEFAULT_HEADER,
        flow_line("GOOD"),
        flow_line("LARGE", bytes=2**31 + 7, packets=2**33),
        flow_line("LARGEST", bytes=10**15 - 1),
        flow_line(
            "NODATA", **dict.fromkeys(("srcaddr", "dstaddr", "bytes", "packets", "action"), "-"), log_status="NODATA"
        ),
        "",
        *unreadable,
        "garbage",
        b"\xff\xfe not UTF-8 \x00",
    )
    project.dbt(*BUILD).check()
    rows = staged_texts(project)
    assert {name: text for name, (is_readable, text) in rows.items() if is_readable} == dict.fromkeys(
        ("GOOD", "LARGE", "LARGEST", "NODATA")
    )
    texts = [text for is_readable, text in rows.values() if not is_readable]
    assert sorted(texts) == sorted(
        [
            *(line.removesuffix(" than") for line in unreadable),
            "garbage",
            "\ufffd\ufffd not UTF-8 \x00",
        ]
    )
    assert coverage(project) == {
        "file_count": 1,
        "record_count": 4,
        "unreadable_count": len(unreadable) + 2,
        "unreadable_file_count": 0,
        "empty_file_count": 0,
    }
    assert project.query(
        "select sum(byte_count)::bigint, sum(record_count)::bigint from fct_network_traffic_daily"
    ) == [(100 + 2**31 + 7 + 10**15 - 1, 4)]


def staged_texts(project: DuckdbProject) -> dict[str, tuple[bool, str | None]]:
    """Readability and kept text of every staged row, by the end of its interface id, else by its text."""
    rows = project.query("select interface_id, is_readable, unreadable_line from stg_vpc_flow_logs__records")
    found = {
        (interface if interface and interface.startswith("eni-") else text).removeprefix("eni-"): (is_readable, text)
        for interface, is_readable, text in rows
    }
    assert len(found) == len(rows)
    return found


def test_files_that_can_not_be_read_are_named_and_stop_no_good_one(project: DuckdbProject) -> None:
    good = write_flow_log(project, flow_log_path(DAY, "1"), DEFAULT_HEADER, flow_line("GOOD"))
    torn = project.logs / flow_log_path(DAY, "2")
    torn.write_bytes(good.read_bytes()[:-9])
    disguised = project.logs / flow_log_path(DAY, "3", ending=".log")
    disguised.write_bytes(good.read_bytes())
    plain = project.logs / flow_log_path(DAY, "4", ending=".log")
    plain.write_text(f"{DEFAULT_HEADER}\n{flow_line('PLAIN')}\n")
    empty = write_flow_log(project, flow_log_path(DAY, "5"))
    header_only = write_flow_log(project, flow_log_path(DAY, "6"), DEFAULT_HEADER)
    parquet = project.logs / flow_log_path(DAY, "7", ending=".log.parquet")
    parquet.write_bytes(b"PAR1 this is no Parquet PAR1")
    run = project.dbt(*COVERAGE).check()
    assert staged(project) == {"GOOD": (True, 100), "PLAIN": (True, 100)}
    assert f"left out: {torn} is not a whole gzip file" in run.output
    assert f"left out: {disguised} is gzip-compressed but its name does not end in .gz" in run.output
    assert f"left out: {empty} holds no record" in run.output
    assert f"left out: {header_only} holds no record" in run.output
    assert f"left out: {parquet} is not a whole Parquet file" in run.output
    assert coverage(project) == {
        "file_count": 2,
        "record_count": 2,
        "unreadable_count": 0,
        "unreadable_file_count": 3,
        "empty_file_count": 2,
    }


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(DEFAULT_HEADER.replace("bytes start", "start bytes"), id="another order"),
        pytest.param(DEFAULT_HEADER + " colour", id="unknown field"),
        pytest.param(DEFAULT_HEADER.replace(" log-status", ""), id="a field less"),
    ],
)
def test_a_header_that_is_not_declared_is_named_with_the_line_to_declare(project: DuckdbProject, header: str) -> None:
    write_flow_log(project, flow_log_path(DAY, "1"), DEFAULT_HEADER, flow_line("GOOD"))
    file = write_flow_log(project, flow_log_path(DAY, "2", flow_log="fl-0f"), header, flow_line("OTHER"))
    run = project.dbt(*COVERAGE).check()
    assert staged(project) == {"GOOD": (True, 100)}
    assert (
        f"left out: {file} has a first line that no raw table of vpc_flow_logs declares as its header: {header}. "
        f"Declare it: --vars '{{vpc_flow_logs_custom_fields: \"{header}\"}}'"
    ) in run.output
    assert coverage(project)["unreadable_file_count"] == 1
    assert project.query("select is_complete from fct_log_coverage_daily") == [(False,)]


def test_a_declared_header_is_read_by_the_next_run(project: DuckdbProject) -> None:
    write_flow_log(project, flow_log_path(DAY, "1"), DEFAULT_HEADER, flow_line("GOOD"))
    write_flow_log(
        project,
        flow_log_path(DAY, "2", flow_log="fl-0f", hour="13"),
        CUSTOM_HEADER,
        f"eni-CUSTOM 7 egress {epoch(f'{DAY}T13:00:00')}",
        "eni-SHORT 7 egress",
    )
    project.dbt(*MODELS_ONLY).check()
    assert staged(project) == {"GOOD": (True, 100)}
    project.dbt(*BUILD, variables={"vpc_flow_logs_custom_fields": CUSTOM_HEADER}).check()
    assert staged(project) == {"GOOD": (True, 100), "CUSTOM": (True, 7), "SHORT": (False, None)}
    assert coverage(project)["unreadable_file_count"] == 0
    # A format without addresses, action or status: nothing is made up for it.
    assert project.query(
        "select account_id, region, record_outcome, traffic_direction, record_count, packet_count, byte_count "
        "from fct_network_traffic_daily where interface_id = 'eni-CUSTOM'"
    ) == [("111122223333", "us-east-1", "unknown", "unknown", 1, 0, 7)]
    # Taken back, the files are left out again, and the default ones stay.
    project.dbt(*MODELS_ONLY).check()
    assert staged(project) == {"GOOD": (True, 100)}


def test_a_second_format_needs_a_raw_table_of_its_own(project: DuckdbProject) -> None:
    write_flow_log(project, flow_log_path(DAY, "1", flow_log="fl-0e"), CUSTOM_HEADER, "eni-CUSTOM 7 egress 1793534400")
    file = write_flow_log(project, flow_log_path(DAY, "2", flow_log="fl-0f"), "interface-id start", "eni-B 1793534400")
    run = project.dbt(*COVERAGE, variables={"vpc_flow_logs_custom_fields": CUSTOM_HEADER}).check()
    assert f"left out: {file} has a first line" in run.output
    assert "Another format is declared already; add a raw table for this one" in run.output
    assert staged(project) == {"CUSTOM": (True, 7)}


def test_a_third_format_is_one_block_and_one_name(project: DuckdbProject, tmp_path: Path) -> None:
    write_flow_log(project, flow_log_path(DAY, "1"), DEFAULT_HEADER, flow_line("DEFAULT"))
    write_flow_log(project, flow_log_path(DAY, "2", flow_log="fl-0e"), CUSTOM_HEADER, "eni-CUSTOM 7 egress 1793534400")
    write_flow_log(project, flow_log_path(DAY, "3", flow_log="fl-0f"), "bytes interface-id", "9 eni-THIRD")
    changed = tmp_path / "changed_project"
    shutil.copytree(
        REPOSITORY, changed, symlinks=True, ignore=shutil.ignore_patterns(".*", "target", "logs", "warehouse", "tests")
    )
    shutil.copytree(REPOSITORY / "tests", changed / "tests", ignore=shutil.ignore_patterns("python", "local_aws"))
    yml = changed / "models/staging/vpc_flow_logs/_vpc_flow_logs__sources.yml"
    block = re.search(r"      - name: custom\n.*?(?=      - name: parquet\n)", yml.read_text(), re.DOTALL)[0]
    yml.write_text(yml.read_text().replace(block, block + block.replace("custom", "third")))
    variables = {
        "vpc_flow_logs_custom_fields": CUSTOM_HEADER,
        "vpc_flow_logs_third_fields": "bytes interface-id",
        "vpc_flow_logs_text_tables": ["default", "custom", "third"],
    }
    project.dbt(*COVERAGE, "--project-dir", str(changed), variables=variables).check()
    assert staged(project) == {"DEFAULT": (True, 100), "CUSTOM": (True, 7), "THIRD": (True, 9)}
    # A table that is declared and not named would lose its records without a word.
    forgotten = project.dbt(
        *COVERAGE,
        "--project-dir",
        str(changed),
        variables={**variables, "vpc_flow_logs_text_tables": ["default", "custom"]},
    )
    assert forgotten.exit_code != 0
    assert "Var vpc_flow_logs_text_tables must name the text tables" in forgotten.output


def test_a_second_header_inside_a_file_is_an_unreadable_row(project: DuckdbProject) -> None:
    write_flow_log(
        project, flow_log_path(DAY, "1"), DEFAULT_HEADER, flow_line("FIRST"), DEFAULT_HEADER, flow_line("SECOND")
    )
    project.dbt(*COVERAGE).check()
    assert staged_texts(project) == {
        "FIRST": (True, None),
        "SECOND": (True, None),
        DEFAULT_HEADER: (False, DEFAULT_HEADER),
    }


def test_a_first_line_that_is_no_header_is_said_without_a_command(project: DuckdbProject) -> None:
    hostile = "'; drop table x; -- {{ 7 * 7 }} <script>alert(1)</script> \x1b[2J"
    file = write_flow_log(project, flow_log_path(DAY, "1"), hostile, flow_line("A"))
    run = project.dbt(*COVERAGE).check()
    assert f"left out: {file} has a first line" in run.output
    assert "It is no list of field names" in run.output
    assert "--vars" not in run.output
    assert "\x1b[2J" not in run.output
    assert coverage(project)["unreadable_file_count"] == 1


@pytest.mark.parametrize("fields", ["interface-id bytes bytes", "interface-id; drop", "Interface-ID", ["interface-id"]])
def test_a_var_that_is_no_header_is_refused(project: DuckdbProject, fields: object) -> None:
    write_flow_log(project, flow_log_path(DAY, "1"), DEFAULT_HEADER, flow_line("A"))
    run = project.dbt(*COVERAGE, variables={"vpc_flow_logs_custom_fields": fields})
    assert run.exit_code != 0
    assert "var vpc_flow_logs_custom_fields must be the header line of the log files" in run.output


def write_parquet(path: Path, select: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.connect().execute(f"copy ({select}) to '{path}' (format parquet, compression gzip)")


def test_parquet_files_with_other_columns_and_types_are_told_apart(project: DuckdbProject) -> None:
    hive = "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=11/day=01/"
    name = "111122223333_vpcflowlogs_us-east-1_fl-0a_20261101T1205Z_0000000{}.log.parquet"
    start = epoch(f"{DAY}T12:00:00")
    good = f"select 'eni-GOOD' as interface_id, 7::bigint as bytes, {start}::bigint as start, 6::integer as protocol"
    write_parquet(project.logs / hive / name.format(1), good)
    write_parquet(
        project.logs / hive / name.format(2),
        "select 'eni-OTHER_COLUMNS' as interface_id, 'vpc-1' as vpc_id, 5::bigint as bytes",
    )
    write_parquet(
        project.logs / hive / name.format(3),
        "select 'eni-WIDER' as interface_id, 5::integer as bytes, 6::bigint as protocol",
    )
    write_parquet(
        project.logs / hive / name.format(4),
        "select 'eni-UNKNOWN' as interface_id, 4::bigint as bytes, 'red' as colour",
    )
    text = project.logs / hive / name.format(5)
    write_parquet(text, "select 'eni-TEXT' as interface_id, '5' as bytes")
    beyond = project.logs / hive / name.format(6)
    write_parquet(beyond, "select 'eni-BEYOND' as interface_id, 2147483648::bigint as protocol")
    write_parquet(project.logs / hive / name.format(7), "select 'eni-FORM' as interface_id, -5::bigint as bytes")
    torn = project.logs / hive / name.format(8)
    torn.write_bytes((project.logs / hive / name.format(1)).read_bytes()[:-20])
    empty = project.logs / hive / name.format(9)
    write_parquet(empty, good + " where false")
    run = project.dbt(*COVERAGE).check()
    assert staged(project) == {
        "GOOD": (True, 7),
        "OTHER_COLUMNS": (True, 5),
        "WIDER": (True, 5),
        "UNKNOWN": (True, 4),
        "FORM": (False, None),
    }
    assert f"left out: {text} has the column bytes as varchar; declared is bigint" in run.output
    assert f"left out: {beyond} has 1 values that do not fit the declared types" in run.output
    assert f"left out: {torn} is not a whole Parquet file" in run.output
    assert f"left out: {empty} holds no record" in run.output
    assert coverage(project) == {
        "file_count": 5,
        "record_count": 4,
        "unreadable_count": 1,
        "unreadable_file_count": 3,
        "empty_file_count": 1,
    }


def test_every_folder_layout_is_known(project: DuckdbProject) -> None:
    hive = "AWSLogs/aws-account-id=444455556666/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=11/day=01/"
    name = "444455556666_vpcflowlogs_eu-west-1_fl-0a_20261101T1205Z_0000000{}.log.gz"
    for number, folder in enumerate(
        ("", "a/prefix/AWSLogs/444455556666/vpcflowlogs/eu-west-1/2026/11/01/", hive, f"deep/er/{hive}hour=23/")
    ):
        if folder:
            write_flow_log(project, folder + name.format(number), DEFAULT_HEADER, flow_line(f"N{number}"))
    write_flow_log(project, flow_log_path(DAY, "1", hour="00"), DEFAULT_HEADER, flow_line("HOURLY"))
    # None of these is a day, a service or a flow log.
    write_flow_log(project, flow_log_path("2026-13-01", "1"), DEFAULT_HEADER, flow_line("NO_DAY"))
    write_flow_log(project, hive.replace("=vpcflowlogs", "=other") + name.format(8), DEFAULT_HEADER, flow_line("OTHER"))
    write_flow_log(project, hive + "notes.log.gz", DEFAULT_HEADER, flow_line("NOTES"))
    run = project.dbt(*COVERAGE).check()
    assert set(staged(project)) == {"N1", "N2", "N3", "HOURLY"}
    assert "3 files are not known as log files and are left alone" in run.output
    assert set(
        project.query("select distinct log_account_id, log_region, flow_log_id from stg_vpc_flow_logs__records")
    ) == {
        ("444455556666", "eu-west-1", "fl-0a"),
        ("111122223333", "us-east-1", "fl-0a1b2c3d"),
    }


def test_a_changed_file_is_read_anew(project: DuckdbProject) -> None:
    file = write_flow_log(project, flow_log_path(DAY, "1"), DEFAULT_HEADER, flow_line("A"))
    project.dbt(*COVERAGE).check()
    file.write_bytes(gzip.compress(f"{DEFAULT_HEADER}\n{flow_line('B', bytes=5)}\n".encode()))
    project.dbt(*COVERAGE).check()
    assert staged(project) == {"B": (True, 5)}
