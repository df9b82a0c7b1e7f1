#!/usr/bin/env python3
"""Say which logs are on, and switch on what this project reads: VPC flow logs, S3 access logs, a CloudTrail trail.

Usage: python scripts/enable_logs.py flow-logs --destination s3://bucket[/prefix]
           (--vpcs ID .. | --all-vpcs | --subnets ID .. | --interfaces ID ..)
           [--parquet] [--hive-prefixes] [--hourly] [--aggregation-seconds 60|600] [--apply]
       python scripts/enable_logs.py s3-access-logs --destination s3://bucket[/prefix] --buckets NAME .. [--apply]
       python scripts/enable_logs.py cloudtrail --destination s3://bucket[/prefix]
           [--data-events-of NAME .. | --all-buckets] [--apply]

It prints a plan: what is on already, what it would switch on, what that costs, and the settings that dbt then needs.
Nothing is changed without --apply. A setting that is there and differs is shown and stays, unless --replace-existing
(S3 access logs, trail) or --beside-existing (flow logs, which cannot be changed) is given. Bucket policies keep every
statement that they have. A bucket that does not exist is created, closed to the public and encrypted.
docs/setting_up.md explains each part.

Exit codes: 0 all as wanted, or planned, or done; 1 AWS refused something or a bucket cannot be used; 2 wrong arguments;
3 the same as 0, and something that is there differs and was left as it is.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from shared.account_setup import (
    OWN_TAG,
    Account,
    BucketWishes,
    SetupError,
    State,
    Statement,
    Step,
    bucket_exists,
    bucket_steps,
    carry_out,
    error_code,
    failure,
    find_account,
    open_session,
    pattern,
    policy_step,
    unless_absent,
)
from shared.log_prices import CONVERSION, DATA_EVENTS, DELIVERY, MANAGEMENT_EVENTS, PUT_REQUESTS, STORAGE, cost_lines
from shared.s3_locations import CLIENT_CONFIG, DataLocation
from shared.snapshots import enabled_regions, region_name

# Fields of version 5 and all before it (https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html).
# pkt-srcaddr and pkt-dstaddr tell who is behind a NAT gateway or load balancer, flow-direction and traffic-path at
# which interface a byte leaves and by which way: with them each byte is counted once also without an inventory
# (docs/egress.md, "What a format can know").
VERSION_5 = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
    "log-status vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type "
    "sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path"
)
# What version 11 knows of the interface and of the next one: gateways that nobody records get their kind and zone.
VERSION_11 = (
    f"{VERSION_5} interface-type next-hop-interface-id next-hop-subnet-id next-hop-az-id next-hop-vpc-id "
    "next-hop-interface-type"
)
FIELDS = {5: VERSION_5, 11: VERSION_11}
# The most that CreateFlowLogs takes (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html).
RESOURCES_PER_CALL = 1000
BUCKET_NAME = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"


# --- Flow logs


def described(client: Any, operation: str, key: str, **filters: Any) -> list[dict[str, Any]]:
    """Return all entries of a paged list."""
    return [entry for page in client.get_paginator(operation).paginate(**filters) for entry in page[key]]


def flow_log_resources(ec2: Any, options: argparse.Namespace) -> dict[str, list[str]]:
    """Return the resources to record, each with those around it whose flow logs record it too.

    Raises what EC2 raises where one of those that are named does not exist.
    """
    if options.subnets:
        subnets = described(ec2, "describe_subnets", "Subnets", SubnetIds=options.subnets)
        return {subnet["SubnetId"]: [subnet["VpcId"]] for subnet in subnets}
    if options.interfaces:
        interfaces = described(
            ec2, "describe_network_interfaces", "NetworkInterfaces", NetworkInterfaceIds=options.interfaces
        )
        return {one["NetworkInterfaceId"]: [one["SubnetId"], one["VpcId"]] for one in interfaces}
    vpcs = described(ec2, "describe_vpcs", "Vpcs", **({"VpcIds": options.vpcs} if options.vpcs else {}))
    return {vpc["VpcId"]: [] for vpc in vpcs}


def flow_log_request(account: Account, options: argparse.Namespace) -> dict[str, Any]:
    """Return how the flow logs are to be made, but for the resources."""
    kinds = {"subnets": "Subnet", "interfaces": "NetworkInterface"}
    place = options.destination
    return {
        "ResourceType": next((kind for name, kind in kinds.items() if getattr(options, name)), "VPC"),
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": f"{account.bucket_arn(place.bucket)}/{place.prefix}".rstrip("/"),
        "LogFormat": " ".join(f"${{{field}}}" for field in FIELDS[options.fields_version].split()),
        "MaxAggregationInterval": options.aggregation_seconds,
        "DestinationOptions": {
            "FileFormat": "parquet" if options.parquet else "plain-text",
            "HiveCompatiblePartitions": options.hive_prefixes,
            "PerHourPartition": options.hourly,
        },
    }


def differences(flow_log: dict[str, Any], request: dict[str, Any]) -> list[str]:
    """Return in what a flow log differs from what is wanted."""
    plain = {"FileFormat": "plain-text", "HiveCompatiblePartitions": False, "PerHourPartition": False}
    found = {
        **flow_log,
        "LogDestination": flow_log.get("LogDestination", "").rstrip("/"),
        "DestinationOptions": {**plain, **flow_log.get("DestinationOptions", {})},
    }
    names = ("TrafficType", "LogDestinationType", "LogDestination", "LogFormat", "MaxAggregationInterval")
    return [
        f"{name} is {found.get(name)!r}" for name in (*names, "DestinationOptions") if found.get(name) != request[name]
    ]


def create_flow_logs(ec2: Any, request: dict[str, Any], resource_ids: Sequence[str]) -> None:
    """Create flow logs. Raises SetupError for the resources that EC2 did not take."""
    tags = [{"ResourceType": "vpc-flow-log", "Tags": [OWN_TAG]}]
    refused = []
    for start in range(0, len(resource_ids), RESOURCES_PER_CALL):
        batch = list(resource_ids[start : start + RESOURCES_PER_CALL])
        answer = ec2.create_flow_logs(**request, ResourceIds=batch, TagSpecifications=tags)
        refused += [
            f"{one['ResourceId']}: {one['Error']['Message'].rstrip('.')}" for one in answer.get("Unsuccessful", [])
        ]
    if refused:
        raise SetupError(
            f"flow logs: EC2 did not make {len(refused)}: {'; '.join(refused)}. Correct it, and run again."
        )


def flow_log_steps(ec2: Any, s3: Any, account: Account, options: argparse.Namespace) -> list[Step]:
    """Return the plan of flow logs."""
    resources = flow_log_resources(ec2, options)
    if not resources:
        raise SetupError(f"region {account.region} has no VPC. Name another --region.")
    request = flow_log_request(account, options)
    found = described(ec2, "describe_flow_logs", "FlowLogs")
    steps, missing = [], []
    for resource, around in sorted(resources.items()):
        recorded = [one for one in found if one["ResourceId"] in (resource, *around)]
        wrong = {one["FlowLogId"]: differences(one, request) for one in recorded}
        if any(not what for what in wrong.values()):
            ids = ", ".join(name for name, what in wrong.items() if not what)
            steps.append(Step(State.AS_WANTED, f"flow log of {resource}", f"{ids} records it"))
        elif recorded and not options.beside_existing:
            steps += [
                Step(
                    State.DIFFERS,
                    f"flow log of {resource}",
                    f"{name} of {one['ResourceId']}: {'; '.join(wrong[name])}. A flow log cannot be changed: delete "
                    "it, or say --beside-existing for a second one, which is delivered and charged as well",
                )
                for one in recorded
                for name in [one["FlowLogId"]]
            ]
        else:
            missing.append(resource)
        for one in recorded:
            if one.get("DeliverLogsStatus") == "FAILED":
                text = (
                    f"{one['FlowLogId']} is not delivered: {one.get('DeliverLogsErrorMessage', 'no reason is given')}"
                )
                steps.append(Step(State.DIFFERS, f"flow log of {resource}", text))
    inside = [one["FlowLogId"] for one in found if one["ResourceId"].startswith(("subnet-", "eni-"))]
    if inside and request["ResourceType"] == "VPC":
        text = f"{', '.join(inside)} record subnets or interfaces; a VPC's flow log records theirs again"
        steps.append(Step(State.NOTE, "flow logs of this region", text))
    policy = flow_log_statements(account, options)
    # The policy first: EC2 would write one of its own over what is there
    # (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html).
    before = destination_steps(s3, account, options, policy, "lets flow logs be delivered")
    if missing:
        kind = "Parquet" if options.parquet else "text"
        steps.append(
            Step(
                State.CREATE,
                f"flow logs of {', '.join(missing)}",
                f"all traffic to {request['LogDestination']}, fields of version {options.fields_version}, {kind} in "
                f"{layout(options)} folders, one record a flow and {options.aggregation_seconds} seconds",
                lambda: create_flow_logs(ec2, request, missing),
            )
        )
    return [*before, *steps]


def flow_log_statements(account: Account, options: argparse.Namespace) -> list[Statement]:
    """Return what the log delivery service needs, in every partition the same principal.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html,
    https://docs.amazonaws.cn/en_us/vpc/latest/userguide/flow-logs-s3-permissions.html
    """
    bucket = account.bucket_arn(options.destination.bucket)
    folder = f"aws-account-id={account.account_id}" if options.hive_prefixes else account.account_id
    common = {"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"}}
    source = {"aws:SourceAccount": account.account_id}
    arn = {"ArnLike": {"aws:SourceArn": f"arn:{account.partition}:logs:{account.region}:{account.account_id}:*"}}
    return [
        {
            "Sid": "AWSLogDeliveryWrite",
            **common,
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/{options.destination.prefix}AWSLogs/{folder}/*",
            "Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}, **arn},
        },
        {
            "Sid": "AWSLogDeliveryAclCheck",
            **common,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": bucket,
            "Condition": {"StringEquals": source, **arn},
        },
    ]


def layout(options: argparse.Namespace) -> str:
    """Return what this project calls the folders of a flow log."""
    return ("hive_" if options.hive_prefixes else "") + ("hourly" if options.hourly else "daily")


def flow_log_settings(account: Account, options: argparse.Namespace) -> dict[str, Any]:
    """Return the vars that read these flow logs."""
    table = "parquet" if options.parquet else "custom"
    fields = {} if options.parquet else {"vpc_flow_logs_custom_fields": FIELDS[options.fields_version]}
    return {
        f"vpc_flow_logs_{table}_path": f"{options.destination.prefix}AWSLogs",
        **fields,
        f"vpc_flow_logs_{table}_layout": layout(options),
        "vpc_flow_logs_account_ids": [account.account_id],
        "vpc_flow_logs_regions": [account.region],
    }


# --- S3 access logs


def access_log_steps(s3: Any, account: Account, options: argparse.Namespace) -> list[Step]:
    """Return the plan of S3 access logs. Raises SetupError where the buckets would log in a circle or cannot log."""
    place = options.destination
    check_log_bucket(s3, account, options)
    wanted = {
        "TargetBucket": place.bucket,
        "TargetPrefix": place.prefix,
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": options.partition_by}},
    }
    text = f"to s3://{place.bucket}/{place.prefix}, in folders by account, region, bucket and {options.partition_by}"
    steps = []
    for bucket in options.buckets:
        if not bucket_exists(s3, account, bucket):
            raise SetupError(f"bucket {bucket}: expected one of this account, found none. Correct --buckets.")
        found = s3.get_bucket_logging(**account.owned(bucket)).get("LoggingEnabled")
        subject = f"access log of {bucket}"
        if found == wanted:
            steps.append(Step(State.AS_WANTED, subject, text))
        elif found and not options.replace_existing:
            steps.append(
                Step(
                    State.DIFFERS,
                    subject,
                    f"it is {json.dumps(found)}; wanted {json.dumps(wanted)}. --replace-existing changes it; logs "
                    "delivered before stay where they are",
                )
            )
        else:
            was = f" (now {json.dumps(found)})" if found else ""
            steps.append(
                Step(
                    State.CHANGE if found else State.CREATE,
                    subject,
                    text + was,
                    lambda bucket=bucket: s3.put_bucket_logging(
                        **account.owned(bucket), BucketLoggingStatus={"LoggingEnabled": wanted}
                    ),
                )
            )
    before = destination_steps(
        s3, account, options, access_log_statements(account, options), "lets S3 deliver its logs"
    )
    return [*before, *steps]


def check_log_bucket(s3: Any, account: Account, options: argparse.Namespace) -> None:
    """Refuse a bucket that S3 delivers no access logs to, or whose logs would make logs without end.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
    """
    name = options.destination.bucket
    if not bucket_exists(s3, account, name):
        return
    owned = account.owned(name)
    target = s3.get_bucket_logging(**owned).get("LoggingEnabled", {}).get("TargetBucket")
    if target in (name, *options.buckets):
        raise SetupError(
            f"bucket {name}: it logs into {target} itself, and each delivery would make another log. Switch that off, "
            "or name another --destination."
        )
    encryption = unless_absent(
        lambda: s3.get_bucket_encryption(**owned), "ServerSideEncryptionConfigurationNotFoundError"
    )
    for rule in encryption["ServerSideEncryptionConfiguration"]["Rules"] if encryption else []:
        algorithm = rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "AES256")
        if algorithm != "AES256":
            raise SetupError(
                f"bucket {name}: expected SSE-S3 as its default encryption, found {algorithm}. S3 delivers no access "
                "logs to such a bucket: name another --destination."
            )
    if s3.get_bucket_request_payment(**owned).get("Payer") == "Requester":
        raise SetupError(
            f"bucket {name}: requesters pay, and S3 delivers no access logs there. Name another --destination."
        )


def access_log_statements(account: Account, options: argparse.Namespace) -> list[Statement]:
    """Return what S3 needs to deliver access logs of any bucket of this account.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """
    return [
        {
            "Sid": "S3ServerAccessLogsPolicy",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{account.bucket_arn(options.destination.bucket)}/{options.destination.prefix}*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account.account_id}},
        }
    ]


def access_log_settings(account: Account, options: argparse.Namespace) -> dict[str, Any]:
    """Return the vars that read these logs."""
    return {
        "s3_access_logs_partitioned_path": options.destination.prefix.rstrip("/"),
        "s3_access_logs_account_ids": [account.account_id],
        "s3_access_logs_regions": [account.region],
        "s3_access_logs_buckets": options.buckets,
    }


# --- CloudTrail


def event_selectors(account: Account, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return which events the trail records. Never those of its own bucket: each delivery would be an event again.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
    """

    def is_one_of(name: str, *values: str) -> dict[str, Any]:
        return {"Field": name, "Equals": list(values)}

    selectors = []
    if options.management_events:
        selectors.append({"Name": "Management events", "FieldSelectors": [is_one_of("eventCategory", "Management")]})
    objects = [is_one_of("eventCategory", "Data"), is_one_of("resources.type", "AWS::S3::Object")]
    if options.all_buckets:
        left_out = [f"{account.bucket_arn(name)}/" for name in sorted({options.destination.bucket, *options.without})]
        condition = {"Field": "resources.ARN", "NotStartsWith": left_out}
        selectors.append({"Name": "S3 objects of all other buckets", "FieldSelectors": [*objects, condition]})
    elif options.data_events_of:
        named = [f"{account.bucket_arn(name)}/" for name in sorted(set(options.data_events_of))]
        condition = {"Field": "resources.ARN", "StartsWith": named}
        selectors.append({"Name": "S3 objects of named buckets", "FieldSelectors": [*objects, condition]})
    return selectors


