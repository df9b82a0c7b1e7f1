"""Athena's DDL as data: each form of statement is a small class, and `parse` tells which one a text is.

The forms are those of https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from local_aws.sql_text import Kind, SqlTextError, TokenReader, first_words, tokenize

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


# https://docs.aws.amazon.com/athena/latest/ug/reserved-words.html, the list for DDL; CASHE is spelled so there.
_RESERVED = """
    all alter and array as authorization between bigint binary boolean both by case cashe cast char column commit
    conf constraint create cross cube current current_date current_timestamp cursor database date dayofweek decimal
    delete describe distinct div double drop else end exchange exists extended external extract false fetch float
    floor following for foreign from full function grant group grouping having if import in inner insert int integer
    intersect interval into is join lateral left less like local macro map more none not null numeric of on only or
    order out outer over partialscan partition percent preceding precision preserve primary procedure range reads
    reduce references regexp revoke right rlike rollback rollup row rows select set smallint start table tablesample
    then time timestamp to transform trigger true truncate unbounded union uniquejoin update user using
    utc_timestamp values varchar views when where window with
"""
RESERVED_WORDS = frozenset(_RESERVED.split())


@dataclass(frozen=True)
class StorageFormat:
    """What STORED AS means: the serde and the two Hadoop classes."""

    serde: str
    input_format: str
    output_format: str


STORAGE_FORMATS = {
    "textfile": StorageFormat(LAZY_SERDE, TEXT_INPUT, TEXT_OUTPUT),
    "parquet": StorageFormat(
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    ),
    "orc": StorageFormat(
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    ),
}


@dataclass(frozen=True)
class TableName:
    """A table's name, with its database where the statement gives one."""

    name: str
    database: str | None = None

    def __str__(self) -> str:
        return f"{self.database}.{self.name}" if self.database else self.name


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its Hive type in Glue's spelling, and its comment."""

    name: str
    type: str
    comment: str | None = None


@dataclass(frozen=True)
class PartitionSpec:
    """One `PARTITION (key = value, ..) [LOCATION '..']`."""

    values: dict[str, str]
    location: str | None = None


@dataclass(frozen=True)
class CreateDatabase:
    """CREATE DATABASE | SCHEMA."""

    name: str
    if_not_exists: bool
    comment: str | None = None
    location: str | None = None
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DropDatabase:
    """DROP DATABASE | SCHEMA."""

    name: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True)
class CreateTable:
    """CREATE EXTERNAL TABLE."""

    table: TableName
    if_not_exists: bool
    columns: list[Column]
    partition_keys: list[Column]
    location: str
    comment: str | None
    serde: str
    serde_properties: dict[str, str]
    input_format: str
    output_format: str
    properties: dict[str, str]


@dataclass(frozen=True)
class DropTable:
    """DROP TABLE | VIEW."""

    table: TableName
    if_exists: bool


@dataclass(frozen=True)
class AddPartitions:
    """ALTER TABLE .. ADD [IF NOT EXISTS] PARTITION .."""

    table: TableName
    if_not_exists: bool
    partitions: list[PartitionSpec]


@dataclass(frozen=True)
class DropPartitions:
    """ALTER TABLE .. DROP [IF EXISTS] PARTITION (..), .."""

    table: TableName
    if_exists: bool
    partitions: list[PartitionSpec]


@dataclass(frozen=True)
class SetLocation:
    """ALTER TABLE .. [PARTITION (..)] SET LOCATION '..'."""

    table: TableName
    partition: PartitionSpec | None
    location: str


@dataclass(frozen=True)
class RenamePartition:
    """ALTER TABLE .. PARTITION (..) RENAME TO PARTITION (..)."""

    table: TableName
    old: PartitionSpec
    new: PartitionSpec


@dataclass(frozen=True)
class SetTableProperties:
    """ALTER TABLE .. SET TBLPROPERTIES (..)."""

    table: TableName
    properties: dict[str, str]


@dataclass(frozen=True)
class ChangeColumns:
    """ALTER TABLE .. ADD | REPLACE COLUMNS (..)."""

    table: TableName
    columns: list[Column]
    replace: bool


@dataclass(frozen=True)
class RepairTable:
    """MSCK REPAIR TABLE."""

    table: TableName


@dataclass(frozen=True)
class ShowDatabases:
    """SHOW DATABASES | SCHEMAS [LIKE 'pattern']."""

    pattern: str | None


