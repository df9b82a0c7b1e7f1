"""A user with one kind of log on Athena: everything builds, and the tables of the absent kinds are there and empty."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from athena_project import AthenaProject
from cloudtrail_records import event, trail_file
from duckdb_project import MODELS, PARTIAL_MODELS, log_file, log_line
from flow_log_lines import ACCOUNT, DEFAULT_HEADER, flow_line, flow_log_path
from local_aws import AthenaSpace

pytestmark = pytest.mark.athena

DAY = "2026-11-01"
WINDOW = {"start_date": DAY, "end_date": DAY, "first_log_date": DAY, "newest_delivery_date": "2026-11-05"}

# What a user of one kind of log says, and nothing of the others.
VARIABLES: dict[str, dict[str, Any]] = {
    "s3_access_logs": {
        "s3_access_logs_partitioned_path": "s3",
        "s3_access_logs_account_ids": [ACCOUNT],
        "s3_access_logs_regions": ["us-east-1"],
        "s3_access_logs_buckets": ["example-bucket"],
    },
    "vpc_flow_logs": {
        "vpc_flow_logs_default_path": "AWSLogs",
        "vpc_flow_logs_account_ids": [ACCOUNT],
        "vpc_flow_logs_regions": ["us-east-1"],
    },
    "cloudtrail": {
        "cloudtrail_path": "cloudtrail/AWSLogs",
        "cloudtrail_account_ids": [ACCOUNT],
        "cloudtrail_regions": ["us-east-1"],
    },
}
LOG_FILES = {
    "s3_access_logs": (log_file(DAY, "A"), (log_line("A", DAY) + "\n").encode()),
    "vpc_flow_logs": (flow_log_path(DAY, "A"), gzip.compress(f"{DEFAULT_HEADER}\n{flow_line('A')}\n".encode())),
    "cloudtrail": (trail_file(DAY, "A"), gzip.compress(json.dumps({"Records": [event("A", DAY)]}).encode())),
}

# What each mart says of the one record.
MARTS: dict[str, dict[str, dict[str, Any]]] = {
    "s3_access_logs": {
        "fct_s3_usage_daily": {"bucket_name": "example-bucket", "request_count": 1},
        "fct_s3_clients_daily": {"bucket_name": "example-bucket", "remote_address": "203.0.113.7", "request_count": 1},
        "fct_data_transfer_cost_daily": {"sender_id": "example-bucket", "byte_count": 7},
    },
    "vpc_flow_logs": {
        "fct_network_traffic_daily": {"interface_id": "eni-A", "record_count": 1},
        "fct_internet_egress_daily": {"sender_id": "eni-A", "byte_count": 100},
        "fct_internet_egress_peers_daily": {"remote_address": "192.31.196.7", "byte_count": 100},
        "fct_data_transfer_cost_daily": {"sender_id": "eni-A", "traffic_class": "internet_egress", "byte_count": 100},
    },
    "cloudtrail": {
        "fct_api_activity_daily": {"event_name": "GetObject", "event_count": 1},
        "fct_api_clients_daily": {"source_address": "203.0.113.7", "event_count": 1},
        "fct_s3_log_comparison_daily": {"seen_by": "cloudtrail", "request_count": 1},
    },
}


@pytest.mark.parametrize("kind", VARIABLES)
def test_any_two_of_the_three_kinds_of_log_may_be_absent(
    athena_space: AthenaSpace, seeded_schema: str, tmp_path: Path, kind: str
) -> None:
    project = AthenaProject(athena_space, tmp_path)
    project.take_seeds(seeded_schema)
    path, content = LOG_FILES[kind]
    athena_space.put(f"logs/{path}", content)

    project.dbt("run", variables={**WINDOW, **VARIABLES[kind]}).check()

    coverage = {"log_source": kind, "file_count": 1, "record_count": 1, "unreadable_count": 0}
    expected = {**MARTS[kind], "fct_log_coverage_daily": coverage}
    marts = [model for model in (*MODELS, *PARTIAL_MODELS) if model.startswith("fct_")]
    assert expected.keys() < set(marts)
    for mart in marts:
        rows = project.rows(mart)
        said = expected.get(mart)
        assert len(rows) == (1 if said else 0), mart
        for row in rows:
            assert {name: row[name] for name in said} == said, mart
            assert str(row["event_date"]) == DAY
