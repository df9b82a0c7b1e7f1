"""A run of the whole project on Athena goes wrong: the output says what to do, days stay whole, the next run heals."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cloudtrail_records import event, trail_file
from dbt_server import DbtProcess, inherited_environment
from duckdb_project import MODELS, PARTIAL_MODELS, REPOSITORY, DbtRun, log_file, log_line
from flow_log_lines import DEFAULT_HEADER, epoch, flow_line, flow_log_path

if TYPE_CHECKING:
    from athena_project import AthenaProject
    from local_aws import LocalAws

DAYS = ("2026-11-01", "2026-11-02")
# Without dates a run rebuilds three days up to newest_delivery_date: both days, and one without logs.
PLAIN = {
    "s3_access_logs_partitioned_path": "s3",
    "s3_access_logs_account_ids": ["111122223333"],
    "s3_access_logs_regions": ["us-east-1"],
    "s3_access_logs_buckets": ["example-bucket"],
    "vpc_flow_logs_default_path": "flow/AWSLogs",
    "vpc_flow_logs_parquet_path": "parquet/AWSLogs",
    "vpc_flow_logs_account_ids": ["111122223333"],
    "vpc_flow_logs_regions": ["us-east-1"],
    "cloudtrail_path": "trail/AWSLogs",
    "cloudtrail_account_ids": ["111122223333"],
    "cloudtrail_regions": ["us-east-1"],
    "first_log_date": "2026-11-01",
    "newest_delivery_date": "2026-11-03",
}
FIRST_BUILD = PLAIN | {"start_date": "2026-11-01", "end_date": "2026-11-02"}
DEADLINE_SECONDS = 180
ATHENA_VARIABLES = {
    "AWS_REGION": "us-east-1",
    "ATHENA_SCHEMA": "schema",
    "ATHENA_WORK_GROUP": "primary",
    "ATHENA_RESULTS": "s3://bucket/results/",
    "ATHENA_DATA": "s3://bucket/data/",
}

# Without what is made of flow records on the way to egress: far more models, and the same statements for each.
# Addresses are run: S3 requests need them.
RUN = ("run", "--exclude", *PARTIAL_MODELS, "fct_network_traffic_daily", "int_data_transfer_prices__matched")

# Each test delivers files of names that no other test has used.
NUMBERS = itertools.count(1)

Days = dict[str, dict[str, list[dict[str, Any]]]]


def add_records(project: AthenaProject, name: str) -> None:
    """Deliver one more log file of each kind, of one record, on each of the days."""
    for day in DAYS:
        record, noon = f"{name}{day[-2:]}", epoch(f"{day}T12:00:00")
        project.space.put(f"logs/{log_file(day, name)}", (log_line(record, day) + "\n").encode())
        flows = f"{DEFAULT_HEADER}\n{flow_line(record, start=noon, end=noon)}\n"
        project.space.put(f"logs/flow/{flow_log_path(day, name)}", gzip.compress(flows.encode()))
        trail = json.dumps({"Records": [event(record, day=day)]})
        project.space.put(f"logs/{trail_file(day, name, folder='trail/AWSLogs')}", gzip.compress(trail.encode()))


def days_of(project: AthenaProject, model: str) -> dict[str, list[dict[str, Any]]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for row in project.rows(model):
        days.setdefault(str(row["event_date"]), []).append(row)
    return days


def days_of_all_models(project: AthenaProject) -> Days:
    return {model: days_of(project, model) for model in MODELS}


def requests_by_day(days: Days) -> dict[str, int]:
    return {day: sum(row["request_count"] for row in rows) for day, rows in days["fct_s3_usage_daily"].items()}


def records_by_log_and_day(days: Days) -> dict[tuple[str, str], int]:
    return {
        (row["log_source"], day): row["record_count"]
        for day, rows in days["fct_log_coverage_daily"].items()
        for row in rows
    }


def one_line(run: DbtRun) -> str:
    return " ".join(run.output.split())


@pytest.fixture(scope="module")
def built(local_aws: LocalAws, seeded_schema: str, tmp_path_factory: pytest.TempPathFactory) -> AthenaProject:
    """The project, built over two days of one record each."""
    from athena_project import AthenaProject
    from local_aws import AthenaSpace

    local_aws.clear_faults()
    project = AthenaProject(AthenaSpace.make(local_aws, "athena_faults"), tmp_path_factory.mktemp("athena_faults"))
    project.take_seeds(seeded_schema)
    add_records(project, "A")
    project.dbt("run", variables=FIRST_BUILD).check()
    return project


@pytest.fixture
def project(built: AthenaProject) -> Iterator[AthenaProject]:
    """The built project with one record more on each day, which no run has read."""
    built.space.aws.clear_faults()
    name = f"MORE{next(NUMBERS)}"
    add_records(built, name)
    yield built
    built.space.aws.clear_faults()


def heal(project: AthenaProject, old: Days, *found_between: Days, run: Sequence[str] = RUN) -> None:
    """Run plainly and find one more record of each log on each day; days found between were old or new."""
    project.dbt(*run, variables=PLAIN).check()
    new = days_of_all_models(project)
    assert requests_by_day(new) == {day: count + 1 for day, count in requests_by_day(old).items()}
    records = records_by_log_and_day(old)
    assert records_by_log_and_day(new) == {key: count + 1 for key, count in records.items()}
    assert len(records) == 3 * len(DAYS)
    for found, model in itertools.product(found_between, MODELS):
        assert found[model].keys() == set(DAYS), model
        for day, rows in found[model].items():
            assert rows in (old[model][day], new[model][day]), (model, day)


def says_when_it_fails(project: AthenaProject, pattern: str, kind: Any, times: int = 1, skip: int = 0) -> str:
    """Run with a fault, and return what the failing run said."""
    project.space.aws.inject_fault(pattern, kind, times=times, skip=skip)
    run = project.dbt(*RUN, variables=PLAIN)
    project.space.aws.clear_faults()
    assert run.exit_code != 0, run.output
    return one_line(run)


@pytest.mark.athena
def test_whatever_aws_refuses_is_named_and_days_stay_whole_until_the_next_run_heals(
    project: AthenaProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One refusal after the other, as on a bad night; all of them end before anything heals."""
    old = days_of_all_models(project)

    said = says_when_it_fails(project, r"create table .*stg_s3_access_logs__requests__staged", "scan_limit")
    assert "Bytes scanned limit was exceeded" in said
    assert f"What to do: Athena ended a query at the scan limit of work group {project.space.work_group}" in said
    assert "Read fewer days per run" in said
    assert "BytesScannedCutoffPerQuery" in said
    after_scan_limit = days_of_all_models(project)

    said = says_when_it_fails(project, "^athena:StartQueryExecution$", "expired_credentials", times=1000, skip=3)
    assert "What to do: the AWS credentials have expired" in said

    said = says_when_it_fails(project, ".", "expired_credentials", times=1000)
    # dbt prints a traceback, because its first request is none of the project's; the last line says what it is about.
    assert said.endswith("The security token included in the request is expired")

    said = says_when_it_fails(project, "^glue:GetTable$", "throttle", times=1000, skip=12)
    assert "Rate exceeded" in said
    # The error of a request that dbt makes while it compiles is not among the results; the advice names it even then.
    assert re.search(r"What to do: .*AWS took no more requests for now", said)
    assert "DBT_THREADS" in said
    after_refusals = days_of_all_models(project)

    with monkeypatch.context() as patch:
        patch.setitem(project.space.environment, "ATHENA_RESULTS", "s3://bucket-that-is-missing/results/")
        run = project.dbt(*RUN, variables=PLAIN)
    assert run.exit_code != 0
    assert "environment variable ATHENA_RESULTS, s3://bucket-that-is-missing/results/" in one_line(run)
    assert "Create the bucket in region" in one_line(run)
    after_missing_bucket = days_of_all_models(project)
    assert after_missing_bucket == after_refusals

    heal(project, old, after_scan_limit, after_refusals)


