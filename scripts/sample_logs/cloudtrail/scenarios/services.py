"""What services of AWS do by themselves or for somebody: the source address is a name and no IP address."""

from collections.abc import Iterator
from dataclasses import replace

from sample_logs.cloudtrail.actors import BACKUP_AGENT, FIRST_EU, FIRST_US, SECOND_EU, Caller, aws_service, iam_user
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.records import Event
from sample_logs.s3_access_logs.actors import CLI, FIRST_ACCOUNT, SECOND_ACCOUNT

ASSUMING_SERVICES = ("ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "rds.amazonaws.com")
KEY_ARN = f"arn:aws:kms:eu-west-1:{FIRST_ACCOUNT}:key/0e5d0ab6-097e-49d8-99ef-000000000001"
ROUTE_KEEPER = iam_user(SECOND_ACCOUNT, "route-keeper", "192.31.196.63", CLI)


def service_roles(maker: EventMaker) -> Iterator[Event]:
    """Let services assume roles. There is a principal's type and no principal's id."""
    for _ in maker.times(24):
        service = maker.random.favourite(ASSUMING_SERVICES)
        role_arn = f"arn:aws:iam::{FIRST_ACCOUNT}:role/service/{service.partition('.')[0]}-role"
        yield maker.event(
            maker.random.choice((FIRST_US, FIRST_EU)),
            aws_service(service),
            "sts",
            "AssumeRole",
            request_parameters={"roleArn": role_arn, "roleSessionName": "automatic", "durationSeconds": 900},
            response_elements={"credentials": {"expiration": "Nov 1, 2026, 12:00:00 PM"}},
            tls_host=None,
            minor_version=8,
            more_fields={"resources": [{"accountId": FIRST_ACCOUNT, "type": "AWS::IAM::Role", "ARN": role_arn}]},
        )


def service_events(maker: EventMaker) -> Iterator[Event]:
    """Log what happened without any call: `userIdentity` has neither a type nor an id."""
    for number in maker.times(8):
        service, event_source, event_name, details = (
            ("AWS Internal", "kms", "RotateKey", {"keyId": KEY_ARN.rpartition("/")[2]}),
            ("secretsmanager.amazonaws.com", "secretsmanager", "EndSecretVersionDelete", {"name": "old"}),
        )[number % 2]
        yield maker.event(
            FIRST_EU,
            Caller(None, None, {"accountId": FIRST_ACCOUNT, "invokedBy": service}, service, service, service, service),
            event_source,
            event_name,
            request_id=None,
            event_type="AwsServiceEvent",
            is_read_only=False,
            tls_host=None,
            minor_version=8,
            more_fields={"serviceEventDetails": details},
        )


def shared_keys(maker: EventMaker) -> Iterator[Event]:
    """Decrypt with a key of the other account: both accounts get an event of their own, with one shared id."""
    for _ in maker.times(6):
        owner_copy = maker.event(
            FIRST_EU,
            BACKUP_AGENT,
            "kms",
            "Decrypt",
            request_parameters={"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "keyId": KEY_ARN},
            shared_event_id=maker.unique_id(),
            minor_version=11,
            more_fields={"resources": [{"accountId": FIRST_ACCOUNT, "type": "AWS::KMS::Key", "ARN": KEY_ARN}]},
        )
        yield owner_copy
        yield replace(owner_copy, trail=SECOND_EU, recipient_account_id=SECOND_ACCOUNT, event_id=maker.unique_id())


def internal_calls(maker: EventMaker) -> Iterator[Event]:
    """Call a second service on somebody's behalf: the person is named, the address is `AWS Internal`, with a number."""
    for number in maker.times(8):
        address = ("AWS Internal", "AWS Internal/1", "cloudformation.amazonaws.com")[number % 3]
        on_behalf = replace(BACKUP_AGENT, identity={**BACKUP_AGENT.identity, "invokedBy": address})
        yield maker.event(
            SECOND_EU, on_behalf.seen_from(address, address), "ec2", "DescribeSnapshots", tls_host=None, minor_version=8
        )


def global_services(maker: EventMaker) -> Iterator[Event]:
    """Call services that exist once: they log us-east-1, also into the folder of a trail of another region.

    CloudTrail user guide, "Global service events": a trail of a single region can include them.
    """
    for number in maker.times(5):
        event_source, event_name = (("iam", "GetUser"), ("route53", "ListHostedZones"))[number % 2]
        yield maker.event(
            SECOND_EU,
            ROUTE_KEEPER,
            event_source,
            event_name,
            region="us-east-1",
            tls_host=f"{event_source}.amazonaws.com",
        )
