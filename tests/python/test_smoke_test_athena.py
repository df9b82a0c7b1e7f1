"""The smoke test proves what it says, in a place of its own, and leaves nothing there however it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import smoke_test_athena
from duckdb_project import REPOSITORY, log_file, log_line
from iam_policies import Policy, allowed, aws_account
from local_aws import AthenaSpace, LocalAws

pytestmark = pytest.mark.athena

SCRIPT = REPOSITORY / "scripts" / "smoke_test_athena.py"

# Runs the command with one log file in place of all sample logs: what comes before the upload takes minutes.
WITHOUT_SAMPLE_LOGS = f"""
import sys
sys.path.insert(0, {str(SCRIPT.parent)!r})
import smoke_test_athena
smoke_test_athena.SmokeTest.prepare = lambda test: None
sys.exit(smoke_test_athena.main())
"""


@dataclass(frozen=True)
class Account:
    """A place in the stand-in, with something of somebody else around it."""

    space: AthenaSpace
    folder: Path

    @property
    def schema(self) -> str:
        return f"{self.space.schema}_smoke"

    @property
    def places(self) -> list[tuple[str, str]]:
        """Bucket and prefix of what the smoke test writes."""
        texts = [self.space.environment[name] for name in ("ATHENA_DATA", "ATHENA_RESULTS")]
        found = [re.fullmatch(r"s3://([^/]+)/(.*)", text) for text in texts]
        return [(match[1], f"{match[2]}{self.schema}/") for match in found]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.space.environment, "DBT_THREADS": "2", "PYTHONUNBUFFERED": "1"}

    def command(self, *words: str, whole: bool = False) -> list[str]:
        start = [str(SCRIPT)] if whole else ["-c", WITHOUT_SAMPLE_LOGS]
        folder = self.folder / ("whole" if whole else "part")
        return [sys.executable, *start, "--schema", self.schema, "--folder", str(folder), *words]

    def run(self, *words: str, whole: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words, whole=whole),
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=1800,
        )

    def everything(self) -> set[str]:
        """Keys of all objects of the two buckets, old versions too, and names of all databases."""
        s3, glue = self.space.aws.client("s3"), self.space.aws.client("glue")
        names = {database["Name"] for database in glue.get_databases()["DatabaseList"]}
        for bucket in {bucket for bucket, _ in self.places}:
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
                names |= {item["Key"] for item in (*page.get("Versions", []), *page.get("DeleteMarkers", []))}
        # The stand-in reads CloudTrail files from copies of its own, which are no business of the command.
        return {name for name in names if self.space.schema in name and not name.startswith("cloudtrail-lines/")}

    def put(self, bucket: str, key: str) -> None:
        self.space.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"mine")


@pytest.fixture
def account(athena_space: AthenaSpace, tmp_path: Path) -> Account:
    """A space with one log file to upload, and objects and a database whose names begin as those of the smoke test."""
    found = Account(athena_space, tmp_path)
    file = tmp_path / "part" / "sample_logs" / log_file("2026-11-01", "A")
    file.parent.mkdir(parents=True)
    file.write_text(log_line("R1", "2026-11-01") + "\n")
    for bucket, prefix in found.places:
        found.put(bucket, f"{prefix.rstrip('/')}_mine/object")
    athena_space.aws.client("glue").create_database(DatabaseInput={"Name": f"{found.schema}_mine"})
    return found


def printed(policy: subprocess.CompletedProcess[str]) -> Policy:
    assert (policy.returncode, policy.stderr) == (0, "")
    found: Policy = json.loads(policy.stdout)
    return found


@pytest.mark.slow
def test_all_holds_and_nothing_is_left(account: Account) -> None:
    before = account.everything()
    answer = account.run(whole=True)
    assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr
    claims = re.findall(r"(?m)^(yes|no )  (.+?) \(", answer.stdout)
    assert {claim for _, claim in claims} == {
        smoke_test_athena.TRUTH,
        smoke_test_athena.ROWS,
        smoke_test_athena.DAYS,
        smoke_test_athena.STATEMENTS,
        smoke_test_athena.DESCRIPTIONS,
    }
    assert {sign for sign, _ in claims} == {"yes"}
    assert "Nothing is left." in answer.stdout
    assert account.everything() == before


def test_the_policy_allows_changes_in_its_own_places_only(account: Account) -> None:
    policy = printed(account.run("--print-policy"))
    glue = f"arn:aws:glue:us-east-1:{aws_account(account.space.aws)}"
    for name, is_own in ((account.schema, True), (f"{account.schema}_raw", True), (f"{account.schema}_mine", False)):
        for action in ("glue:CreateDatabase", "glue:DeleteDatabase"):
            assert allowed(policy, action, f"{glue}:database/{name}") == is_own, (action, name)
        assert allowed(policy, "glue:BatchDeleteTable", f"{glue}:table/{name}/t") == is_own
    for bucket, prefix in account.places:
        for folder, is_own in ((prefix, True), (f"{prefix.rstrip('/')}_mine/", False)):
            for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject", "s3:GetObject"):
                assert allowed(policy, action, f"arn:aws:s3:::{bucket}/{folder}x") == is_own, (action, folder)
            for action in ("s3:ListBucket", "s3:ListBucketVersions"):
                assert allowed(policy, action, f"arn:aws:s3:::{bucket}", prefix=folder) == is_own, (action, folder)


def test_a_dry_run_says_where_and_touches_nothing(account: Account) -> None:
    before = account.everything()
    answer = account.run("--dry-run")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"Glue databases: {account.schema}, {account.schema}_raw\n" in answer.stdout
    for bucket, prefix in account.places:
        assert f"s3://{bucket}/{prefix}" in answer.stdout
    assert "Nothing is there. Nothing was touched." in answer.stdout
    assert account.everything() == before


@pytest.mark.parametrize("what", ["data", "results", "database"])
def test_a_place_where_something_is_is_refused_and_not_touched(account: Account, what: str) -> None:
    if what == "database":
        account.space.aws.client("glue").create_database(DatabaseInput={"Name": f"{account.schema}_raw"})
    else:
        bucket, prefix = account.places[("data", "results").index(what)]
        account.put(bucket, f"{prefix}mine")
    before = account.everything()
    answer = account.run()
    assert answer.returncode == 1
    assert "which it did not make. Name another --schema." in answer.stderr
    removed = account.run("--remove")
    assert removed.returncode == 1
    assert "nothing of a smoke test was found" in removed.stderr
    assert account.everything() == before


def test_a_failed_build_is_named_and_removed(account: Account) -> None:
    before = account.everything()
    answer = account.run(ATHENA_WORK_GROUP="no_such_work_group")
    assert answer.returncode == 1
    assert "dbt build --exclude-resource-type .. ended with exit code" in answer.stderr
    assert "no_such_work_group" in answer.stdout
    assert "Nothing is left." in answer.stdout
    assert account.everything() == before


@pytest.fixture
def held(account: Account) -> Iterator[Account]:
    """The first statement that makes a table is held, so that a run can be ended in the middle of it."""
    aws = account.space.aws
    aws.clear_faults()
    aws.inject_fault(rf"(?is)create (external )?table.*{account.schema}", "hold")
    yield account
    aws.clear_faults()


def started(account: Account) -> subprocess.Popen[str]:
    """Start the command, and wait until it is in the middle of the build."""
    process = subprocess.Popen(
        account.command(), env=account.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    account.space.aws.wait_until_held(seconds=600)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_removes_everything(held: Account, number: signal.Signals) -> None:
    before = held.everything()
    with started(held) as process:
        assert held.everything() > before
        process.send_signal(number)
        output, _ = process.communicate(timeout=600)
    assert process.returncode == 130, output
    assert "Nothing is left." in output
    assert held.everything() == before


def test_what_a_killed_run_left_is_refused_and_removed_on_request(held: Account) -> None:
    before = held.everything()
    with started(held) as process:
        (child,) = children(process.pid)
        process.kill()
        os.kill(child, signal.SIGKILL)
        process.communicate(timeout=600)
    held.space.aws.stop_statements()
    answer = held.run()
    assert answer.returncode == 1
    assert "expected nothing of an earlier smoke test, found Glue database" in answer.stderr
    assert "--remove takes it away" in answer.stderr
    assert held.everything() > before
    removed = held.run("--remove")
    assert (removed.returncode, removed.stderr) == (0, "")
    assert held.everything() == before


def children(process_id: int) -> list[int]:
    text = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
    return [int(word) for word in text.split()]


def test_keep_leaves_everything_until_it_is_removed(account: Account) -> None:
    before = account.everything()
    answer = account.run("--keep", ATHENA_WORK_GROUP="no_such_work_group")
    assert answer.returncode == 1
    assert "Everything was left there. --remove takes it away." in answer.stdout
    assert account.everything() > before
    assert account.run("--remove").returncode == 0
    assert account.everything() == before


def test_old_versions_are_removed_too(account: Account, local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3")
    versioned = f"{account.space.schema.replace('_', '-')[-40:].strip('-')}-versioned"
    s3.create_bucket(Bucket=versioned)
    s3.put_bucket_versioning(Bucket=versioned, VersioningConfiguration={"Status": "Enabled"})
    account.put(versioned, "mine")
    data = f"s3://{versioned}/data"
    answer = account.run("--keep", ATHENA_WORK_GROUP="no_such_work_group", ATHENA_DATA=data)
    assert "Everything was left there" in answer.stdout
    (key,) = (
        item["Key"]
        for item in s3.list_objects_v2(Bucket=versioned, Prefix="data/")["Contents"]
        if "/s3/" in item["Key"]
    )
    account.put(versioned, key)
    s3.delete_object(Bucket=versioned, Key=key)
    assert account.run("--remove", ATHENA_DATA=data).returncode == 0
    left = s3.list_object_versions(Bucket=versioned)
    assert [item["Key"] for item in left["Versions"]] == ["mine"]
    assert left.get("DeleteMarkers", []) == []


def test_a_database_that_somebody_else_made_meanwhile_stays(account: Account) -> None:
    glue = account.space.aws.client("glue")
    account.run("--keep", ATHENA_WORK_GROUP="no_such_work_group")
    glue.delete_database(Name=account.schema)
    glue.create_database(DatabaseInput={"Name": account.schema, "Description": "mine"})
    answer = account.run("--remove")
    assert answer.returncode == 1
    assert f"Glue database {account.schema} was not made by a smoke test. It stays" in answer.stderr
    assert glue.get_database(Name=account.schema)["Database"]["Description"] == "mine"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ATHENA_DATA": ""}, "the environment lacks ATHENA_DATA"),
        ({"ATHENA_DATA": "s3:/data"}, "expected a location such as s3://bucket/prefix, found 's3:/data'"),
        ({"ATHENA_RESULTS": "s3://same/x", "ATHENA_DATA": "s3://same/x/"}, "are the same place"),
    ],
)
def test_a_wrong_environment_is_named(account: Account, change: dict[str, str], message: str) -> None:
    answer = account.run("--dry-run", **change)
    assert answer.returncode == 1
    assert message in answer.stderr


def test_the_schema_of_production_is_refused(account: Account) -> None:
    answer = account.run("--dry-run", ATHENA_SCHEMA=account.schema)
    assert answer.returncode == 1
    assert "is that of ATHENA_SCHEMA" in answer.stderr


@pytest.mark.parametrize(
    ("on_duckdb", "on_athena", "counts"),
    [
        ([{"n": 1}, {"n": 1}], [{"n": 1}], "1 rows only on DuckDB, 0 only on Athena"),
        ([{"n": 1}], [{"n": None}], "1 rows only on DuckDB, 1 only on Athena"),
        ([{"n": 1}], [{"m": 1}], "1 rows only on DuckDB, 1 only on Athena"),
        ([], [{"n": "a\x1b[2J"}], "0 rows only on DuckDB, 1 only on Athena"),
    ],
)
def test_rows_that_differ_are_counted_and_one_is_shown(
    on_duckdb: list[dict[str, Any]], on_athena: list[dict[str, Any]], counts: str
) -> None:
    (text,) = smoke_test_athena.difference("table", on_duckdb, on_athena)
    assert text.startswith(f"table: {counts}. only on ")
    assert text.isprintable()
    assert smoke_test_athena.difference("table", on_duckdb, on_duckdb) == []


def test_what_is_said_stands_in_the_chapter() -> None:
    chapter = (REPOSITORY / "docs" / "proven_where.md").read_text()
    claims = {match[1] for match in re.finditer(r"(?m)^\| ([a-z][^|]+) \|", chapter)}
    assert {
        smoke_test_athena.TRUTH,
        smoke_test_athena.ROWS,
        smoke_test_athena.DAYS,
        smoke_test_athena.STATEMENTS,
        smoke_test_athena.DESCRIPTIONS,
    } <= claims