def trail_request(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of the trail. Its prefix has no slash at the end."""
    place = options.destination
    prefix = {"S3KeyPrefix": place.prefix.rstrip("/")} if place.prefix else {}
    return {
        "Name": options.trail,
        "S3BucketName": place.bucket,
        **prefix,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
    }


def trail_steps(cloudtrail: Any, s3: Any, account: Account, options: argparse.Namespace) -> list[Step]:
    """Return the plan of the trail."""
    request, selectors = trail_request(options), event_selectors(account, options)
    arn = account.arn("cloudtrail", f"trail/{options.trail}")
    subject = f"trail {options.trail}"
    trails = cloudtrail.describe_trails(includeShadowTrails=True)["trailList"]
    found = next((trail for trail in trails if trail["TrailARN"] == arn), None)
    steps = [
        Step(
            State.NOTE,
            "CloudTrail",
            f"trail {trail['Name']} of {trail.get('HomeRegion', account.region)} delivers to s3://{trail['S3BucketName']}/"
            f"{trail.get('S3KeyPrefix', '')}. Where it records management events too, those of {options.trail} are a "
            "further copy, which is charged; --no-management-events leaves them out",
        )
        for trail in trails
        if trail["TrailARN"] != arn
    ]
    kinds = ", ".join(selector["Name"] for selector in selectors)
    text = f"all regions, to s3://{options.destination.bucket}/{options.destination.prefix}, log files validated"
    choose = Step(
        State.CREATE,
        subject,
        f"record {kinds}",
        lambda: cloudtrail.put_event_selectors(TrailName=arn, AdvancedEventSelectors=selectors),
    )
    start = Step(State.CREATE, subject, "start logging", lambda: cloudtrail.start_logging(Name=arn))
    if found is None:
        steps += [Step(State.CREATE, subject, text, lambda: cloudtrail.create_trail(**request)), choose, start]
    else:
        steps += existing_trail_steps(cloudtrail, found, request, selectors, options, choose, start)
    before = destination_steps(
        s3, account, options, trail_statements(account, options, arn), "lets CloudTrail deliver the trail"
    )
    return [*before, *steps]


def existing_trail_steps(
    cloudtrail: Any,
    found: dict[str, Any],
    request: dict[str, Any],
    selectors: list[dict[str, Any]],
    options: argparse.Namespace,
    choose: Step,
    start: Step,
) -> Iterator[Step]:
    """Yield what a trail that is there lacks; what differs is changed only where that is asked for."""
    subject, arn = f"trail {options.trail}", found["TrailARN"]
    is_now = {**found, "EnableLogFileValidation": found.get("LogFileValidationEnabled", False)}
    wanted = {"S3KeyPrefix": "", **request}
    wrong = [
        f"{name} is {is_now.get(name, '')!r}, wanted {value!r}"
        for name, value in wanted.items()
        if is_now.get(name, "") != value
    ]
    answer = cloudtrail.get_event_selectors(TrailName=arn)
    selected = answer.get("AdvancedEventSelectors") or answer.get("EventSelectors") or []
    chosen = sorted(map(comparable_selector, selected)) == sorted(map(comparable_selector, selectors))
    parts = (
        (wrong, "; ".join(wrong), "its settings", lambda: cloudtrail.update_trail(**wanted)),
        (not chosen, f"it records {json.dumps(selected)}, wanted {json.dumps(selectors)}", "the events", choose.act),
    )
    for differs, text, what, act in parts:
        if not differs:
            yield Step(State.AS_WANTED, subject, f"{what} are as wanted")
        elif options.replace_existing:
            yield Step(State.CHANGE, subject, text, act)
        else:
            yield Step(State.DIFFERS, subject, f"{text}. --replace-existing changes it")
    if cloudtrail.get_trail_status(Name=arn)["IsLogging"]:
        yield Step(State.AS_WANTED, subject, "is logging")
    elif options.replace_existing:
        yield start
    else:
        yield Step(State.DIFFERS, subject, "it is not logging. --replace-existing starts it")


def comparable_selector(selector: dict[str, Any]) -> str:
    """Return a selector so that equal meanings are equal, whatever its name."""
    fields = selector.get("FieldSelectors")
    if fields is None:
        return json.dumps(selector, sort_keys=True)
    values = [
        {key: sorted(value) if isinstance(value, list) else value for key, value in one.items()} for one in fields
    ]
    return json.dumps(sorted(values, key=lambda one: one["Field"]), sort_keys=True)


def trail_statements(account: Account, options: argparse.Namespace, trail_arn: str) -> list[Statement]:
    """Return what CloudTrail needs, in every partition the same principal.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    bucket = account.bucket_arn(options.destination.bucket)
    common = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    return [
        {
            "Sid": "AWSCloudTrailAclCheck",
            **common,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket,
            "Condition": {"StringEquals": {"aws:SourceArn": trail_arn}},
        },
        {
            "Sid": "AWSCloudTrailWrite",
            **common,
            "Action": "s3:PutObject",
            "Resource": f"{bucket}/{options.destination.prefix}AWSLogs/{account.account_id}/*",
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail_arn},
            },
        },
    ]


