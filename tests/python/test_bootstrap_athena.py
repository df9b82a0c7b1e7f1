"""bootstrap_athena adds what is missing and nothing else; its policies allow what the project calls, and no more."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bootstrap_athena
import boto3
import botocore.client
import pytest
import sweep_retired_data
from athena_project import AthenaProject
from botocore.exceptions import ClientError
from cloudtrail_records import event, trail_file, write_trail
from dbt_server import share_service_descriptions
from iam_policies import Policy, allowed, aws_account, refused
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT

if TYPE_CHECKING:
    from local_aws import AthenaSpace

WORDS = (
    *("--schema", "netlogs", "--results", "s3://example-results/athena", "--data", "s3://example-data/dbt"),
    *("--logs", "s3://example-logs/all"),
)
REGIONS = {"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}
READING = re.compile(r"[a-z0-9]+:(?:Get|List|BatchGet|Describe)\w+")

Calls = list[tuple[str, dict[str, Any]]]
Run = Callable[..., int]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An emulated AWS of the test's own; credentials that nobody could use."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no_config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no_credentials"))
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    share_service_descriptions()
    with mock_aws():
        yield


@pytest.fixture
def calls(aws: None, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What is asked of AWS, call by call."""
    made: Calls = []
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        made.append((name, parameters))
        return make_call(client, name, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    return made


def client(service: str, region: str = "us-east-1") -> Any:
    return boto3.client(service, region_name=region)


def run(*words: str) -> int:
    return bootstrap_athena.main([*WORDS, *words])


def changing(calls: Calls) -> list[str]:
    return [name for name, _ in calls if not name.startswith(("Get", "Head", "List"))]


def lines(capsys: pytest.CaptureFixture[str], state: str) -> list[str]:
    """The lines of a plan with this mark."""
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{state:<10} ")]


# --- What is set up


def test_a_plan_changes_nothing_and_says_so(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--create-policies") == 0
    assert changing(calls) == []
    told = capsys.readouterr().out
    assert "Nothing was changed. --apply does the 16 steps" in told
    for thing in ("bucket example-results", "bucket example-data", "work group netlogs", "Glue database netlogs_raw"):
        assert f"create     {thing}: " in told


@pytest.mark.parametrize("region", REGIONS)
def test_what_is_applied_is_as_wanted(aws: None, region: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--region", region]
    if region != "us-gov-west-1":  # where moto keeps policies under arn:aws: and then does not find them
        words.append("--create-policies")
    assert run(*words, "--apply") == 0
    capsys.readouterr()
    assert run(*words) == 0
    told = capsys.readouterr().out
    assert "Nothing to create or change." in told
    assert re.findall(r"(?m)^(?:create|change|differs|note) .*", told) == []

    s3 = client("s3", region)
    for bucket in ("example-results", "example-data"):
        assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        (deny,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
        assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert deny["Resource"] == [
            f"arn:{REGIONS[region]}:s3:::{bucket}",
            f"arn:{REGIONS[region]}:s3:::{bucket}/*",
        ]
    rules = {
        bucket: s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        for bucket in ("example-results", "example-data")
    }
    assert all(any("AbortIncompleteMultipartUpload" in rule for rule in found) for found in rules.values())
    expiring = {bucket: [rule for rule in found if "Expiration" in rule] for bucket, found in rules.items()}
    assert expiring["example-data"] == []
    assert [(rule["Filter"], rule["Expiration"]) for rule in expiring["example-results"]] == [
        ({"Prefix": "athena/"}, {"Days": 30})
    ]
    group = client("athena", region).get_work_group(WorkGroup="netlogs")["WorkGroup"]["Configuration"]
    assert group["EnforceWorkGroupConfiguration"] is False
    assert group["PublishCloudWatchMetricsEnabled"] is True
    assert group["BytesScannedCutoffPerQuery"] == 10**11
    assert group["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert group["ResultConfiguration"]["ExpectedBucketOwner"] == ACCOUNT
    names = {entry["Name"] for entry in client("glue", region).get_databases()["DatabaseList"]}
    assert {"netlogs", "netlogs_raw"} <= names
    assert f"export AWS_REGION={region}" in told.splitlines()


def test_the_variables_are_ready_to_paste(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--work-group", "analytics") == 0
    exported = dict(
        line.removeprefix("export ").split("=", 1)
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("export ")
    )
    assert exported == {
        "AWS_REGION": "us-east-1",
        "ATHENA_WORK_GROUP": "analytics",
        "ATHENA_RESULTS": "s3://example-results/athena/builder/",
        "ATHENA_DATA": "s3://example-data/dbt/",
        "ATHENA_SCHEMA": "netlogs",
        "LOGS": "s3://example-logs/all",
    }


def test_a_key_of_kms_encrypts_both_buckets_and_the_results(aws: None) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    assert run("--apply", "--kms-key", key, "--scan-limit-gb", "0.5", "--expire-results-days", "7") == 0
    assert run("--kms-key", key, "--scan-limit-gb", "0.5", "--expire-results-days", "7") == 0
    for bucket in ("example-results", "example-data"):
        (rule,) = client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        assert rule["BucketKeyEnabled"] is True
    group = client("athena").get_work_group(WorkGroup="netlogs")["WorkGroup"]["Configuration"]
    assert group["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_KMS", "KmsKey": key}
    assert group["BytesScannedCutoffPerQuery"] == 5 * 10**8


def test_a_run_that_was_stopped_is_finished_by_the_next(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        answer_with_error(patch, "CreateWorkGroup", "AccessDeniedException")
        assert run("--apply") == 1
    assert run("--apply") == 0
    assert client("athena").get_work_group(WorkGroup="netlogs")["WorkGroup"]


# --- What is found and stays


def test_what_differs_is_named_and_left(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--apply", "--create-policies") == 0
    s3 = client("s3")
    rules = s3.get_bucket_lifecycle_configuration(Bucket="example-data")["Rules"]
    other = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "dbt/netlogs/"}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket="example-data", LifecycleConfiguration={"Rules": [*rules, other]})
    iam = client("iam")
    arn = f"arn:aws:iam::{ACCOUNT}:policy/netlogs-reader"
    own = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(own), SetAsDefault=True)
    capsys.readouterr()
    calls.clear()
    words = ("--apply", "--create-policies", "--scan-limit-gb", "5000", "--expire-results-days", "400")
    assert run(*words) == 3
    assert changing(calls) == []
    told = lines(capsys, "differs")
    assert [line.split(": ")[0].removeprefix("differs    ") for line in told] == [
        "bucket example-results",
        "bucket example-data",
        "work group netlogs",
        "IAM policy netlogs-reader",
    ]
    assert "--work-group netlogs --configuration-updates '{\"BytesScannedCutoffPerQuery\": 5000000000000}'" in told[2]


def test_a_bucket_of_another_hand_is_only_looked_at(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="example-results")
    s3.put_object(Bucket="example-results", Key="athena/precious", Body=b"1")
    theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket="example-results", LifecycleConfiguration={"Rules": [theirs]})
    allow = {
        "Sid": "DenyRequestsWithoutTls",
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": "s3:GetObject",
    }
    allow["Resource"] = "arn:aws:s3:::example-results/*"
    policy = {"Version": "2012-10-17", "Statement": [allow]}
    s3.put_bucket_policy(Bucket="example-results", Policy=json.dumps(policy))
    calls.clear()
    assert run("--apply") == 3
    assert [p for name, p in calls if name in changing(calls) and p.get("Bucket") == "example-results"] == []
    assert all("--adopt-buckets" in line for line in lines(capsys, "differs"))

    assert run("--apply", "--adopt-buckets") == 0
    kept = s3.get_bucket_lifecycle_configuration(Bucket="example-results")["Rules"]
    assert kept[0] == theirs
    assert len(kept) == 3
    statements = json.loads(s3.get_bucket_policy(Bucket="example-results")["Policy"])["Statement"]
    assert statements[0] == allow
    assert [statement["Sid"] for statement in statements] == ["DenyRequestsWithoutTls", "DenyRequestsWithoutTls2"]
    assert run() == 0


def test_a_work_group_that_enforces_its_location_is_not_changed(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    client("athena").create_work_group(
        Name="netlogs",
        Configuration={
            "ResultConfiguration": {"OutputLocation": "s3://elsewhere/"},
            "EnforceWorkGroupConfiguration": True,
        },
    )
    assert run("--apply") == 3
    told = " ".join(lines(capsys, "differs"))
    assert "EnforceWorkGroupConfiguration is true, wanted false" in told
    assert "BytesScannedCutoffPerQuery is null, wanted 100000000000" in told
    found = client("athena").get_work_group(WorkGroup="netlogs")["WorkGroup"]["Configuration"]
    assert found["EnforceWorkGroupConfiguration"] is True
    assert found["ResultConfiguration"] == {"OutputLocation": "s3://elsewhere/"}


def test_a_key_of_kms_that_is_there_is_not_taken_away(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--apply") == 0
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    client("s3").put_bucket_encryption(Bucket="example-data", ServerSideEncryptionConfiguration={"Rules": [rule]})
    capsys.readouterr()
    assert run("--apply") == 3
    assert f"differs    bucket example-data: encrypts with {key}; wanted SSE-S3" in capsys.readouterr().out
    (found,) = client("s3").get_bucket_encryption(Bucket="example-data")["ServerSideEncryptionConfiguration"]["Rules"]
    assert found["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key


def answer_with_error(monkeypatch: pytest.MonkeyPatch, call: str, code: str) -> None:
    """Let AWS refuse one kind of call."""
    make_call = botocore.client.BaseClient._make_api_call

    def refuse(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        if name == call:
            raise ClientError({"Error": {"Code": code, "Message": "refused"}}, name)
        return make_call(client, name, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", refuse)


def test_every_call_about_a_bucket_says_whose_it_must_be(calls: Calls) -> None:
    assert run("--apply") == 0
    assert run() == 0
    about = [(name, parameters) for name, parameters in calls if "Bucket" in parameters and name != "CreateBucket"]
    assert len(about) > 20
    assert [name for name, parameters in about if parameters.get("ExpectedBucketOwner") != ACCOUNT] == []


def test_a_bucket_of_another_account_is_refused(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # What S3 answers when the owner is not the expected one; moto does not look at the owner.
    answer_with_error(monkeypatch, "HeadBucket", "403")
    assert run("--apply") == 1
    assert changing(calls) == []
    assert f"bucket example-results: expected one of account {ACCOUNT}" in capsys.readouterr().err


def test_a_bucket_of_another_region_is_refused(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    client("s3", "eu-west-1").create_bucket(
        Bucket="example-data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    assert run() == 1
    assert "bucket example-data: expected region us-east-1, found eu-west-1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--data", "s3://example-results/data"), "expected two buckets, found one"),
        (("--logs", "s3://example-results/logs"), "expected different buckets"),
        (("--schema", "Net; drop"), "expected lower case letters, digits and underscores"),
        (("--work-group", "a b"), "expected letters, digits"),
        (("--scan-limit-gb", "0.001"), "expected at least 0.01 (GB)"),
        (("--scan-limit-gb", "inf"), "expected at least 0.01 (GB)"),
        (("--scan-limit-gb", "nan"), "expected at least 0.01 (GB)"),
        (("--expire-results-days", "0"), "expected a whole number of days"),
        (("--kms-key", "alias/x"), "expected the ARN of a key"),
        (("--existing-tables", "flow_logs"), "expected database.table"),
        (("--print-policy", "builder", "--apply"), "not allowed with"),
    ],
)
def test_wrong_arguments_are_named(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(*words)
    assert message in capsys.readouterr().err


def test_no_region_is_named(aws: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("AWS_REGION")
    assert run() == 1
    assert "no region is known. Say --region, or set AWS_REGION." in capsys.readouterr().err


def test_no_credentials_are_named(
    aws: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert run() == 1
    assert "Correct the credentials, the profile or the region, and run again." in capsys.readouterr().err


# --- Policies


def printed_policy(capsys: pytest.CaptureFixture[str], role: str, *words: str) -> Policy:
    capsys.readouterr()
    assert run("--print-policy", role, *words) == 0
    told = capsys.readouterr()
    policy: Policy = json.loads(told.out)
    reasons = dict(line.split(": ", 1) for line in told.err.splitlines())
    assert list(reasons) == [statement["Sid"] for statement in policy["Statement"]]
    return policy


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("role", ["builder", "reader"])
def test_a_policy_is_what_iam_takes_and_no_write_goes_everywhere(
    aws: None, capsys: pytest.CaptureFixture[str], region: str, role: str
) -> None:
    words = ("--existing-tables", "other.flow_logs", "--log-kms-keys", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/ab-1")
    policy = printed_policy(capsys, role, "--region", region, *words)
    assert policy["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert len(sids) == len(set(sids))
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 6,144 characters without blanks
    assert len(json.dumps(policy, separators=(",", ":"))) <= 6144
    for statement in policy["Statement"]:
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert statement["Effect"] == "Allow"
        assert all(re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action) for action in statement["Action"])
        if "kms:Decrypt" not in statement["Action"]:
            assert all(
                resource == "*" or resource.startswith(f"arn:{REGIONS[region]}:") for resource in statement["Resource"]
            )
        # A resource of any name: only for calls that read.
        if any(re.search(r"^\*$|:::\*|:database/\*$|:table/\*", resource) for resource in statement["Resource"]):
            assert [action for action in statement["Action"] if not READING.fullmatch(action)] == []


@pytest.mark.parametrize("region", REGIONS)
def test_iam_takes_the_policies(aws: None, region: str) -> None:
    assert run("--apply", "--create-policies", "--region", region) == 0
    found = client("iam", region).list_policies(Scope="Local")["Policies"]
    assert {entry["PolicyName"] for entry in found} == {"netlogs-builder", "netlogs-reader"}


def test_the_evaluator_of_these_tests_refuses_what_no_statement_names() -> None:
    listing = {"Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::b"]}
    listing["Condition"] = {"StringLike": {"s3:prefix": ["a/*"]}}  # type: ignore[assignment]
    policy = {"Statement": [listing, {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/a/*"]}]}
    assert allowed(policy, "s3:ListBucket", "arn:aws:s3:::b", prefix="a/x")
    assert allowed(policy, "s3:GetObject", "arn:aws:s3:::b/a/x")
    assert not allowed(policy, "s3:ListBucket", "arn:aws:s3:::b", prefix="b/")
    assert not allowed(policy, "s3:ListBucket", "arn:aws:s3:::b")
    assert not allowed(policy, "s3:GetObject", "arn:aws:s3:::b/b")
    assert not allowed(policy, "s3:PutObject", "arn:aws:s3:::b/a/x")


def objects(*keys: str) -> list[str]:
    return [f"arn:aws:s3:::{key}" for key in keys]


def test_a_reader_reads_marts_and_writes_results_of_its_own_only(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    policy = printed_policy(capsys, "reader")
    mart = "example-data/dbt/netlogs/fct_internet_egress_daily/0a1b/event_date=2026-11-01/file"
    assert allowed(policy, "s3:GetObject", f"arn:aws:s3:::{mart}")
    assert allowed(policy, "s3:PutObject", "arn:aws:s3:::example-results/athena/reader/result.csv")
    for resource in objects(
        "example-logs/all/AWSLogs/111122223333/vpcflowlogs/file",
        "example-data/dbt/netlogs/stg_vpc_flow_logs__records/0a1b/file",
        "example-data/dbt/other/fct_internet_egress_daily/0a1b/file",
        "example-results/athena/builder/result.csv",
    ):
        assert not allowed(policy, "s3:GetObject", resource), resource
    for resource in objects(mart, "example-logs/all/x", "example-results/athena/builder/x"):
        for action in ("s3:PutObject", "s3:DeleteObject"):
            assert not allowed(policy, action, resource), (action, resource)
    assert not allowed(policy, "s3:ListBucket", "arn:aws:s3:::example-logs", prefix="all/")
    glue = f"arn:aws:glue:us-east-1:{ACCOUNT}"
    assert allowed(policy, "glue:GetTable", f"{glue}:table/netlogs/dim_network_interfaces")
    assert not allowed(policy, "glue:GetTable", f"{glue}:table/netlogs/stg_vpc_flow_logs__records")
    assert not allowed(policy, "glue:GetTable", f"{glue}:table/netlogs_raw/vpc_flow_logs_default")
    assert not allowed(policy, "glue:GetTables", f"{glue}:table/netlogs_raw/x")
    assert not allowed(policy, "athena:StartQueryExecution", f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/primary")
    writes = [
        action
        for statement in policy["Statement"]
        for action in statement["Action"]
        if action.startswith("glue:") and not READING.fullmatch(action)
    ]
    assert writes == []


def test_a_builder_writes_its_own_tables_only(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    policy = printed_policy(capsys, "builder", "--existing-tables", "other.flow_logs")
    glue = f"arn:aws:glue:us-east-1:{ACCOUNT}"
    assert allowed(policy, "glue:GetTable", f"{glue}:table/other/flow_logs")
    assert not allowed(policy, "glue:UpdateTable", f"{glue}:table/other/flow_logs")
    assert not allowed(policy, "glue:GetTable", f"{glue}:table/other/another")
    assert not allowed(policy, "glue:DeleteDatabase", f"{glue}:database/netlogs")
    assert allowed(policy, "s3:GetObject", "arn:aws:s3:::example-logs/all/x")
    for resource in objects("example-logs/all/x", "example-data/dbt/other/x", "example-data/x", "example-results/x"):
        for action in ("s3:PutObject", "s3:DeleteObject"):
            assert not allowed(policy, action, resource), (action, resource)


# --- Against what is really called

VARIABLES = {
    "cloudtrail_path": "cloudtrail/AWSLogs",
    "cloudtrail_account_ids": ["111122223333"],
    "cloudtrail_regions": ["us-east-1"],
    "start_date": "2026-11-01",
    "end_date": "2026-11-01",
}


@pytest.mark.athena
@pytest.mark.slow
def test_the_policies_allow_all_that_a_build_and_a_reader_call(
    athena_space: AthenaSpace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = athena_space.aws
    name = athena_space.schema.replace("_", "-")[-40:].strip("-")
    results, data = f"{name}-results", f"{name}-data"
    for variable, value in aws.environment().items():
        monkeypatch.setenv(variable, value)
    words = ("--schema", athena_space.schema, "--work-group", name, "--results", f"s3://{results}/athena")
    words += ("--data", f"s3://{data}/{athena_space.prefix}warehouse", "--logs", f"{athena_space.location}logs")
    assert bootstrap_athena.main([*words, "--apply"]) == 0
    exported = dict(re.findall(r"(?m)^export (\w+)=(.*)$", capsys.readouterr().out))

    def policy(role: str) -> Policy:
        assert bootstrap_athena.main([*words, "--print-policy", role]) == 0
        found: Policy = json.loads(capsys.readouterr().out)
        return found

    builder, reader = policy("builder"), policy("reader")
    space = dataclasses.replace(athena_space, work_group=name, environment=athena_space.environment | exported)
    project = AthenaProject(space, tmp_path)
    write_trail(tmp_path / "logs", trail_file("2026-11-01", "0123456789abcdef"), event("1"))
    project.upload(tmp_path / "logs")
    for bucket in (results, data):  # moto refuses by a Deny whatever its condition says
        aws.client("s3").delete_bucket_policy(Bucket=bucket)

    aws.reset_log()
    project.dbt("seed", "--select", "s3_operations", variables=VARIABLES).check()
    project.dbt("run", "--select", "+fct_api_activity_daily", variables=VARIABLES).check()
    # Again: tables are replaced, days are pointed at new files; then what they showed before is swept.
    project.dbt("seed", "--full-refresh", "--select", "s3_operations", variables=VARIABLES).check()
    project.dbt("run", "--select", "fct_api_activity_daily", variables=VARIABLES).check()
    sweeping = ["--data", exported["ATHENA_DATA"], "--schema", space.schema, "--apply"]
    assert sweep_retired_data.main(sweeping, datetime.now(UTC) + timedelta(days=2)) == 0
    assert "Deleted 0 objects" not in capsys.readouterr().out
    called = {origin: aws.requests(origin) for origin in ("client", "trino")}
    for origin, services in (("client", {"athena", "glue", "s3", "sts"}), ("trino", {"glue", "s3"})):
        assert {request.service for request in called[origin]} == services
        assert refused(builder, called[origin], space, aws_account(aws)) == set(), origin
    assert refused(reader, called["trino"], space, aws_account(aws)) != set()

    aws.reset_log()
    mine = dataclasses.replace(space, results=exported["ATHENA_RESULTS"].replace("/builder/", "/reader/"))
    (row,) = AthenaProject(mine, tmp_path).rows("fct_api_activity_daily")
    assert row["event_name"] == "GetObject"
    for origin in ("client", "trino"):
        assert aws.requests(origin)
        assert refused(reader, aws.requests(origin), space, aws_account(aws)) == set(), origin
