"""Checks for a run on Athena: the environment, what credentials may, the logs in S3. Only the write probe writes."""

from __future__ import annotations

import argparse
import os
import re
import uuid
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from shared.s3_locations import CLIENT_CONFIG, bucket_and_prefix
from shared.snapshots import advice, assumed_session, region_name, role_arn
from sweep_retired_data import schema_name

from setup_checks import REPOSITORY, Check, DescriptionError, State, described_setup, layout_name, log_file_inspection

PARQUET_MAGIC = b"PAR1"  # https://parquet.apache.org/docs/file-format/
# A header line and the start of a CloudTrail file lie within so much of a file, compressed or not.
FIRST_BYTES = 64 * 1024
# Combinations of account, region and bucket whose newest file is looked at.
MOST_FOLDERS = 20
# AWS refuses signatures of clocks that differ by more (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
# RequestTimeTooSkewed, 15 minutes; other services, 5 minutes).
LARGEST_SKEW = timedelta(minutes=5)
# Storage classes that Athena does not read without a restore
# (https://docs.aws.amazon.com/athena/latest/ug/querying-glacier.html).
ARCHIVES = {"GLACIER", "DEEP_ARCHIVE"}

ENGINE_VERSION = "Athena engine version 3"


@dataclass(frozen=True)
class Place:
    """A prefix that a variable of the environment names."""

    variable: str
    bucket: str
    prefix: str

    def overlaps(self, other: Place) -> bool:
        """Tell whether one of two places lies in the other."""
        return self.bucket == other.bucket and (
            f"{self.prefix}/".lstrip("/").startswith(f"{other.prefix}/".lstrip("/"))
            or f"{other.prefix}/".lstrip("/").startswith(f"{self.prefix}/".lstrip("/"))
        )


@dataclass
class Account:
    """The clients, and the variables that are well-formed."""

    session: Any
    settings: Mapping[str, str]
    region: str = field(init=False)

    def __post_init__(self) -> None:
        self.region = self.settings["AWS_REGION"]

    def client(self, service: str, region: str | None = None) -> Any:
        """Make a client."""
        return self.session.client(service, region or self.region, config=CLIENT_CONFIG)

    def place(self, variable: str) -> Place:
        """Return the place that a variable names."""
        return Place(variable, *bucket_and_prefix(self.settings[variable]))


def athena_checks(variables: str, with_write_probe: bool) -> Iterator[Check]:
    """Yield what was found, one thing after the other."""
    settings = dict(os.environ)
    found = list(environment_checks(settings))
    yield from found
    if any(check.state is State.FAIL for check in found):
        yield Check("aws", State.SKIPPED, "nothing was asked, because the environment is not complete")
        return
    try:
        setup = described_setup("athena", variables, settings)
    except DescriptionError as error:
        yield Check(
            "dbt",
            State.FAIL,
            str(error),
            "Correct what it names: dbt_project.yml, --vars, or a variable of the environment.",
        )
        setup = None
    else:
        yield Check("dbt", State.OK, "the project, its profile and its vars are read, target athena")
    try:
        role = settings.get("ATHENA_ASSUME_ROLE_ARN")
        account = Account(assumed_session(role) if role else boto3.Session(), settings)
        yield from identity_checks(account.client("sts"))
    except (BotoCoreError, ClientError) as error:
        yield refused("credentials", error, "Allow sts:AssumeRole of the role for these credentials.")
        return
    yield from work_group_checks(account)
    yield from bucket_checks(account)
    yield from catalog_checks(account)
    if with_write_probe:
        yield from write_probes(account)
    else:
        yield Check("write probe", State.SKIPPED, "not asked for", "--write-probe writes and deletes an object.")
    if setup:
        yield from log_checks(account, setup)


def refused(name: str, error: Exception, refused_call: str) -> Check:
    """Return the check that AWS did not answer."""
    return Check(name, State.FAIL, str(error), advice(error, refused_call))


# --- The environment


