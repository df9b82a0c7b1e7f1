#!/usr/bin/env python3
"""Set up what the project needs on Athena: work group, buckets, Glue databases and, if asked for, IAM policies.

Usage: python scripts/bootstrap_athena.py --schema NAME --results s3://bucket[/prefix] --data s3://bucket[/prefix]
           --logs s3://bucket/prefix [..] [--apply | --print-policy builder|reader] [--create-policies] [options]

It prints a plan: what is there, what differs, what it would create. Nothing is changed without --apply. It only adds
what is missing; it never deletes, loosens or overwrites what it finds, and says what differs. To a bucket that it did
not make it adds nothing, unless --adopt-buckets is given. Run it again at any time; docs/setting_up.md explains it all.

--print-policy prints an IAM policy as JSON, and on stderr why each statement is there: `builder` for whoever runs dbt,
`reader` for BI tools that read the marts. --create-policies makes both in IAM and attaches them to nobody.

Exit codes: 0 all as wanted, or planned, or done; 1 AWS refused something or a bucket cannot be used; 2 wrong arguments;
3 the same as 0, and something that is there differs and was left as it is.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from shared.account_setup import (
    Account,
    BucketWishes,
    SetupError,
    State,
    Step,
    bucket_steps,
    carry_out,
    error_code,
    failure,
    find_account,
    location_text,
    open_session,
    pattern,
    unless_absent,
)
from shared.athena_policies import GRANTS, Space, policy_document
from shared.s3_locations import CLIENT_CONFIG, DataLocation, schema_name
from shared.snapshots import region_name

BYTES_PER_GB = 10**9
# The least that Athena takes (https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html).
SMALLEST_SCAN_LIMIT_BYTES = 10**7
SCAN_LIMIT_GB = 100.0
EXPIRE_DAYS = 30
KMS_KEY_ARN = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[\w-]+"


def work_group_configuration(space: Space, scan_limit_bytes: int) -> dict[str, Any]:
    """Return what the work group shall be.

    Its result location is not enforced: dbt-athena would then leave out where a table's files go, and Athena would put
    them below the result location, which expires. Clients that name a location of their own choose their own encryption
    too (https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html); what they leave open, the
    bucket's default encryption decides.
    """
    encryption = (
        {"EncryptionOption": "SSE_KMS", "KmsKey": space.kms_key} if space.kms_key else {"EncryptionOption": "SSE_S3"}
    )
    return {
        "ResultConfiguration": {
            "OutputLocation": location_text(space.reader_results),
            "EncryptionConfiguration": encryption,
            "ExpectedBucketOwner": space.account.account_id,
        },
        "EnforceWorkGroupConfiguration": False,
        "PublishCloudWatchMetricsEnabled": True,
        "BytesScannedCutoffPerQuery": scan_limit_bytes,
    }


def find_work_group(athena: Any, name: str) -> dict[str, Any] | None:
    """Return a work group, None where there is none. Athena has no code of its own for that."""
    try:
        found: dict[str, Any] | None = athena.get_work_group(WorkGroup=name).get("WorkGroup")
        return found
    except ClientError as error:
        if error_code(error) == "InvalidRequestException" and "not found" in str(error):
            return None
        raise


def work_group_steps(athena: Any, space: Space, scan_limit_bytes: int) -> list[Step]:
    """Return the step to the work group, or a line for each setting of one that is there."""
    subject = f"work group {space.work_group}"
    wanted = work_group_configuration(space, scan_limit_bytes)
    found = find_work_group(athena, space.work_group)
    if found is None:
        return [
            Step(
                State.CREATE,
                subject,
                f"a query may scan {scan_limit_bytes:,} bytes; results encrypted, by default to "
                f"{location_text(space.reader_results)}, not enforced; metrics to CloudWatch",
                lambda: athena.create_work_group(
                    Name=space.work_group, Description="aws_internet_traffic", Configuration=wanted
                ),
            )
        ]
    configuration = found.get("Configuration", {})
    differences = [
        (name, value, configuration.get(name)) for name, value in wanted.items() if configuration.get(name) != value
    ]
    steps = [
        Step(
            State.DIFFERS,
            subject,
            f"{name} is {json.dumps(is_now)}, wanted {json.dumps(value)}. "
            f"To change it: {update_command(space, name, value)}",
        )
        for name, value, is_now in differences
    ]
    if found.get("State") == "DISABLED":
        steps.append(Step(State.DIFFERS, subject, "it is disabled; wanted enabled. Enable it in Athena"))
    return steps or [Step(State.AS_WANTED, subject, "exists, with these settings")]


def update_command(space: Space, name: str, value: Any) -> str:
    """Return the command that changes one setting of the work group."""
    key = "ResultConfigurationUpdates" if name == "ResultConfiguration" else name
    words = ("aws", "athena", "update-work-group", "--region", space.account.region, "--work-group", space.work_group)
    return shlex.join([*words, "--configuration-updates", json.dumps({key: value})])


def database_steps(glue: Any, space: Space) -> list[Step]:
    """Return the steps to the two Glue databases."""
    steps = []
    for name, purpose in ((space.schema, "the tables"), (f"{space.schema}_raw", "the raw tables")):
        subject = f"Glue database {name}"
        if unless_absent(lambda name=name: glue.get_database(Name=name), "EntityNotFoundException"):
            steps.append(Step(State.AS_WANTED, subject, "exists"))
        else:
            entry = {"Name": name, "Description": f"aws_internet_traffic: {purpose}"}
            steps.append(
                Step(
                    State.CREATE,
                    subject,
                    f"for {purpose}",
                    lambda entry=entry: glue.create_database(DatabaseInput=entry),
                )
            )
    return steps


def policy_steps(iam: Any, space: Space) -> list[Step]:
    """Return the steps to the IAM policies. One that is there is compared, never changed."""
    steps = []
    for role, grants in GRANTS.items():
        name = f"{space.work_group}-{role}"
        arn = f"arn:{space.account.partition}:iam::{space.account.account_id}:policy/{name}"
        document = policy_document(list(grants(space)))
        found = unless_absent(lambda arn=arn: iam.get_policy(PolicyArn=arn), "NoSuchEntity")
        if not found:
            steps.append(
                Step(
                    State.CREATE,
                    f"IAM policy {name}",
                    f"for a {role}, attached to nobody",
                    lambda name=name, document=document: iam.create_policy(
                        PolicyName=name, PolicyDocument=json.dumps(document)
                    ),
                )
            )
            continue
        version = found["Policy"]["DefaultVersionId"]
        is_now = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        steps.append(
            Step(State.AS_WANTED, f"IAM policy {name}", "exists")
            if is_now == document
            else Step(
                State.DIFFERS,
                f"IAM policy {name}",
                f"its {version} is not what --print-policy {role} prints. Compare them, and make a new version",
            )
        )
    return steps


def setup_steps(clients: dict[str, Any], space: Space, options: argparse.Namespace) -> list[Step]:
    """Return the whole plan."""
    results = BucketWishes(
        space.results.bucket,
        "query results",
        space.kms_key,
        expiring=space.results,
        expire_days=options.expire_results_days,
    )
    data = BucketWishes(space.data.bucket, "the files of the tables", space.kms_key, kept=space.data)
    steps = [
        *bucket_steps(clients["s3"], space.account, results, adopt=options.adopt_buckets),
        *bucket_steps(clients["s3"], space.account, data, adopt=options.adopt_buckets),
        *work_group_steps(clients["athena"], space, options.scan_limit_bytes),
        *database_steps(clients["glue"], space),
    ]
    return [*steps, *policy_steps(clients["iam"], space)] if options.create_policies else steps


def environment_lines(space: Space) -> list[str]:
    """Return the variables that the README's section on Athena names, ready to paste."""
    variables = {
        "AWS_REGION": space.account.region,
        "ATHENA_WORK_GROUP": space.work_group,
        "ATHENA_RESULTS": location_text(space.builder_results),
        "ATHENA_DATA": location_text(space.data),
        "ATHENA_SCHEMA": space.schema,
        "LOGS": location_text(space.logs[0]).rstrip("/"),
    }
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]


