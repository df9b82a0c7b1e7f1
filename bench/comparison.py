"""Whether two sides say the same: each pair of queries must give equal rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import duckdb

# For each mart a query on the warehouse and one on what the files in bench/bare/ make.
MARTS = {
    "network traffic": (
        "select event_date, interface_id, record_outcome, sum(record_count)::bigint, sum(byte_count)::bigint"
        " from fct_network_traffic_daily group by all",
        "select event_date, interface_id, record_outcome, record_count, byte_count from network_traffic",
    ),
    "egress": (
        "select event_date, sender_id, sum(byte_count)::bigint from fct_internet_egress_daily group by all",
        "select event_date, sender_id, byte_count from egress where byte_count > 0",
    ),
    "egress by peer": (
        "select event_date, sender_id, remote_address, sum(byte_count)::bigint, sum(received_byte_count)::bigint"
        " from fct_internet_egress_peers_daily group by all",
        "select event_date, sender_id, remote_address, byte_count, received_byte_count from egress_peers",
    ),
    "S3 usage": (
        "select event_date, bucket_name, operation, requester, sum(request_count)::bigint,"
        " sum(downloaded_byte_count)::bigint, sum(uploaded_byte_count)::bigint from fct_s3_usage_daily group by all",
        "select event_date, bucket_name, operation, if(requester = '-', 'anonymous', requester), request_count,"
        " downloaded_byte_count, uploaded_byte_count"
        " from s3_usage",
    ),
    "S3 clients": (
        "select event_date, bucket_name, remote_address, sum(request_count)::bigint, sum(downloaded_byte_count)::bigint"
        " from fct_s3_clients_daily group by all",
        "select event_date, bucket_name, remote_address, request_count, downloaded_byte_count from s3_clients",
    ),
    "API activity": (
        "select event_date, principal_id, event_source, event_name, error_code, sum(event_count)::bigint"
        " from fct_api_activity_daily group by all",
        "select event_date, principal_arn, event_source, event_name, error_code, event_count from api_activity",
    ),
    "API clients": (
        "select event_date, source_address, principal_id, event_source, sum(event_count)::bigint"
        " from fct_api_clients_daily group by all",
        "select event_date, source_address, principal_arn, event_source, event_count from api_clients",
    ),
}


def differences(ours: Path, theirs: Path, pairs: Mapping[str, tuple[str, str]]) -> list[str]:
    """Say of each pair of queries that do not give equal rows how many only one side has. No rows are no answer."""
    found = []
    for name, queries in pairs.items():
        rows = []
        for path, query in zip((ours, theirs), queries, strict=True):
            with duckdb.connect(path, read_only=True) as connection:
                connection.execute("set timezone = 'UTC'")
                rows.append(Counter(map(str, connection.execute(query).fetchall())))
        if not rows[0] or rows[0] != rows[1]:
            only = (rows[0] - rows[1]).total(), (rows[1] - rows[0]).total()
            found.append(f"{name}: {only[0]} rows are in the project's answer only, {only[1]} in the other only")
    return found