def environment_checks(settings: Mapping[str, str]) -> Iterator[Check]:
    """Look at every variable that the profile reads."""
    for variable, default in profile_variables():
        value = settings.get(variable, "")
        if not value and default is None:
            yield Check(
                variable, State.FAIL, "is not set", f"Set it: README, 'On Athena'. Expected {FORMS[variable][1]}."
            )
        elif not value:
            yield Check(variable, State.OK, f"is not set, which means {default or 'none'}")
        else:
            is_right, expected = FORMS[variable]
            if is_right(value):
                yield Check(variable, State.OK, value)
            else:
                yield Check(
                    variable, State.FAIL, f"is '{value}', expected {expected}", "Correct it: README, 'On Athena'."
                )


def profile_variables() -> Iterator[tuple[str, str | None]]:
    """Yield the variables of the target athena with their defaults, None where there is none, and LOGS."""
    profile = (REPOSITORY / "profiles" / "profiles.yml").read_text(encoding="utf-8")
    found = re.findall(r"env_var\('(\w+)'(?:, '([^']*)')?\)", profile[profile.index("    athena:\n") :])
    text = profile[profile.index("    athena:\n") :]
    for variable, default in found:
        yield variable, default if f"env_var('{variable}'," in text else None
    yield "LOGS", None


def is_read_by(reader: Callable[[str], Any]) -> Callable[[str], bool]:
    """Return a test of whether a reader of arguments takes a text."""

    def is_right(text: str) -> bool:
        try:
            return reader(text) is not None
        except (ValueError, argparse.ArgumentTypeError):
            return False

    return is_right


def is_seconds(text: str) -> bool:
    """Tell whether a text is a number of seconds above 0."""
    return bool(re.fullmatch(r"[0-9]+([.][0-9]+)?", text)) and float(text) > 0


# What the README's table says each variable is.
FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "AWS_REGION": (is_read_by(region_name), "a region such as us-east-1"),
    "ATHENA_SCHEMA": (is_read_by(schema_name), "a name of lower case letters, digits and underscores"),
    "ATHENA_WORK_GROUP": (is_read_by(re.compile(r"[a-zA-Z0-9._-]{1,128}").fullmatch), "the name of a work group"),
    "ATHENA_RESULTS": (is_read_by(bucket_and_prefix), "s3://bucket/prefix/"),
    "ATHENA_DATA": (is_read_by(bucket_and_prefix), "s3://bucket/prefix/"),
    "ATHENA_ASSUME_ROLE_ARN": (is_read_by(role_arn), "arn:aws:iam::<account>:role/<name>"),
    "ATHENA_POLL_INTERVAL": (is_seconds, "a number of seconds such as 1.0"),
    "DBT_THREADS": (is_read_by(re.compile(r"[1-9][0-9]*").fullmatch), "a whole number such as 4"),
    "LOGS": (is_read_by(bucket_and_prefix), "s3://bucket/prefix"),
}


# --- Credentials, work group, catalog


def identity_checks(sts: Any) -> Iterator[Check]:
    """Say who asks, and compare the clocks."""
    answer = sts.get_caller_identity()
    yield Check("credentials", State.OK, f"account {answer['Account']}, {answer['Arn']}")
    aws_time = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if aws_time:
        skew = abs(datetime.now(UTC) - parsedate_to_datetime(aws_time))
        yield clock_check(skew)


def clock_check(skew: timedelta) -> Check:
    """Judge by how much this machine's clock differs from AWS's."""
    seconds = f"differs from AWS's by {skew.total_seconds():.0f} seconds"
    if skew > LARGEST_SKEW:
        return Check("clock", State.FAIL, seconds, "Set the clock: AWS refuses signatures of other times.")
    if skew > LARGEST_SKEW / 5:
        return Check("clock", State.WARN, seconds, "Set the clock, before AWS refuses its signatures.")
    return Check("clock", State.OK, seconds)