def trail_settings(ec2: Any, account: Account, options: argparse.Namespace) -> dict[str, Any]:
    """Return the vars that read the trail: it has a folder for each region that is enabled."""
    try:
        regions = enabled_regions(ec2)
    except ClientError as error:
        print(f"regions: {error_code(error)} for ec2:DescribeRegions; add the others to cloudtrail_regions yourself")
        regions = [account.region]
    return {
        "cloudtrail_path": f"{options.destination.prefix}AWSLogs",
        "cloudtrail_layout": "account",
        "cloudtrail_account_ids": [account.account_id],
        "cloudtrail_regions": regions,
    }


# --- All three


def destination_steps(
    s3: Any, account: Account, options: argparse.Namespace, statements: list[Statement], text: str
) -> list[Step]:
    """Return the steps to the bucket that takes the logs: it is created, or its policy is added to."""
    name = options.destination.bucket
    exists = bucket_exists(s3, account, name)
    made = [] if exists else bucket_steps(s3, account, BucketWishes(name, "logs"), adopt=False)
    return [*made, policy_step(s3, account, name, statements, text, exists=exists)]


def costs(account: Account, options: argparse.Namespace) -> list[str]:
    """Return what these logs cost."""
    items = {
        "flow-logs": (DELIVERY, *((CONVERSION,) if options.kind == "flow-logs" and options.parquet else ())),
        "s3-access-logs": (),
        "cloudtrail": (DATA_EVENTS, MANAGEMENT_EVENTS),
    }[options.kind]
    lines = cost_lines((*items, STORAGE, PUT_REQUESTS), account.partition, account.region)
    if options.kind == "s3-access-logs":
        lines.insert(
            0,
            "delivery of S3 access logs: free (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html)",
        )
    if options.kind == "cloudtrail":
        lines.insert(0, "the first copy of management events: free (https://aws.amazon.com/cloudtrail/pricing/)")
    return lines


