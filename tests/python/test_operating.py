"""What docs/operating.md says can be done, can be done; no command in it is dead."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import check_setup
import duckdb
import pytest
import query_costs
import yaml
from athena_project import AthenaProject
from dbt.cli.main import cli
from dbt_server import inherited_environment
from duckdb_project import MODELS_ONLY, REPOSITORY, S3_MODELS, DuckdbProject, log_file, log_line
from local_aws import AthenaSpace, LocalAws

TEXT = (REPOSITORY / "docs" / "operating.md").read_text()
WORKFLOW = yaml.safe_load((REPOSITORY / "docs" / "examples" / "daily.yml").read_text())


def blocks() -> list[str]:
    """The indented blocks of the page."""
    return [re.sub(r"(?m)^    ", "", block) for block in re.findall(r"(?m)(?:^    .*\n)+", TEXT)]


def block_with(text: str) -> str:
    """The one block that holds a text."""
    (found,) = [block for block in blocks() if text in block]
    return found


def commands() -> list[list[str]]:
    """Every dbt, make and python command of the page and of the workflow, as words, without variables before it."""
    lines = [line for block in blocks() for line in block.replace("\\\n", " ").splitlines()]
    lines += [line for step in steps() for line in step.get("run", "").splitlines()]
    found = []
    for line in lines:
        match = re.search(r"(?:^|&& |[A-Z_]+=\S+ +)((?:\S*/)?(?:dbt|make|python) .*)", line.strip())
        if match:
            words = shlex.split(
                re.sub(r"\$\([^)]*\)", "2026-01-31", match[1].split(" >> ")[0].split(" || ")[0]).replace(
                    "$window", "{}"
                )
            )
            found.append([Path(words[0]).name, *words[1:]])
    return found


def steps() -> list[dict[str, Any]]:
    """The steps of the workflow."""
    return WORKFLOW["jobs"]["build"]["steps"]


def test_every_command_is_one_that_exists() -> None:
    targets = re.findall(r"(?m)^([a-z-]+):", (REPOSITORY / "Makefile").read_text())
    kinds = set()
    for program, *words in commands():
        kinds.add(program)
        if program == "make":
            assert words[0] in targets
            assert all(re.fullmatch(r"[A-Z]+=.+", word) for word in words[1:]), words
        elif program == "dbt":
            cli.commands[words[0]].make_context(words[0], words[1:]).close()
        else:
            script, arguments = words[0].removeprefix("scripts/"), words[1:]
            readers = {"check_setup.py": check_setup.read_arguments, "query_costs.py": query_costs.read_arguments}
            common = ["--work-group", "example", "--schema", "example"] if script == "query_costs.py" else []
            readers[script]([word.replace("$ATHENA_COSTS", "s3://example-costs") for word in arguments] + common)
    assert kinds == {"make", "dbt", "python"}
    assert len(commands()) >= 15


def test_make_hands_on_what_it_is_given() -> None:
    for words, said in (
        (["doctor", "VARS={a: 1}"], "check_setup.py --target local --vars '{a: 1}'"),
        (["check-athena"], "check_setup.py --target athena"),
        (["query-costs", "KEEP=s3://example-costs"], 'query_costs.py --keep "s3://example-costs"'),
    ):
        answer = subprocess.run(
            ["make", "--dry-run", "--assume-old=.venv/.ready", *words], cwd=REPOSITORY, capture_output=True, text=True
        )
        assert said in answer.stdout


def test_scripts_say_the_exit_codes_of_the_table() -> None:
    table = TEXT[TEXT.index("## Exit codes") : TEXT.index("## What a run says")]
    scripts = re.findall(r"scripts/\w+[.]py", table)
    assert len(scripts) == 6
    for script in scripts:
        said = re.search(r"Exit codes: (0 .*?)\"\"\"", (REPOSITORY / script).read_text(), re.DOTALL)[1]
        assert re.findall(r"\b([0-2]) ", said) == ["0", "1", "2"], script


def test_the_cron_line_lets_one_run_through(tmp_path: Path) -> None:
    (line,) = [block for block in blocks() if "flock" in block]
    schedule, _, command = line.strip().partition(" cd /srv/aws_internet_traffic && ")
    assert len(schedule.split()) == 5
    command = command.replace("make build LOGS=/srv/logs", "{}").replace(" >> daily.log 2>&1", "")
    holder = subprocess.Popen(
        ["bash", "-c", command.format("bash -c 'echo held; read'")],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    assert subprocess.run(["bash", "-c", command.format("true")], cwd=tmp_path).returncode == 75
    holder.communicate(b"\n")
    assert subprocess.run(["bash", "-c", command.format("false")], cwd=tmp_path).returncode == 1
    assert subprocess.run(["bash", "-c", command.format("true")], cwd=tmp_path).returncode == 0


def test_the_loops_take_each_day_of_their_months_once(tmp_path: Path) -> None:
    loops = [block for block in blocks() if block.startswith("for month")]
    assert len(loops) == 2
    for loop in loops:
        say = 'make() { echo "$@"; }; dbt() { echo "$@"; }\n'
        answer = subprocess.run(["bash", "-euc", say + loop], cwd=tmp_path, capture_output=True, text=True, check=True)
        days: list[date] = []
        for line in answer.stdout.splitlines():
            first, last = map(date.fromisoformat, re.findall(r"2026-\d\d-\d\d", line))
            days += [first + timedelta(days=number) for number in range((last - first).days + 1)]
        assert days == [date(2026, 1, 1) + timedelta(days=number) for number in range(31 + 28 + 31)]


def test_the_workflow_keeps_no_key_and_lets_one_run_at_a_time() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read", "id-token": "write"}
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False
    actions = [step["uses"] for step in steps() if "uses" in step]
    assert all(re.fullmatch(r"[a-z-]+/[a-z-]+@v[0-9]+", action) for action in actions)
    (login,) = [step["with"] for step in steps() if "credentials" in step.get("uses", "")]
    assert "role-to-assume" in login
    text = json.dumps(WORKFLOW)
    assert "secrets." not in text
    assert "access-key" not in text.lower()
    names = re.findall(r"env_var\('(\w+)'\)", (REPOSITORY / "profiles" / "profiles.yml").read_text())
    assert set(names) <= WORKFLOW["env"].keys()


@pytest.mark.parametrize(("start", "window"), [("", "{}"), ("2026-11-01", "{start_date: '2026-11-01', end_date: 'E'}")])
def test_the_workflow_builds_the_days_that_are_asked_for(tmp_path: Path, start: str, window: str) -> None:
    (build,) = [step["run"] for step in steps() if step.get("name") == "Build"]
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    dbt = tmp_path / ".venv" / "bin" / "dbt"
    dbt.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    dbt.chmod(0o755)
    environment = {**os.environ, "START": start, "END": "E"}
    answer = subprocess.run(
        ["bash", "-euc", build], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines() == ["build", "--exclude-resource-type", "unit_test", "--vars", window]
    for step in steps():
        assert subprocess.run(["bash", "-nc", step.get("run", "")]).returncode == 0


def test_two_months_in_pieces_equal_both_at_once(tmp_path: Path) -> None:
    whole, pieces = DuckdbProject(tmp_path / "whole"), DuckdbProject(tmp_path / "pieces")
    for project in (whole, pieces):
        for day in ("2026-01-01", "2026-01-31", "2026-02-01", "2026-02-28"):
            project.write_log(log_file(day, "A"), log_line(f"R{day.replace('-', '')}", day, bytes_sent="1000000"))
        late = log_line("LATE", "2026-01-31", time="23:59:59")
        project.write_log(log_file("2026-02-02", "B"), late, log_line("R2", "2026-02-02"))
        project.write_log(log_file("2026-03-01", "C"), log_line("LATE2", "2026-02-28"), log_line("R3", "2026-03-01"))
    whole.dbt(*MODELS_ONLY, variables={"start_date": "2026-01-01", "end_date": "2026-02-28"}).check()
    for first, last in (("2026-02-01", "2026-02-28"), ("2026-01-01", "2026-01-31")):  # in any order
        run = pieces.dbt(*MODELS_ONLY, variables={"start_date": first, "end_date": last}).check()
    held = [str(row["request_id"]) for row in whole.rows("stg_s3_access_logs__requests")]
    assert sorted(held) == ["LATE", "LATE2", "R2", "R20260101", "R20260131", "R20260201", "R20260228"]
    assert [model for model in S3_MODELS if not whole.rows(model)] == []
    strip = str(pieces.logs), str(whole.logs)
    assert json.loads(json.dumps(pieces.everything(), default=str).replace(*strip)) == json.loads(
        json.dumps(whole.everything(), default=str)
    )
    # What the page shows of a run is what a run says.
    for line in block_with("Marts, event days").splitlines():
        if not line.startswith(("Scanned", "  fct_internet", "  cloudtrail")):
            assert re.search(re.sub(r"[0-9]+", "[0-9]+", re.escape(line)), run.output), line
    assert re.search(r"  fct_s3_usage_daily: 2 rows, bytes_sent 2.0 MB\n", run.output)
    assert re.search(r"  s3_access_logs: 3 records, 0 unreadable records, .* 2 days are not complete", run.output)


# --- Only what changed

CHANGED = "fct_data_transfer_cost_daily"
AND_CHILDREN = {CHANGED, "fct_billed_transfer_daily"}
DAY = {"start_date": "2026-11-01", "end_date": "2026-11-01"}


@pytest.fixture
def branch(tmp_path: Path) -> Path:
    """A copy of the project in which one model was changed."""
    folder = tmp_path / "branch"
    copied = ("models", "macros", "seeds", "analyses", "tests", "docs", "plugins", "profiles", "dbt_project.yml")
    for name in copied:
        source = REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name if source.is_dir() else folder)
    (folder / "profiles.yml").symlink_to("profiles/profiles.yml")
    (model,) = folder.glob(f"models/**/{CHANGED}.sql")
    model.write_text(model.read_text() + "\n-- changed\n")
    return folder


def run_dbt(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run dbt as a program of its own, which writes its manifest; return what it prints."""
    answer = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--no-use-colors", *arguments],
        cwd=folder,
        env={**inherited_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def page_words(target: str) -> list[str]:
    """The words of the page's command for a branch, from `--select` to the vars, which are the test's."""
    (words,) = [each for each in commands() if "--defer" in each and ("athena" in each) == (target == "athena")]
    return words[words.index("--select") : words.index("--vars")]


def test_a_branch_builds_what_changed_and_reads_the_rest_from_production(branch: Path, tmp_path: Path) -> None:
    production = DuckdbProject(tmp_path / "production")
    production.write_log(log_file("2026-11-01", "A"), log_line("A", "2026-11-01", bytes_sent="1000000"))
    production.dbt(*MODELS_ONLY, variables=DAY).check()
    state = tmp_path / "state"
    common = {"LOGS": str(production.logs), "DBT_LOG_PATH": str(tmp_path / "dbt_logs")}
    of_production = {"WAREHOUSE": str(production.warehouse), "DBT_TARGET_PATH": str(state)}
    run_dbt(REPOSITORY, {**common, **of_production}, "--quiet", "parse")
    before = production.rows(CHANGED)
    ci = tmp_path / "ci.duckdb"
    run_dbt(
        branch,
        {
            **common,
            **{"WAREHOUSE": str(ci), "PRODUCTION_WAREHOUSE": str(production.warehouse)},
            "DBT_TARGET_PATH": str(tmp_path / "target"),
        },
        *("build", "--profiles-dir", "docs/examples/slim_ci", "--defer", "--state", str(state)),
        *page_words("local"),
        *("--exclude-resource-type", "unit_test", "--vars", json.dumps(DAY)),
    )
    with duckdb.connect(str(ci), read_only=True) as connection:
        tables = {
            row[0]
            for row in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'main'"
            ).fetchall()
        }
        rows = connection.execute(f"select sum(byte_count)::bigint from main.{CHANGED}").fetchall()
    assert tables == AND_CHILDREN
    assert rows == [(1000000,)]
    assert production.rows(CHANGED) == before


