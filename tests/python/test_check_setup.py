"""check_setup says what is wrong with an environment before a run does, and what to do."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import check_setup
import pytest
from cloudtrail_records import event, trail_file
from duckdb_project import REPOSITORY, DuckdbProject, log_file, log_line
from flow_log_lines import DEFAULT_HEADER, flow_line, flow_log_path
from local_aws import AthenaSpace
from moto import mock_aws
from setup_checks import Check, State, athena, described_setup, local

CUSTOM_HEADER = "version interface-id srcaddr dstaddr bytes start end"

# Ends a Python process that looks up a host or connects to one.
NO_NETWORK = """
import os, sys
def refuse(event, arguments):
    if event == "socket.getaddrinfo" or (event == "socket.connect" and isinstance(arguments[1], tuple)):
        os.write(2, f"network: {arguments}".encode())
        os._exit(97)
sys.addaudithook(refuse)
"""


@pytest.fixture
def without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no dbt that is started use the network."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(NO_NETWORK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "guard"))
    for name in [name for name in os.environ if name.startswith(("DBT_", "AWS_", "ATHENA_"))]:
        monkeypatch.delenv(name)


def checks_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, str]]]:
    """Run the command; return its exit code and what it found."""
    capsys.readouterr()
    code = check_setup.main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def named(checks: list[dict[str, str]], name: str) -> list[tuple[str, str, str]]:
    """State, finding and advice of the checks of a name."""
    return [(check["state"], check["found"], check["advice"]) for check in checks if check["name"] == name]


# --- DuckDB


@pytest.mark.usefixtures("without_network")
def test_logs_are_described_by_kind_layout_and_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = DuckdbProject(tmp_path)
    project.write_log(log_file("2026-11-01", "A"), log_line("A", "2026-11-01"))
    project.write_log(log_file("2026-11-03", "B"), log_line("B", "2026-11-03"))
    project.write_log("flat/2026-11-02-01-02-03-ABCDEF", log_line("C", "2026-11-02"))
    project.write_log("notes.txt", "no log")
    for name, header, flow_log in (("A", DEFAULT_HEADER, "fl-0000000000000000a"), ("B", CUSTOM_HEADER, "fl-0b")):
        path = project.write_log(flow_log_path("2026-11-02", name).replace("fl-0000000000000000a", flow_log))
        path.write_bytes(gzip.compress(f"{header}\n{flow_line(name)}\n".encode()))
    trail = project.write_log(trail_file("2026-11-02", "A"))
    trail.write_bytes(gzip.compress(json.dumps({"Records": [event("A", "2026-11-02")]}).encode())[:-9])
    monkeypatch.setenv("LOGS", str(project.logs))
    monkeypatch.setenv("WAREHOUSE", str(tmp_path / "none.duckdb"))
    variables = {"s3_access_logs_regions": ["eu-west-1"], "billed_usage_path": "billing/billed-usage"}
    code, checks = checks_of(capsys, "--vars", json.dumps(variables))
    assert code == 0
    ((state, found, _),) = named(checks, "s3_access_logs partitioned")
    size = sum(len(log_line(name, day)) + 1 for name, day in (("A", "2026-11-01"), ("B", "2026-11-03")))
    assert state == "OK"
    assert found.startswith(f"2 files, {size} bytes; delivered 2026-11-01 to 2026-11-03; account_id 111122223333")
    assert [found.split(";")[0].split(",")[0] for _, found, _ in named(checks, "s3_access_logs flat")] == ["1 files"]
    assert named(checks, "vpc_flow_logs text daily")[0][1].startswith("2 files")
    formats = {state: (found, advice) for state, found, advice in named(checks, "vpc_flow_logs.default format")}
    assert formats["OK"][0] == "14 fields, as declared (1 files looked at)"
    assert formats["WARN"][1] == f"Declare it: --vars '{{vpc_flow_logs_custom_fields: \"{CUSTOM_HEADER}\"}}'"
    ((state, found, _),) = named(checks, "cloudtrail.events format")
    assert state == "WARN"
    assert "is not a whole gzip file" in found
    assert [(state, found[:7]) for state, found, _ in named(checks, "unknown files")] == [("WARN", "1 files")]
    assert [found for _, found, _ in named(checks, "var s3_access_logs_regions")] == [
        "lacks us-east-1, of which there are logs"
    ]
    assert [state for state, *_ in named(checks, "var billed_usage_path")] == ["WARN"]
    assert [state for state, *_ in named(checks, "inventory")] == ["SKIPPED"]
    assert not (tmp_path / "none.duckdb").exists()
    assert not list(tmp_path.glob("**/*.duckdb"))


@pytest.mark.usefixtures("without_network")
def test_a_missing_folder_and_a_wrong_profile_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WAREHOUSE", str(tmp_path / "none.duckdb"))
    monkeypatch.setenv("LOGS", str(tmp_path / "missing"))
    code, checks = checks_of(capsys)
    assert code == 1
    assert [state for state, *_ in named(checks, "dbt")] == ["OK"]
    ((state, found, _),) = named(checks, "logs")
    assert (state, f"LOGS is '{tmp_path}/missing'" in found) == ("FAIL", True)
    monkeypatch.setenv("DUCKDB_MEMORY_LIMIT", "plenty")
    assert check_setup.main([]) == 1
    printed = capsys.readouterr().out
    assert "FAIL     dbt " in printed
    assert "Memory must have a number" in printed
    assert printed.splitlines()[-1].endswith("1 FAIL, 0 SKIPPED")


def test_a_warehouse_that_somebody_has_open_is_named_with_the_process(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    assert [check.state for check in local.warehouse_checks(path)] == [State.OK]
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import duckdb; c = duckdb.connect({str(path)!r}); print(1, flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"1\n"
    try:
        (check,) = local.warehouse_checks(path)
        assert check.state is State.FAIL
        assert "in use by another process" in check.found
        assert str(holder.pid) in check.advice
    finally:
        holder.communicate(b"\n")
    before = path.stat().st_mtime_ns
    assert [check.state for check in local.warehouse_checks(path)] == [State.OK]
    assert path.stat().st_mtime_ns == before
    path.write_bytes(b"no database at all")
    assert [check.state for check in local.warehouse_checks(path)] == [State.FAIL]


def test_other_versions_than_the_pinned_ones_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {check.state for check in local.version_checks()} == {State.OK}
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["duckdb>=2,<3", "no-such-package"]\n')
    (tmp_path / "requirements.lock").write_text("duckdb==1.0.0 \\\n    --hash=x\nno-such-package==3.1 ; x\n")
    monkeypatch.setattr(local, "REPOSITORY", tmp_path)
    _, other, absent = local.version_checks()
    assert (other.state, other.found.endswith("pinned is 1.0.0")) == (State.WARN, True)
    assert (absent.state, absent.found) == (State.FAIL, "is not installed, expected 3.1")


def test_a_small_disk_is_named(tmp_path: Path) -> None:
    assert local.disk_check(tmp_path / "new" / "a.duckdb", 1).state is State.OK
    check = local.disk_check(tmp_path / "new" / "a.duckdb", 10**18)
    assert (check.state, "the logs have 1,000,000.0 TB" in check.found) == (State.WARN, True)


# --- Athena

ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "ATHENA_WORK_GROUP": "example",
    "ATHENA_RESULTS": "s3://example-results/queries/",
    "ATHENA_DATA": "s3://example-data/tables/",
    "ATHENA_SCHEMA": "example",
    "LOGS": "s3://example-logs",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
VARIABLES = {
    "vpc_flow_logs_default_path": "flow",
    "vpc_flow_logs_account_ids": ["111122223333", "444455556666"],
    "vpc_flow_logs_regions": ["us-east-1"],
    "s3_access_logs_partitioned_path": "s3",
    "s3_access_logs_account_ids": ["111122223333"],
    "s3_access_logs_regions": ["us-east-1"],
    "s3_access_logs_buckets": ["example-bucket"],
    "cloudtrail_path": "trail/AWSLogs",
    "cloudtrail_account_ids": ["111122223333"],
    "cloudtrail_regions": ["us-east-1"],
}


@pytest.fixture
def aws(without_network: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An account in which everything is right, and its S3 client."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        s3 = boto3.client("s3", "us-east-1")
        for bucket in ("example-results", "example-data", "example-logs"):
            s3.create_bucket(Bucket=bucket)
        blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        for bucket in ("example-results", "example-data"):
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(blocked, True))
        expire(s3, "example-results", "queries/")
        boto3.client("athena", "us-east-1").create_work_group(
            Name="example",
            Configuration={"EnforceWorkGroupConfiguration": False, "BytesScannedCutoffPerQuery": 10**12},
        )
        put_logs(s3)
        yield s3


def expire(s3: Any, bucket: str, prefix: str, **more: Any) -> None:
    """Let objects below a prefix expire."""
    rule = {"ID": "rule", "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": 7}, **more}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})


def put(s3: Any, path: str, content: bytes | str) -> None:
    """Store a log file."""
    s3.put_object(Bucket="example-logs", Key=path, Body=content)


def put_logs(s3: Any) -> None:
    """Store logs as VARIABLES says they lie."""
    flow = gzip.compress(f"{DEFAULT_HEADER}\n{flow_line('A')}\n".encode())
    for account in VARIABLES["vpc_flow_logs_account_ids"]:
        for day in ("2026-11-01", "2026-11-02"):
            path = flow_log_path(day, "A").split("AWSLogs/", 1)[-1]
            put(s3, "flow/" + path.replace("111122223333", account), flow)
    put(s3, log_file("2026-11-01", "A"), log_line("A", "2026-11-01"))
    trail = gzip.compress(json.dumps({"Records": [event("A", "2026-11-01")]}).encode())
    put(s3, "trail/AWSLogs/" + trail_file("2026-11-01", "A").split("AWSLogs/", 1)[-1], trail)


def test_an_account_in_order_has_nothing_to_complain_about(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = checks_of(capsys, "--target", "athena", "--vars", json.dumps(VARIABLES), "--write-probe")
    wrong = [check for check in checks if check["state"] in ("WARN", "FAIL")]
    assert wrong == []
    assert code == 0
    assert named(checks, "credentials")[0][1].startswith("account 123456789012, arn:aws:sts::123456789012:")
    assert [state for state, *_ in named(checks, "write to ATHENA_DATA")] == ["OK"]
    assert aws.list_objects_v2(Bucket="example-data").get("Contents") is None
    tables = {"vpc_flow_logs.default", "s3_access_logs.partitioned", "cloudtrail.events"}
    assert {check["name"] for check in checks} >= tables | {f"{table} format" for table in tables}
    assert "wJalrXUtnFEMI" not in json.dumps(checks)


@pytest.mark.usefixtures("aws")
def test_variables_that_are_missing_or_malformed_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATHENA_DATA", "example-data/tables")
    monkeypatch.setenv("ATHENA_POLL_INTERVAL", "soon")
    monkeypatch.setenv("ATHENA_ASSUME_ROLE_ARN", "admin")
    monkeypatch.delenv("ATHENA_SCHEMA")
    code, checks = checks_of(capsys, "--target", "athena")
    assert code == 1
    failed = {check["name"]: check["found"] for check in checks if check["state"] == "FAIL"}
    assert failed.keys() == {"ATHENA_DATA", "ATHENA_POLL_INTERVAL", "ATHENA_ASSUME_ROLE_ARN", "ATHENA_SCHEMA"}
    assert failed["ATHENA_SCHEMA"] == "is not set"
    assert failed["ATHENA_DATA"] == "is 'example-data/tables', expected s3://bucket/prefix/"
    assert [state for state, *_ in named(checks, "aws")] == ["SKIPPED"]


def account(**settings: str) -> athena.Account:
    """The account, with other settings."""
    return athena.Account(boto3.Session(), {**ENVIRONMENT, **settings})


def states(checks: Iterator[Check]) -> dict[str, State]:
    """The state of each check, the worst of a name."""
    worst = [State.OK, State.SKIPPED, State.WARN, State.FAIL]
    found: dict[str, State] = {}
    for check in checks:
        found[check.name] = max(found.get(check.name, State.OK), check.state, key=worst.index)
    return found


@pytest.mark.usefixtures("aws")
def test_a_work_group_that_moves_tables_or_lets_queries_cost_anything_is_named() -> None:
    client = boto3.client("athena", "us-east-1")
    client.create_work_group(
        Name="enforcing",
        Configuration={
            "EnforceWorkGroupConfiguration": True,
            "ResultConfiguration": {"OutputLocation": "s3://example-results/all/"},
        },
    )
    found = states(athena.work_group_checks(account(ATHENA_WORK_GROUP="enforcing")))
    assert (found["result location"], found["scan limit"]) == (State.FAIL, State.WARN)


@pytest.mark.athena
def test_the_stand_in_is_in_order_but_for_what_it_lacks(
    athena_space: AthenaSpace, without_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {**athena_space.environment, "LOGS": f"{athena_space.location}logs"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert {check.state for check in athena.environment_checks(environment)} == {State.OK}
    here = athena.Account(boto3.Session(), environment)
    found = states(athena.work_group_checks(here)) | states(athena.catalog_checks(here))
    assert found.pop("scan limit") is State.WARN
    assert set(found.values()) == {State.OK}
    assert states(athena.write_probes(here)) == {"write to ATHENA_RESULTS": State.OK, "write to ATHENA_DATA": State.OK}
    here.client("athena").update_work_group(WorkGroup=athena_space.work_group, State="DISABLED")
    assert states(athena.work_group_checks(here))["work group"] is State.FAIL
    (check,) = athena.work_group_checks(athena.Account(boto3.Session(), {**environment, "ATHENA_WORK_GROUP": "none"}))
    assert (check.state, "none is not found" in check.found) == (State.FAIL, True)


@pytest.mark.parametrize(
    ("prefix", "more", "state"),
    [
        ("tables/", {}, State.FAIL),
        ("", {}, State.FAIL),
        ("tables/example/", {}, State.FAIL),
        ("tables-of-others/", {}, State.OK),
        ("tables/", {"Status": "Disabled"}, State.OK),
        ("", {"Filter": {"Tag": {"Key": "keep", "Value": "no"}}}, State.OK),
        ("", {"Expiration": {"ExpiredObjectDeleteMarker": True}}, State.OK),
    ],
)
def test_a_rule_that_would_delete_tables_is_named(aws: Any, prefix: str, more: Mapping[str, Any], state: State) -> None:
    expire(aws, "example-data", prefix, **more)
    assert states(athena.bucket_checks(account()))["lifecycle of data"] is state


def test_a_rule_that_would_archive_tables_is_named(aws: Any) -> None:
    rule = {"ID": "cold", "Status": "Enabled", "Prefix": "", "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}
    aws.put_bucket_lifecycle_configuration(Bucket="example-data", LifecycleConfiguration={"Rules": [rule]})
    assert states(athena.bucket_checks(account()))["lifecycle of data"] is State.FAIL


@pytest.mark.parametrize(
    ("settings", "name", "state"),
    [
        ({}, "places", State.OK),
        ({"ATHENA_DATA": "s3://example-results/queries/tables"}, "places", State.FAIL),
        ({"ATHENA_RESULTS": "s3://example-data/"}, "places", State.FAIL),
        ({"ATHENA_RESULTS": "s3://example-data/tables-results"}, "places", State.OK),
        ({"ATHENA_RESULTS": "s3://example-data/other"}, "lifecycle of results", State.WARN),
        ({"ATHENA_DATA": "s3://example-missing/x"}, "ATHENA_DATA bucket", State.FAIL),
        ({"ATHENA_DATA": "s3://example-ireland/x"}, "ATHENA_DATA bucket", State.FAIL),
        ({"ATHENA_DATA": "s3://example-ireland/x"}, "public access", State.WARN),
        ({"LOGS": "s3://example-ireland/x"}, "LOGS bucket", State.WARN),
    ],
)
def test_buckets_that_are_wrong_are_named(aws: Any, settings: Mapping[str, str], name: str, state: State) -> None:
    boto3.client("s3", "eu-west-1").create_bucket(
        Bucket="example-ireland", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    assert states(athena.bucket_checks(account(**settings)))[name] is state


@pytest.mark.parametrize(
    ("seconds", "state"), [(2, State.OK), (120, State.WARN), (301, State.FAIL), (86400, State.FAIL)]
)
def test_a_clock_that_is_wrong_is_named(seconds: int, state: State) -> None:
    assert athena.clock_check(timedelta(seconds=seconds)).state is state


@pytest.fixture(scope="module")
def setup() -> dict[str, Any]:
    """What dbt says of VARIABLES, and of flat S3 access logs beside."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "AWS_"))}
    flat = {"s3_access_logs_flat_path": "flat", "s3_access_logs_flat_key_prefixes": ["web/"]}
    return described_setup("athena", json.dumps({**VARIABLES, **flat}), {**environment, **ENVIRONMENT})