def print_settings(account: Account, options: argparse.Namespace, settings: dict[str, Any]) -> None:
    """Print what dbt needs to read the logs."""
    settings = {**settings, "aws_partition": account.partition}
    print("\nFor dbt, once files have come (dbt_project.yml, or --vars):\n")
    for name, value in settings.items():
        print(f"{name}: {json.dumps(value)}")
    print(f"\nexport LOGS={shlex.quote(f's3://{options.destination.bucket}')}")
    print("\nThe path is below LOGS: with several kinds of logs, put them all into one bucket.")
    if "vpc_flow_logs_custom_fields" in settings:
        print("DuckDB needs vpc_flow_logs_custom_fields and none of the others.")


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--destination", required=True, type=DataLocation.parse, help="s3://bucket[/prefix] for the logs"
    )
    common.add_argument("--region", type=region_name, help="default: that of the environment or profile")
    common.add_argument("--apply", action="store_true", help="switch on; without it nothing is touched")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)

    flow_logs = kinds.add_parser("flow-logs", parents=[common], help="VPC flow logs")
    which = flow_logs.add_mutually_exclusive_group(required=True)
    which.add_argument("--vpcs", nargs="+", type=pattern("vpc-[0-9a-f]+", "vpc-.."), metavar="VPC")
    which.add_argument("--all-vpcs", action="store_true", help="all VPCs that the region has now")
    which.add_argument("--subnets", nargs="+", type=pattern("subnet-[0-9a-f]+", "subnet-.."), metavar="SUBNET")
    which.add_argument("--interfaces", nargs="+", type=pattern("eni-[0-9a-f]+", "eni-.."), metavar="INTERFACE")
    flow_logs.add_argument(
        "--fields-version", type=int, choices=FIELDS, default=5, help="all fields up to this version (default: 5)"
    )
    flow_logs.add_argument("--parquet", action="store_true", help="files in Parquet (default: text)")
    flow_logs.add_argument("--hive-prefixes", action="store_true", help="Hive-compatible folders, year=../month=..")
    flow_logs.add_argument("--hourly", action="store_true", help="a folder an hour (default: a day)")
    flow_logs.add_argument(
        "--aggregation-seconds",
        type=int,
        choices=(60, 600),
        default=600,
        help="longest time that one record sums up; 600 makes fewer records (default: 600)",
    )
    flow_logs.add_argument("--beside-existing", action="store_true", help="make one beside a flow log that differs")

    access_logs = kinds.add_parser("s3-access-logs", parents=[common], help="S3 server access logs")
    bucket = pattern(BUCKET_NAME, "the name of a bucket")
    access_logs.add_argument("--buckets", nargs="+", required=True, type=bucket, help="buckets whose requests to log")
    access_logs.add_argument(
        "--partition-by",
        choices=("DeliveryTime", "EventTime"),
        default="DeliveryTime",
        help="the day of a folder (default: DeliveryTime, with which a late record is seen to be late)",
    )
    access_logs.add_argument("--replace-existing", action="store_true", help="also where another target is set")

    trail = kinds.add_parser("cloudtrail", parents=[common], help="a CloudTrail trail of all regions")
    trail.add_argument(
        "--trail",
        default="aws-internet-traffic",
        type=pattern(r"[A-Za-z0-9][\w.-]{1,126}[A-Za-z0-9]", "the name of a trail"),
    )
    trail.add_argument(
        "--no-management-events", dest="management_events", action="store_false", help="data events only"
    )
    data = trail.add_mutually_exclusive_group()
    data.add_argument(
        "--data-events-of", nargs="+", default=[], type=bucket, metavar="BUCKET", help="requests to objects"
    )
    data.add_argument(
        "--all-buckets", action="store_true", help="requests to objects of all buckets but --destination's"
    )
    trail.add_argument(
        "--without", nargs="+", default=[], type=bucket, metavar="BUCKET", help="but these (--all-buckets)"
    )
    trail.add_argument("--replace-existing", action="store_true", help="also where the trail is set otherwise")

    options = parser.parse_args(arguments)
    check_arguments(parser, options)
    return options


