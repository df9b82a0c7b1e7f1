"""IAM policies for the two who use the project on Athena: who builds it, and who reads its marts.

A builder needs what dbt-athena 1.11, this project's macros and scripts/sweep_retired_data.py call, and what Athena
itself calls with the caller's rights: Glue for each statement (which actions on which levels:
https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html) and S3 for tables and results
(https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html). Actions and resources of each service:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.account_setup import Account
from shared.s3_locations import DataLocation

# Tables that a reader sees: the marts.
MART_NAMES = ("fct_*", "dim_*")

RUN_QUERIES = (
    "athena:BatchGetQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)
READ_TABLE = (
    "glue:BatchGetPartition",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
)
# Column statistics: Trino, which Athena's engine comes from, takes those of a table or partition away that it writes.
CHANGE_TABLE = (
    "glue:BatchCreatePartition",
    "glue:BatchDeletePartition",
    "glue:BatchUpdatePartition",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:DeleteColumnStatisticsForPartition",
    "glue:DeleteColumnStatisticsForTable",
    "glue:DeletePartition",
    "glue:DeleteTable",
    "glue:DeleteTableVersion",
    "glue:GetTableVersions",
    "glue:UpdatePartition",
    "glue:UpdateTable",
)
READ_OBJECTS = ("s3:GetObject",)
WRITE_RESULTS = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject")


@dataclass(frozen=True)
class Grant:
    """One statement of a policy, and why it is there."""

    sid: str
    reason: str
    actions: Sequence[str]
    resources: Sequence[str]
    condition: dict[str, Any] = field(default_factory=dict)

    def statement(self) -> dict[str, Any]:
        """Return it as IAM takes it."""
        statement = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": sorted(self.actions),
            "Resource": sorted(set(self.resources)),
        }
        return {**statement, "Condition": self.condition} if self.condition else statement


@dataclass(frozen=True)
class Space:
    """Where the project lives on Athena. existing_tables: `database.table` of tables that stand in for raw ones."""

    account: Account
    work_group: str
    schema: str
    results: DataLocation
    data: DataLocation
    logs: tuple[DataLocation, ...]
    existing_tables: tuple[str, ...] = ()
    kms_key: str | None = None
    log_kms_keys: tuple[str, ...] = ()

    @property
    def builder_results(self) -> DataLocation:
        """Where dbt's queries put their results."""
        return self.results.below("builder")

    @property
    def reader_results(self) -> DataLocation:
        """Where other queries put theirs. A folder of its own: whoever reads results reads what others asked."""
        return self.results.below("reader")

    @property
    def tables(self) -> DataLocation:
        """Where the files of all tables lie: <data>/<schema>/<table>/<unique>."""
        return self.data.below(self.schema)

    def objects(self, location: DataLocation, names: str = "*") -> str:
        """Return the ARN of the objects of a folder."""
        return f"{self.account.bucket_arn(location.bucket)}/{location.prefix}{names}"

    def glue(self, database: str, tables: Sequence[str] = ()) -> list[str]:
        """Return the ARNs that a call about tables of a database is checked against: catalog, database and tables."""
        names = ["catalog", f"database/{database}", *(f"table/{database}/{table}" for table in tables)]
        return [self.account.arn("glue", name) for name in names]


def builder_grants(space: Space) -> Iterator[Grant]:
    """Yield what whoever runs dbt needs."""
    raw_schema = f"{space.schema}_raw"
    schemas = (space.schema, raw_schema)
    tables = [arn for schema in schemas for arn in space.glue(schema, ["*"])]
    yield run_queries(space)
    yield list_schemas(space)
    yield Grant(
        "OwnSchemas",
        "dbt looks whether its two databases exist, and creates one that is missing",
        ("glue:CreateDatabase", "glue:GetDatabase"),
        [arn for schema in schemas for arn in space.glue(schema)],
    )
    yield Grant(
        "OwnTables",
        "every run makes tables, points their partitions at new files, and drops tables of its own",
        (*READ_TABLE, *CHANGE_TABLE, "glue:GetTables"),
        tables,
    )
    for number, name in enumerate(space.existing_tables, 1):
        database, _, table = name.partition(".")
        yield Grant(
            f"ExistingTable{number}",
            "a table of yours that stands in for a raw one is read, never changed",
            (*READ_TABLE, "glue:GetDatabase"),
            space.glue(database, [table]),
        )
    yield bucket_locations(space, (space.results, space.data, *space.logs))
    yield from list_folders(space, "ListTableFiles", [space.data])
    yield from list_folders(space, "ListResults", [space.results])
    yield from list_folders(space, "ListLogs", space.logs)
    yield Grant(
        "ReadLogs",
        "raw tables read the log files; nothing writes there",
        READ_OBJECTS,
        [space.objects(location) for location in space.logs],
    )
    yield Grant(
        "WriteTables",
        "files of tables are written once; seeds of an earlier load and what `make sweep` finds are deleted",
        (*WRITE_RESULTS, "s3:DeleteObject"),
        [space.objects(space.tables)],
    )
    yield Grant(
        "WriteResults",
        "Athena writes the result of each statement with the caller's rights",
        WRITE_RESULTS,
        [space.objects(space.results)],
    )
    yield from use_keys(space)
    if space.log_kms_keys:
        yield Grant("DecryptLogs", "log files that are encrypted with these keys", ("kms:Decrypt",), space.log_kms_keys)


