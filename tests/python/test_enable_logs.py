"""enable_logs shows what is on, switches on what is missing, and changes what differs only where that is asked for."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import enable_logs
import pytest
import yaml
from botocore.exceptions import ClientError
from dbt_server import share_service_descriptions
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from network_lab.formats import V5_FIELDS, V11_FIELDS

REPOSITORY = Path(__file__).resolve().parents[2]
REGIONS = {"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}
LOG_BUCKET = "example-logs"
TO_LOGS = ("--destination", f"s3://{LOG_BUCKET}/network")

Calls = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Calls]:
    """An emulated AWS of the test's own, and what is asked of it, call by call.

    moto forgets the key format of access logs and the file format of flow logs, and takes the folder of a flow log for
    a part of its bucket's name: it gets the bucket alone, and what was put is given back here.
    """
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no_config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no_credentials"))
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    share_service_descriptions()
    made: Calls = []
    key_formats: dict[str, Any] = {}
    destinations: dict[str, Any] = {}
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        made.append((name, copy.deepcopy(parameters)))
        if name == "CreateFlowLogs":
            put = {key: parameters[key] for key in ("LogDestination", "DestinationOptions")}
            parameters = {**parameters, "LogDestination": parameters["LogDestination"].split("/")[0]}
        answer = make_call(client, name, parameters)
        if name == "PutBucketLogging":
            enabled = parameters["BucketLoggingStatus"].get("LoggingEnabled", {})
            key_formats[parameters["Bucket"]] = enabled.get("TargetObjectKeyFormat")
        elif name == "GetBucketLogging" and key_formats.get(parameters["Bucket"]):
            answer["LoggingEnabled"]["TargetObjectKeyFormat"] = key_formats[parameters["Bucket"]]
        elif name == "CreateFlowLogs":
            destinations.update(dict.fromkeys(answer["FlowLogIds"], put))
        elif name == "DescribeFlowLogs":
            for flow_log in answer["FlowLogs"]:
                flow_log.update(destinations[flow_log["FlowLogId"]])
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    with mock_aws():
        yield made


def client(service: str, region: str = "us-east-1") -> Any:
    return boto3.client(service, region_name=region)


def make_bucket(name: str, region: str = "us-east-1") -> str:
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client("s3", region).create_bucket(Bucket=name, **place)
    return name


def run(*words: str) -> int:
    return enable_logs.main(words)


def changing(calls: Calls) -> list[str]:
    return [name for name, _ in calls if not name.startswith(("Get", "Head", "List", "Describe"))]


def only(calls: Calls, name: str) -> dict[str, Any]:
    """The parameters of the one call of this name."""
    (parameters,) = [parameters for made, parameters in calls if made == name]
    return parameters


def told(capsys: pytest.CaptureFixture[str], state: str) -> list[str]:
    """What a plan says with this mark."""
    lines = capsys.readouterr().out.splitlines()
    return [line[11:] for line in lines if line.startswith(f"{state:<10} ")]


def settings(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The vars that are printed for dbt."""
    text = capsys.readouterr().out.split("For dbt")[1].split("\nexport ")[0].partition("\n")[2]
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def statements(bucket: str, region: str = "us-east-1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client("s3", region).get_bucket_policy(Bucket=bucket)["Policy"])[
        "Statement"
    ]
    return found