def check_arguments(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse what would log without end, and what records nothing."""
    name = options.destination.bucket
    if options.kind == "s3-access-logs" and name in options.buckets:
        parser.error(f"--buckets: {name} is the destination; logs of their own delivery would make logs without end")
    if options.kind == "flow-logs" and f"/{options.destination.prefix}".endswith("/AWSLogs/"):
        parser.error("--destination: expected the folder above AWSLogs, which AWS makes itself")
    if options.kind == "cloudtrail":
        if name in options.data_events_of:
            parser.error(f"--data-events-of: {name} is the destination; each delivery would be an event again")
        if options.without and not options.all_buckets:
            parser.error("--without: expected --all-buckets beside it")
        if not (options.management_events or options.data_events_of or options.all_buckets):
            parser.error("--no-management-events: expected --data-events-of or --all-buckets beside it")


def main(arguments: Sequence[str] | None = None) -> int:
    """Plan or switch on, and return the exit code."""
    options = read_arguments(arguments)
    try:
        session = open_session(options.region)
        names = {"flow-logs": ("s3", "ec2"), "s3-access-logs": ("s3",), "cloudtrail": ("s3", "ec2", "cloudtrail")}
        account = find_account(session, session.client("sts", config=CLIENT_CONFIG))
        clients = {name: session.client(name, config=CLIENT_CONFIG) for name in names[options.kind]}
        print(f"Account {account.account_id}, region {account.region} ({account.partition})")
        if options.kind == "flow-logs":
            steps = flow_log_steps(clients["ec2"], clients["s3"], account, options)
            settings = flow_log_settings(account, options)
        elif options.kind == "s3-access-logs":
            steps = access_log_steps(clients["s3"], account, options)
            settings = access_log_settings(account, options)
        else:
            steps = trail_steps(clients["cloudtrail"], clients["s3"], account, options)
            settings = trail_settings(clients["ec2"], account, options)
        code = carry_out(steps, apply=options.apply)
    except (SetupError, BotoCoreError, ClientError, ValueError) as error:
        print(f"enable_logs: {failure(error)}", file=sys.stderr)
        return 1
    print("\nWhat it costs: estimates from list prices, without tax and discounts.\n")
    print("\n".join(costs(account, options)))
    print_settings(account, options, settings)
    return code


if __name__ == "__main__":
    sys.exit(main())
