"""The raw table of CloudTrail as Athena gets it: AWS's reader, every field, the folders of both kinds of trail."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from printed_ddl import printed_ddl

# The fields of a record in lower case: those of AWS's statement for the JSON SerDe
# (https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html), and three that the
# record contents add (managementEvent, eventContext, and keyExchange within tlsDetails).
TEXT_FIELDS = """
    eventversion eventtime eventsource eventname awsregion sourceipaddress useragent errorcode errormessage
    requestparameters responseelements additionaleventdata requestid eventid readonly eventtype apiversion
    recipientaccountid serviceeventdetails sharedeventid vpcendpointid vpcendpointaccountid eventcategory
    sessioncredentialfromconsole edgedevicedetails managementevent eventcontext
"""
NESTED_FIELDS = {
    "useridentity": """
        type principalid arn accountid invokedby accesskeyid username onbehalfof userid identitystorearn sessioncontext
        attributes mfaauthenticated creationdate sessionissuer type principalid arn accountid username ec2roledelivery
        webidfederationdata federatedprovider attributes
    """,
    "resources": "arn accountid type",
    "addendum": "reason updatedfields originalrequestid originaleventid",
    "tlsdetails": "tlsversion ciphersuite clientprovidedhostheader keyexchange",
}
TRAIL = {
    "cloudtrail_path": "trail/AWSLogs",
    "cloudtrail_account_ids": ["111122223333"],
    "cloudtrail_regions": ["us-east-1", "eu-west-1"],
    "first_log_date": "2026-11-01",
}
ORGANIZATION = {"cloudtrail_layout": "organization", "cloudtrail_organization_ids": ["o-exampleorgid"]}
ACCOUNT_FOLDERS = "${log_account_id}/CloudTrail/${log_region}/${delivery_date}/"


def printed(folder: Path, operation: str, arguments: dict[str, Any], **variables: Any) -> str:
    """What an operation on the raw table prints."""
    return printed_ddl(
        folder, operation, {"source": "cloudtrail", "table": "events", **arguments}, {**TRAIL, **variables}
    )


def test_the_table_is_the_one_that_aws_documents(tmp_path: Path) -> None:
    ddl = printed(tmp_path, "create_raw_tables", {})

    columns = dict(re.findall(r"^    `(\w+)` (\S.*?)(?: comment '.*)?$", ddl.split("partitioned by")[0], re.MULTILINE))
    assert {name for name, kind in columns.items() if kind == "string"} == set(TEXT_FIELDS.split())
    nested = {name: re.findall(r"(\w+):", kind) for name, kind in columns.items() if kind != "string"}
    assert set(nested) == set(NESTED_FIELDS)
    added = {"identityprovider", "sourceidentity"}  # fields of userIdentity that the statement leaves out
    for name, fields in nested.items():
        assert [field for field in fields if field not in added] == NESTED_FIELDS[name].split()
    assert columns["resources"] == "array<struct<arn: string, accountid: string, type: string>>"
    assert "row format serde 'org.apache.hive.hcatalog.data.JsonSerDe'" in ddl
    assert "stored as inputformat 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'" in ddl
    assert "location 's3://logs/trail/AWSLogs/'" in ddl
    assert f"'storage.location.template' = 's3://logs/trail/AWSLogs/{ACCOUNT_FOLDERS}'" in ddl
    assert "'projection.log_region.values' = 'us-east-1,eu-west-1'" in ddl
    assert "organization_id" not in ddl


def test_a_trail_of_an_organization_has_its_id_before_the_account(tmp_path: Path) -> None:
    ddl = printed(tmp_path, "create_raw_tables", {}, **ORGANIZATION)

    keys = re.findall(r"`(\w+)` string", ddl.split("partitioned by")[1].split("row format")[0])
    assert keys == ["organization_id", "log_account_id", "log_region", "delivery_date"]
    assert f"'storage.location.template' = 's3://logs/trail/AWSLogs/${{organization_id}}/{ACCOUNT_FOLDERS}'" in ddl
    assert "'projection.organization_id.values' = 'o-exampleorgid'" in ddl


def test_manual_partitions_name_the_folders_of_each_region_and_day(tmp_path: Path) -> None:
    days = {"start_date": "2026-11-01", "end_date": "2026-11-02"}

    ddl = printed(tmp_path, "add_raw_partitions", days, cloudtrail_partition_strategy="explicit", **ORGANIZATION)

    assert re.findall(r"location '([^']*)'", ddl) == [
        f"s3://logs/trail/AWSLogs/o-exampleorgid/111122223333/CloudTrail/{region}/2026/11/{day}/"
        for day in ("01", "02")
        for region in ("us-east-1", "eu-west-1")
    ]
    assert "`organization_id` = 'o-exampleorgid'" in ddl


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"cloudtrail_layout": "organisation"}, "var cloudtrail_layout must be one of account, organization"),
        ({"cloudtrail_partition_strategy": "msck"}, "unknown partition strategy"),
        ({"cloudtrail_layout": "organization", "cloudtrail_organization_ids": []}, "cloudtrail_organization_ids is an"),
        ({"cloudtrail_account_ids": [111122223333]}, "Put it in quotes"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, variables: dict[str, Any], words: str) -> None:
    assert words in " ".join(printed(tmp_path, "create_raw_tables", {}, **variables).split())
