"""What commands that set up an AWS account share: a plan first, whose account it is, buckets, bucket policies.

The rule of all of them: what is missing is added, and only with --apply; what is there and differs is named and stays.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from shared.s3_locations import DataLocation
from shared.snapshots import ADVICE, REFUSED_CODES, checked_account

OWN_TAG = {"Key": "aws-internet-traffic", "Value": "set up by scripts/"}
ABORT_UPLOADS_DAYS = 7
ABORT_RULE = "aws-internet-traffic: abort incomplete uploads"
EXPIRE_RULE = "aws-internet-traffic: expire query results"
PUBLIC_ACCESS_BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}

Statement = dict[str, Any]


class SetupError(Exception):
    """The command cannot go on. The message says what was expected, what was found and what to do."""


class State(StrEnum):
    """How a thing stands to what is wanted of it."""

    AS_WANTED = "as wanted"
    NOTE = "note"
    DIFFERS = "differs"
    CREATE = "create"
    CHANGE = "change"


@dataclass(frozen=True)
class Step:
    """One line of a plan. `act` makes it so; only what is to be created or changed has one."""

    state: State
    subject: str
    text: str
    act: Callable[[], object] | None = None


@dataclass(frozen=True)
class Account:
    """Whose account, in which region and partition."""

    partition: str
    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def bucket_arn(self, bucket: str) -> str:
        """Return the ARN of a bucket, which names neither region nor account."""
        return f"arn:{self.partition}:s3:::{bucket}"

    def owned(self, bucket: str) -> dict[str, str]:
        """Return the arguments of a call about a bucket, which S3 refuses when another account owns it.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
        """
        return {"Bucket": bucket, "ExpectedBucketOwner": self.account_id}


def open_session(region: str | None) -> Any:
    """Open a session in a region: the one given, else that of dbt (AWS_REGION), else that of the configuration."""
    session = boto3.Session(region_name=region or os.environ.get("AWS_REGION") or None)
    if session.region_name is None:
        raise SetupError("no region is known. Say --region, or set AWS_REGION.")
    return session


def find_account(session: Any, sts: Any) -> Account:
    """Return the account of the credentials. Raises SetupError where they are of another partition than the region."""
    region = session.region_name
    account_id = checked_account(sts)
    partition = sts.get_caller_identity()["Arn"].split(":")[1]
    of_region = session.get_partition_for_region(region)
    if of_region != partition:
        raise SetupError(
            f"region {region} belongs to the partition {of_region}, the credentials to {partition}. "
            "Give the region's own credentials, or another --region."
        )
    return Account(partition, region, account_id)


def error_code(error: ClientError) -> str:
    """Return the code of what AWS refused."""
    return str(error.response.get("Error", {}).get("Code", ""))


def failure(error: Exception) -> str:
    """Return what a command says when it cannot go on: what is wrong, and what to do."""
    if isinstance(error, ClientError) and error_code(error) in REFUSED_CODES:
        return f"{error}. Allow the calls that docs/setting_up.md lists, and run again."
    if isinstance(error, ClientError):
        return f"{error}. {ADVICE.get(error_code(error), 'Correct it, and run again.')}"
    if isinstance(error, BotoCoreError):
        return f"{error}. Correct the credentials, the profile or the region, and run again."
    return str(error)


def unless_absent(call: Callable[[], Any], *absent_codes: str) -> Any:
    """Return what a call returns, None where AWS says by one of these codes that there is no such thing."""
    try:
        return call()
    except ClientError as error:
        if error_code(error) in absent_codes:
            return None
        raise


def pattern(expression: str, expected: str) -> Callable[[str], str]:
    """Return a reader of text that matches an expression. It raises argparse.ArgumentTypeError."""

    def read(text: str) -> str:
        if not re.fullmatch(expression, text):
            raise argparse.ArgumentTypeError(f"expected {expected}, found '{text}'")
        return text

    return read


# --- The plan


def print_plan(steps: Sequence[Step]) -> None:
    """Print what is there, what differs and what would be done."""
    for step in steps:
        print(f"{step.state:<10} {step.subject}: {step.text}")


def carry_out(steps: Sequence[Step], *, apply: bool) -> int:
    """Print the plan and, if asked to, carry it out. Return the exit code. Raises SetupError."""
    print_plan(steps)
    pending = [step for step in steps if step.act]
    differing = sum(step.state is State.DIFFERS for step in steps)
    print()
    if not pending:
        print("Nothing to create or change.")
    elif not apply:
        print(f"Nothing was changed. --apply does the {len(pending)} steps marked create or change.")
    for step in pending if apply else ():
        try:
            step.act()
        except ClientError as error:
            raise SetupError(f"{step.subject}: {step.text}: {failure(error)} What was done before stays.") from error
        print(f"done       {step.subject}: {step.text}")
    if differing:
        print(f"Left as found: {differing} settings that differ from what is wanted (marked differs).")
    return 3 if differing else 0


# --- Buckets


def bucket_exists(s3: Any, account: Account, bucket: str) -> bool:
    """Tell whether the account has a bucket, in its region. Raises SetupError where it is not to be used."""
    try:
        answer = s3.head_bucket(**account.owned(bucket))
    except ClientError as error:
        # HEAD has no body, so boto3 has the bare status as the code.
        if error_code(error) in ("404", "NoSuchBucket"):
            return False
        if error_code(error) in ("403", "AccessDenied"):
            raise SetupError(
                f"bucket {bucket}: expected one of account {account.account_id}, found one that another account owns "
                "or that these credentials may not look at. Name another bucket, or allow s3:ListBucket."
            ) from error
        raise
    region = answer.get("BucketRegion", account.region)
    if region != account.region:
        raise SetupError(f"bucket {bucket}: expected region {account.region}, found {region}. Name another bucket.")
    return True


def create_bucket(s3: Any, account: Account, bucket: str) -> None:
    """Create a bucket and mark it as our own."""
    # us-east-1 is the one region that must not be named
    # (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html, LocationConstraint).
    place = (
        {} if account.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
    )
    s3.create_bucket(Bucket=bucket, ObjectOwnership="BucketOwnerEnforced", **place)
    s3.put_bucket_tagging(**account.owned(bucket), Tagging={"TagSet": [OWN_TAG]})


def is_own(s3: Any, account: Account, bucket: str) -> bool:
    """Tell whether a bucket was made by these commands."""
    tags = unless_absent(lambda: s3.get_bucket_tagging(**account.owned(bucket)), "NoSuchTagSet")
    return OWN_TAG in (tags or {}).get("TagSet", [])


@dataclass(frozen=True)
class BucketWishes:
    """What a bucket shall be: what it holds, its key, and the folder whose objects expire after some days."""

    name: str
    purpose: str
    kms_key: str | None = None
    expiring: DataLocation | None = None
    expire_days: int = 0
    kept: DataLocation | None = None

    @property
    def subject(self) -> str:
        """How a plan calls it."""
        return f"bucket {self.name}"


def bucket_steps(s3: Any, account: Account, wishes: BucketWishes, *, adopt: bool) -> list[Step]:
    """Return the steps to a bucket. In one that another hand made they only look, unless `adopt`."""
    exists = bucket_exists(s3, account, wishes.name)
    may_add = not exists or adopt or is_own(s3, account, wishes.name)
    steps = [
        Step(State.AS_WANTED, wishes.subject, f"exists, for {wishes.purpose}")
        if exists
        else Step(
            State.CREATE,
            wishes.subject,
            f"in {account.region}, for {wishes.purpose}, access control lists off",
            lambda: create_bucket(s3, account, wishes.name),
        )
    ]
    parts = (
        public_access_step(s3, account, wishes, exists),
        encryption_step(s3, account, wishes, exists),
        *lifecycle_steps(s3, account, wishes, exists),
        tls_step(s3, account, wishes, exists),
    )
    return steps + [
        step
        if may_add or not step.act
        else Step(
            State.DIFFERS,
            step.subject,
            f"this command would {step.text}, but it did not make the bucket. --adopt-buckets lets it",
        )
        for step in parts
    ]


def public_access_step(s3: Any, account: Account, wishes: BucketWishes, exists: bool) -> Step:
    """Return the step that blocks all public access."""
    owned = account.owned(wishes.name)
    answer = exists and unless_absent(
        lambda: s3.get_public_access_block(**owned), "NoSuchPublicAccessBlockConfiguration"
    )
    if answer and answer["PublicAccessBlockConfiguration"] == PUBLIC_ACCESS_BLOCK:
        return Step(State.AS_WANTED, wishes.subject, "blocks all public access")
    return Step(
        State.CHANGE if exists else State.CREATE,
        wishes.subject,
        "block all public access",
        lambda: s3.put_public_access_block(**owned, PublicAccessBlockConfiguration=PUBLIC_ACCESS_BLOCK),
    )


def encryption_step(s3: Any, account: Account, wishes: BucketWishes, exists: bool) -> Step:
    """Return the step to the bucket's default encryption. A key of KMS is never taken away."""
    owned = account.owned(wishes.name)
    wanted = (
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": wishes.kms_key} if wishes.kms_key else {"SSEAlgorithm": "AES256"}
    )
    text = f"encrypts with {wishes.kms_key or 'SSE-S3'}"
    answer = exists and unless_absent(
        lambda: s3.get_bucket_encryption(**owned), "ServerSideEncryptionConfigurationNotFoundError"
    )
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else []
    found = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    if found == wanted:
        return Step(State.AS_WANTED, wishes.subject, text)
    if found and found["SSEAlgorithm"] != "AES256":
        key = found.get("KMSMasterKeyID", "the key of S3 in KMS")
        return Step(State.DIFFERS, wishes.subject, f"encrypts with {key}; wanted {wishes.kms_key or 'SSE-S3'}")
    # With a bucket key S3 asks KMS once for many objects
    # (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html).
    rule = {"ApplyServerSideEncryptionByDefault": wanted, "BucketKeyEnabled": bool(wishes.kms_key)}
    return Step(
        State.CHANGE if exists else State.CREATE,
        wishes.subject,
        text.replace("encrypts", "encrypt new objects"),
        lambda: s3.put_bucket_encryption(**owned, ServerSideEncryptionConfiguration={"Rules": [rule]}),
    )


