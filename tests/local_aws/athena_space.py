"""A corner of the stand-in for one test: a schema name, a bucket prefix and a work group that nobody else uses."""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Self

from local_aws.server import LocalAws

RESULT_BUCKET = "local-athena-results"
DATA_BUCKET = "local-athena-data"
QUERY_SECONDS = 120


class QueryNotSucceededError(Exception):
    """A query ended as FAILED or CANCELLED; the message holds the state, the reason and the statement."""

    def __init__(self, state: str, reason: str, statement: str) -> None:
        super().__init__(f"{state}: {reason}\n{statement}")
        self.state = state
        self.reason = reason


@dataclass
class AthenaSpace:
    """Where a test, or a person, works. The schema itself is not created: dbt or `create schema` does that."""

    aws: LocalAws
    schema: str
    work_group: str
    bucket: str
    prefix: str
    results: str
    environment: dict[str, str] = field(repr=False)

    @classmethod
    def make(cls, aws: LocalAws, name: str) -> Self:
        """Create the buckets unless they are there, and the work group; name everything after `name`."""
        s3 = aws.client("s3")
        known = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for bucket in {RESULT_BUCKET, DATA_BUCKET} - known:
            s3.create_bucket(Bucket=bucket)
        results = f"s3://{RESULT_BUCKET}/{name}/"
        aws.client("athena").create_work_group(
            Name=name,
            Configuration={
                "ResultConfiguration": {"OutputLocation": results},
                "EnforceWorkGroupConfiguration": False,
            },
        )
        names = {
            "ATHENA_SCHEMA": name,
            "ATHENA_WORK_GROUP": name,
            "ATHENA_RESULTS": results,
            "ATHENA_DATA": f"s3://{DATA_BUCKET}/{name}/warehouse/",
        }
        return cls(
            aws=aws,
            schema=name,
            work_group=name,
            bucket=DATA_BUCKET,
            prefix=f"{name}/",
            results=results,
            environment=aws.process_environment() | names,
        )

    @property
    def location(self) -> str:
        """The s3:// location of this space; ends in a slash."""
        return f"s3://{self.bucket}/{self.prefix}"

    def put(self, path: str, content: bytes) -> str:
        """Store an object below this space's location, and return its s3:// location."""
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=self.prefix + path, Body=content)
        return self.location + path

    def start(self, statement: str) -> str:
        """Start a statement in this space's schema and work group, and return its id."""
        return self.aws.client("athena").start_query_execution(
            QueryString=statement, QueryExecutionContext={"Database": self.schema}, WorkGroup=self.work_group
        )["QueryExecutionId"]

    def wait(self, query_id: str) -> dict[str, Any]:
        """Wait until a statement is over, however it ended, and return its description."""
        athena, deadline = self.aws.client("athena"), time.monotonic() + QUERY_SECONDS
        while time.monotonic() < deadline:
            described = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if described["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
                return described
            time.sleep(0.02)
        raise TimeoutError(
            f"query {query_id} is {described['Status']['State']} after {QUERY_SECONDS} seconds; Trino says"
            f" {self.trino_states()}"
        )

    def trino_states(self) -> list[str]:
        """Return the state, in Trino's own eyes, of each query whose text holds the name of this space."""
        request = urllib.request.Request(f"{self.aws.trino_url}/v1/query", headers={"X-Trino-User": "test"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return [query["state"] for query in json.load(answer) if self.schema in query["query"]]

    def run(self, statement: str) -> dict[str, Any]:
        """Run a statement and return its description. Raises QueryNotSucceededError when it does not succeed."""
        described = self.wait(self.start(statement))
        status = described["Status"]
        if status["State"] != "SUCCEEDED":
            raise QueryNotSucceededError(status["State"], status["StateChangeReason"], statement)
        return described

    def query(self, statement: str) -> list[tuple[str | None, ...]]:
        """Run a statement and return its rows as text, without the header. Raises QueryNotSucceededError."""
        described = self.run(statement)
        pages = (
            self.aws.client("athena")
            .get_paginator("get_query_results")
            .paginate(QueryExecutionId=described["QueryExecutionId"])
        )
        rows = [
            tuple(cell.get("VarCharValue") for cell in row["Data"])
            for page in pages
            for row in page["ResultSet"]["Rows"]
        ]
        has_header = described["StatementType"] == "DML" and described["SubstatementType"] == "SELECT"
        return rows[1:] if has_header else rows