def of_table(setup: dict[str, Any], name: str) -> list[Check]:
    """The checks of one raw table."""
    tables = [table for table in setup["tables"] if table["name"] == name]
    return list(athena.log_checks(account(), {**setup, "tables": tables}))


def test_accounts_that_nobody_listed_are_named(aws: Any, setup: dict[str, Any]) -> None:
    stranger = flow_log_path("2026-11-01", "A").split("AWSLogs/", 1)[-1].replace("111122223333", "777788889999")
    put(aws, f"flow/{stranger}", gzip.compress(DEFAULT_HEADER.encode()))
    found = {check.found for check in of_table(setup, "vpc_flow_logs.default") if check.state is State.WARN}
    assert found == {"lacks 777788889999, of which vpc_flow_logs.default has files: they are not read"}


def test_accounts_without_logs_are_named(aws: Any, setup: dict[str, Any]) -> None:
    for entry in aws.list_objects_v2(Bucket="example-logs", Prefix="flow/444455556666/")["Contents"]:
        aws.delete_object(Bucket="example-logs", Key=entry["Key"])
    found = {check.found for check in of_table(setup, "vpc_flow_logs.default") if check.state is State.WARN}
    assert found == {"lists 444455556666, of which vpc_flow_logs.default has no folder"}


def test_a_format_that_is_not_declared_is_named_with_the_var(aws: Any, setup: dict[str, Any]) -> None:
    path = flow_log_path("2026-11-03", "A").split("AWSLogs/", 1)[-1]
    put(aws, f"flow/{path}", gzip.compress(f"{CUSTOM_HEADER}\nvalues\n".encode() * 9000))
    (wrong,) = [check for check in of_table(setup, "vpc_flow_logs.default") if check.state is State.FAIL]
    assert f"s3://example-logs/flow/{path} has the header {CUSTOM_HEADER}, declared is {DEFAULT_HEADER}" == wrong.found
    assert "docs/vpc_flow_logs.md" in wrong.advice