def lifecycle_steps(s3: Any, account: Account, wishes: BucketWishes, exists: bool) -> list[Step]:
    """Return the steps to the bucket's lifecycle rules. Rules that are there stay, whatever they say."""
    owned = account.owned(wishes.name)
    found = {rule["ID"]: rule for rule in lifecycle(s3, owned).get("Rules", [])} if exists else {}
    # S3 takes a prefix of '' as all objects.
    wanted = {
        ABORT_RULE: (
            {"Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": ABORT_UPLOADS_DAYS}},
            f"abort uploads that are incomplete after {ABORT_UPLOADS_DAYS} days",
        )
    }
    if wishes.expiring:
        wanted[EXPIRE_RULE] = (
            {"Filter": {"Prefix": wishes.expiring.prefix}, "Expiration": {"Days": wishes.expire_days}},
            f"delete objects below {location_text(wishes.expiring)} after {wishes.expire_days} days",
        )
    steps = []
    for name, (body, text) in wanted.items():
        rule = {"ID": name, "Status": "Enabled", **body}
        if name not in found:
            steps.append(
                Step(
                    State.CHANGE if exists else State.CREATE,
                    wishes.subject,
                    text,
                    lambda rule=rule: add_lifecycle_rule(s3, account, wishes.name, rule),
                )
            )
        elif all(found[name].get(key) == value for key, value in rule.items()):
            steps.append(Step(State.AS_WANTED, wishes.subject, f"rule to {text}"))
        else:
            steps.append(
                Step(
                    State.DIFFERS,
                    wishes.subject,
                    f"the lifecycle rule '{name}' is {json.dumps(found[name], default=str)}; wanted: {text}. Change it "
                    "in S3, or give the options that it was made with",
                )
            )
    if wishes.kept:
        steps += [
            Step(
                State.DIFFERS,
                wishes.subject,
                f"the lifecycle rule '{name}' deletes or moves objects of the tables, below "
                f"{location_text(wishes.kept)}: queries would fail. Take it off",
            )
            for name, rule in found.items()
            if rule["Status"] == "Enabled" and touches_objects(rule, wishes.kept.prefix)
        ]
    return steps


