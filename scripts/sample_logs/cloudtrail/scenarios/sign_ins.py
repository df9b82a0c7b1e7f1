"""People who sign in to the console, and people who try."""

from collections.abc import Iterator
from typing import Any

from sample_logs.cloudtrail.actors import ADMINISTRATOR, CONTRACTOR, FIRST_US, ROOT, UNKNOWN_USER, Caller
from sample_logs.cloudtrail.event_maker import EventMaker
from sample_logs.cloudtrail.records import Event
from sample_logs.cloudtrail.truth import FAILED_LOGIN, LOGIN_WITHOUT_MFA, ROOT_LOGIN

ROOT_LOGIN_DAY_NUMBER = 3
DAY_NUMBERS_WITHOUT_MFA = (2, 5)
GUESSING_DAY_NUMBER = 5
GUESSES = 40


def console_login(maker: EventMaker, caller: Caller, *, has_mfa: bool, **fields: Any) -> Event:
    """Return a console login. A failed one has no error code, only a message and `Failure` in its response."""
    is_failed = "error_message" in fields
    return maker.event(
        FIRST_US,
        caller,
        "signin",
        "ConsoleLogin",
        **{
            "request_id": None,
            "response_elements": {"ConsoleLogin": "Failure" if is_failed else "Success"},
            "additional_data": {
                "LoginTo": "https://console.aws.amazon.com/console/home?state=hashArgs%23&isauthcode=true",
                "MobileVersion": "No",
                "MFAUsed": "Yes" if has_mfa else "No",
            },
            "event_type": "AwsConsoleSignIn",
            "is_read_only": False,
            "tls_host": "signin.aws.amazon.com",
            **fields,
        },
    )


def console_logins(maker: EventMaker) -> Iterator[Event]:
    """Sign in with MFA, as everybody should."""
    for _ in maker.times(4):
        yield console_login(maker, ADMINISTRATOR, has_mfa=True)


def root_logins(maker: EventMaker) -> Iterator[Event]:
    """Sign in once as the root user, and change what only root can."""
    if maker.day_number != ROOT_LOGIN_DAY_NUMBER:
        return
    yield console_login(maker, ROOT, has_mfa=True, at=maker.moment(36_000, 36_000), finding=ROOT_LOGIN)
    yield maker.event(
        FIRST_US,
        ROOT,
        "iam",
        "UpdateAccountPasswordPolicy",
        at=maker.moment(36_300, 36_300),
        is_read_only=False,
        more_fields={"sessionCredentialFromConsole": "true"},
    )


def logins_without_mfa(maker: EventMaker) -> Iterator[Event]:
    """Sign in with nothing but a password."""
    if maker.day_number in DAY_NUMBERS_WITHOUT_MFA:
        yield console_login(maker, CONTRACTOR, has_mfa=False, finding=LOGIN_WITHOUT_MFA)


def failed_logins(maker: EventMaker) -> Iterator[Event]:
    """Mistype a password now and then; on the fifth day somebody guesses user names for half an hour."""
    yield console_login(
        maker, ADMINISTRATOR, has_mfa=False, error_message="Failed authentication", finding=FAILED_LOGIN
    )
    if maker.day_number == GUESSING_DAY_NUMBER:
        for _ in maker.times(GUESSES):
            yield console_login(
                maker,
                UNKNOWN_USER,
                has_mfa=False,
                at=maker.moment(7_200, 9_000),
                error_message="No username found in supplied account",
                finding=FAILED_LOGIN,
            )
