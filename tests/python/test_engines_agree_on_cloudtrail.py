"""DuckDB and Athena give the same rows for CloudTrail records, plain and awkward ones.

The stand-in's reader of CloudTrail files is our own (tests/local_aws/cloudtrail_lines.py): these tests prove the
table's definition, its partitions and our SQL, not how Athena takes a file apart.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from athena_project import AthenaProject
from cloudtrail_records import ACCOUNT, event, trail_file, write_bytes, write_trail
from duckdb_project import DuckdbProject
from local_aws import AthenaSpace
from shared.comparable_rows import comparable

pytestmark = pytest.mark.athena

DAY = "2026-11-01"
WINDOW = {"start_date": DAY, "end_date": DAY, "newest_delivery_date": "2026-11-05"}
TRAIL = {
    "cloudtrail_path": "cloudtrail/AWSLogs",
    "cloudtrail_account_ids": [ACCOUNT],
    "cloudtrail_regions": ["us-east-1", "eu-west-1"],
    "first_log_date": DAY,
}
SELECTED = (
    "--select",
    "+stg_cloudtrail__events+",
    "--exclude",
    "fct_log_coverage_daily",
    "fct_s3_log_comparison_daily",
)
MODELS_ONLY = ("build", *SELECTED, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
ENGINE_TESTS = (
    "assert_iso_time_is_utc_to_the_millisecond",
    "assert_json_elements_are_json_again",
    "assert_json_text_is_null_for_all_but_single_values",
    "assert_to_json_text_writes_what_json_text_reads",
)

SESSION = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE:ann",
    "arn": "arn:aws:sts::444455556666:assumed-role/reader/ann",
    "accountId": "444455556666",
    "sessionContext": {
        "attributes": {"mfaAuthenticated": "true", "creationDate": f"{DAY}T08:00:00Z"},
        "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE", "arn": "role", "userName": "reader"},
        "webIdFederationData": {"federatedProvider": "example.com", "attributes": {"b:sub": "2", "a:aud": "1"}},
        "ec2RoleDelivery": "2.0",
        "sourceIdentity": "ann@example.com",
    },
    "onBehalfOf": {"userId": "user", "identityStoreArn": "store"},
    "identityProvider": "provider",
}

RECORDS = [
    event("PLAIN"),
    event("PLAIN"),
    event(
        "FULL",
        userIdentity=SESSION,
        sharedEventID="shared",
        apiVersion="2006-03-01",
        resources=[{"ARN": "arn:1", "type": "AWS::S3::Object"}, {"ARN": "arn:2", "accountId": ACCOUNT, "type": "B"}],
        tlsDetails={"tlsVersion": "TLSv1.3", "cipherSuite": "c", "clientProvidedHostHeader": "h", "keyExchange": "k"},
        vpcEndpointId="vpce-1",
        vpcEndpointAccountId=ACCOUNT,
        sessionCredentialFromConsole="true",
        serviceEventDetails={"snapshotId": "snap-1"},
        edgeDeviceDetails={"a": [1, {"b": None}]},
        eventContext={"requestContext": {}},
        responseElements={"x": 'a "quoted" é \u2028'},
        errorCode="AccessDenied",
        errorMessage="Access Denied",
    ),
    event("MILLISECONDS", eventTime=f"{DAY}T23:59:59.9999Z"),
    event("BARE", **{name: None for name in event("") if not name.startswith("event")}),
    event("EMPTY", userIdentity={}, resources=[], tlsDetails={}, addendum={}, userAgent="", errorCode=""),
    event("NULLS", userIdentity={"type": "AWSService", "invokedBy": "config.amazonaws.com", "sessionContext": None}),
    event("ANONYMOUS", userIdentity={"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}),
    event("SERVICE", sourceIPAddress="AWS Internal/3"),
    event("IPV6", sourceIPAddress="2001:db8::1"),
    event("FLAGS_AS_TEXT", readOnly="false", managementEvent="TRUE"),
    event("HIDDEN", requestParameters="HIDDEN_DUE_TO_SECURITY_REASONS", additionalEventData="none"),
    event("LARGE", additionalEventData={"bytesTransferredIn": "12", "bytesTransferredOut": 4294967296}),
    event("SIGN_IN", additionalEventData={"MFAUsed": "No"}, errorMessage="Failed authentication"),
    event("HOSTILE", userAgent="it's \"; drop table x; -- {{ 7 * 7 }} <script>alert(1)</script> \\ \t\n\u0001"),
    event("NEW_PARTS", newField={"a": 1}, userIdentity={"type": "IAMUser", "newPart": {"b": [2]}}),
    event("OTHER_DAY", day="2026-10-31"),
    event("CORRECTED", userAgent="as first told"),
    event(
        "CORRECTION", addendum={"reason": "UPDATED_DATA", "originalEventID": "CORRECTED", "updatedFields": "userAgent"}
    ),
    event(
        "SHARED_OWNER", sharedEventID="shared by two", userIdentity={"type": "AWSAccount", "accountId": "444455556666"}
    ),
    event(
        "SHARED_CALLER",
        sharedEventID="shared by two",
        recipientAccountId="444455556666",
        userIdentity={"type": "AWSAccount", "accountId": "444455556666"},
    ),
    event("SAML", userIdentity={"type": "SAMLUser", "principalId": "qualifier:ann", "userName": "ann"}),
    event("ROOT", userIdentity={"type": "Root", "principalId": ACCOUNT, "accountId": ACCOUNT, "userName": "alias"}),
    event("OF_AN_ID_ALREADY_CORRECTED", userAgent="as first told"),
    event("OF_AN_ID_ALREADY_CORRECTED", userAgent="corrected", addendum={"reason": "UPDATED_DATA"}),
    # Not readable.
    event("NO_TIME", eventTime=None),
    event("HOUR_24", eventTime=f"{DAY}T24:00:00Z"),
    event("NO_NAME", eventName=None),
    event("HALF", additionalEventData={"bytesTransferredOut": 0.5}),
    event("FAR_TOO_LARGE", additionalEventData={"bytesTransferredOut": 1e30}),
    {},
]


def test_records_give_the_same_rows(athena_space: AthenaSpace, tmp_path: Path) -> None:
    on_duckdb = DuckdbProject(tmp_path)
    write_trail(on_duckdb.logs, trail_file(DAY, "A"), *RECORDS)
    write_trail(on_duckdb.logs, trail_file("2026-11-02", "B", region="eu-west-1"), event("LATE"), event("PLAIN"))
    pretty = json.dumps({"Records": [event("PRETTY")]}, indent=4).encode()
    write_bytes(on_duckdb.logs, trail_file(DAY, "C", ending=".json"), pretty)
    write_bytes(
        on_duckdb.logs, f"{Path(trail_file(DAY, 'A')).parent}/README.json", b'{"Records": [{"eventID": "NO_LOG"}]}'
    )
    on_duckdb.dbt(*MODELS_ONLY, variables=WINDOW).check()
    on_athena = AthenaProject(athena_space, tmp_path / "athena")
    on_athena.upload(on_duckdb.logs)
    on_athena.dbt("build", *SELECTED[:2], *ENGINE_TESTS, *SELECTED[2:], variables={**TRAIL, **WINDOW}).check()

    for model in ("stg_cloudtrail__events", "fct_api_activity_daily", "fct_api_clients_daily"):
        on_each = [[comparable(row) for row in project.rows(model)] for project in (on_duckdb, on_athena)]
        rows_on_duckdb, rows_on_athena = (sorted(rows, key=repr) for rows in on_each)
        assert len(rows_on_athena) == len(rows_on_duckdb)
        for row_on_athena, row_on_duckdb in zip(rows_on_athena, rows_on_duckdb, strict=True):
            assert row_on_athena == row_on_duckdb
    kept = {row["event_id"] for row in on_athena.rows("stg_cloudtrail__events") if row["is_readable"]}
    left_out = {"OTHER_DAY", "CORRECTED", "NO_LOG", "NO_TIME", "HOUR_24", "NO_NAME", "HALF", "FAR_TOO_LARGE"}
    assert kept == {record["eventID"] for record in RECORDS if record} - left_out | {"LATE", "PRETTY"}
    unreadable = {
        json.loads(row["unreadable_record"]).get("eventid"): json.loads(row["unreadable_record"])
        for row in on_athena.rows("stg_cloudtrail__events")
        if not row["is_readable"]
    }
    assert set(unreadable) == {"NO_TIME", "HOUR_24", "NO_NAME", "HALF", "FAR_TOO_LARGE", None}
    assert unreadable["NO_TIME"]["useridentity"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert unreadable[None] == {}


@pytest.mark.parametrize("strategy", ["projection", "explicit"])
def test_a_trail_of_an_organization_is_read_day_by_day(
    athena_space: AthenaSpace, tmp_path: Path, strategy: str
) -> None:
    folder = "trail/AWSLogs/o-exampleorgid"
    logs = tmp_path / "logs"
    write_trail(logs, trail_file(DAY, "A", folder=folder), event("WANTED"))
    write_trail(logs, trail_file("2026-11-07", "B", folder=folder), event("ANOTHER_DAY"))
    write_trail(
        logs, trail_file(DAY, "C", folder=folder).replace("/CloudTrail/", "/CloudTrail-Digest/"), event("DIGEST")
    )
    project = AthenaProject(athena_space, tmp_path / "athena")
    project.upload(logs)
    variables = {
        **TRAIL,
        **WINDOW,
        "cloudtrail_path": "trail/AWSLogs",
        "cloudtrail_layout": "organization",
        "cloudtrail_organization_ids": ["o-exampleorgid"],
        "cloudtrail_partition_strategy": strategy,
    }

    project.dbt(*MODELS_ONLY, variables=variables).check()

    rows = project.query("select event_id, log_account_id, log_region, file_path from stg_cloudtrail__events")
    location = f"{athena_space.location}logs/{trail_file(DAY, 'A', folder=folder)}"
    assert [tuple(row.values()) for row in rows] == [("WANTED", ACCOUNT, "us-east-1", location)]
    opened = {path for path in athena_space.aws.objects_read("s3://") if "/trail/AWSLogs/" in path}
    assert {path.rsplit("_", 1)[1] for path in opened} == {"A.json.gz"}


def test_a_record_of_a_wrong_type_ends_the_query_and_its_quarantine_heals_it(
    athena_space: AthenaSpace, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    write_trail(logs, trail_file(DAY, "A"), event("GOOD"))
    write_trail(logs, trail_file(DAY, "B"), event("LOST"), event("WRONG", userIdentity="ann"))
    project = AthenaProject(athena_space, tmp_path / "athena")
    project.upload(logs)
    variables = {**TRAIL, **WINDOW}

    failed = project.dbt(*MODELS_ONLY, variables=variables)

    file = f"{athena_space.location}logs/{trail_file(DAY, 'B')}"
    assert failed.exit_code != 0
    assert f"What to do: the log file {file} cannot be read" in failed.output
    (command,) = [line for line in failed.output.splitlines() if "quarantine_log_file" in line]
    project.dbt(*shlex.split(command)[1:7], variables=variables).check()
    project.dbt(*MODELS_ONLY, variables=variables).check()
    assert [row["event_id"] for row in project.rows("stg_cloudtrail__events")] == ["GOOD"]