@pytest.mark.athena
def test_a_branch_on_athena_reads_the_rest_from_the_schema_of_production(
    local_aws: LocalAws, athena_space: AthenaSpace, tmp_path: Path
) -> None:
    production = AthenaProject(athena_space, tmp_path / "production")
    athena_space.put(f"logs/{log_file('2026-11-01', 'A')}", f"{log_line('A', '2026-11-01')}\n".encode())
    variables = {
        **DAY,
        "s3_access_logs_partitioned_path": "s3",
        "s3_access_logs_account_ids": ["111122223333"],
        "s3_access_logs_regions": ["us-east-1"],
        "s3_access_logs_buckets": ["example-bucket"],
        "newest_delivery_date": "2026-11-05",
    }
    staging = ["stg_s3_access_logs__requests", "stg_vpc_flow_logs__records", "stg_cloudtrail__events"]
    production.dbt("run", "--select", *staging, variables=variables).check()
    environment = {**production.environment(), "DBT_TARGET_PATH": str(tmp_path / "state")}
    run_dbt(REPOSITORY, environment, "--quiet", "parse", "--vars", json.dumps(variables))
    branch = AthenaProject(AthenaSpace.make(local_aws, f"{athena_space.schema[:30]}_ci"), tmp_path / "ci")
    branch_variables = json.dumps(variables)
    run_dbt(
        REPOSITORY,
        {**branch.environment(), "LOGS": production.environment()["LOGS"]},
        *("run", "--defer", "--state", str(tmp_path / "state"), "--select", "fct_log_coverage_daily"),
        *("--vars", branch_variables),
    )
    tables = [
        table["Name"] for table in local_aws.client("glue").get_tables(DatabaseName=branch.space.schema)["TableList"]
    ]
    assert tables == ["fct_log_coverage_daily"]
    assert [row["record_count"] for row in branch.rows("fct_log_coverage_daily")] == [1]
    # Nothing changed but the schema of the raw tables: the page's selection knows that, dbt's own does not.
    listed = ("ls", "--quiet", "--resource-type", "model", "--state", str(tmp_path / "state"), "--output", "name")
    environment = {**branch.environment(), "LOGS": production.environment()["LOGS"]}
    vars_words = ("--vars", branch_variables)
    assert run_dbt(REPOSITORY, environment, *listed, *page_words("athena"), *vars_words).split() == []
    everything = run_dbt(REPOSITORY, environment, *listed, "--select", "state:modified+", *vars_words)
    assert CHANGED in everything.split()