def print_policy(space: Space, role: str) -> None:
    """Print a policy to stdout and the reasons of its statements to stderr."""
    grants = list(GRANTS[role](space))
    for grant in grants:
        print(f"{grant.sid}: {grant.reason}", file=sys.stderr)
    print(json.dumps(policy_document(grants), indent=2))


def days(text: str) -> int:
    """Read a number of days. Raises argparse.ArgumentTypeError."""
    if not re.fullmatch("[1-9][0-9]{0,4}", text):
        raise argparse.ArgumentTypeError(f"expected a whole number of days, at least 1, found '{text}'")
    return int(text)


def scan_limit(text: str) -> int:
    """Read a number of GB and return bytes. Raises argparse.ArgumentTypeError."""
    try:
        byte_count = round(float(text) * BYTES_PER_GB)
    except (ValueError, OverflowError):
        byte_count = 0
    if byte_count < SMALLEST_SCAN_LIMIT_BYTES:
        raise argparse.ArgumentTypeError(f"expected at least 0.01 (GB), found '{text}'")
    return byte_count


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--schema", required=True, type=schema_name, help="Glue database of the tables; <schema>_raw for the raw ones")
    add("--results", required=True, type=DataLocation.parse, help="s3://bucket[/prefix] of query results, which expire")
    add(
        "--data",
        required=True,
        type=DataLocation.parse,
        help="s3://bucket[/prefix] of the tables' files; another bucket",
    )
    add(
        "--logs",
        required=True,
        nargs="+",
        type=DataLocation.parse,
        help="s3://bucket/prefix of the logs; the first is LOGS",
    )
    add("--work-group", type=pattern(r"[\w.-]{1,120}", "letters, digits, '.', '_' and '-'"), help="default: the schema")
    add("--region", type=region_name, help="default: that of the environment or profile")
    add(
        "--scan-limit-gb",
        type=scan_limit,
        default=scan_limit(str(SCAN_LIMIT_GB)),
        dest="scan_limit_bytes",
        metavar="GB",
        help=f"GB (10^9 bytes) that one query may scan before Athena cancels it (default: {SCAN_LIMIT_GB:g})",
    )
    add("--expire-results-days", type=days, default=EXPIRE_DAYS, metavar="DAYS", help=f"default: {EXPIRE_DAYS}")
    add("--kms-key", type=pattern(KMS_KEY_ARN, "the ARN of a key"), help="for results and tables (default: SSE-S3)")
    add(
        "--log-kms-keys",
        nargs="+",
        default=[],
        type=pattern(KMS_KEY_ARN, "the ARN of a key"),
        help="keys of the log files",
    )
    add(
        "--existing-tables",
        nargs="+",
        default=[],
        type=pattern(r"[\w-]+\.[\w-]+", "database.table"),
        metavar="DATABASE.TABLE",
        help="tables of the var existing_raw_tables, for the builder's policy; put their files under --logs",
    )
    add(
        "--adopt-buckets", action="store_true", help="add what is missing to buckets that this command did not make too"
    )
    add("--create-policies", action="store_true", help="make the two IAM policies <work group>-builder and -reader")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="create and change; without it nothing is touched")
    what.add_argument("--print-policy", choices=sorted(GRANTS), help="print an IAM policy and do nothing else")
    options = parser.parse_args(arguments)
    if options.results.bucket == options.data.bucket:
        parser.error("--results and --data: expected two buckets, found one. Results expire, tables must not")
    if options.results.bucket in {location.bucket for location in options.logs}:
        parser.error("--results and --logs: expected different buckets. Results expire, logs should not")
    return options