def reader_grants(space: Space) -> Iterator[Grant]:
    """Yield what a BI tool needs that reads marts."""
    yield run_queries(space, "athena:GetQueryResultsStream", "athena:ListQueryExecutions")
    yield Grant(
        "ShowCatalog",
        "the drivers of BI tools list databases and tables through Athena; Glue decides what they see",
        (
            "athena:GetDatabase",
            "athena:GetDataCatalog",
            "athena:GetTableMetadata",
            "athena:ListDatabases",
            "athena:ListTableMetadata",
        ),
        [space.account.arn("athena", "datacatalog/AwsDataCatalog")],
    )
    yield Grant(
        "ListNames",
        "names of catalogs and work groups, to choose from; these two calls know no resource",
        ("athena:ListDataCatalogs", "athena:ListWorkGroups"),
        ["*"],
    )
    yield list_schemas(space)
    yield Grant(
        "ListTables",
        "names and columns of the tables; data and partitions only of the marts",
        ("glue:GetDatabase", "glue:GetTables"),
        space.glue(space.schema, ["*"]),
    )
    yield Grant(
        "ReadMarts",
        "Athena asks Glue for the table and its partitions with the caller's rights",
        READ_TABLE,
        space.glue(space.schema, MART_NAMES),
    )
    yield bucket_locations(space, (space.reader_results, space.data))
    yield from list_folders(space, "ListResults", [space.reader_results])
    yield from list_folders(space, "ListMarts", [space.tables], MART_NAMES)
    yield Grant(
        "ReadMartFiles",
        "the files of the marts, and of no other table",
        READ_OBJECTS,
        [space.objects(space.tables, name) for name in MART_NAMES],
    )
    yield Grant(
        "WriteResults",
        "Athena writes the result of each query with the caller's rights; a folder apart from dbt's results",
        WRITE_RESULTS,
        [space.objects(space.reader_results)],
    )
    yield from use_keys(space)


def run_queries(space: Space, *further: str) -> Grant:
    """Return the grant to run queries in the work group, whose scan limit applies."""
    return Grant(
        "RunQueries",
        "queries run in this work group and no other, so that its limit applies",
        (*RUN_QUERIES, *further),
        [space.account.arn("athena", f"workgroup/{space.work_group}")],
    )


def list_schemas(space: Space) -> Grant:
    """Return the grant to list databases: Glue checks it against all of them."""
    return Grant(
        "ListDatabases",
        "dbt and BI tools list the names of all databases; Glue knows no list of some",
        ("glue:GetDatabases",),
        space.glue("*"),
    )


def bucket_locations(space: Space, locations: Sequence[DataLocation]) -> Grant:
    """Return the grant to ask where buckets are, which Athena does before it reads or writes."""
    return Grant(
        "FindBuckets",
        "Athena asks for the region of a bucket before it uses it",
        ("s3:GetBucketLocation",),
        [space.account.bucket_arn(location.bucket) for location in locations],
    )


def list_folders(
    space: Space, sid: str, locations: Sequence[DataLocation], names: Sequence[str] = ("*",)
) -> Iterator[Grant]:
    """Yield one grant for each bucket to list keys below the folders, and no others."""
    for number, bucket in enumerate(sorted({location.bucket for location in locations}), 1):
        prefixes = sorted(
            f"{location.prefix}{name}" for location in locations if location.bucket == bucket for name in names
        )
        yield Grant(
            f"{sid}{number if number > 1 else ''}",
            "a query lists the files of its tables",
            ("s3:ListBucket",),
            [space.account.bucket_arn(bucket)],
            {} if "*" in prefixes else {"StringLike": {"s3:prefix": prefixes}},
        )


def use_keys(space: Space) -> Iterator[Grant]:
    """Yield the grant to use the key of tables and results, where they have one."""
    if space.kms_key:
        yield Grant(
            "UseKey",
            "tables and results are encrypted with this key; a reader writes results too",
            ("kms:Decrypt", "kms:GenerateDataKey"),
            [space.kms_key],
        )


GRANTS = {"builder": builder_grants, "reader": reader_grants}


def policy_document(grants: Sequence[Grant]) -> dict[str, Any]:
    """Return a policy of IAM."""
    return {"Version": "2012-10-17", "Statement": [grant.statement() for grant in grants]}
