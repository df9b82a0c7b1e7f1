"""Calls that are refused."""

from collections.abc import Iterator

from sample_logs.cloudtrail.actors import CI_RUNNER, CONTRACTOR, DEPLOYER, FIRST_US, MONITOR
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.records import Event
from sample_logs.cloudtrail.truth import SPREE

SPREE_DAY_NUMBER = 6
SPREE_CALLS = 90
# EC2 has an error code of its own for what other services call AccessDenied.
TRIED = (
    ("s3", "ListBuckets", "AccessDenied"),
    ("secretsmanager", "GetSecretValue", "AccessDenied"),
    ("iam", "ListUsers", "AccessDenied"),
    ("kms", "ListKeys", "AccessDeniedException"),
    ("ec2", "DescribeInstances", "Client.UnauthorizedOperation"),
    ("ec2", "RunInstances", "Client.UnauthorizedOperation"),
)


def access_denied_spree(maker: EventMaker) -> Iterator[Event]:
    """Try one call after the other with a stolen session, within twenty minutes of the sixth day.

    The same role works as it should on all days, from another address.
    """
    usual = CI_RUNNER.seen_from("3.2.64.18", CI_RUNNER.user_agent)
    for _ in maker.times(5):
        yield maker.event(FIRST_US, usual, "ecr", "GetAuthorizationToken")
    if maker.day_number != SPREE_DAY_NUMBER:
        return
    refusal = f"User: {CI_RUNNER.identity['arn']} is not authorized to perform:"
    for _ in maker.times(SPREE_CALLS):
        event_source, event_name, error_code = maker.random.choice(TRIED)
        yield maker.event(
            FIRST_US,
            CI_RUNNER,
            event_source,
            event_name,
            at=maker.moment(12_000, 13_200),
            error_code=error_code,
            error_message=f"{refusal} {event_source}:{event_name}",
            is_read_only=event_name != "RunInstances",
            finding=SPREE,
        )


def everyday_refusals(maker: EventMaker) -> Iterator[Event]:
    """Get the answer no now and then, as everybody does."""
    for number in maker.times(4):
        yield maker.event(
            FIRST_US,
            (CONTRACTOR, DEPLOYER)[number % 2],
            "iam",
            "GetAccountSummary",
            error_code="AccessDenied",
            error_message="not authorized",
        )


def throttled_calls(maker: EventMaker) -> Iterator[Event]:
    """Ask too often, or for what is not there."""
    for number in maker.times(6):
        event_source, event_name, error_code = (
            ("ssm", "GetParameter", "ThrottlingException"),
            ("s3", "GetBucketPolicy", "NoSuchBucketPolicy"),
        )[number % 2]
        yield maker.event(
            FIRST_US, MONITOR, event_source, event_name, error_code=error_code, error_message="", minor_version=9
        )
