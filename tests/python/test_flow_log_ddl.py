"""The raw tables of VPC flow logs as Athena gets them: AWS fields in their order, all folder layouts and strategies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flow_log_lines import DEFAULT_HEADER
from printed_ddl import printed_ddl

CUSTOM_HEADER = "end start pkt-dstaddr instance-tag-2 bytes"
FLOW_LOGS: dict[str, Any] = {
    "vpc_flow_logs_default_path": "default/AWSLogs",
    "vpc_flow_logs_custom_path": "custom/AWSLogs/",
    "vpc_flow_logs_custom_fields": CUSTOM_HEADER,
    "vpc_flow_logs_parquet_path": "/parquet/AWSLogs",
    "vpc_flow_logs_account_ids": ["111122223333", "444455556666"],
    "vpc_flow_logs_regions": ["us-east-1"],
    "first_log_date": "2026-11-01",
}
HIVE_FOLDERS = (
    "aws-account-id=${aws-account-id}/aws-service=${aws-service}/aws-region=${aws-region}/"
    "year=${year}/month=${month}/day=${day}/"
)
# The fields of each version in AWS's order (VPC User Guide, "Flow log records"), and those that Parquet files hold as
# INT_32 and INT_64 there.
LATER_FIELDS = """
    vpc_id subnet_id instance_id tcp_flags type pkt_srcaddr pkt_dstaddr region az_id sublocation_type sublocation_id
    pkt_src_aws_service pkt_dst_aws_service flow_direction traffic_path
    ecs_cluster_arn ecs_cluster_name ecs_container_instance_arn ecs_container_instance_id ecs_container_id
    ecs_second_container_id ecs_service_name ecs_task_definition_arn ecs_task_arn ecs_task_id reject_reason resource_id
    encryption_status instance_tag instance_tag_2 interface_tag interface_tag_2 asg_tag asg_tag_2 interface_type
    next_hop_interface_id next_hop_subnet_id next_hop_az_id next_hop_vpc_id next_hop_interface_type
