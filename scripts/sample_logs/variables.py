"""The dbt vars that say where the sample logs lie, and in which format, on both engines."""

import json
from datetime import date
from typing import Any

from sample_logs.cloudtrail.delivery import PREFIX as CLOUDTRAIL_PREFIX
from sample_logs.inventory import ACCOUNTS, REGIONS
from sample_logs.inventory import PREFIX as INVENTORY_PREFIX
from sample_logs.s3_access_logs.actors import KEYS
from sample_logs.s3_access_logs.delivery import DATE_PARTITIONED_PREFIX, FLAT_PREFIX
from sample_logs.vpc_flow_logs.flow_logs import CUSTOM_LOG, DEFAULT_LOG, PARQUET_LOG


def sample_variables(start_date: date) -> dict[str, Any]:
    """Return the vars by name, as dbt takes them. On DuckDB only the custom format is needed; the rest does no harm."""
    buckets = [bucket for bucket in KEYS if not bucket.has_flat_logs]
    accounts = sorted({bucket.account_id for bucket in KEYS})
    regions = sorted({bucket.region for bucket in KEYS})
    return {
        "s3_access_logs_partitioned_path": DATE_PARTITIONED_PREFIX,
        "s3_access_logs_flat_path": FLAT_PREFIX,
        "s3_access_logs_account_ids": accounts,
        "s3_access_logs_regions": regions,
        "s3_access_logs_buckets": [bucket.name for bucket in buckets],
        "vpc_flow_logs_default_path": f"{DEFAULT_LOG.prefix}/AWSLogs",
        "vpc_flow_logs_custom_path": f"{CUSTOM_LOG.prefix}/AWSLogs",
        "vpc_flow_logs_custom_layout": "hourly",
        "vpc_flow_logs_custom_fields": " ".join(CUSTOM_LOG.fields),
        "vpc_flow_logs_parquet_path": f"{PARQUET_LOG.prefix}/AWSLogs",
        "vpc_flow_logs_account_ids": accounts,
        "vpc_flow_logs_regions": regions,
        "cloudtrail_path": CLOUDTRAIL_PREFIX,
        "cloudtrail_account_ids": accounts,
        "cloudtrail_regions": regions,
        "network_interfaces_path": INVENTORY_PREFIX,
        "network_interfaces_account_ids": ACCOUNTS,
        "network_interfaces_regions": REGIONS,
        "first_log_date": start_date.isoformat(),
    }


def variables_file(start_date: date) -> bytes:
    """Return the vars as YAML, a line each, so that a shell can add lines of its own."""
    lines = [f"{name}: {json.dumps(value)}\n" for name, value in sample_variables(start_date).items()]
    return ('# The dbt vars of these logs: dbt build --vars "$(cat variables.yml)"\n' + "".join(lines)).encode()