def work_group_checks(account: Account) -> Iterator[Check]:
    """Look at the work group that runs the queries."""
    athena, name = account.client("athena"), account.settings["ATHENA_WORK_GROUP"]
    try:
        group = athena.get_work_group(WorkGroup=name)["WorkGroup"]
    except (BotoCoreError, ClientError) as error:
        yield refused("work group", error, "Allow athena:GetWorkGroup, or correct ATHENA_WORK_GROUP.")
        return
    settings = group.get("Configuration", {})
    if group.get("State", "ENABLED") != "ENABLED":
        yield Check("work group", State.FAIL, f"{name} is {group['State']}", "Enable it.")
    else:
        yield Check("work group", State.OK, name)
    engine = settings.get("EngineVersion", {}).get("EffectiveEngineVersion", "unknown")
    if engine == ENGINE_VERSION:
        yield Check("engine", State.OK, engine)
    else:
        yield Check("engine", State.FAIL, f"{engine}, expected {ENGINE_VERSION}", "Change it in the work group.")
    location = settings.get("ResultConfiguration", {}).get("OutputLocation")
    # CTAS may then name no place of its own (https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html):
    # the tables would lie with the results, where a lifecycle rule deletes them.
    if settings.get("EnforceWorkGroupConfiguration") and location:
        yield Check(
            "result location",
            State.FAIL,
            f"the work group enforces {location}: tables would be written there, beside results that expire",
            "Switch off 'Override client-side settings' (EnforceWorkGroupConfiguration) of the work group.",
        )
    else:
        yield Check("result location", State.OK, "not enforced by the work group")
    limit = settings.get("BytesScannedCutoffPerQuery")
    if limit:
        yield Check("scan limit", State.OK, f"{limit:,} bytes per query")
    else:
        yield Check(
            "scan limit",
            State.WARN,
            "none: a query may scan, and cost, any amount",
            "Set BytesScannedCutoffPerQuery of the work group, above what the first build of your logs reads.",
        )
    encryption = settings.get("ResultConfiguration", {}).get("EncryptionConfiguration", {}).get("EncryptionOption")
    yield Check("encryption of results", State.OK, encryption or "as the bucket does (S3 encrypts every new object)")
    try:
        athena.list_query_executions(WorkGroup=name, MaxResults=1)
        yield Check("athena:ListQueryExecutions", State.OK, "allowed")
    except (BotoCoreError, ClientError) as error:
        yield Check(
            "athena:ListQueryExecutions",
            State.WARN,
            str(error),
            "Allow it: make query-costs asks for it, a run does not.",
        )


def catalog_checks(account: Account) -> Iterator[Check]:
    """Look for the two Glue databases, which a first run creates."""
    glue, schema = account.client("glue"), account.settings["ATHENA_SCHEMA"]
    for name in (schema, f"{schema}_raw"):
        try:
            glue.get_database(Name=name)
            tables = glue.get_tables(DatabaseName=name, MaxResults=1)["TableList"]
            yield Check("glue database", State.OK, f"{name}, {'with' if tables else 'without'} tables")
        except glue.exceptions.EntityNotFoundException:
            yield Check("glue database", State.OK, f"{name} is not there yet; the first run creates it")
        except (BotoCoreError, ClientError) as error:
            yield refused("glue database", error, f"Allow glue:GetDatabase and glue:GetTables on {name}.")


# --- Buckets


def bucket_checks(account: Account) -> Iterator[Check]:
    """Look at the buckets of results, data and logs."""
    results, data, logs = (account.place(name) for name in ("ATHENA_RESULTS", "ATHENA_DATA", "LOGS"))
    s3 = account.client("s3")
    if results.overlaps(data):
        yield Check(
            "places",
            State.FAIL,
            "one of ATHENA_RESULTS and ATHENA_DATA lies in the other: a rule that expires results would take tables",
            "Give them prefixes side by side.",
        )
    else:
        yield Check("places", State.OK, "ATHENA_RESULTS and ATHENA_DATA are apart")
    for place in (results, data, logs):
        yield from region_checks(s3, place, account.region)
    for bucket in sorted({results.bucket, data.bucket}):
        yield public_access_check(s3, bucket)
    yield results_lifecycle_check(s3, results)
    yield data_lifecycle_check(s3, data)


