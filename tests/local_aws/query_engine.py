"""Run on Trino what is not DDL, and see to it that catalog and S3 look afterwards as Athena leaves them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from local_aws.cloudtrail_lines import INPUT_FORMAT, SHADOW_PREFIX, with_own_paths
from local_aws.errors import ErrorCategory, QueryCancelledError, QueryFailedError
from local_aws.faults import SCAN_LIMIT_MESSAGE
from local_aws.hive_ddl import TABLE_INPUT_KEYS
from local_aws.request_log import RequestLog
from local_aws.results import ResultColumn, StatementResult
from local_aws.s3_locations import split_location
from local_aws.sql_text import first_words
from local_aws.statement_rewriting import TrinoStatement, rewrite
from local_aws.trino_client import TrinoAnswer, TrinoClient, TrinoError
from local_aws.value_text import hive_type, result_column, value_text

ROLLBACK_SECONDS = 20


class QueryEngine:
    """Trino, seen as Athena's query engine."""

    def __init__(self, trino: TrinoClient, glue: Any, s3: Any, log: RequestLog) -> None:
        self.trino = trino
        self.glue = glue
        self.s3 = s3
        self.log = log

    def run(
        self,
        text: str,
        database: str,
        *,
        default_location: str,
        location_is_enforced: bool = False,
        scan_limit_bytes: int | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
        note_scanned: Callable[[int], None] = lambda byte_count: None,
    ) -> StatementResult:
        """Run a statement and return its result.

        Raises QueryFailedError when it fails, and QueryCancelledError when `is_cancelled` says so or when it reads more
        bytes than the limit.
        """
        statement = rewrite(text, self.trino.catalog, default_location, location_is_enforced=location_is_enforced)
        statement.text = with_own_paths(statement.text, self._is_cloudtrail_table)

        reported: list[TrinoAnswer] = []

        def watch(answer: TrinoAnswer) -> None:
            reported[:] = [answer]
            note_scanned(answer.scanned_bytes)
            if is_cancelled():
                raise QueryCancelledError("Query cancelled by user")
            if scan_limit_bytes is not None and answer.scanned_bytes > scan_limit_bytes:
                raise QueryCancelledError(SCAN_LIMIT_MESSAGE)

        try:
            answer = self.trino.run(statement.text, database, statement.session, watch)
        except (TrinoError, QueryCancelledError) as error:
            is_cancelled = isinstance(error, QueryCancelledError)
            if reported and first_words(text, 1) in (["create"], ["insert"]):
                query_id = reported[0].query_id
                self._wait_until(lambda: self.trino.is_final(query_id))
                if is_cancelled:
                    self._undo(query_id, statement, database)
                # Trino reports a failure first and removes the files afterwards; a statement that comes in between
                # would read them, or find its location taken.
                self._wait_until(lambda: not any(map(self._exists, self.log.files_written_by_trino(query_id))))
            if is_cancelled:
                raise
            category = ErrorCategory.USER if error.is_user_error else ErrorCategory.SYSTEM
            message = f"{error.name}: {error}".replace(SHADOW_PREFIX, "")
            raise QueryFailedError(message, category) from None
        if statement.created_view:
            self._describe_view(statement.created_view, database)
        return self._result(text, answer)

    def _is_cloudtrail_table(self, schema: str, table: str) -> bool:
        try:
            entry = self.glue.get_table(DatabaseName=schema, Name=table)["Table"]
        except ClientError:
            return False
        return entry.get("StorageDescriptor", {}).get("InputFormat") == INPUT_FORMAT

    def _result(self, text: str, answer: TrinoAnswer) -> StatementResult:
        if answer.update_type == "CREATE VIEW":
            return StatementResult("DDL", "CREATE_VIEW")
        if answer.update_type is not None:
            names = {"CREATE TABLE": "CREATE_TABLE_AS_SELECT"}
            return StatementResult(
                "DML",
                names.get(answer.update_type, answer.update_type.replace(" ", "_")),
                [ResultColumn("rows", "bigint", 19)],
                update_count=answer.update_count or 0,
                data_scanned_bytes=answer.scanned_bytes,
                written_files=self.log.files_written_by_trino(answer.query_id),
            )
        signatures = [column["typeSignature"] for column in answer.columns]
        rows = [
            tuple(value_text(value, signature) for value, signature in zip(row, signatures, strict=True))
            for row in answer.rows
        ]
        verb = first_words(text, 1)
        is_utility = verb in (["show"], ["explain"])
        return StatementResult(
            "UTILITY" if is_utility else "DML",
            verb[0].upper() if is_utility else "SELECT",
            [result_column(column) for column in answer.columns],
            rows,
            data_scanned_bytes=answer.scanned_bytes,
        )

    def _describe_view(self, name: list[str], database: str) -> None:
        """Write a view's real columns into Glue, as Athena does. Trino describes them in a text beside."""
        database = name[-2] if len(name) > 1 else database
        table = self.glue.get_table(DatabaseName=database, Name=name[-1])["Table"]
        text = table["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
        described = json.loads(base64.b64decode(text))["columns"]
        columns = [{"Name": column["name"], "Type": hive_type(column["type"])} for column in described]
        table["StorageDescriptor"]["Columns"] = columns
        table_input = {key: table[key] for key in TABLE_INPUT_KEYS if key in table}
        self.glue.update_table(DatabaseName=database, TableInput=table_input, SkipArchive=True)

    @staticmethod
    def _wait_until(condition: Callable[[], bool]) -> None:
        """Wait until what a statement left is as it should be. What is not so after a while stays, as it may on AWS."""
        deadline = time.monotonic() + ROLLBACK_SECONDS
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)

    def _exists(self, location: str) -> bool:
        bucket, key = split_location(location)
        return self.s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)["KeyCount"] > 0

    def _undo(self, query_id: str, statement: TrinoStatement, database: str) -> None:
        """Take back what a cancelled statement wrote.

        Athena stops a query while it reads. A small one may be over here before Trino is told to stop it, so the table
        that it created and the files that it added are removed: nobody may see the rows of a cancelled query.
        """
        for location in self.log.files_written_by_trino(query_id):
            bucket, key = split_location(location)
            self.s3.delete_object(Bucket=bucket, Key=key)
        name = statement.created_table
        if name:
            database = name[-2] if len(name) > 1 else database
            try:
                self.glue.delete_table(DatabaseName=database, Name=name[-1])
            except self.glue.exceptions.EntityNotFoundException:
                return  # stopped before the table was there
