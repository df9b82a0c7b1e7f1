"""CloudTrail records and log files for tests, written by hand after the record contents that AWS documents."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"


def event(event_id: str, day: str = "2026-11-01", **fields: Any) -> dict[str, Any]:
    """One record with what every record has; `fields` replace or add top-level fields, None takes one away."""
    record = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/ann",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAEXAMPLE",
            "userName": "ann",
        },
        "eventTime": f"{day}T12:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.0",
        "requestParameters": {"bucketName": "example-bucket", "key": "key"},
        "responseElements": None,
        "additionalEventData": {"bytesTransferredIn": 0, "bytesTransferredOut": 7.0},
        "requestID": f"REQUEST-{event_id}",
        "eventID": event_id,
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Data",
        **fields,
    }
    return {name: value for name, value in record.items() if name not in fields or fields[name] is not None}


def trail_file(
    day: str, unique: str, folder: str = "cloudtrail/AWSLogs", region: str = "us-east-1", ending: str = ".json.gz"
) -> str:
    """Path of a log file of a trail, delivered on a day."""
    name = f"{ACCOUNT}_CloudTrail_{region}_{day.replace('-', '')}T1205Z_{unique}{ending}"
    return f"{folder}/{ACCOUNT}/CloudTrail/{region}/{day.replace('-', '/')}/{name}"


def write_trail(logs: Path, path: str, *records: Any) -> Path:
    """Write records as one log file below `logs`, compressed when its name says so."""
    return write_bytes(logs, path, json.dumps({"Records": list(records)}).encode())


def write_bytes(logs: Path, path: str, content: bytes) -> Path:
    """Write any content as a log file below `logs`, compressed when its name says so."""
    file = logs / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(content, 1) if path.endswith(".gz") else content)
    return file