def lifecycle(s3: Any, owned: dict[str, str]) -> dict[str, Any]:
    """Return the lifecycle configuration of a bucket, an empty one where it has none."""
    call = partial(s3.get_bucket_lifecycle_configuration, **owned)
    return unless_absent(call, "NoSuchLifecycleConfiguration") or {}


def touches_objects(rule: dict[str, Any], prefix: str) -> bool:
    """Tell whether a lifecycle rule deletes or moves current objects of a folder."""
    condition = rule.get("Filter", {})
    of_rule = condition.get("Prefix", condition.get("And", {}).get("Prefix", rule.get("Prefix", "")))
    return bool(rule.get("Expiration", {}).keys() & {"Days", "Date"} or rule.get("Transitions")) and (
        prefix.startswith(of_rule) or of_rule.startswith(prefix)
    )


def add_lifecycle_rule(s3: Any, account: Account, bucket: str, rule: dict[str, Any]) -> None:
    """Put a rule beside those that are there, which are read again just before."""
    owned = account.owned(bucket)
    answer = lifecycle(s3, owned)
    # S3 would set this one back to its default where the request leaves it out.
    kept = {name: answer[name] for name in ("TransitionDefaultMinimumObjectSize",) if name in answer}
    rules = [*answer.get("Rules", []), rule]
    s3.put_bucket_lifecycle_configuration(**owned, LifecycleConfiguration={"Rules": rules}, **kept)


