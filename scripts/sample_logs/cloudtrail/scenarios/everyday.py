"""What people, programs and machines do every day."""

from collections.abc import Iterator
from typing import Any

from sample_logs.cloudtrail.actors import (
    ADMINISTRATOR,
    BACKUP_AGENT,
    DEPLOYER,
    EKS_PROVIDER,
    FEDERATED_USER,
    FIRST_EU,
    FIRST_US,
    IDENTITY_CENTER_USER,
    MONITOR,
    POD,
    SECOND_EU,
    SERVICE_ACCOUNT,
    SINGLE_SIGN_ON_USER,
    VPC_ENDPOINTS,
    WEB_IDENTITY,
)
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.records import Event
from sample_logs.s3_access_logs.actors import FIRST_ACCOUNT

BROWSED = (
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeVpcs"),
    ("s3", "ListBuckets"),
    ("s3", "GetBucketLocation"),
    ("cloudtrail", "LookupEvents"),
    ("iam", "ListRoles"),
)
MONITORED = (
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeNetworkInterfaces"),
    ("rds", "DescribeDBInstances"),
    ("monitoring", "ListMetrics"),
    ("elasticloadbalancing", "DescribeTargetHealth"),
)
SENSITIVE = "HIDDEN_DUE_TO_SECURITY_REASONS"
INTERFACES_PER_LAUNCH = 12


def console_browsing(maker: EventMaker) -> Iterator[Event]:
    """Look around in the console with a session from single sign-on. S3 tells the bytes of a listing."""
    for _ in maker.times(20):
        event_source, event_name = maker.random.favourite(BROWSED)
        is_s3 = event_source == "s3"
        yield maker.event(
            FIRST_US,
            SINGLE_SIGN_ON_USER,
            event_source,
            event_name,
            bytes_in=0 if is_s3 else None,
            bytes_out=maker.random.integer(300, 9_000) if is_s3 else None,
            more_fields={"sessionCredentialFromConsole": "true"},
        )


def monitoring(maker: EventMaker) -> Iterator[Event]:
    """Ask for the state of everything, in two regions."""
    for number in maker.times(30):
        event_source, event_name = maker.random.favourite(MONITORED)
        yield maker.event((FIRST_US, FIRST_EU)[number % 2], MONITOR, event_source, event_name, minor_version=10)


def backups(maker: EventMaker) -> Iterator[Event]:
    """Take snapshots in the second account."""
    for number in maker.times(16):
        volume_id = f"vol-{maker.random.text('0123456789abcdef', 17)}"
        if number % 2:
            yield maker.event(SECOND_EU, BACKUP_AGENT, "ec2", "DescribeVolumes", minor_version=10)
        else:
            yield maker.event(
                SECOND_EU,
                BACKUP_AGENT,
                "ec2",
                "CreateSnapshot",
                request_parameters={"volumeId": volume_id, "description": "nightly"},
                response_elements={"snapshotId": f"snap-{volume_id[4:]}", "status": "pending"},
                is_read_only=False,
                minor_version=10,
            )


def deployments(maker: EventMaker) -> Iterator[Event]:
    """Change things from the command line, with an access key."""
    for _ in maker.times(8):
        yield maker.event(
            FIRST_US,
            DEPLOYER,
            "lambda",
            "UpdateFunctionCode20150331v2",
            request_parameters={"functionName": "thumbnails", "publish": True, "dryRun": False},
            response_elements={"functionName": "thumbnails", "codeSize": 48_123, "vpcConfig": None},
            is_read_only=False,
            more_fields={"apiVersion": "2015-03-31"},
        )


def instance_launches(maker: EventMaker) -> Iterator[Event]:
    """Start instances: requests and responses that are large and deeply nested, with text in many scripts."""
    for number in maker.times(3):
        yield maker.event(
            FIRST_US,
            ADMINISTRATOR,
            "ec2",
            "RunInstances",
            request_parameters=launch_request(number),
            response_elements=launch_response(maker, number),
            is_read_only=False,
            minor_version=8,
            more_fields={"sessionCredentialFromConsole": "true"},
        )


