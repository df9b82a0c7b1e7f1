"""Where the smoke test of Athena works: names that nothing else has, what may be there, and how it is removed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.account_setup import Account, location_text, unless_absent
from shared.athena_policies import Grant, Space, builder_grants
from shared.s3_locations import DataLocation

MARK = "made and removed by scripts/smoke_test_athena.py"
MARK_NAME = "smoke_test.json"


class SmokeTestError(Exception):
    """The smoke test cannot go on. The message says what was expected, what was found and what to do."""


@dataclass(frozen=True)
class Place:
    """Where the smoke test works: names that nothing else has."""

    region: str
    work_group: str
    schema: str
    data_root: DataLocation
    results_root: DataLocation

    @property
    def schemas(self) -> tuple[str, str]:
        """Its two Glue databases."""
        return self.schema, f"{self.schema}_raw"

    @property
    def data(self) -> DataLocation:
        """Where its logs and tables lie."""
        return self.data_root.below(self.schema)

    @property
    def logs(self) -> DataLocation:
        """Where its logs lie."""
        return self.data.below("logs")

    @property
    def tables(self) -> DataLocation:
        """ATHENA_DATA of its runs."""
        return self.data.below("tables")

    @property
    def results(self) -> DataLocation:
        """ATHENA_RESULTS of its runs."""
        return self.results_root.below(self.schema)

    @property
    def locations(self) -> tuple[DataLocation, DataLocation]:
        """All that it writes below."""
        return self.data, self.results

    @property
    def mark_key(self) -> str:
        """The object that says that the place is a smoke test's."""
        return f"{self.data.prefix}{MARK_NAME}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of dbt, and of other readers of its tables."""
        return {
            **os.environ,
            "DBT_TARGET": "athena",
            "AWS_REGION": self.region,
            "ATHENA_WORK_GROUP": self.work_group,
            "ATHENA_SCHEMA": self.schema,
            "ATHENA_DATA": location_text(self.tables),
            "ATHENA_RESULTS": location_text(self.results),
            "LOGS": location_text(self.logs).rstrip("/"),
        }


# --- The IAM policy


def smoke_test_grants(account: Account, place: Place) -> Iterator[Grant]:
    """Yield what the smoke test needs: what a builder needs in its place, and what removes it again."""
    space = Space(account, place.work_group, place.schema, place.results, place.tables, (place.logs,))
    yield from builder_grants(space)
    yield Grant(
        "ListStatements",
        "the statements of its runs are found among those of the work group",
        ("athena:ListQueryExecutions",),
        [account.arn("athena", f"workgroup/{place.work_group}")],
    )
    yield Grant(
        "RemoveDatabases",
        "its databases are removed with their tables",
        ("glue:DeleteDatabase", "glue:BatchDeleteTable"),
        [
            arn
            for schema in place.schemas
            for arn in (*space.glue(schema, ["*"]), account.arn("glue", f"userDefinedFunction/{schema}/*"))
        ],
    )
    for number, location in enumerate(place.locations, 1):
        yield Grant(
            f"ListOwnObjects{number}",
            "its places must be empty when it begins, and when it ends",
            ("s3:ListBucket", "s3:ListBucketVersions"),
            [account.bucket_arn(location.bucket)],
            {"StringLike": {"s3:prefix": [f"{location.prefix}*"]}},
        )
    yield Grant(
        "WriteAndRemoveOwnObjects",
        "logs are uploaded; everything is removed, old versions too",
        ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"),
        [space.objects(location) for location in place.locations],
    )


# --- What is there, and its removal