def tls_step(s3: Any, account: Account, wishes: BucketWishes, exists: bool) -> Step:
    """Return the step that refuses requests without TLS.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html#transit
    """
    arn = account.bucket_arn(wishes.name)
    deny = {
        "Sid": "DenyRequestsWithoutTls",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return policy_step(s3, account, wishes.name, [deny], "refuses requests without TLS", exists=exists)


def location_text(location: DataLocation) -> str:
    """Return a location as a person writes it."""
    return f"s3://{location.bucket}/{location.prefix}"


# --- Bucket policies


def read_bucket_policy(s3: Any, account: Account, bucket: str) -> dict[str, Any]:
    """Return the policy of a bucket, an empty one where it has none."""
    answer = unless_absent(lambda: s3.get_bucket_policy(**account.owned(bucket)), "NoSuchBucketPolicy")
    policy = json.loads(answer["Policy"]) if answer else {"Version": "2012-10-17", "Statement": []}
    statements = policy["Statement"]
    return {**policy, "Statement": [statements] if isinstance(statements, dict) else statements}


def comparable(value: Any) -> Any:
    """Return a part of a policy so that equal meanings are equal: one value or a list of it, in any order."""
    if isinstance(value, dict):
        return {key: comparable(part) for key, part in value.items() if key != "Sid"}
    return sorted(value) if isinstance(value, list) else [value]


def missing_statements(policy: dict[str, Any], wanted: Iterable[Statement]) -> list[Statement]:
    """Return the statements that a policy does not have, whatever their Sid."""
    found = [comparable(statement) for statement in policy["Statement"]]
    return [statement for statement in wanted if comparable(statement) not in found]


def with_statements(policy: dict[str, Any], added: Iterable[Statement]) -> dict[str, Any]:
    """Return a policy with further statements. A Sid that is taken gets a number: a policy has each Sid once."""
    statements = list(policy["Statement"])
    taken = {statement.get("Sid") for statement in statements}
    for statement in added:
        names = (statement["Sid"], *(f"{statement['Sid']}{number}" for number in range(2, len(taken) + 3)))
        name = next(name for name in names if name not in taken)
        taken.add(name)
        statements.append({**statement, "Sid": name})
    return {**policy, "Statement": statements}


def policy_step(
    s3: Any, account: Account, bucket: str, wanted: Sequence[Statement], text: str, *, exists: bool
) -> Step:
    """Return the step that adds statements to a bucket's policy and keeps all that are there."""
    subject = f"bucket {bucket}"
    missing = missing_statements(read_bucket_policy(s3, account, bucket), wanted) if exists else wanted
    if not missing:
        return Step(State.AS_WANTED, subject, f"policy {text}")

    def add() -> None:
        policy = read_bucket_policy(s3, account, bucket)
        added = missing_statements(policy, wanted)
        if added:
            s3.put_bucket_policy(**account.owned(bucket), Policy=json.dumps(with_statements(policy, added)))

    return Step(
        State.CHANGE if exists else State.CREATE,
        subject,
        f"add to its policy what {text}: {', '.join(statement['Sid'] for statement in missing)}",
        add,
    )