@pytest.mark.athena
def test_throttling_is_waited_out(project: AthenaProject, local_aws: LocalAws) -> None:
    before = requests_by_day(days_of_all_models(project))
    local_aws.reset_log()
    for operation in (
        "athena:StartQueryExecution",
        "athena:GetQueryExecution",
        "glue:GetTable",
        "glue:UpdatePartition",
    ):
        local_aws.inject_fault(f"^{operation}$", "throttle", times=2, skip=2)
    project.dbt(*RUN, variables=PLAIN).check()
    refused = [request for request in local_aws.requests() if request.status == 400]
    assert len(refused) >= 6
    assert requests_by_day(days_of_all_models(project)) == {day: count + 1 for day, count in before.items()}


STAGED = {"s3_access_logs": "requests", "vpc_flow_logs": "records", "cloudtrail": "events"}
HIVE_KEYS = "aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=11/day=01"


CORRUPT = {
    log_file(DAYS[0], "CORRUPT") + ".gz": "s3_access_logs",
    "flow/" + flow_log_path(DAYS[0], "CORRUPT"): "vpc_flow_logs",
    f"parquet/AWSLogs/{HIVE_KEYS}/"
    + Path(flow_log_path(DAYS[0], "CORRUPT", ending=".log.parquet")).name: "vpc_flow_logs",
    trail_file(DAYS[0], "CORRUPT", folder="trail/AWSLogs"): "cloudtrail",
}