@dataclass(frozen=True)
class ShowTables:
    """SHOW TABLES | VIEWS [IN database] ['pattern']."""

    database: str | None
    pattern: str | None
    views_only: bool


@dataclass(frozen=True)
class ShowPartitions:
    """SHOW PARTITIONS."""

    table: TableName


@dataclass(frozen=True)
class ShowColumns:
    """SHOW COLUMNS IN table [IN database]."""

    table: TableName


@dataclass(frozen=True)
class ShowTableProperties:
    """SHOW TBLPROPERTIES table [('name')]."""

    table: TableName
    name: str | None


@dataclass(frozen=True)
class ShowCreateTable:
    """SHOW CREATE TABLE."""

    table: TableName


@dataclass(frozen=True)
class DescribeTable:
    """DESCRIBE [EXTENDED | FORMATTED] table."""

    table: TableName


Statement = (
    CreateDatabase
    | DropDatabase
    | CreateTable
    | DropTable
    | AddPartitions
    | DropPartitions
    | SetLocation
    | RenamePartition
    | SetTableProperties
    | ChangeColumns
    | RepairTable
    | ShowDatabases
    | ShowTables
    | ShowPartitions
    | ShowColumns
    | ShowTableProperties
    | ShowCreateTable
    | DescribeTable
)


def parse(text: str) -> Statement | None:
    """Return what a statement asks of the catalog, or None when it is one for the query engine.

    Raises SqlTextError when the text is DDL but not in a form that is known here.
    """
    words = first_words(text, 3)
    parser = next((parser for start, parser in _STARTS if words[: len(start)] == start), None)
    if parser is None:
        return None
    # Athena reads DROP VIEW with the query engine's rules, where names stand in double quotes.
    if words[:2] == ["drop", "view"]:
        reader = TokenReader(text, tokenize(text, hive=False))
    else:
        reader = _HiveReader(text, tokenize(text, hive=True))
    statement = parser(reader)
    reader.need_end()
    return statement


class _HiveReader(TokenReader):
    """A reader that takes bare names only where Athena's DDL does."""

    def need_name(self) -> str:
        """Read a name; a bare one may neither be reserved nor start with an underscore."""
        token = self.next
        if token.kind is Kind.WORD and (token.value.lower() in RESERVED_WORDS or token.value.startswith("_")):
            raise self.unexpected("a name; reserved words and names that start with _ stand in backticks")
        return super().need_name()


def _table_name(reader: TokenReader) -> TableName:
    parts = [reader.need_name()]
    while reader.take_symbol("."):
        parts.append(reader.need_name())
    if len(parts) > 3 or (len(parts) == 3 and parts[0] != "awsdatacatalog"):
        raise SqlTextError(f"Table name {'.'.join(parts)} is not in the catalog awsdatacatalog")
    return TableName(parts[-1], parts[-2] if len(parts) > 1 else None)


def _properties(reader: TokenReader) -> dict[str, str]:
    reader.need_symbol("(")
    found: dict[str, str] = {}
    while True:
        name = reader.need_string()
        reader.need_symbol("=")
        found[name] = reader.need_string()
        if not reader.take_symbol(","):
            reader.need_symbol(")")
            return found


def _type(reader: TokenReader) -> str:
    """Read a Hive type up to the comma, bracket or COMMENT that follows it, and return it in Glue's spelling."""
    parts: list[str] = []
    depth = 0
    while reader.next.kind is not Kind.END:
        token = reader.next
        closes = token.is_symbol(")") or token.is_symbol(">")
        if depth == 0 and (closes or token.is_symbol(",") or token.is_word("comment")):
            break
        depth += (token.is_symbol("(") or token.is_symbol("<")) - closes
        parts.append(reader.take().value.lower())
    if not parts:
        raise reader.unexpected("a type")
    # Athena's DDL says int where its queries say integer, and refuses the latter.
    if parts[0] == "integer":
        raise SqlTextError("mismatched input 'integer'. Expecting: a Hive type such as 'int'")
    return "".join(parts)


def _columns(reader: TokenReader) -> list[Column]:
    reader.need_symbol("(")
    columns: list[Column] = []
    while True:
        name = reader.need_name()
        reader.take_symbol(":")
        type_text = _type(reader)
        comment = reader.need_string() if reader.take_words("comment") else None
        columns.append(Column(name, type_text, comment))
        if not reader.take_symbol(","):
            reader.need_symbol(")")
            return columns