def region_checks(s3: Any, place: Place, region: str) -> Iterator[Check]:
    """Look whether a bucket is there, in the right region, and may be listed."""
    name = f"{place.variable} bucket"
    try:
        found = s3.head_bucket(Bucket=place.bucket).get("BucketRegion") or region
        s3.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix, MaxKeys=1)
    except (BotoCoreError, ClientError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        if code in ("404", "NoSuchBucket"):
            yield Check(name, State.FAIL, f"{place.bucket} does not exist", f"Create it, or correct {place.variable}.")
        elif code == "403":
            yield Check(name, State.FAIL, f"{place.bucket} is refused", "Allow s3:ListBucket, or correct the name.")
        else:
            yield refused(name, error, f"Allow s3:ListBucket on {place.bucket}.")
        return
    if found == region:
        yield Check(name, State.OK, f"{place.bucket} in {found}")
    elif place.variable == "LOGS":
        yield Check(
            name,
            State.WARN,
            f"{place.bucket} is in {found}, AWS_REGION is {region}",
            "Run Athena where the logs are: what crosses regions is charged as data transfer.",
        )
    else:
        yield Check(
            name,
            State.FAIL,
            f"{place.bucket} is in {found}, AWS_REGION is {region}",
            f"Correct AWS_REGION, or name a bucket of {region} with {place.variable}.",
        )


def public_access_check(s3: Any, bucket: str) -> Check:
    """Look whether a bucket refuses to be public."""
    name = "public access"
    try:
        blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            return Check(name, State.SKIPPED, f"{bucket}: {error}", "Allow s3:GetBucketPublicAccessBlock to know.")
        blocked = {}
    except BotoCoreError as error:
        return Check(name, State.SKIPPED, f"{bucket}: {error}")
    settings = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    missing = [setting for setting in settings if not blocked.get(setting)]
    if missing:
        return Check(name, State.WARN, f"{bucket} does not block it: {', '.join(missing)}", "Block it for the bucket.")
    return Check(name, State.OK, f"{bucket} blocks all of it")


def lifecycle_rules(s3: Any, place: Place) -> list[dict[str, Any]]:
    """Return the enabled rules that act on some current object of a place. Raises what boto3 raises.

    Rules for tagged objects act on none of Athena's: it tags nothing.
    """
    try:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=place.bucket)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        return []
    found = []
    for rule in rules:
        limits = rule.get("Filter", {}).get("And") or rule.get("Filter", {})
        prefix = rule.get("Prefix") or limits.get("Prefix") or ""
        own = f"{place.prefix}/" if place.prefix else ""
        is_tagged = "Tag" in limits or "Tags" in limits
        if rule["Status"] == "Enabled" and not is_tagged and (own.startswith(prefix) or prefix.startswith(own)):
            found.append(rule)
    return found


def results_lifecycle_check(s3: Any, place: Place) -> Check:
    """Look whether results expire."""
    name = "lifecycle of results"
    try:
        rules = lifecycle_rules(s3, place)
    except (BotoCoreError, ClientError) as error:
        return Check(name, State.SKIPPED, str(error), "Allow s3:GetLifecycleConfiguration to know.")
    days = [str(rule["Expiration"]["Days"]) for rule in rules if "Days" in rule.get("Expiration", {})]
    if days:
        return Check(name, State.OK, f"they expire after {' or '.join(days)} days")
    return Check(
        name, State.WARN, "results are kept for ever", f"Let objects below {place.variable} expire, in 7 days say."
    )


