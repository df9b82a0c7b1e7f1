"""The Athena API: each public method in CamelCase is the operation of that name, from request to answer document.

https://docs.aws.amazon.com/athena/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import csv
import io
import re
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local_aws.errors import ErrorCategory, QueryCancelledError, QueryFailedError, RequestRefusedError
from local_aws.faults import Faults
from local_aws.hive_ddl import HiveDdl
from local_aws.query_engine import QueryEngine
from local_aws.results import StatementResult
from local_aws.s3_locations import split_location
from local_aws.sql_text import quote_string
from local_aws.trino_process import CATALOG
from local_aws.work_groups import ENGINE_VERSION, WorkGroups

LONGEST_STATEMENT_BYTES = 262_144  # https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
LARGEST_PAGE = 1000
STOP_SECONDS = 30
ANSWER_SECONDS = 0.5


@dataclass
class QueryExecution:
    """One statement that was started, and how far it has come."""

    query_id: str
    text: str
    context: dict[str, str]
    work_group: str
    output_location: str
    location_is_enforced: bool
    scan_limit_bytes: int | None
    execution_parameters: list[str] = field(default_factory=list)
    state: str = "QUEUED"
    reason: str | None = None
    error_category: ErrorCategory | None = None
    submitted_at: float = field(default_factory=time.time)
    completed_at: float | None = None
    scanned_bytes: int = 0
    result: StatementResult | None = None
    result_file: str = ""
    manifest_file: str | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has reached a final state."""
        return self.state in ("SUCCEEDED", "FAILED", "CANCELLED")