def _partition(reader: TokenReader) -> PartitionSpec:
    reader.need_words("partition")
    reader.need_symbol("(")
    values: dict[str, str] = {}
    while True:
        name = reader.need_name()
        reader.need_symbol("=")
        # A date literal is allowed for a key of type date: PARTITION (day = date '2026-11-01').
        if reader.next.is_word("date"):
            reader.take()
        sign = "-" if reader.take_symbol("-") else ""
        if reader.next.kind not in (Kind.STRING, Kind.WORD):
            raise reader.unexpected("a partition value")
        values[name] = sign + reader.take().value
        if not reader.take_symbol(","):
            reader.need_symbol(")")
            break
    location = reader.need_string() if reader.take_words("location") else None
    return PartitionSpec(values, location)


def _create_database(reader: TokenReader) -> CreateDatabase:
    reader.take(), reader.take()
    if_not_exists = reader.take_words("if", "not", "exists")
    name = reader.need_name()
    comment = reader.need_string() if reader.take_words("comment") else None
    location = reader.need_string() if reader.take_words("location") else None
    properties = _properties(reader) if reader.take_words("with", "dbproperties") else {}
    return CreateDatabase(name, if_not_exists, comment, location, properties)


def _drop_database(reader: TokenReader) -> DropDatabase:
    reader.take(), reader.take()
    if_exists = reader.take_words("if", "exists")
    name = reader.need_name()
    cascade = reader.take_words("cascade")
    if not cascade:
        reader.take_words("restrict")
    return DropDatabase(name, if_exists, cascade)


_DELIMITERS = (
    (("fields", "terminated", "by"), "field.delim"),
    (("escaped", "by"), "escape.delim"),
    (("collection", "items", "terminated", "by"), "colelction.delim"),  # spelled so in Hive
    (("map", "keys", "terminated", "by"), "mapkey.delim"),
    (("lines", "terminated", "by"), "line.delim"),
    (("null", "defined", "as"), "serialization.null.format"),
)


def _delimiters(reader: TokenReader) -> dict[str, str]:
    found: dict[str, str] = {}
    while delimiter := next((name for words, name in _DELIMITERS if reader.take_words(*words)), None):
        found[delimiter] = reader.need_string()
    if "field.delim" in found:
        found["serialization.format"] = found["field.delim"]
    return found


def _create_table(reader: TokenReader) -> CreateTable:
    """Read CREATE EXTERNAL TABLE; its clauses have a fixed order in Athena's grammar, and so here."""
    reader.need_words("create", "external", "table")
    if_not_exists = reader.take_words("if", "not", "exists")
    table = _table_name(reader)
    columns = _columns(reader)
    comment = reader.need_string() if reader.take_words("comment") else None
    partition_keys = _columns(reader) if reader.take_words("partitioned", "by") else []
    serde: str | None = None
    serde_properties: dict[str, str] = {}
    if reader.take_words("row", "format", "delimited"):
        serde_properties = _delimiters(reader)
    elif reader.take_words("row", "format", "serde"):
        serde = reader.need_string()
        if reader.take_words("with", "serdeproperties"):
            serde_properties = _properties(reader)
    stored = STORAGE_FORMATS["textfile"]
    if reader.take_words("stored", "as", "inputformat"):
        input_format = reader.need_string()
        reader.need_words("outputformat")
        stored = StorageFormat(LAZY_SERDE, input_format, reader.need_string())
    elif reader.take_words("stored", "as"):
        if reader.next.value.lower() not in STORAGE_FORMATS:
            raise reader.unexpected(" or ".join(sorted(STORAGE_FORMATS)).upper())
        stored = STORAGE_FORMATS[reader.take().value.lower()]
    if reader.take_words("with", "serdeproperties"):
        serde_properties |= _properties(reader)
    reader.need_words("location")
    location = reader.need_string()
    if not location.startswith("s3://"):
        raise SqlTextError(f"LOCATION '{location}' is not an s3:// path")
    properties = _properties(reader) if reader.take_words("tblproperties") else {}
    return CreateTable(
        table=table,
        if_not_exists=if_not_exists,
        columns=columns,
        partition_keys=partition_keys,
        location=location,
        comment=comment,
        serde=serde or stored.serde,
        serde_properties=serde_properties or {"serialization.format": "1"},
        input_format=stored.input_format,
        output_format=stored.output_format,
        properties=properties,
    )