@dataclass(frozen=True)
class Remains:
    """Looks for what a smoke test made, and removes it."""

    clients: Mapping[str, Any]
    account: Account
    place: Place

    def databases(self) -> list[dict[str, Any]]:
        """Return those of its databases that are there."""
        glue = self.clients["glue"]
        found = [
            unless_absent(lambda name=name: glue.get_database(Name=name), "EntityNotFoundException")
            for name in self.place.schemas
        ]
        return [answer["Database"] for answer in found if answer]

    def versions(self, location: DataLocation) -> Iterator[list[dict[str, Any]]]:
        """Yield all versions of objects and all delete markers below a location, page by page."""
        pages = (
            self.clients["s3"]
            .get_paginator("list_object_versions")
            .paginate(**self.account.owned(location.bucket), Prefix=location.prefix)
        )
        for page in pages:
            if found := [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                yield found

    def is_marked(self) -> bool:
        """Tell whether a smoke test began here and was not removed."""
        answer = unless_absent(
            lambda: self.clients["s3"].get_object(
                **self.account.owned(self.place.data.bucket), Key=self.place.mark_key
            ),
            "NoSuchKey",
        )
        return answer is not None and MARK in answer["Body"].read().decode(errors="replace")

    def found(self) -> list[str]:
        """Return what is there, as a person calls it."""
        names = [f"Glue database {database['Name']}" for database in self.databases()]
        return names + [
            f"objects below {location_text(location)}"
            for location in self.place.locations
            if next(self.versions(location), None)
        ]

    def refuse(self) -> None:
        """Raise SmokeTestError where anything is there."""
        found = self.found()
        if found and self.is_marked():
            raise SmokeTestError(
                f"expected nothing of an earlier smoke test, found {', '.join(found)}. --remove takes it away."
            )
        if found:
            raise SmokeTestError(
                f"expected nothing at the places of the smoke test, found {', '.join(found)}, which it did not make. "
                "Name another --schema."
            )

    def begin(self) -> None:
        """Mark the place as a smoke test's."""
        self.clients["s3"].put_object(
            **self.account.owned(self.place.data.bucket),
            Key=self.place.mark_key,
            Body=json.dumps({"what": MARK, "began_at": datetime.now(UTC).isoformat(timespec="seconds")}).encode(),
        )
        for name in self.place.schemas:
            self.clients["glue"].create_database(DatabaseInput={"Name": name, "Description": MARK})

    def remove(self) -> None:
        """Remove everything. Raises SmokeTestError where something is left, or no smoke test's."""
        if not self.is_marked():
            raise SmokeTestError(f"nothing of a smoke test was found below {location_text(self.place.data)}.")
        glue = self.clients["glue"]
        for database in self.databases():
            name = database["Name"]
            if database.get("Description") != MARK:
                raise SmokeTestError(f"Glue database {name} was not made by a smoke test. It stays; look at it.")
            # DeleteDatabase alone lets Glue take its time with the tables
            # (https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html).
            for page in glue.get_paginator("get_tables").paginate(DatabaseName=name):
                tables = [table["Name"] for table in page["TableList"]]
                if tables:
                    glue.batch_delete_table(DatabaseName=name, TablesToDelete=tables)
            glue.delete_database(Name=name)
        # The mark goes last: whatever stops this, --remove finds the rest.
        for is_mark in (False, True):
            for location in self.place.locations:
                for page in list(self.versions(location)):
                    chosen = [item for item in page if (item["Key"] == self.place.mark_key) == is_mark]
                    self._delete(location.bucket, chosen)
        left = self.found()
        if left:
            raise SmokeTestError(
                f"expected nothing to be left, found {', '.join(left)}. A statement may have ended after the removal: "
                "look at it, and delete it by hand."
            )

    def _delete(self, bucket: str, versions: Sequence[Mapping[str, Any]]) -> None:
        """Delete versions of objects. Raises SmokeTestError where S3 keeps one."""
        if not versions:
            return
        chosen = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        answer = self.clients["s3"].delete_objects(
            **self.account.owned(bucket), Delete={"Objects": chosen, "Quiet": True}
        )
        if errors := answer.get("Errors"):
            first = errors[0]
            raise SmokeTestError(
                f"S3 keeps {len(errors)} objects of s3://{bucket}, such as {first['Key']}: {first.get('Code')}: "
                f"{first.get('Message')}. Allow s3:DeleteObject and s3:DeleteObjectVersion, then use --remove."
            )
