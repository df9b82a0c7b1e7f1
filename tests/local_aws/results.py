"""What a statement gives back, in the words of the Athena API."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result: its name and its Athena type, with the numbers that some types carry."""

    name: str
    type: str
    precision: int = 0
    scale: int = 0


@dataclass
class StatementResult:
    """Rows as text (None is NULL), and what kind of statement they come from."""

    statement_type: str  # DDL, DML or UTILITY
    substatement_type: str
    columns: list[ResultColumn] = field(default_factory=list)
    rows: list[tuple[str | None, ...]] = field(default_factory=list)
    update_count: int | None = None
    data_scanned_bytes: int = 0
    written_files: list[str] = field(default_factory=list)

    @property
    def has_header(self) -> bool:
        """Whether Athena puts the column names before the rows: for queries, not for DDL or writes."""
        return self.statement_type == "DML" and self.update_count is None


# How Hive calls the column of what it lists (SCHEMA in org.apache.hadoop.hive.ql.ddl.*.Show*Desc).
COLUMN_OF_LIST = {
    "SHOW_COLUMNS": "field",
    "SHOW_CREATE_TABLE": "createtab_stmt",
    "SHOW_DATABASES": "database_name",
    "SHOW_PARTITIONS": "partition",
    "SHOW_TABLES": "tab_name",
    "SHOW_VIEWS": "tab_name",
}


def listing(lines: list[str], substatement_type: str, statement_type: str = "UTILITY") -> StatementResult:
    """Return a result of one text column, as SHOW and DESCRIBE give it."""
    column = ResultColumn(COLUMN_OF_LIST.get(substatement_type, "text"), "string")
    return StatementResult(statement_type, substatement_type, [column], [(line,) for line in lines])