def make_space(account: Account, options: argparse.Namespace) -> Space:
    """Return where the project shall live."""
    return Space(
        account=account,
        work_group=options.work_group or options.schema,
        schema=options.schema,
        results=options.results,
        data=options.data,
        logs=tuple(options.logs),
        existing_tables=tuple(options.existing_tables),
        kms_key=options.kms_key,
        log_kms_keys=tuple(options.log_kms_keys),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Plan or set up, and return the exit code."""
    options = read_arguments(arguments)
    try:
        session = open_session(options.region)
        clients = {
            service: session.client(service, config=CLIENT_CONFIG) for service in ("sts", "s3", "athena", "glue", "iam")
        }
        space = make_space(find_account(session, clients["sts"]), options)
        if options.print_policy:
            print_policy(space, options.print_policy)
            return 0
        print(f"Account {space.account.account_id}, region {space.account.region} ({space.account.partition})")
        code = carry_out(setup_steps(clients, space, options), apply=options.apply)
    except (SetupError, BotoCoreError, ClientError, ValueError) as error:
        print(f"bootstrap_athena: {failure(error)}", file=sys.stderr)
        return 1
    print('\nFor dbt (README, "On Athena"):\n')
    print("\n".join(environment_lines(space)))
    return code


if __name__ == "__main__":
    sys.exit(main())