def test_a_trail_of_an_organization_is_told_from_one_of_an_account(aws: Any, setup: dict[str, Any]) -> None:
    below = "trail/AWSLogs/"
    (entry,) = aws.list_objects_v2(Bucket="example-logs", Prefix=below)["Contents"]
    put(aws, entry["Key"].replace(below, f"{below}o-exampleorg/"), b"")
    aws.delete_object(Bucket="example-logs", Key=entry["Key"])
    (wrong,) = of_table(setup, "cloudtrail.events")
    assert wrong.state is State.FAIL
    assert wrong.advice == "Set the var cloudtrail_layout to organization."


def test_flat_logs_are_told_from_partitioned_ones(aws: Any, setup: dict[str, Any]) -> None:
    for entry in aws.list_objects_v2(Bucket="example-logs", Prefix="s3/")["Contents"]:
        aws.delete_object(Bucket="example-logs", Key=entry["Key"])
    put(aws, "s3/2026-11-01-00-00-00-ABCDEF", log_line("A", "2026-11-01"))
    (wrong,) = of_table(setup, "s3_access_logs.partitioned")
    assert "is of s3_access_logs.flat" in wrong.found
    assert wrong.advice.startswith("Set the var s3_access_logs_flat_path")
    put(aws, "flat/web/2026-11-01-00-00-00-ABCDEF", log_line("A", "2026-11-01"))
    assert {check.state for check in of_table(setup, "s3_access_logs.flat")} == {State.OK}