@pytest.mark.athena
def test_corrupt_objects_are_named_with_the_command_that_leaves_them_out(project: AthenaProject) -> None:
    old = days_of_all_models(project)
    whole = gzip.compress(b"whatever stands in it, the bytes are damaged " * 50)
    damaged = whole[:30] + b"\x00\x01\x02" + whole[33:]
    locations = {project.space.put(f"logs/{path}", damaged): log_source for path, log_source in CORRUPT.items()}
    found_between, quarantined = [], set()
    # One query stops at its first corrupt object: the second one of the flow logs shows in the next run.
    for _ in range(2):
        run = project.dbt(*RUN, variables=PLAIN)
        assert run.exit_code != 0
        found = days_of_all_models(project)
        commands = re.findall(r"^ *dbt (run-operation quarantine_log_file .*)$", run.output, re.MULTILINE)
        named = {location for location in locations if any(location in command for command in commands)}
        assert len(commands) == len(named) > 0
        for location in named:
            assert f"What to do: the log file {location} cannot be read" in run.output
            broken = f"stg_{locations[location]}__{STAGED[locations[location]]}"
            assert found[broken] == old[broken]
        for command in commands:
            process = DbtProcess(shlex.split(command), project.environment(), REPOSITORY)
            output, _ = process.communicate(timeout=DEADLINE_SECONDS)
            assert process.returncode == 0, output
        found_between.append(found)
        quarantined |= named
    assert quarantined == set(locations)

    heal(project, old, *found_between)
    coverage = {
        (row["log_source"], str(row["event_date"])): (
            row["unreadable_file_count"],
            row["is_complete"],
            row["record_count"],
        )
        for row in project.rows("fct_log_coverage_daily")
    }
    records = requests_by_day(old)[DAYS[0]] + 1
    corrupt_count = Counter(locations.values())
    # The second day is too young to be complete.
    assert coverage == {
        (log_source, day): (corrupt_count[log_source] if day == DAYS[0] else 0, False, records)
        for log_source in STAGED
        for day in DAYS
    }
    for path, location in zip(CORRUPT, locations, strict=True):
        key = f"{project.space.prefix}logs/{path}"
        project.space.aws.client("s3").delete_object(Bucket=project.space.bucket, Key=key)
        project.dbt("run-operation", "release_log_file", "--args", f'{{file: "{location}"}}', variables=PLAIN).check()


def switch_of(model: str) -> str:
    """The statements that point a model's days at new files, one a day."""
    return rf"alter table [^ ]*{model}\b"


