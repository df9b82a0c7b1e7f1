"""A snapshot says what DescribeNetworkInterfaces says, for every account and region that answers."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest
import snapshot_network_interfaces
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from shared import snapshots

NOW = datetime(2026, 11, 1, 23, 59, 58, tzinfo=UTC)
REGIONS = ("us-east-1", "eu-west-1")
OTHER_ACCOUNT = "444455556666"
ROLE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/inventory"
NAME = 'web "one"\n{{ 1 / 0 }} é'


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An emulated AWS of the test's own; credentials that nobody could use."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no_config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no_credentials"))
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


def make_interfaces(region: str, count: int, session: Any = boto3) -> Any:
    """Make interfaces in the default network of a region and return its client."""
    ec2 = session.client("ec2", region)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    for number in range(count):
        ec2.create_network_interface(
            SubnetId=subnet,
            Description=f"number {number}",
            TagSpecifications=[{"ResourceType": "network-interface", "Tags": [{"Key": "Name", "Value": NAME}]}],
        )
    return ec2


def as_json(value: Any) -> Any:
    """What the API said, with its times as the AWS CLI writes them."""
    return json.loads(json.dumps(value, default=lambda time: time.astimezone(UTC).isoformat()))


def described(ec2: Any) -> list[dict[str, Any]]:
    """The interfaces of a region in one answer."""
    return as_json(ec2.describe_network_interfaces()["NetworkInterfaces"])


def lines(content: bytes) -> list[dict[str, Any]]:
    """The lines of a snapshot."""
    text = gzip.decompress(content).decode()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


def path(region: str, account: str = ACCOUNT) -> str:
    """Path of a snapshot below the destination."""
    name = f"{account}_network-interfaces_{region}_20261101T235958Z.json.gz"
    return f"network-interfaces/{account}/{region}/2026/11/01/{name}"


def files(folder: Path) -> set[str]:
    """Everything below a folder that is no folder."""
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def run(*words: str) -> int:
    return snapshot_network_interfaces.main(words, NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "inventory"


def test_a_file_says_what_the_api_says(folder: Path) -> None:
    clients = {region: make_interfaces(region, 3) for region in REGIONS}
    assert run("--destination", str(folder), "--regions", *REGIONS) == 0
    assert files(folder) == {path(region) for region in REGIONS}
    for region, ec2 in clients.items():
        found = lines((folder / path(region)).read_bytes())
        assert found == described(ec2)
        assert {tag["Value"] for interface in found for tag in interface["TagSet"] if tag["Key"] == "Name"} == {NAME}


def test_every_page_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ec2 = make_interfaces("us-east-1", 13)
    monkeypatch.setattr(snapshot_network_interfaces, "PAGE_SIZE", 5)
    sizes = []
    make_call = botocore.client.BaseClient._make_api_call

    def call_in_pages(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        """Give MaxResults at a time, and a token for the rest: moto gives all at once."""
        answer = make_call(client, operation, parameters)
        if operation == "DescribeNetworkInterfaces" and "MaxResults" in parameters:
            start = int(parameters.get("NextToken", 0))
            end = start + parameters["MaxResults"]
            if end < len(answer["NetworkInterfaces"]):
                answer["NextToken"] = str(end)
            answer["NetworkInterfaces"] = answer["NetworkInterfaces"][start:end]
            sizes.append(len(answer["NetworkInterfaces"]))
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call_in_pages)
    assert run("--destination", str(folder), "--regions", "us-east-1") == 0
    assert sizes == [5, 5, 3]
    found = lines((folder / path("us-east-1")).read_bytes())
    assert sorted(found, key=repr) == sorted(described(ec2), key=repr)


def test_all_enabled_regions_are_asked_when_none_is_named(folder: Path) -> None:
    enabled = {region["RegionName"] for region in boto3.client("ec2").describe_regions()["Regions"]}
    assert len(enabled) > 10
    assert run("--destination", str(folder)) == 0
    assert files(folder) == {path(region) for region in enabled}


def test_a_region_without_interfaces_is_known_to_have_none(folder: Path) -> None:
    assert run("--destination", str(folder), "--regions", "eu-west-1") == 0
    assert lines((folder / path("eu-west-1")).read_bytes()) == [{}]


def test_names_of_instances_stand_beside_their_interfaces(folder: Path) -> None:
    ec2 = boto3.client("ec2", "us-east-1")
    for tags in ([{"Key": "Name", "Value": NAME}, {"Key": "team", "Value": "x"}], [{"Key": "team", "Value": "x"}]):
        ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
    assert run("--destination", str(folder), "--regions", "us-east-1") == 0
    found = lines((folder / path("us-east-1")).read_bytes())
    assert sorted(interface.get("InstanceName", "(none)") for interface in found) == ["(none)", NAME]
    assert [{k: v for k, v in interface.items() if k != "InstanceName"} for interface in found] == described(ec2)

    assert run("--destination", str(folder), "--regions", "us-east-1", "--no-instance-names") == 0
    assert lines((folder / path("us-east-1")).read_bytes()) == described(ec2)


def test_a_dry_run_says_what_it_would_write_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_interfaces("us-east-1", 2)
    assert run("--destination", str(folder), "--regions", "us-east-1", "--dry-run") == 0
    assert not folder.exists()
    assert f"2 interfaces, would write {folder / path('us-east-1')}" in capsys.readouterr().err


def refuse(monkeypatch: pytest.MonkeyPatch, region: str, operation: str, code: str) -> None:
    """Make one call fail in one region, as AWS words it."""
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        if client.meta.region_name == region and name == operation:
            raise ClientError({"Error": {"Code": code, "Message": f"{code} was said"}}, name)
        return make_call(client, name, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)


@pytest.mark.parametrize(
    ("operation", "code", "advice"),
    [
        ("DescribeNetworkInterfaces", "AuthFailure", "not enabled for this account"),
        ("DescribeInstances", "UnauthorizedOperation", "say --no-instance-names"),
        ("DescribeNetworkInterfaces", "RequestLimitExceeded", "run again later"),
        ("DescribeNetworkInterfaces", "SomethingNew", "run again"),
    ],
)
def test_a_region_that_refuses_is_named_and_the_others_are_written(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    operation: str,
    code: str,
    advice: str,
) -> None:
    for region in REGIONS:
        make_interfaces(region, 1)
    refuse(monkeypatch, "eu-west-1", operation, code)
    assert run("--destination", str(folder), "--regions", "eu-west-1", "us-east-1") == 1
    assert files(folder) == {path("us-east-1")}
    told = capsys.readouterr().err
    (line,) = [line for line in told.splitlines() if f"{code} was said" in line]
    assert f"{ACCOUNT} eu-west-1: " in line
    assert advice in line
    assert f"not known: {ACCOUNT} eu-west-1" in told


def test_roles_are_assumed_and_one_that_refuses_does_not_stop_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ec2 = make_interfaces("us-east-1", 2, session=snapshots.assumed_session(ROLE))
    refused = "arn:aws:iam::777788889999:role/inventory"
    make_call = botocore.client.BaseClient._make_api_call

    def call(client: Any, name: str, parameters: dict[str, Any]) -> Any:
        if name == "AssumeRole" and parameters["RoleArn"] == refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not yours"}}, name)
        return make_call(client, name, parameters)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    words = ("--destination", str(folder), "--regions", "us-east-1")
    assert run(*words, "--role-arns", refused, ROLE, ROLE, "--profiles", "nobody") == 1
    assert files(folder) == {path("us-east-1", OTHER_ACCOUNT)}
    assert lines((folder / path("us-east-1", OTHER_ACCOUNT)).read_bytes()) == described(ec2)
    told = capsys.readouterr().err
    assert f"role {refused}: " in told
    assert "profile nobody: " in told
    assert f"account {OTHER_ACCOUNT} was asked already" in told


@pytest.mark.parametrize(
    ("location", "prefix"), [("s3://inventory-bucket/a/b/", "a/b/"), ("s3://inventory-bucket", "")]
)
def test_a_bucket_takes_the_same_files(location: str, prefix: str) -> None:
    ec2 = make_interfaces("us-east-1", 2)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="inventory-bucket")
    assert run("--destination", location, "--regions", "us-east-1") == 0
    (stored,) = s3.list_objects_v2(Bucket="inventory-bucket")["Contents"]
    assert stored["Key"] == prefix + path("us-east-1")
    assert lines(s3.get_object(Bucket="inventory-bucket", Key=stored["Key"])["Body"].read()) == described(ec2)


def test_a_destination_that_takes_nothing_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("--destination", "s3://no-such-bucket", "--regions", "us-east-1") == 1
    assert "Create the bucket, or correct --destination" in capsys.readouterr().err

    def full_disk(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    assert run("--destination", str(tmp_path / "full"), "--regions", "us-east-1") == 1
    assert files(tmp_path / "full") == set()
    assert "name another --destination" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--destination", "ftp://bucket/x"],
        ["--destination", "s3://"],
        ["--destination", __file__],
        ["--destination", "x", "--regions", "us-east-1; rm"],
        ["--destination", "x", "--regions", "../.."],
        ["--destination", "x", "--role-arns", "role"],
    ],
)
def test_wrong_arguments_end_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(*words)
    assert end.value.code == 2


def test_the_files_are_those_that_the_project_reads() -> None:
    sources = (Path(__file__).parents[2] / "models/staging/inventory/_inventory__sources.yml").read_text()
    (pattern,) = re.findall(r'file_name_pattern: "(.*)"', sources)
    folder, _, name = path("us-east-1").rpartition("/")
    assert re.fullmatch(pattern, name)
    assert folder == f"network-interfaces/{ACCOUNT}/us-east-1/2026/11/01"