def test_a_place_without_logs_is_named(aws: Any, setup: dict[str, Any]) -> None:
    (wrong,) = of_table(setup, "s3_access_logs.flat")
    assert (wrong.state, wrong.found) == (State.FAIL, "nothing lies at s3://example-logs/flat/")
    assert "s3_access_logs_flat_path" in wrong.advice


@pytest.mark.parametrize(
    ("name", "file_format", "content", "said"),
    [
        ("a.gz", "lines", b"text", "is no gzip file, which its name says"),
        ("a", "lines", gzip.compress(b"text", mtime=0), "is a gzip file whose name lacks .gz"),
        ("a.gz", "lines", b"\x1f\x8b\x08\x00 torn and wrong", "is no whole gzip file"),
        ("a.json.gz", "cloudtrail_json", gzip.compress(b"<xml>", mtime=0), "is no JSON"),
        ("a.parquet", "parquet", b"PK", "is no Parquet file"),
        ("a", "delimited", b"\x00\x01 '; drop table", "has no list of field names"),
        ("a", "delimited", b"", "has no list of field names"),
    ],
    ids=["no gzip", "gzip", "torn", "no JSON", "no Parquet", "no header", "empty"],
)
def test_files_that_are_something_else_are_named(name: str, file_format: str, content: bytes, said: str) -> None:
    table = {"format": file_format, "header": DEFAULT_HEADER, "fields_var": ""}
    assert athena.file_problem(content, name, table).startswith(said)


def test_the_vars_that_a_run_would_refuse_are_named(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code, checks = checks_of(capsys, "--target", "athena", "--vars", "{cloudtrail_path: trail/AWSLogs}")
    assert code == 1
    ((state, found, _),) = named(checks, "dbt")
    assert state == "FAIL"
    assert "var cloudtrail_account_ids is an empty list" in found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "moon"], "invalid choice: 'moon'"),
        (["--vars", "- a list"], "expected a YAML mapping"),
        (["--vars", "{"], "expected a YAML mapping"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        check_setup.main(arguments)
    assert said in capsys.readouterr().err


def test_hostile_text_does_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_setup.report([Check("a\x1b[31m", State.WARN, "b\nOK all", "c\x07")]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "\x07" not in printed
    assert len(printed.splitlines()) == 3


def test_the_forms_are_those_of_the_variables_of_the_profile() -> None:
    assert {name for name, _ in athena.profile_variables()} == set(athena.FORMS)
    required = {name for name, default in athena.profile_variables() if default is None}
    assert required == {*ENVIRONMENT} - {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    readme = (REPOSITORY / "README.md").read_text()
    assert [name for name in athena.FORMS if f"| `{name}` |" not in readme] == []