def data_lifecycle_check(s3: Any, place: Place) -> Check:
    """Look whether a rule would delete or archive the tables."""
    name = "lifecycle of data"
    try:
        rules = lifecycle_rules(s3, place)
    except (BotoCoreError, ClientError) as error:
        return Check(name, State.SKIPPED, str(error), "Allow s3:GetLifecycleConfiguration to know.")
    for rule in rules:
        is_expiring = {"Days", "Date"} & rule.get("Expiration", {}).keys()
        is_archiving = ARCHIVES & {move.get("StorageClass") for move in rule.get("Transitions", [])}
        if is_expiring or is_archiving:
            verb = "deletes" if is_expiring else "archives"
            return Check(
                name,
                State.FAIL,
                f"rule '{rule.get('ID', '')}' {verb} objects below ATHENA_DATA, whose tables would lose their days",
                "Take the prefix out of the rule. What no table shows any more is for make sweep.",
            )
    return Check(name, State.OK, "no rule deletes or archives tables")


def write_probes(account: Account) -> Iterator[Check]:
    """Write and delete a small object below the results and the data."""
    s3 = account.client("s3")
    for variable in ("ATHENA_RESULTS", "ATHENA_DATA"):
        place = account.place(variable)
        key = f"{place.prefix}/check_setup_{uuid.uuid4()}".lstrip("/")
        try:
            s3.put_object(Bucket=place.bucket, Key=key, Body=b"check_setup\n")
            s3.delete_object(Bucket=place.bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            yield refused(f"write to {variable}", error, f"Allow s3:PutObject and s3:DeleteObject below {variable}.")
        else:
            yield Check(f"write to {variable}", State.OK, "an object was written and deleted")


# --- Logs


def log_checks(account: Account, setup: Mapping[str, Any]) -> Iterator[Check]:
    """Look at the newest files of each raw table in use."""
    s3 = account.client("s3")
    places = [account.place(name) for name in ("ATHENA_RESULTS", "ATHENA_DATA")]
    for table in setup["tables"]:
        if table["is_existing"]:
            yield Check(table["name"], State.SKIPPED, "is a table of your own, which every run checks")
            continue
        location = Place(table["name"], *bucket_and_prefix(table["location"]))
        for place in places:
            if place.bucket == location.bucket and f"{place.prefix}/".startswith(f"{location.prefix}/".lstrip("/")):
                yield Check(
                    table["name"],
                    State.FAIL,
                    f"{place.variable} lies below its logs, {table['location']}: a run would read its own files",
                    f"Move {place.variable}.",
                )
        try:
            yield from table_checks(s3, table, location, setup["layouts"])
        except (BotoCoreError, ClientError) as error:
            yield refused(table["name"], error, f"Allow s3:ListBucket and s3:GetObject on {location.bucket}.")


def table_checks(
    s3: Any, table: Mapping[str, Any], location: Place, layouts: Sequence[Mapping[str, Any]]
) -> Iterator[Check]:
    """Find the newest files of a raw table, and compare them with the vars."""
    start = f"{location.prefix}/".lstrip("/")
    files, values, is_cut = newest_files(s3, location.bucket, start, table)
    if not files:
        yield missing_files_check(s3, table, location, start, layouts)
        return
    days = f"newest {files[-1].rsplit('/', 1)[-1]}"
    yield Check(
        table["name"],
        State.OK if not is_cut else State.WARN,
        f"{table['location']}/, {table['layout'] or 'one layout'}; {days}"
        + (f"; only {MOST_FOLDERS} of its folders were looked at" if is_cut else ""),
    )
    yield from value_checks(table, values)
    problems: dict[str, list[str]] = defaultdict(list)
    for key in files:
        found = file_problem(first_bytes(s3, location.bucket, key), key, table)
        problems[found].append(key)
    for problem, keys in problems.items():
        if problem:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            found, _, what = problem.partition(" -> ")
            yield Check(f"{table['name']} format", State.FAIL, f"s3://{location.bucket}/{keys[0]}{more} {found}", what)
        else:
            yield Check(f"{table['name']} format", State.OK, f"as declared ({len(keys)} files looked at)")


def newest_files(
    s3: Any, bucket: str, start: str, table: Mapping[str, Any]
) -> tuple[list[str], dict[str, set[str]], bool]:
    """Return the newest key of each combination of values, the values found by key, and whether some were left out."""
    name_pattern = re.compile(rf"(?:.*[^/0-9])?{table['file_name_pattern']}")
    if not table["keys"]:
        keys = [key for prefix in table["key_prefixes"] for key in recent_keys(s3, bucket, f"{start}{prefix}")]
        return [key for key in keys if name_pattern.fullmatch(key.rsplit("/", 1)[-1])][-3:], {}, False
    values: dict[str, set[str]] = defaultdict(set)
    folders = [start]
    days = []
    for segment, key in folder_patterns(table):
        if key is None and not days:
            folders = [f"{folder}{segment}/" for folder in folders]
        elif key is not None and key["kind"] in ("enum", "folder"):
            folders = [
                f"{folder}{child}/"
                for folder in folders[:MOST_FOLDERS]
                for child in children(s3, bucket, folder)
                if re.fullmatch(segment, child)
            ]
            values[key["name"]] |= {
                re.fullmatch(segment, folder.rstrip("/").rsplit("/", 1)[-1])[1] for folder in folders
            }
        else:
            days.append(segment)
    is_cut = len(folders) > MOST_FOLDERS
    newest = [
        key
        for folder in folders[:MOST_FOLDERS]
        if (key := newest_key(s3, bucket, folder, days, name_pattern)) is not None
    ]
    return newest, values, is_cut


def folder_patterns(table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """Yield the pattern of each folder level of a table's layout, with the partition key that it holds."""
    keys = {key["name"]: key for key in table["keys"]}
    for folder in table["partition_path"].split("/"):
        name = re.search(r"[{]([^{}]*)[}]", folder)
        if name is None:
            yield folder, None
            continue
        key, (before, after) = keys[name[1]], folder.split(name[0])
        # A day is three folders where its pattern holds slashes.
        for part in key["pattern"].split("/") if key["kind"] == "date" else [key["pattern"]]:
            yield f"{re.escape(before)}({part}){re.escape(after)}", key


def newest_key(s3: Any, bucket: str, folder: str, days: Sequence[str], name_pattern: re.Pattern[str]) -> str | None:
    """Go down by the last folder of each level, and return the last file there that is one of the table."""
    for segment in days:
        found = [child for child in children(s3, bucket, folder) if re.fullmatch(segment, child)]
        if not found:
            return None
        folder = f"{folder}{max(found)}/"
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=folder, PaginationConfig={"MaxItems": 5000}
    )
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", []) if entry["Size"]]
    return next((key for key in reversed(keys) if name_pattern.fullmatch(key.rsplit("/", 1)[-1])), None)


def children(s3: Any, bucket: str, folder: str) -> list[str]:
    """Return the names of the folders in a folder."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=folder, Delimiter="/", PaginationConfig={"MaxItems": 5000}
    )
    return [
        entry["Prefix"].removeprefix(folder).rstrip("/") for page in pages for entry in page.get("CommonPrefixes", [])
    ]


def recent_keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    """Return keys of a flat prefix: of the last days where there are any, else the first ones. Two requests at most."""
    recent = f"{prefix}{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"
    for more in ({"StartAfter": recent}, {}):
        found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, **more).get("Contents", [])
        if found:
            return [entry["Key"] for entry in found]
    return []


def missing_files_check(
    s3: Any, table: Mapping[str, Any], location: Place, start: str, layouts: Sequence[Mapping[str, Any]]
) -> Check:
    """Say that a table has no file, and what the files are that lie there."""
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=location.bucket, Prefix=start).get("Contents", [])]
    if not keys:
        return Check(
            table["name"],
            State.FAIL,
            f"nothing lies at {table['location']}/",
            f"Correct LOGS or the var {table['path_var']}, or empty the var where there are no such logs.",
        )
    own = [layout for layout in layouts if layout["table"] == table["name"]]
    for key in keys:
        # A trail's account folders lie in an organization's, so that the whole path below the location has to fit.
        fitting = [layout for layout in own if re.match(layout["shape"], key.removeprefix(start))]
        fitting += [layout for layout in layouts if re.search(rf"(?:^|/){layout['shape']}", key)]
        if fitting:
            found = f"s3://{location.bucket}/{key} at {table['location']}/ is of {layout_name(fitting[0])}"
            return Check(
                table["name"],
                State.FAIL,
                f"{found}, not of this table's layout {table['layout']}".rstrip(),
                f"Set the var {fitting[0]['layout_var']} to {fitting[0]['layout']}."
                if fitting[0] in own and fitting[0]["layout_var"]
                else f"Set the var {fitting[0]['path_var']} to their folder, and correct {table['path_var']}.",
            )
    return Check(
        table["name"],
        State.FAIL,
        f"no file at {table['location']}/ is a log of this table, for example s3://{location.bucket}/{keys[0]}",
        f"Correct the var {table['path_var']}: docs/raw_tables.md says what it names.",
    )


def value_checks(table: Mapping[str, Any], values: Mapping[str, set[str]]) -> Iterator[Check]:
    """Compare the accounts, regions, buckets and organizations found with those that are listed."""
    for key in table["keys"]:
        name = table["value_lists"].get(key["name"], {}).get("var")
        if not name or table["strategy"] == "hive":
            continue
        found, listed = values.get(key["name"], set()), set(key["known_values"])
        if found - listed:
            yield Check(
                f"var {name}",
                State.WARN,
                f"lacks {', '.join(sorted(found - listed))}, of which {table['name']} has files: they are not read",
                "Add them, unless you want it so.",
            )
        if listed - found:
            yield Check(
                f"var {name}",
                State.WARN,
                f"lists {', '.join(sorted(listed - found))}, of which {table['name']} has no folder",
                "Take them out, unless another table has them: each costs a look for every day.",
            )
        if found == listed:
            yield Check(f"var {name}", State.OK, f"lists what {table['name']} has")


def first_bytes(s3: Any, bucket: str, key: str) -> bytes:
    """Return the start of an object."""
    return s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{FIRST_BYTES - 1}")["Body"].read()


def file_problem(content: bytes, key: str, table: Mapping[str, Any]) -> str:
    """Say why a file is not what its table declares, '' where it is; after ' -> ' what to do."""
    if table["format"] == "parquet":
        return "" if content.startswith(PARQUET_MAGIC) else "is no Parquet file -> Look at it; it ends every query."
    is_gzip = content.startswith(log_file_inspection().GZIP_MAGIC)
    if key.endswith(".gz") != is_gzip:
        found = "is no gzip file, which its name says" if key.endswith(".gz") else "is a gzip file whose name lacks .gz"
        return f"{found} -> Athena tells compression by the name: quarantine it, docs/raw_tables.md."
    if is_gzip:
        try:
            content = zlib.decompressobj(wbits=31).decompress(content, FIRST_BYTES)
        except zlib.error as error:
            return f"is no whole gzip file ({error}) -> Quarantine it: docs/raw_tables.md."
    if table["format"] == "cloudtrail_json" and not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "is no JSON -> Quarantine it: docs/raw_tables.md."
    if table["format"] == "delimited":
        header = log_file_inspection().header_line(content) or ""
        if header != table["header"]:
            if not re.fullmatch(r"[a-z][a-z0-9 -]*", header):
                return "has no list of field names as its first line -> Look at it."
            what = (
                f"--vars '{{{table['fields_var']}: \"{header}\"}}'"
                if table["fields_var"]
                else "A format of your own: docs/vpc_flow_logs.md says which vars it needs."
            )
            return f"has the header {header}, declared is {table['header']} -> {what}"
    return ""
