"""Carry out Athena's DDL on the Glue catalog, with the errors Athena gives."""

from __future__ import annotations

import copy
import fnmatch
import json
from collections.abc import Iterator
from functools import singledispatchmethod
from typing import Any
from urllib.parse import quote, unquote

from local_aws import hive_statements as hive
from local_aws.errors import QueryFailedError
from local_aws.results import StatementResult, listing
from local_aws.s3_locations import folder_prefix, objects_below
from local_aws.sql_text import SqlTextError, quote_hive_string

# What GetTable returns and UpdateTable accepts.
TABLE_INPUT_KEYS = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
)
PARTITION_INPUT_KEYS = ("Values", "StorageDescriptor", "Parameters")
GLUE_PARTITIONS_PER_CALL = 100


class HiveDdl:
    """Runs DDL statements against Glue and S3 clients."""

    def __init__(self, glue: Any, s3: Any) -> None:
        self.glue = glue
        self.s3 = s3

    def run(self, text: str, database: str) -> StatementResult | None:
        """Carry out a DDL statement, or return None when it is one for the query engine.

        `database` is where unqualified names live. Raises QueryFailedError with Athena's wording.
        """
        try:
            statement = hive.parse(text)
        except SqlTextError as error:
            raise QueryFailedError(f"FAILED: ParseException {error}") from None
        return None if statement is None else self._run(statement, database)

    @singledispatchmethod
    def _run(self, statement: Any, database: str) -> StatementResult:
        raise TypeError(f"no way to run {type(statement).__name__}")

    # Databases

    @_run.register
    def _(self, statement: hive.CreateDatabase, database: str) -> StatementResult:
        database_input: dict[str, Any] = {"Name": statement.name, "Parameters": statement.properties}
        if statement.location:
            database_input["LocationUri"] = statement.location
        if statement.comment:
            database_input["Description"] = statement.comment
        try:
            self.glue.create_database(DatabaseInput=database_input)
        except self.glue.exceptions.AlreadyExistsException:
            if not statement.if_not_exists:
                raise QueryFailedError(
                    f"FAILED: Execution Error, return code 1. Database {statement.name} already exists"
                ) from None
        return StatementResult("DDL", "CREATE_DATABASE")

    @_run.register
    def _(self, statement: hive.DropDatabase, database: str) -> StatementResult:
        if not statement.cascade and any(True for _ in self._tables(statement.name, missing_is_empty=True)):
            raise QueryFailedError(
                f"FAILED: Execution Error, return code 1. InvalidOperationException(message:Database {statement.name}"
                " is not empty. One or more tables exist.)"
            )
        try:
            self.glue.delete_database(Name=statement.name)
        except self.glue.exceptions.EntityNotFoundException:
            if not statement.if_exists:
                raise self._no_database(statement.name) from None
        return StatementResult("DDL", "DROP_DATABASE")

    @_run.register
    def _(self, statement: hive.ShowDatabases, database: str) -> StatementResult:
        pages = self.glue.get_paginator("get_databases").paginate()
        names = sorted(entry["Name"] for page in pages for entry in page["DatabaseList"])
        return listing(_matching(names, statement.pattern), "SHOW_DATABASES")

    # Tables

    @_run.register
    def _(self, statement: hive.CreateTable, database: str) -> StatementResult:
        parameters = {"EXTERNAL": "TRUE"} | statement.properties
        if statement.comment:
            parameters["comment"] = statement.comment
        table_input = {
            "Name": statement.table.name,
            "Owner": "hadoop",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": parameters,
            "PartitionKeys": [_glue_column(column) for column in statement.partition_keys],
            "StorageDescriptor": {
                "Columns": [_glue_column(column) for column in statement.columns],
                "Location": statement.location,
                "InputFormat": statement.input_format,
                "OutputFormat": statement.output_format,
                "SerdeInfo": {
                    "SerializationLibrary": statement.serde,
                    "Parameters": statement.serde_properties,
                },
            },
        }
        names = [column.name for column in statement.columns + statement.partition_keys]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise QueryFailedError(f"FAILED: SemanticException Duplicate column name: {', '.join(doubled)}")
        database = statement.table.database or database
        try:
            self.glue.create_table(DatabaseName=database, TableInput=table_input)
        except self.glue.exceptions.AlreadyExistsException:
            if not statement.if_not_exists:
                raise QueryFailedError(
                    "FAILED: Execution Error, return code 1. AlreadyExistsException(message:Table"
                    f" {statement.table.name} already exists)"
                ) from None
        except self.glue.exceptions.EntityNotFoundException:
            raise self._no_database(database) from None
        return StatementResult("DDL", "CREATE_TABLE")

    @_run.register
    def _(self, statement: hive.DropTable, database: str) -> StatementResult:
        database = statement.table.database or database
        try:
            # The data of an external table stays in S3, as with Athena.
            self.glue.delete_table(DatabaseName=database, Name=statement.table.name)
        except self.glue.exceptions.EntityNotFoundException:
            if not statement.if_exists:
                raise self._no_table(statement.table, database) from None
        return StatementResult("DDL", "DROP_TABLE")

    @_run.register
    def _(self, statement: hive.SetTableProperties, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        table["Parameters"] = table.get("Parameters", {}) | statement.properties
        self._update_table(table)
        return StatementResult("DDL", "ALTER_TABLE_SET_PROPERTIES")

    @_run.register
    def _(self, statement: hive.ChangeColumns, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        columns = [_glue_column(column) for column in statement.columns]
        storage = table["StorageDescriptor"]
        if not statement.replace:
            taken = {column["Name"] for column in storage["Columns"] + table.get("PartitionKeys", [])}
            doubled = sorted(taken & {column["Name"] for column in columns})
            if doubled:
                raise QueryFailedError(f"FAILED: SemanticException Duplicate column name: {', '.join(doubled)}")
            columns = storage["Columns"] + columns
        storage["Columns"] = columns  # of the table only: existing partitions keep their own list, as in Glue
        self._update_table(table)
        return StatementResult("DDL", "ALTER_TABLE_REPLACE_COLUMNS" if statement.replace else "ALTER_TABLE_ADD_COLUMNS")

    @_run.register
    def _(self, statement: hive.ShowTables, database: str) -> StatementResult:
        tables = self._tables(statement.database or database)
        names = sorted(
            table["Name"] for table in tables if not statement.views_only or table.get("TableType") == "VIRTUAL_VIEW"
        )
        return listing(_matching(names, statement.pattern), "SHOW_VIEWS" if statement.views_only else "SHOW_TABLES")

    @_run.register
    def _(self, statement: hive.ShowColumns, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        columns = table["StorageDescriptor"]["Columns"] + table.get("PartitionKeys", [])
        return listing([f"{column['Name']:<20}" for column in columns], "SHOW_COLUMNS")

    @_run.register
    def _(self, statement: hive.ShowTableProperties, database: str) -> StatementResult:
        properties = self._table(statement.table, database).get("Parameters", {})
        if statement.name is not None:
            value = properties.get(statement.name)
            missing = f"Table {statement.table} does not have property: {statement.name}"
            return listing([missing if value is None else value], "SHOW_TABLE_PROPERTIES")
        return listing([f"{name}\t{value}" for name, value in sorted(properties.items())], "SHOW_TABLE_PROPERTIES")

    @_run.register
    def _(self, statement: hive.DescribeTable, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        lines = [_column_line(column) for column in table["StorageDescriptor"]["Columns"]]
        keys = table.get("PartitionKeys", [])
        if keys:
            lines += [_column_line(column) for column in keys]
            lines += [
                "\t \t ",
                "# Partition Information\t \t ",
                _column_line({"Name": "# col_name", "Type": "data_type"}),
            ]
            lines += ["\t \t "] + [_column_line(column) for column in keys]
        return listing(lines, "DESCRIBE_TABLE")

    @_run.register
    def _(self, statement: hive.ShowCreateTable, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        if table.get("TableType") == "VIRTUAL_VIEW":
            raise QueryFailedError(f"FAILED: SemanticException {statement.table} is a view: use SHOW CREATE VIEW")
        return listing(_create_table_text(table).split("\n"), "SHOW_CREATE_TABLE")

    # Partitions

    @_run.register
    def _(self, statement: hive.AddPartitions, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        inputs = [
            _partition_input(table, _partition_values(table, partition), partition.location)
            for partition in statement.partitions
        ]
        taken = self._add_partitions(table, inputs)
        if taken and not statement.if_not_exists:
            raise QueryFailedError(
                "FAILED: Execution Error, return code 1. AlreadyExistsException(message:Partition already exists:"
                f" {taken[0]})"
            )
        return StatementResult("DDL", "ALTER_TABLE_ADD_PARTITION")

    @_run.register
    def _(self, statement: hive.DropPartitions, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        for partition in statement.partitions:
            values = _partition_values(table, partition)
            try:
                self.glue.delete_partition(
                    DatabaseName=table["DatabaseName"], TableName=table["Name"], PartitionValues=values
                )
            except self.glue.exceptions.EntityNotFoundException:
                if not statement.if_exists:
                    raise self._no_partition(partition) from None
        return StatementResult("DDL", "ALTER_TABLE_DROP_PARTITION")

    @_run.register
    def _(self, statement: hive.SetLocation, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        if statement.partition is None:
            table["StorageDescriptor"]["Location"] = statement.location
            self._update_table(table)
        else:
            partition = self._partition(table, statement.partition)
            partition["StorageDescriptor"]["Location"] = statement.location
            self._update_partition(table, _partition_values(table, statement.partition), partition)
        return StatementResult("DDL", "ALTER_TABLE_SET_LOCATION")

    @_run.register
    def _(self, statement: hive.RenamePartition, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        partition = self._partition(table, statement.old)
        partition["Values"] = _partition_values(table, statement.new)
        self._update_partition(table, _partition_values(table, statement.old), partition)
        return StatementResult("DDL", "ALTER_TABLE_RENAME_PARTITION")

    @_run.register
    def _(self, statement: hive.RepairTable, database: str) -> StatementResult:
        """Add the partitions whose key=value folders lie below the table's location; never drop one."""
        table = self._table(statement.table, database)
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        known = {tuple(partition["Values"]) for partition in self._partitions(table)}
        missing = [values for values in self._partition_folders(table, keys) if values not in known]
        self._add_partitions(table, [_partition_input(table, list(values), None) for values in missing])
        names = [f"{table['Name']}:" + _partition_path(keys, values) for values in missing]
        lines = ["Partitions not in metastore:\t" + "\t".join(names)] if names else []
        return listing(lines + [f"Repair: Added partition to metastore {name}" for name in names], "MSCK", "DDL")

    @_run.register
    def _(self, statement: hive.ShowPartitions, database: str) -> StatementResult:
        table = self._table(statement.table, database)
        keys = [key["Name"] for key in table.get("PartitionKeys", [])]
        if not keys:
            raise QueryFailedError(
                f"FAILED: Execution Error, return code 1. Table {statement.table} is not a partitioned table"
            )
        lines = [_partition_path(keys, partition["Values"]) for partition in self._partitions(table)]
        return listing(sorted(lines), "SHOW_PARTITIONS")

    # The catalog

    def _table(self, name: hive.TableName, database: str) -> dict[str, Any]:
        database = name.database or database
        try:
            return self.glue.get_table(DatabaseName=database, Name=name.name)["Table"]
        except self.glue.exceptions.EntityNotFoundException:
            raise self._no_table(name, database) from None

    def _tables(self, database: str, *, missing_is_empty: bool = False) -> Iterator[dict[str, Any]]:
        try:
            for page in self.glue.get_paginator("get_tables").paginate(DatabaseName=database):
                yield from page["TableList"]
        except self.glue.exceptions.EntityNotFoundException:
            if not missing_is_empty:
                raise self._no_database(database) from None

    def _update_table(self, table: dict[str, Any]) -> None:
        table_input = {key: table[key] for key in TABLE_INPUT_KEYS if key in table}
        self.glue.update_table(DatabaseName=table["DatabaseName"], TableInput=table_input)

    def _partitions(self, table: dict[str, Any]) -> Iterator[dict[str, Any]]:
        pages = self.glue.get_paginator("get_partitions").paginate(
            DatabaseName=table["DatabaseName"], TableName=table["Name"]
        )
        for page in pages:
            yield from page["Partitions"]

    def _partition(self, table: dict[str, Any], partition: hive.PartitionSpec) -> dict[str, Any]:
        try:
            return self.glue.get_partition(
                DatabaseName=table["DatabaseName"],
                TableName=table["Name"],
                PartitionValues=_partition_values(table, partition),
            )["Partition"]
        except self.glue.exceptions.EntityNotFoundException:
            raise self._no_partition(partition) from None

    def _add_partitions(self, table: dict[str, Any], inputs: list[dict[str, Any]]) -> list[list[str]]:
        """Create partitions in Glue's batches; return the values of those that were there already."""
        taken: list[list[str]] = []
        for start in range(0, len(inputs), GLUE_PARTITIONS_PER_CALL):
            answer = self.glue.batch_create_partition(
                DatabaseName=table["DatabaseName"],
                TableName=table["Name"],
                PartitionInputList=inputs[start : start + GLUE_PARTITIONS_PER_CALL],
            )
            taken += [error["PartitionValues"] for error in answer.get("Errors", [])]
        return taken

    def _update_partition(self, table: dict[str, Any], values: list[str], partition: dict[str, Any]) -> None:
        self.glue.update_partition(
            DatabaseName=table["DatabaseName"],
            TableName=table["Name"],
            PartitionValueList=values,
            PartitionInput={key: partition[key] for key in PARTITION_INPUT_KEYS if key in partition},
        )

    def _partition_folders(self, table: dict[str, Any], keys: list[str]) -> list[tuple[str, ...]]:
        location = table["StorageDescriptor"]["Location"]
        _, prefix = folder_prefix(location)
        found: dict[tuple[str, ...], None] = {}
        for entry in objects_below(self.s3, location):
            folders = [folder.partition("=") for folder in entry["Key"].removeprefix(prefix).split("/")[: len(keys)]]
            if keys and [name for name, _, _ in folders] == keys:
                found[tuple(unquote(value) for _, _, value in folders)] = None
        return list(found)

    @staticmethod
    def _no_database(name: str) -> QueryFailedError:
        return QueryFailedError(f"FAILED: SemanticException [Error 10072]: Database does not exist: {name}")

    @staticmethod
    def _no_table(name: hive.TableName, database: str) -> QueryFailedError:
        return QueryFailedError(f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name.name}")

    @staticmethod
    def _no_partition(partition: hive.PartitionSpec) -> QueryFailedError:
        return QueryFailedError(
            f"FAILED: SemanticException [Error 10006]: Partition not found {json.dumps(partition.values)}"
        )


def _glue_column(column: hive.Column) -> dict[str, str]:
    found = {"Name": column.name, "Type": column.type}
    if column.comment is not None:
        found["Comment"] = column.comment
    return found


def _partition_values(table: dict[str, Any], partition: hive.PartitionSpec) -> list[str]:
    keys = [key["Name"] for key in table.get("PartitionKeys", [])]
    if sorted(partition.values) != sorted(keys):
        raise QueryFailedError(
            f"FAILED: SemanticException Partition spec {json.dumps(partition.values)} contains non-partition columns or"
            f" lacks some: the partition keys of {table['Name']} are {', '.join(keys) or 'none'}"
        )
    return [partition.values[key] for key in keys]


def _partition_path(keys: list[str], values: Any) -> str:
    return "/".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))


def _partition_input(table: dict[str, Any], values: list[str], location: str | None) -> dict[str, Any]:
    storage = copy.deepcopy(table["StorageDescriptor"])
    keys = [key["Name"] for key in table["PartitionKeys"]]
    folder = _partition_path(keys, [quote(value, safe="") for value in values])
    storage["Location"] = location or f"{storage['Location'].rstrip('/')}/{folder}"
    return {"Values": values, "StorageDescriptor": storage, "Parameters": {}}


def _matching(names: list[str], pattern: str | None) -> list[str]:
    """Filter names the way Hive does: `*` is anything, `|` is or."""
    if pattern is None:
        return names
    choices = [choice.strip().lower() for choice in pattern.split("|")]
    return [name for name in names if any(fnmatch.fnmatchcase(name, choice) for choice in choices)]


def _column_line(column: dict[str, str]) -> str:
    return f"{column['Name']:<20}\t{column['Type']:<20}\t{column.get('Comment', ''):<20}"


def _create_table_text(table: dict[str, Any]) -> str:
    def columns(entries: list[dict[str, str]]) -> str:
        lines = []
        for entry in entries:
            comment = f" COMMENT {quote_hive_string(entry['Comment'])}" if entry.get("Comment") else ""
            lines.append(f"  `{entry['Name']}` {entry['Type']}{comment}")
        return ", \n".join(lines)

    def pairs(entries: dict[str, str]) -> str:
        return ", \n".join(
            f"  {quote_hive_string(name)}={quote_hive_string(value)}" for name, value in sorted(entries.items())
        )

    storage = table["StorageDescriptor"]
    serde = storage["SerdeInfo"]
    parts = [f"CREATE EXTERNAL TABLE `{table['DatabaseName']}.{table['Name']}`(\n{columns(storage['Columns'])})"]
    if table.get("PartitionKeys"):
        parts.append(f"PARTITIONED BY ( \n{columns(table['PartitionKeys'])})")
    parts.append(f"ROW FORMAT SERDE \n  {quote_hive_string(serde['SerializationLibrary'])} ")
    if serde.get("Parameters"):
        parts.append(f"WITH SERDEPROPERTIES ( \n{pairs(serde['Parameters'])}) ")
    parts.append(f"STORED AS INPUTFORMAT \n  {quote_hive_string(storage['InputFormat'])} ")
    parts.append(f"OUTPUTFORMAT \n  {quote_hive_string(storage['OutputFormat'])}")
    parts.append(f"LOCATION\n  {quote_hive_string(storage['Location'])}")
    parts.append(f"TBLPROPERTIES (\n{pairs(table.get('Parameters', {}))})")
    return "\n".join(parts)
