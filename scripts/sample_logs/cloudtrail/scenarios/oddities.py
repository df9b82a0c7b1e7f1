"""Records that a careless reader gets wrong: hostile text, other versions, missing fields, no time."""

from collections.abc import Iterator

from sample_logs.cloudtrail.actors import ADMINISTRATOR, DEPLOYER, FIRST_EU, FIRST_US, MONITOR, SECOND_EU, TRAILS
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.records import Event, UnreadableRecord

USER_AGENTS = (
    None,
    "",
    'agent "with quotes" and \\backslashes\\',
    "line one\nline two\r\nline three\tand a tab",
    "bell \u0007, escape \u001b[31m, delete \u007f and a first control character \u0001",
    "Grüße ☃ 日本語 👩‍👩‍👧",
    "'; drop table events; --",
    "{{ 7*7 }}{% raw %}",
    "<script>alert(1)</script>",
    '"},{"eventTime":"2026-11-01T00:00:00Z","eventID":"forged"},{"x":"',
    "null",
    "x" * 1_024,
)
MINOR_VERSIONS = range(5, 12)
# No day of the calendar, no time of the day, or no time at all.
NO_TIMES = ("2026-02-30T10:00:00Z", "2026-11-01T25:61:00Z", "yesterday", "", None)


def odd_user_agents(maker: EventMaker) -> Iterator[Event]:
    """Send user agents that are absent, hostile, long, or hold characters that JSON must escape.

    Every second call fails, and its error message repeats the text.
    """
    for number, user_agent in enumerate(USER_AGENTS):
        yield maker.event(
            TRAILS[number % len(TRAILS)],
            DEPLOYER.seen_from("192.52.193.222", user_agent),
            "sts",
            "GetCallerIdentity",
            error_code="ValidationException" if number % 2 else None,
            error_message=user_agent if number % 2 else None,
        )


def older_and_newer_versions(maker: EventMaker) -> Iterator[Event]:
    """Write records of versions 1.05 to 1.11: earlier ones lack fields."""
    for minor_version in MINOR_VERSIONS:
        yield maker.event(FIRST_EU, MONITOR, "dynamodb", "DescribeTable", minor_version=minor_version)


def missing_fields(maker: EventMaker) -> Iterator[Event]:
    """Leave out what most records have: the receiving account, the request's id, the address."""
    yield maker.event(SECOND_EU, DEPLOYER, "config", "DescribeConfigRules", recipient_account_id=None, minor_version=5)
    yield maker.event(FIRST_US, DEPLOYER, "config", "DescribeConfigRules", request_id=None)
    yield maker.event(FIRST_US, DEPLOYER.seen_from(None, None), "config", "DescribeConfigRules", tls_host=None)


def unreadable_records(maker: EventMaker) -> Iterator[UnreadableRecord]:
    """Write, every second day, a record without a time and one whose time is none, among good ones."""
    if maker.day_number % 2 == 0:
        return
    event = maker.event(FIRST_US, ADMINISTRATOR, "ec2", "DescribeVpcs", at=maker.early_moment())
    yield maker.without_time(event)
    no_time = NO_TIMES[maker.day_number // 2 % len(NO_TIMES)]
    for trail in TRAILS:
        event = maker.event(trail, ADMINISTRATOR, "ec2", "DescribeVpcs", at=maker.early_moment())
        yield maker.with_time(event, no_time)