def launch_request(number: int) -> dict[str, Any]:
    """Return the parameters of a launch."""
    tags = [
        {"key": "Name", "value": f"Größe {number} ☃ 東京"},
        {"key": "owner", "value": 'Ann "the {{ boss }}" O\'Neil'},
        {"key": "path", "value": "C:\\builds\\{% raw %}\\"},
        {"key": "note", "value": "first line\nsecond line\t<b>bold</b>"},
        {"key": "family", "value": "👩‍👩‍👧 ünïcödé"},
    ]
    return {
        "instancesSet": {"items": [{"imageId": "ami-0123456789abcdef0", "minCount": 1, "maxCount": 2}]},
        "instanceType": "m7g.large",
        "userData": SENSITIVE,
        "blockDeviceMapping": {"items": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 64, "encrypted": True}}]},
        "tagSpecificationSet": {"items": [{"resourceType": "instance", "tags": tags}]},
        "networkInterfaceSet": {
            "items": [
                {
                    "deviceIndex": index,
                    "subnetId": f"subnet-{index:017x}",
                    "groupSet": {"items": [{"groupId": f"sg-{index:017x}"}, {"groupId": f"sg-{index + 1:017x}"}]},
                }
                for index in range(INTERFACES_PER_LAUNCH)
            ]
        },
        "monitoring": {"enabled": False},
        "hibernationOptions": None,
    }


def launch_response(maker: EventMaker, number: int) -> dict[str, Any]:
    """Return what EC2 answers to a launch."""
    return {
        "reservationId": f"r-{maker.random.text('0123456789abcdef', 17)}",
        "ownerId": FIRST_ACCOUNT,
        "groupSet": {},
        "instancesSet": {
            "items": [
                {
                    "instanceId": f"i-{maker.random.text('0123456789abcdef', 17)}",
                    "instanceState": {"code": 0, "name": "pending"},
                    "privateIpAddress": f"10.0.{number}.{10 + position}",
                    "cpuOptions": {"coreCount": 2, "threadsPerCore": 1},
                    "launchTime": 1_793_500_000_000,
                }
                for position in range(2)
            ]
        },
    }


def pods(maker: EventMaker) -> Iterator[Event]:
    """Trade a token of Kubernetes for a role (web identity), then call AWS with the role's session."""
    for number in maker.times(12):
        if number % 3 == 0:
            yield maker.event(
                FIRST_US,
                WEB_IDENTITY,
                "sts",
                "AssumeRoleWithWebIdentity",
                request_parameters={"roleArn": POD.session["sessionIssuer"]["arn"], "roleSessionName": "1793500000"},
                response_elements={
                    "subjectFromWebIdentityToken": SERVICE_ACCOUNT,
                    "provider": EKS_PROVIDER,
                    "audience": "sts.amazonaws.com",
                },
                additional_data={"identityProviderConnectionVerificationMethod": "IAMTrustStore"},
                more_fields={
                    "resources": [
                        {
                            "accountId": FIRST_ACCOUNT,
                            "type": "AWS::IAM::Role",
                            "ARN": POD.session["sessionIssuer"]["arn"],
                        }
                    ]
                },
                minor_version=8,
            )
        else:
            yield maker.event(FIRST_US, POD, "secretsmanager", "GetSecretValue", minor_version=9)


def federated_users(maker: EventMaker) -> Iterator[Event]:
    """Call with a session that a user made for somebody else (GetFederationToken), over IPv6."""
    for _ in maker.times(3):
        yield maker.event(FIRST_US, FEDERATED_USER, "sts", "GetCallerIdentity", minor_version=8)


def identity_center_users(maker: EventMaker) -> Iterator[Event]:
    """Call as a user of IAM Identity Center, who has no principal id."""
    for _ in maker.times(4):
        yield maker.event(FIRST_US, IDENTITY_CENTER_USER, "sso", "ListAccounts", minor_version=9)


def endpoint_calls(maker: EventMaker) -> Iterator[Event]:
    """Call from inside a VPC through an interface endpoint."""
    for number in maker.times(12):
        trail = (FIRST_US, FIRST_EU)[number % 2]
        yield maker.event(
            trail,
            MONITOR.seen_from(f"10.0.12.{20 + number % 5}", MONITOR.user_agent),
            "sqs",
            "GetQueueAttributes",
            more_fields={"vpcEndpointId": VPC_ENDPOINTS[trail], "vpcEndpointAccountId": FIRST_ACCOUNT},
        )