def kill_run_at(project: AthenaProject, pattern: str, skip: int, *select: str) -> None:
    """Kill a run before its statement of a pattern, the first `skip` of which it may still run."""
    project.space.aws.inject_fault(pattern, "kill", skip=skip)
    run = project.start(*(select or RUN), variables=PLAIN)
    project.space.aws.register_process(run.pid)
    output, _ = run.communicate(timeout=DEADLINE_SECONDS)
    project.space.aws.clear_faults()
    assert run.returncode == -signal.SIGKILL, output


@pytest.mark.athena
@pytest.mark.slow
def test_killed_while_several_models_are_built_every_day_is_old_or_new_and_the_next_run_heals(
    project: AthenaProject,
) -> None:
    old = days_of_all_models(project)
    kill_run_at(project, switch_of("fct_api_activity_daily"), 1)
    found = days_of_all_models(project)
    heal(project, old, found)
    assert found not in (old, days_of_all_models(project)), "the kill did not meet a model half switched"


# What the models of the next layer read besides the models of this one.
NEXT_NEEDS = {"stg_": ("int_network_flows__summed",), "int_": ("path:models/intermediate",)}


@pytest.mark.athena
@pytest.mark.slow
def test_killed_while_any_model_switches_its_days_every_day_is_old_or_new_and_the_next_run_heals(
    project: AthenaProject,
) -> None:
    """Each model's run is killed between its two days, on top of models that have read what it has not."""
    old: Days = days_of_all_models(project)
    found: Days = {}
    for prefix in ("stg_", "int_", "fct_"):
        models = [model for model in MODELS if model.startswith(prefix)]
        for model in models:
            kill_run_at(project, switch_of(model), 1, "run", "--select", model)
            found[model] = days_of(project, model)
        if prefix in NEXT_NEEDS:
            project.dbt("run", "--select", *models, *NEXT_NEEDS[prefix], variables=PLAIN).check()
    heal(project, old, found, run=("run",))
    new = days_of_all_models(project)
    for model in MODELS:
        assert [found[model][day] == new[model][day] for day in DAYS].count(True) == 1, model
        assert [found[model][day] == old[model][day] for day in DAYS].count(True) == 1, model


@pytest.mark.athena
def test_a_first_build_without_dates_is_refused(local_aws: LocalAws, tmp_path: Path) -> None:
    from athena_project import AthenaProject
    from local_aws import AthenaSpace

    local_aws.clear_faults()
    project = AthenaProject(AthenaSpace.make(local_aws, "athena_faults_first"), tmp_path)
    add_records(project, "A")
    run = project.dbt("run", "--select", "+fct_s3_usage_daily", variables=PLAIN)
    assert run.exit_code != 0
    assert "on Athena needs to be told which days to read. Say for example --vars '{start_date:" in one_line(run)
    tables = local_aws.client("glue").get_tables(DatabaseName=project.space.schema)["TableList"]
    assert {table["Name"] for table in tables}.isdisjoint(MODELS)


@pytest.mark.athena
def test_logs_that_are_not_on_s3_are_refused(built: AthenaProject, tmp_path: Path) -> None:
    old = days_of_all_models(built)
    environment = built.environment() | {"LOGS": str(tmp_path), "DBT_TARGET_PATH": str(tmp_path / "target")}
    run = DbtProcess(["--no-use-colors", "run", "--vars", str(PLAIN)], environment, REPOSITORY)
    output, _ = run.communicate(timeout=DEADLINE_SECONDS)
    assert run.returncode != 0
    assert str(tmp_path) in output
    assert "s3://" in output
    assert days_of_all_models(built) == old


@pytest.mark.parametrize("name", ATHENA_VARIABLES)
def test_a_missing_variable_is_named_before_anything_runs(tmp_path: Path, name: str) -> None:
    environment = inherited_environment()
    environment |= {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    environment |= {key: value for key, value in ATHENA_VARIABLES.items() if key != name}
    command = [Path(sys.executable).with_name("dbt"), "--no-use-colors", "build", "--target", "athena"]
    run = subprocess.run(
        command, cwd=REPOSITORY, env=environment, text=True, capture_output=True, timeout=DEADLINE_SECONDS
    )
    assert run.returncode != 0
    assert f"Env var required but not provided: '{name}'" in run.stdout
    assert "Found" not in run.stdout