class AthenaApi:
    """Starts statements, each in a thread of its own, and answers questions about them."""

    def __init__(self, glue: Any, s3: Any, engine: QueryEngine, faults: Faults) -> None:
        self.glue = glue
        self.s3 = s3
        self.engine = engine
        self.faults = faults
        self.ddl = HiveDdl(glue, s3)
        self.work_groups = WorkGroups()
        self._queries: dict[str, QueryExecution] = {}
        self._queries_by_token: dict[str, str] = {}
        self._lock = threading.Lock()
        self._starting = threading.Lock()

    def operation(self, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Return the method that answers an operation. Raises RequestRefusedError when there is none."""
        for holder in (self, self.work_groups):
            if re.fullmatch(r"[A-Z][A-Za-z]+", name) and callable(getattr(holder, name, None)):
                return getattr(holder, name)
        raise RequestRefusedError(f"The local stand-in for Athena does not know the operation {name}")

    def queries(self) -> list[QueryExecution]:
        """Return all statements in the order in which they were started."""
        with self._lock:
            return list(self._queries.values())

    def forget_finished(self) -> None:
        """Drop the statements that are over from the record."""
        with self._lock:
            self._queries = {key: query for key, query in self._queries.items() if not query.is_over}

    def stop(self) -> None:
        """Cancel what still runs, and wait for it to end."""
        running = [query for query in self.queries() if not query.is_over]
        for query in running:
            query.cancel.set()
        self.faults.notify()
        for query in running:
            if query.thread is not None:
                query.thread.join(STOP_SECONDS)

    # Queries

    def StartQueryExecution(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Start a statement and return its id."""
        text = request.get("QueryString", "")
        if not text.strip():
            raise RequestRefusedError("Query string must not be empty")
        length = len(text.encode())
        if length > LONGEST_STATEMENT_BYTES:
            raise RequestRefusedError(
                "1 validation error detected: Value at 'queryString' failed to satisfy constraint: Member must have"
                f" length less than or equal to {LONGEST_STATEMENT_BYTES} (it has {length} bytes)"
            )
        token = request.get("ClientRequestToken", "")
        # A client that repeats a request whose answer it did not get sends it with the same token.
        with self._starting:
            with self._lock:
                if token and token in self._queries_by_token:
                    return {"QueryExecutionId": self._queries_by_token[token]}
            query = self._new_query(text, request)
            self.faults.before_start(text)
            query.thread = threading.Thread(
                target=self._run, args=(query,), name=f"query {query.query_id}", daemon=True
            )
            with self._lock:
                self._queries[query.query_id] = query
                if token:
                    self._queries_by_token[token] = query.query_id
            query.thread.start()
        return {"QueryExecutionId": query.query_id}

    def _new_query(self, text: str, request: dict[str, Any]) -> QueryExecution:
        name = request.get("WorkGroup", "primary")
        work_group = self.work_groups.get(name)
        if work_group.state != "ENABLED":
            raise RequestRefusedError(f"WorkGroup {name} is disabled.")
        context = {name: value.lower() for name, value in request.get("QueryExecutionContext", {}).items()}
        catalog = context.get("Catalog", CATALOG)
        if catalog != CATALOG:
            raise RequestRefusedError(f"Catalog {catalog} does not exist; the only one is {CATALOG}")
        said = (request.get("ResultConfiguration") or {}).get("OutputLocation")
        output = work_group.output_location if work_group.is_enforced else said or work_group.output_location
        if not output:
            raise RequestRefusedError(
                "No output location provided. An output location is required either through the Workgroup result"
                " configuration setting or as an API input."
            )
        self._check_bucket(output)
        query_id = str(uuid.uuid4())
        return QueryExecution(
            query_id=query_id,
            text=text,
            context=context,
            work_group=name,
            output_location=output.rstrip("/"),
            location_is_enforced=work_group.is_enforced,
            scan_limit_bytes=work_group.scan_limit_bytes,
            execution_parameters=request.get("ExecutionParameters") or [],
            result_file=f"{output.rstrip('/')}/{query_id}.csv",
        )

    def _check_bucket(self, location: str) -> None:
        try:
            bucket, _ = split_location(location)
        except ValueError:
            raise RequestRefusedError(f"outputLocation is not a valid S3 path: {location}") from None
        try:
            self.s3.head_bucket(Bucket=bucket)
        except self.s3.exceptions.ClientError:
            raise RequestRefusedError(f"Unable to verify/create output bucket {bucket}") from None

    def _run(self, query: QueryExecution) -> None:
        state, reason, category = "SUCCEEDED", None, None
        query.state = "RUNNING"
        try:
            self.faults.before_run(query.text, query.cancel.is_set)
            if query.cancel.is_set():
                raise QueryCancelledError("Query cancelled by user")
            query.result = self._execute(query)
            query.scanned_bytes = query.result.data_scanned_bytes
            self._store(query, query.result)
        except QueryCancelledError as error:
            state, reason = "CANCELLED", str(error)
        except QueryFailedError as error:
            state, reason, category = "FAILED", str(error), error.category
        except Exception as error:  # the stand-in itself is at fault: say so where the test looks
            traceback.print_exc()
            state, category = "FAILED", ErrorCategory.SYSTEM
            reason = f"LOCAL_AWS_ERROR: {type(error).__name__}: {error}"
        query.completed_at, query.reason, query.error_category = time.time(), reason, category
        query.state = state

    def _execute(self, query: QueryExecution) -> StatementResult:
        database = query.context.get("Database", "default")
        if query.execution_parameters:
            using = ", ".join(query.execution_parameters)
            text = f"execute immediate {quote_string(query.text)} using {using}"
        else:
            result = self.ddl.run(query.text, database)
            if result is not None:
                return result
            text = query.text

        def note_scanned(byte_count: int) -> None:
            query.scanned_bytes = byte_count

        return self.engine.run(
            text,
            database,
            default_location=f"{query.output_location}/tables/{query.query_id}",
            location_is_enforced=query.location_is_enforced,
            scan_limit_bytes=query.scan_limit_bytes,
            is_cancelled=query.cancel.is_set,
            note_scanned=note_scanned,
        )

    def _store(self, query: QueryExecution, result: StatementResult) -> None:
        """Write the result file: CSV with a header for queries, tab-separated text for the rest."""
        out = io.StringIO()
        if result.has_header:
            csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(
                [column.name for column in result.columns]
            )
            for row in result.rows:
                # NULL is nothing between the commas, an empty string is "".
                out.write(",".join("" if value is None else _csv_value(value) for value in row) + "\n")
        else:
            query.result_file = query.result_file.removesuffix(".csv") + ".txt"
            out.write("\n".join("\t".join(value or "" for value in row) for row in result.rows))
        self._write(query.result_file, out.getvalue())
        if result.update_count is not None:
            query.manifest_file = f"{query.output_location}/{query.query_id}-manifest.csv"
            self._write(query.manifest_file, "\n".join(result.written_files))

    def _write(self, location: str, text: str) -> None:
        bucket, key = split_location(location)
        self.s3.put_object(Bucket=bucket, Key=key, Body=text.encode())

    def _query(self, request: dict[str, Any]) -> QueryExecution:
        query_id = request.get("QueryExecutionId", "")
        with self._lock:
            if query_id not in self._queries:
                raise RequestRefusedError(f"QueryExecution {query_id} was not found")
            return self._queries[query_id]

    def GetQueryExecution(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Describe one statement, not before it is over or a moment has passed: each question costs CPU seconds."""
        query = self._query(request)
        query.thread.join(ANSWER_SECONDS)
        return {"QueryExecution": self._describe(query)}

    def BatchGetQueryExecution(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Describe several statements."""
        described, missing = [], []
        for query_id in request["QueryExecutionIds"]:
            try:
                described.append(self._describe(self._query({"QueryExecutionId": query_id})))
            except RequestRefusedError as error:
                missing.append({"QueryExecutionId": query_id, "ErrorCode": error.code, "ErrorMessage": str(error)})
        return {"QueryExecutions": described, "UnprocessedQueryExecutionIds": missing}

    @staticmethod
    def _describe(query: QueryExecution) -> dict[str, Any]:
        state = query.state  # read first: the rest is complete once it is final
        status: dict[str, Any] = {"State": state, "SubmissionDateTime": query.submitted_at}
        if query.completed_at is not None:
            status["CompletionDateTime"] = query.completed_at
        if query.reason is not None:
            status["StateChangeReason"] = query.reason
        if query.error_category is not None:
            status["AthenaError"] = {
                "ErrorCategory": int(query.error_category),
                "ErrorType": 1006 if query.error_category is ErrorCategory.USER else 1,
                "Retryable": False,
                "ErrorMessage": query.reason,
            }
        milliseconds = int(((query.completed_at or time.time()) - query.submitted_at) * 1000)
        statistics: dict[str, Any] = {
            "EngineExecutionTimeInMillis": milliseconds,
            "DataScannedInBytes": query.scanned_bytes,
            "TotalExecutionTimeInMillis": milliseconds,
            "QueryQueueTimeInMillis": 0,
        }
        if query.manifest_file is not None:
            statistics["DataManifestLocation"] = query.manifest_file
        result = query.result
        return {
            "QueryExecutionId": query.query_id,
            "Query": query.text,
            "StatementType": result.statement_type if result else "DML",
            "SubstatementType": result.substatement_type if result else "SELECT",
            "ResultConfiguration": {"OutputLocation": query.result_file},
            "QueryExecutionContext": query.context,
            "Status": status,
            "Statistics": statistics,
            "WorkGroup": query.work_group,
            "EngineVersion": ENGINE_VERSION,
            "ExecutionParameters": query.execution_parameters,
        }

    def GetQueryResults(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Return one page of a result; the first row of a query's first page holds the column names."""
        query = self._query(request)
        if query.state != "SUCCEEDED":
            hint = f"Query did not finish successfully. Final query state: {query.state}"
            raise RequestRefusedError(
                hint if query.is_over else f"Query has not yet finished. Current state: {query.state}"
            )
        result = query.result
        rows = list(result.rows)
        if result.has_header:
            rows.insert(0, tuple(column.name for column in result.columns))
        page_size = int(request.get("MaxResults", LARGEST_PAGE))
        if not 1 <= page_size <= LARGEST_PAGE:
            raise RequestRefusedError(f"MaxResults is {page_size}; it must be between 1 and {LARGEST_PAGE}")
        start = int(request.get("NextToken", 0))
        page = rows[start : start + page_size]
        answer = {
            "UpdateCount": result.update_count or 0,
            "ResultSet": {
                "Rows": [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in page],
                "ResultSetMetadata": {
                    "ColumnInfo": [
                        {
                            "CatalogName": "hive",
                            "SchemaName": "",
                            "TableName": "",
                            "Name": column.name,
                            "Label": column.name,
                            "Type": column.type,
                            "Precision": column.precision,
                            "Scale": column.scale,
                            "Nullable": "UNKNOWN",
                            "CaseSensitive": column.type in ("varchar", "string"),
                        }
                        for column in result.columns
                    ]
                },
            },
        }
        if start + page_size < len(rows):
            answer["NextToken"] = str(start + page_size)
        return answer

    def StopQueryExecution(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Ask a statement to stop; it ends as CANCELLED soon after, unless it was over already."""
        self._query(request).cancel.set()
        self.faults.notify()
        return {}

    def ListQueryExecutions(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """List the statements of a work group, newest first."""
        work_group = request.get("WorkGroup", "primary")
        ids = [query.query_id for query in self.queries() if query.work_group == work_group]
        return {"QueryExecutionIds": ids[::-1]}

    # The catalog, as Athena shows it

    def ListDataCatalogs(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """List the one catalog there is."""
        return {"DataCatalogsSummary": [{"CatalogName": "AwsDataCatalog", "Type": "GLUE"}]}

    def GetDataCatalog(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Describe the one catalog there is."""
        self._check_catalog(request, "Name")
        return {"DataCatalog": {"Name": request["Name"], "Type": "GLUE", "Parameters": {}}}

    def ListDatabases(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """List the databases of the Glue catalog."""
        self._check_catalog(request)
        pages = self.glue.get_paginator("get_databases").paginate()
        return {"DatabaseList": [_database(entry) for page in pages for entry in page["DatabaseList"]]}

    def GetDatabase(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Describe one database."""
        self._check_catalog(request)
        try:
            return {"Database": _database(self.glue.get_database(Name=request["DatabaseName"].lower())["Database"])}
        except self.glue.exceptions.EntityNotFoundException:
            raise RequestRefusedError(f"Database {request['DatabaseName']} not found", "MetadataException") from None

    def ListTableMetadata(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """List the tables of a database; `Expression` is a regular expression their names must match."""
        self._check_catalog(request)
        wanted = re.compile(request.get("Expression") or ".*", re.IGNORECASE)
        database = request["DatabaseName"].lower()
        try:
            pages = list(self.glue.get_paginator("get_tables").paginate(DatabaseName=database))
        except self.glue.exceptions.EntityNotFoundException:
            raise RequestRefusedError(f"Database {database} not found", "MetadataException") from None
        tables = [table for page in pages for table in page["TableList"] if wanted.fullmatch(table["Name"])]
        size, start = int(request.get("MaxResults", 50)), int(request.get("NextToken", 0))
        answer = {"TableMetadataList": [_table(table) for table in tables[start : start + size]]}
        if start + size < len(tables):
            answer["NextToken"] = str(start + size)
        return answer

    def GetTableMetadata(self, request: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - AWS's name
        """Describe one table."""
        self._check_catalog(request)
        database, name = request["DatabaseName"].lower(), request["TableName"].lower()
        try:
            return {"TableMetadata": _table(self.glue.get_table(DatabaseName=database, Name=name)["Table"])}
        except self.glue.exceptions.EntityNotFoundException:
            raise RequestRefusedError(
                f"EntityNotFoundException: Table {database}.{name} not found", "MetadataException"
            ) from None

    @staticmethod
    def _check_catalog(request: dict[str, Any], key: str = "CatalogName") -> None:
        if request.get(key, "").lower() != CATALOG:
            raise RequestRefusedError(f"DataCatalog {request.get(key)} was not found", "MetadataException")


def _csv_value(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _database(entry: dict[str, Any]) -> dict[str, Any]:
    described = {"Name": entry["Name"], "Parameters": entry.get("Parameters") or {}}
    return described | ({"Description": entry["Description"]} if entry.get("Description") else {})


def _table(table: dict[str, Any]) -> dict[str, Any]:
    def columns(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{key: entry[key] for key in ("Name", "Type", "Comment") if entry.get(key)} for entry in entries]

    return {
        "Name": table["Name"],
        "CreateTime": table["CreateTime"].timestamp(),
        "TableType": table.get("TableType", ""),
        "Columns": columns(table.get("StorageDescriptor", {}).get("Columns", [])),
        "PartitionKeys": columns(table.get("PartitionKeys", [])),
        "Parameters": table.get("Parameters", {}),
    }