KINDS = {
    "flow-logs": ("flow-logs", *TO_LOGS, "--all-vpcs"),
    "s3-access-logs": ("s3-access-logs", *TO_LOGS, "--buckets", "example-media-assets"),
    "cloudtrail": ("cloudtrail", *TO_LOGS, "--data-events-of", "example-media-assets"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_plan_changes_nothing_and_tells_what_it_costs(
    calls: Calls, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    make_bucket("example-media-assets")
    calls.clear()
    assert run(*KINDS[kind]) == 0
    assert changing(calls) == []
    out = capsys.readouterr().out
    assert "Nothing was changed. --apply does" in out
    assert "What it costs: estimates" in out
    assert f"create     bucket {LOG_BUCKET}: " in out


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_applied_is_as_wanted(calls: Calls, capsys: pytest.CaptureFixture[str], kind: str, region: str) -> None:
    make_bucket("example-media-assets", region)
    words = (*KINDS[kind], "--region", region)
    assert run(*words, "--apply") == 0
    capsys.readouterr()
    calls.clear()
    assert run(*words, "--apply") == 0
    assert changing(calls) == []
    out = capsys.readouterr().out
    assert "Nothing to create or change." in out
    assert re.findall(r"(?m)^(?:create|change|differs)\b", out) == []
    principals = {
        "flow-logs": "delivery.logs.amazonaws.com",
        "s3-access-logs": "logging.s3.amazonaws.com",
        "cloudtrail": "cloudtrail.amazonaws.com",
    }
    allowing = [one for one in statements(LOG_BUCKET, region) if one["Effect"] == "Allow"]
    assert {one["Principal"]["Service"] for one in allowing} == {principals[kind]}
    text = json.dumps(statements(LOG_BUCKET, region))
    assert set(re.findall(r"arn:(aws[a-z-]*):", text)) == {REGIONS[region]}
    assert f'aws_partition: "{REGIONS[region]}"' in out


def test_every_call_about_a_bucket_says_whose_it_must_be(calls: Calls) -> None:
    make_bucket("example-media-assets")
    calls.clear()
    for words in KINDS.values():
        assert run(*words, "--apply") == 0
    about = [(name, parameters) for name, parameters in calls if "Bucket" in parameters and name != "CreateBucket"]
    assert len(about) > 10
    assert [name for name, parameters in about if parameters.get("ExpectedBucketOwner") != ACCOUNT] == []


# --- The bucket's policy


def test_a_policy_keeps_what_it_says_and_is_added_to_once(calls: Calls) -> None:
    make_bucket("example-media-assets")
    make_bucket(LOG_BUCKET)
    theirs = {
        "Sid": "AWSLogDeliveryWrite",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{LOG_BUCKET}/*",
    }
    policy = {"Version": "2012-10-17", "Id": "theirs", "Statement": theirs}
    client("s3").put_bucket_policy(Bucket=LOG_BUCKET, Policy=json.dumps(policy))
    for _ in range(2):
        for words in KINDS.values():
            assert run(*words, "--apply") == 0
    found = statements(LOG_BUCKET)
    assert found[0] == theirs
    assert [one["Sid"] for one in found[1:]] == [
        "AWSLogDeliveryWrite2",
        "AWSLogDeliveryAclCheck",
        "S3ServerAccessLogsPolicy",
        "AWSCloudTrailAclCheck",
        "AWSCloudTrailWrite",
    ]
    assert json.loads(client("s3").get_bucket_policy(Bucket=LOG_BUCKET)["Policy"])["Id"] == "theirs"


def test_each_service_may_write_its_own_folder_for_this_account_only(calls: Calls) -> None:
    make_bucket("example-media-assets")
    for words in KINDS.values():
        assert run(*words, "--apply") == 0
    found = {one["Sid"]: one for one in statements(LOG_BUCKET)}
    below = f"arn:aws:s3:::{LOG_BUCKET}/network/"
    writing = {one["Resource"]: one for one in found.values() if one["Action"] == "s3:PutObject"}
    assert set(writing) == {f"{below}AWSLogs/{ACCOUNT}/*", f"{below}*"}
    assert found["AWSLogDeliveryWrite"]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT, "s3:x-amz-acl": "bucket-owner-full-control"},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:*"},
    }
    assert found["S3ServerAccessLogsPolicy"]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    trail = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/aws-internet-traffic"
    assert found["AWSCloudTrailWrite"]["Condition"]["StringEquals"]["aws:SourceArn"] == trail
    assert found["DenyRequestsWithoutTls"]["Effect"] == "Deny"


def test_the_policy_is_there_before_the_flow_log(calls: Calls) -> None:
    make_bucket(LOG_BUCKET)
    assert run(*KINDS["flow-logs"], "--apply") == 0
    made = changing(calls)
    assert made.index("PutBucketPolicy") < made.index("CreateFlowLogs")


# --- Flow logs


def parquet_columns() -> set[str]:
    """The fields that this project's raw table of Parquet flow logs has."""
    file = REPOSITORY / "models/staging/vpc_flow_logs/_vpc_flow_logs__sources.yml"
    (source,) = yaml.safe_load(file.read_text())["sources"]
    (table,) = [table for table in source["tables"] if table["name"] == "parquet"]
    return {column["name"].replace("_", "-") for column in table["columns"]}


@pytest.mark.parametrize(("version", "fields"), [(5, V5_FIELDS), (11, V11_FIELDS)])
def test_the_fields_are_those_of_the_version_and_known_to_the_project(version: int, fields: tuple[str, ...]) -> None:
    chosen = enable_logs.FIELDS[version].split()
    assert len(chosen) == len(set(chosen))
    assert set(chosen) == set(fields)
    assert set(chosen) <= parquet_columns()
    assert {"pkt-srcaddr", "pkt-dstaddr", "flow-direction", "traffic-path"} <= set(chosen)


def test_a_flow_log_is_made_as_it_was_planned(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    vpc = client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    assert run("flow-logs", *TO_LOGS, "--vpcs", vpc, "--aggregation-seconds", "60", "--apply") == 0
    asked = only(calls, "CreateFlowLogs")
    assert (asked["ResourceIds"], asked["ResourceType"], asked["TrafficType"]) == ([vpc], "VPC", "ALL")
    assert asked["LogDestination"] == f"arn:aws:s3:::{LOG_BUCKET}/network"
    assert asked["MaxAggregationInterval"] == 60
    assert asked["LogFormat"].startswith("${version} ${account-id} ${interface-id} ")
    found = settings(capsys)
    assert found["vpc_flow_logs_custom_path"] == "network/AWSLogs"
    assert asked["LogFormat"] == " ".join(f"${{{name}}}" for name in found["vpc_flow_logs_custom_fields"].split())
    assert found["vpc_flow_logs_custom_layout"] == "daily"


@pytest.mark.parametrize(
    ("words", "layout", "folder"),
    [
        ((), "daily", ACCOUNT),
        (("--hourly",), "hourly", ACCOUNT),
        (("--hive-prefixes",), "hive_daily", f"aws-account-id={ACCOUNT}"),
        (("--hive-prefixes", "--hourly"), "hive_hourly", f"aws-account-id={ACCOUNT}"),
    ],
)
def test_a_parquet_flow_log_gets_the_layout_that_dbt_is_told(
    calls: Calls, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], layout: str, folder: str
) -> None:
    command = (*KINDS["flow-logs"], "--parquet", *words)
    assert run(*command, "--apply") == 0
    options = only(calls, "CreateFlowLogs")["DestinationOptions"]
    assert options == {
        "FileFormat": "parquet",
        "HiveCompatiblePartitions": "--hive-prefixes" in words,
        "PerHourPartition": "--hourly" in words,
    }
    found = settings(capsys)
    assert found["vpc_flow_logs_parquet_layout"] == layout
    assert "vpc_flow_logs_custom_fields" not in found
    resources = {one["Resource"] for one in statements(LOG_BUCKET) if one["Action"] == "s3:PutObject"}
    assert resources == {f"arn:aws:s3:::{LOG_BUCKET}/network/AWSLogs/{folder}/*"}
    assert run(*command) == 0
    assert told(capsys, "create") == []


def test_a_flow_log_that_differs_stays_alone_unless_asked_for(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*KINDS["flow-logs"], "--apply") == 0
    calls.clear()
    capsys.readouterr()
    words = (*KINDS["flow-logs"], "--fields-version", "11", "--apply")
    assert run(*words) == 3
    assert changing(calls) == []
    (line,) = told(capsys, "differs")
    assert "LogFormat is '${version}" in line
    assert "TrafficType" not in line
    elsewhere = (
        "flow-logs",
        "--destination",
        "s3://example-more-logs/network",
        "--all-vpcs",
        "--beside-existing",
        "--apply",
    )
    assert run(*elsewhere) == 0
    assert len(client("ec2").describe_flow_logs()["FlowLogs"]) == 2


def test_a_subnet_is_recorded_by_its_vpc(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    ec2 = client("ec2")
    (vpc,) = ec2.describe_vpcs()["Vpcs"]
    subnet = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"][0]["SubnetId"]
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    assert run("flow-logs", *TO_LOGS, "--vpcs", vpc["VpcId"], "--apply") == 0
    calls.clear()
    for words in (("--subnets", subnet), ("--interfaces", interface)):
        capsys.readouterr()
        assert run("flow-logs", *TO_LOGS, *words, "--apply") == 0
        assert "records it" in " ".join(told(capsys, "as wanted"))
    assert changing(calls) == []


@pytest.mark.parametrize("kind", ["Subnet", "NetworkInterface"])
def test_subnets_and_interfaces_can_be_recorded_alone(
    calls: Calls, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ec2 = client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    interface = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    words = {"Subnet": ("--subnets", subnet), "NetworkInterface": ("--interfaces", interface)}[kind]
    assert run("flow-logs", *TO_LOGS, *words, "--apply") == 0
    assert only(calls, "CreateFlowLogs")["ResourceType"] == kind
    capsys.readouterr()
    assert run(*KINDS["flow-logs"]) == 0
    assert "a VPC's flow log records theirs again" in " ".join(told(capsys, "note"))


def test_what_ec2_does_not_know_or_take_is_named(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("flow-logs", *TO_LOGS, "--vpcs", "vpc-0123456789abcdef0") == 1
    assert "vpc-0123456789abcdef0" in capsys.readouterr().err


# --- S3 access logs


def test_access_logs_go_to_folders_by_day(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    make_bucket("example-media-assets")
    make_bucket("example-downloads")
    words = ("s3-access-logs", *TO_LOGS, "--buckets", "example-media-assets", "example-downloads")
    assert run(*words, "--partition-by", "EventTime", "--apply") == 0
    asked = {p["Bucket"]: p["BucketLoggingStatus"]["LoggingEnabled"] for n, p in calls if n == "PutBucketLogging"}
    wanted = {
        "TargetBucket": LOG_BUCKET,
        "TargetPrefix": "network/",
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
    }
    assert asked == {"example-media-assets": wanted, "example-downloads": wanted}
    assert settings(capsys) == {
        "s3_access_logs_partitioned_path": "network",
        "s3_access_logs_account_ids": [ACCOUNT],
        "s3_access_logs_regions": ["us-east-1"],
        "s3_access_logs_buckets": ["example-media-assets", "example-downloads"],
        "aws_partition": "aws",
    }


def test_access_logs_to_another_place_are_shown_and_replaced_only_when_asked(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    make_bucket("example-media-assets")
    assert run(*KINDS["s3-access-logs"], "--apply") == 0
    words = (
        "s3-access-logs",
        "--destination",
        f"s3://{LOG_BUCKET}/other",
        "--buckets",
        "example-media-assets",
        "--apply",
    )
    calls.clear()
    capsys.readouterr()
    assert run(*words) == 3
    assert "PutBucketLogging" not in changing(calls)
    (line,) = told(capsys, "differs")
    assert '"TargetPrefix": "network/"' in line
    assert run(*words, "--replace-existing") == 0
    assert only(calls, "PutBucketLogging")["BucketLoggingStatus"]["LoggingEnabled"]["TargetPrefix"] == "other/"


def test_buckets_never_log_in_a_circle(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    make_bucket("example-media-assets")
    assert run(*KINDS["s3-access-logs"], "--apply") == 0
    back = ("s3-access-logs", "--destination", "s3://example-media-assets/x", "--buckets", LOG_BUCKET, "--apply")
    calls.clear()
    assert run(*back) == 1
    assert changing(calls) == []
    assert "each delivery would make another log" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run("s3-access-logs", *TO_LOGS, "--buckets", "example-media-assets", LOG_BUCKET)
    assert f"{LOG_BUCKET} is the destination" in capsys.readouterr().err


def test_a_bucket_that_takes_no_access_logs_is_refused(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    make_bucket("example-media-assets")
    make_bucket(LOG_BUCKET)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    client("s3").put_bucket_encryption(Bucket=LOG_BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    calls.clear()
    assert run(*KINDS["s3-access-logs"], "--apply") == 1
    assert changing(calls) == []
    assert "expected SSE-S3 as its default encryption, found aws:kms" in capsys.readouterr().err


def test_a_bucket_that_is_not_there_is_named(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*KINDS["s3-access-logs"], "--apply") == 1
    assert changing(calls) == []
    assert "bucket example-media-assets: expected one of this account, found none" in capsys.readouterr().err


# --- CloudTrail


def selectors(name: str = "aws-internet-traffic") -> dict[str, list[dict[str, Any]]]:
    found = client("cloudtrail").get_event_selectors(TrailName=name)["AdvancedEventSelectors"]
    return {one["Name"]: one["FieldSelectors"] for one in found}


def test_a_trail_records_chosen_buckets_and_is_validated(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*KINDS["cloudtrail"], "--apply") == 0
    (trail,) = client("cloudtrail").describe_trails()["trailList"]
    assert trail["S3BucketName"] == LOG_BUCKET
    assert trail["S3KeyPrefix"] == "network"
    assert trail["IsMultiRegionTrail"] is True
    assert trail["LogFileValidationEnabled"] is True
    assert client("cloudtrail").get_trail_status(Name=trail["TrailARN"])["IsLogging"] is True
    assert selectors() == {
        "Management events": [{"Field": "eventCategory", "Equals": ["Management"]}],
        "S3 objects of named buckets": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::example-media-assets/"]},
        ],
    }
    found = settings(capsys)
    assert found["cloudtrail_path"] == "network/AWSLogs"
    assert "us-east-1" in found["cloudtrail_regions"]


def test_a_trail_of_all_buckets_leaves_its_own_out(calls: Calls) -> None:
    words = (
        "cloudtrail",
        *TO_LOGS,
        "--all-buckets",
        "--without",
        "example-results",
        "--no-management-events",
        "--apply",
    )
    assert run(*words) == 0
    ((_, fields),) = selectors().items()
    assert fields[-1] == {
        "Field": "resources.ARN",
        "NotStartsWith": [f"arn:aws:s3:::{LOG_BUCKET}/", "arn:aws:s3:::example-results/"],
    }


def test_a_trail_that_differs_is_changed_only_when_asked(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    make_bucket(LOG_BUCKET)
    cloudtrail = client("cloudtrail")
    cloudtrail.create_trail(Name="aws-internet-traffic", S3BucketName=LOG_BUCKET)
    calls.clear()
    assert run(*KINDS["cloudtrail"], "--apply") == 3
    assert set(changing(calls)) == {"PutBucketPolicy"}
    differing = told(capsys, "differs")
    assert len(differing) == 3
    assert "IsMultiRegionTrail is False, wanted True" in differing[0]
    assert run(*KINDS["cloudtrail"], "--apply", "--replace-existing") == 0
    capsys.readouterr()
    assert run(*KINDS["cloudtrail"]) == 0
    assert told(capsys, "create") == []


def test_another_trail_is_mentioned_because_copies_cost(calls: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    make_bucket("example-audit")
    client("cloudtrail").create_trail(Name="audit", S3BucketName="example-audit")
    assert run(*KINDS["cloudtrail"]) == 0
    (line,) = told(capsys, "note")
    assert "trail audit of us-east-1 delivers to s3://example-audit/" in line


# --- What it costs


@pytest.mark.parametrize(
    ("region", "words", "expected"),
    [
        (
            "us-east-1",
            KINDS["flow-logs"],
            [r"delivery of flow logs .*: 0\.25 USD per GB \(seen on \d{4}-\d\d-\d\d; \S+"],
        ),
        ("ap-northeast-1", (*KINDS["flow-logs"], "--parquet"), [r"conversion to Parquet .*: 0\.056 USD per GB"]),
        (
            "eu-west-1",
            KINDS["flow-logs"],
            [r"delivery .*: price in eu-west-1 not known here \(0\.25 USD per GB in us-e"],
        ),
        (
            "cn-north-1",
            KINDS["flow-logs"],
            [r"delivery .*: price in cn-north-1 not known here; see https://\S+amazonaws\.cn"],
        ),
        ("cn-north-1", KINDS["cloudtrail"], [r"data events: price in cn-north-1 not known here; see"]),
        ("us-east-1", KINDS["cloudtrail"], [r"data events: 0\.10 USD per 100,000 events", "first copy .*: free"]),
        ("us-east-1", KINDS["s3-access-logs"], ["delivery of S3 access logs: free"]),
    ],
)
def test_a_price_has_its_source_or_is_said_to_be_unknown(
    calls: Calls, capsys: pytest.CaptureFixture[str], region: str, words: tuple[str, ...], expected: list[str]
) -> None:
    make_bucket("example-media-assets", region)
    assert run(*words, "--region", region) == 0
    out = capsys.readouterr().out
    assert [pattern for pattern in expected if not re.search(pattern, out)] == []


# --- What goes wrong


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("flow-logs", *TO_LOGS), "one of the arguments --vpcs --all-vpcs --subnets --interfaces is required"),
        (("flow-logs", *TO_LOGS, "--vpcs", "vpc-1; rm"), "expected vpc-.."),
        (("flow-logs", "--destination", "s3://example-logs/AWSLogs/", "--all-vpcs"), "the folder above AWSLogs"),
        (
            ("flow-logs", "--destination", "example-logs", "--all-vpcs"),
            "expected a location such as s3://bucket/prefix",
        ),
        (("s3-access-logs", *TO_LOGS, "--buckets", "No_Bucket"), "expected the name of a bucket"),
        (("cloudtrail", *TO_LOGS, "--data-events-of", LOG_BUCKET), "each delivery would be an event again"),
        (("cloudtrail", *TO_LOGS, "--without", "example-results"), "expected --all-buckets beside it"),
        (("cloudtrail", *TO_LOGS, "--no-management-events"), "expected --data-events-of or --all-buckets"),
        (("cloudtrail", *TO_LOGS, "--trail", "../x"), "expected the name of a trail"),
    ],
)
def test_wrong_arguments_are_named(words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(*words)
    assert message in capsys.readouterr().err


def test_what_aws_refuses_is_said_with_what_to_do(
    calls: Calls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_call = botocore.client.BaseClient._make_api_call

    def refuse(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        if name == "PutBucketPolicy":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not allowed"}}, name)
        return make_call(client, name, parameters)

    make_bucket(LOG_BUCKET)
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", refuse)
    assert run(*KINDS["flow-logs"], "--apply") == 1
    error = capsys.readouterr().err
    assert f"bucket {LOG_BUCKET}: add to its policy" in error
    assert "Allow the calls that docs/setting_up.md lists, and run again. What was done before stays." in error
    assert "CreateFlowLogs" not in [name for name, _ in calls]