"""
INT_FIELDS = {"version", "srcport", "dstport", "protocol", "tcp_flags", "traffic_path", "encryption_status"}
BIGINT_FIELDS = {"packets", "bytes", "start", "end"}


def create(folder: Path, table: str, **variables: Any) -> str:
    """The statement that makes a raw table."""
    arguments = {"source": "vpc_flow_logs", "table": table}
    return printed_ddl(folder, "create_raw_tables", arguments, {**FLOW_LOGS, **variables})


def columns(part: str) -> list[tuple[str, str]]:
    """Names in backticks and types of a part of a statement."""
    return re.findall(r"^    `([^`]+)` (\w+)", part, re.MULTILINE)


def test_the_default_format_is_text_whose_header_is_skipped(tmp_path: Path) -> None:
    ddl = create(tmp_path, "default")

    body, rest = ddl.split("\npartitioned by (")
    names = [*DEFAULT_HEADER.replace("-", "_").split(), "additional_value"]
    assert columns(body) == [(name, "string") for name in names]
    assert columns(rest) == [(name, "string") for name in ("log_account_id", "log_region", "delivery_date")]
    assert "row format delimited\nfields terminated by ' '\nnull defined as 'no value'\nstored as textfile\n" in ddl
    table_properties = ddl.split("tblproperties (")[1]
    assert "'skip.header.line.count' = '1'" in table_properties
    assert "serdeproperties" not in ddl
    assert "location 's3://logs/default/AWSLogs/'" in ddl
    assert (
        "'storage.location.template' = 's3://logs/default/AWSLogs/"
        "${log_account_id}/vpcflowlogs/${log_region}/${delivery_date}/'" in table_properties
    )
    assert "'projection.log_account_id.values' = '111122223333,444455556666'" in table_properties
    assert "'projection.delivery_date.range' = '2026/11/01,NOW'" in table_properties


def test_a_custom_format_has_the_fields_of_its_header_in_their_order(tmp_path: Path) -> None:
    ddl = create(tmp_path, "custom", vpc_flow_logs_custom_layout="hourly")

    body, rest = ddl.split("\npartitioned by (")
    names = ["end", "start", "pkt_dstaddr", "instance_tag_2", "bytes", "additional_value"]
    assert columns(body) == [(name, "string") for name in names]
    assert columns(rest)[-1] == ("hour", "string")
    assert "${log_account_id}/vpcflowlogs/${log_region}/${delivery_date}/${hour}/'" in rest
    assert "'projection.hour.range' = '0,23'" in rest
    assert "'projection.hour.digits' = '2'" in rest
    assert "'skip.header.line.count' = '1'" in rest


def test_parquet_has_the_types_of_the_files_and_no_header(tmp_path: Path) -> None:
    ddl = create(tmp_path, "parquet", vpc_flow_logs_parquet_layout="hive_hourly")

    body, rest = ddl.split("\npartitioned by (")
    names = [*DEFAULT_HEADER.replace("-", "_").split(), *LATER_FIELDS.split()]
    assert columns(body) == [
        (name, "int" if name in INT_FIELDS else "bigint" if name in BIGINT_FIELDS else "string") for name in names
    ]
    keys = ("aws-account-id", "aws-service", "aws-region", "year", "month", "day", "hour")
    assert columns(rest) == [(name, "string") for name in keys]
    assert "row format serde 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'" in rest
    assert "skip.header" not in ddl
    assert f"'storage.location.template' = 's3://logs/parquet/AWSLogs/{HIVE_FOLDERS}hour=${{hour}}/'" in rest
    assert "'projection.aws-service.values' = 'vpcflowlogs'" in rest
    assert "'projection.month.digits' = '2'" in rest


def test_hive_folders_are_found_by_msck_without_projection(tmp_path: Path) -> None:
    variables = {"vpc_flow_logs_default_layout": "hive_daily", "vpc_flow_logs_default_partition_strategy": "hive"}

    ddl = create(tmp_path, "default", **variables)
    repair = printed_ddl(
        tmp_path, "repair_raw_tables", {"source": "vpc_flow_logs", "table": "default"}, {**FLOW_LOGS, **variables}
    )

    assert "`aws-account-id` string" in ddl
    assert "projection" not in ddl
    assert repair.strip().endswith("msck repair table `traffic_raw`.`vpc_flow_logs_default`;")


def test_explicit_partitions_name_the_folder_of_every_hour(tmp_path: Path) -> None:
    ddl = printed_ddl(
        tmp_path,
        "add_raw_partitions",
        {"source": "vpc_flow_logs", "table": "custom", "start_date": "2026-11-01", "end_date": "2026-11-01"},
        {
            **FLOW_LOGS,
            "vpc_flow_logs_custom_layout": "hourly",
            "vpc_flow_logs_custom_partition_strategy": "explicit",
        },
    )

    assert re.findall(r"location '([^']*)'", ddl) == [
        f"s3://logs/custom/AWSLogs/{account}/vpcflowlogs/us-east-1/2026/11/01/{hour:02}/"
        for account in ("111122223333", "444455556666")
        for hour in range(24)
    ]


@pytest.mark.parametrize(
    ("table", "variables", "words"),
    [
        ("default", {"vpc_flow_logs_default_layout": "weekly"}, "vpc_flow_logs_default_layout must be one of daily"),
        (
            "default",
            {"vpc_flow_logs_default_partition_strategy": "msck"},
            "unknown partition strategy",
        ),
        ("custom", {"vpc_flow_logs_custom_fields": "bytes; drop table x"}, "must be the header line of the log files"),
        ("custom", {"vpc_flow_logs_custom_fields": ""}, "is in use, but var vpc_flow_logs_custom_fields is empty"),
        ("default", {"vpc_flow_logs_account_ids": []}, "vpc_flow_logs_account_ids is an empty list"),
        ("default", {"vpc_flow_logs_account_ids": [111122223333]}, "Put it in quotes"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, table: str, variables: dict[str, Any], words: str) -> None:
    assert words in " ".join(create(tmp_path, table, **variables).split())