def _drop_table(reader: TokenReader) -> DropTable:
    reader.take(), reader.take()
    if_exists = reader.take_words("if", "exists")
    return DropTable(_table_name(reader), if_exists)


def _alter_table(reader: TokenReader) -> Statement:
    reader.need_words("alter", "table")
    table = _table_name(reader)
    if reader.take_words("set", "tblproperties"):
        return SetTableProperties(table, _properties(reader))
    if reader.take_words("set", "location"):
        return SetLocation(table, None, reader.need_string())
    for verb in ("add", "replace"):
        if reader.take_words(verb, "columns"):
            return ChangeColumns(table, _columns(reader), replace=verb == "replace")
    if reader.take_words("add"):
        if_not_exists = reader.take_words("if", "not", "exists")
        partitions = [_partition(reader)]
        while reader.next.is_word("partition"):
            partitions.append(_partition(reader))
        return AddPartitions(table, if_not_exists, partitions)
    if reader.take_words("drop"):
        if_exists = reader.take_words("if", "exists")
        partitions = [_partition(reader)]
        while reader.take_symbol(","):
            partitions.append(_partition(reader))
        return DropPartitions(table, if_exists, partitions)
    partition = _partition(reader)
    if reader.take_words("set", "location"):
        return SetLocation(table, partition, reader.need_string())
    if reader.take_words("rename", "to"):
        return RenamePartition(table, partition, _partition(reader))
    raise reader.unexpected("SET LOCATION or RENAME TO")


def _repair_table(reader: TokenReader) -> RepairTable:
    reader.need_words("msck", "repair", "table")
    return RepairTable(_table_name(reader))


def _show_databases(reader: TokenReader) -> ShowDatabases:
    reader.take(), reader.take()
    return ShowDatabases(reader.need_string() if reader.take_words("like") else None)


def _show_tables(reader: TokenReader) -> ShowTables:
    reader.take()
    views_only = reader.take().is_word("views")
    database = reader.need_name() if reader.take_words("in") or reader.take_words("from") else None
    has_pattern = reader.take_words("like") or reader.next.kind is Kind.STRING
    return ShowTables(database, reader.need_string() if has_pattern else None, views_only)


def _show_partitions(reader: TokenReader) -> ShowPartitions:
    reader.need_words("show", "partitions")
    return ShowPartitions(_table_name(reader))


def _show_columns(reader: TokenReader) -> ShowColumns:
    reader.need_words("show", "columns")
    if not (reader.take_words("in") or reader.take_words("from")):
        raise reader.unexpected("IN or FROM")
    table = _table_name(reader)
    if reader.take_words("in") or reader.take_words("from"):
        table = TableName(table.name, reader.need_name())
    return ShowColumns(table)


def _show_table_properties(reader: TokenReader) -> ShowTableProperties:
    reader.need_words("show", "tblproperties")
    table = _table_name(reader)
    name = None
    if reader.take_symbol("("):
        name = reader.need_string()
        reader.need_symbol(")")
    return ShowTableProperties(table, name)


def _show_create_table(reader: TokenReader) -> ShowCreateTable:
    reader.need_words("show", "create", "table")
    return ShowCreateTable(_table_name(reader))


def _describe(reader: TokenReader) -> DescribeTable:
    reader.take()
    if not reader.take_words("extended"):
        reader.take_words("formatted")
    return DescribeTable(_table_name(reader))


_STARTS: list[tuple[list[str], Callable[[TokenReader], Statement]]] = [
    (["create", "database"], _create_database),
    (["create", "schema"], _create_database),
    (["drop", "database"], _drop_database),
    (["drop", "schema"], _drop_database),
    (["create", "external", "table"], _create_table),
    (["drop", "table"], _drop_table),
    (["drop", "view"], _drop_table),
    (["alter", "table"], _alter_table),
    (["msck"], _repair_table),
    (["show", "databases"], _show_databases),
    (["show", "schemas"], _show_databases),
    (["show", "tables"], _show_tables),
    (["show", "views"], _show_tables),
    (["show", "partitions"], _show_partitions),
    (["show", "columns"], _show_columns),
    (["show", "tblproperties"], _show_table_properties),
    (["show", "create", "table"], _show_create_table),
    (["describe"], _describe),
    (["desc"], _describe),
]
