"""Rows in a form in which equal ones are equal: those of the two engines, and those of a truth file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

# What an engine can't know or names in its own way; models/marts and models/columns.md say so to the reader.
ENGINE_COLUMNS = {"empty_file_count", "file_path"}

# JSON text, which may be written differently.
JSON_COLUMNS = {
    "federated_attributes",
    "request_parameters",
    "response_elements",
    "additional_event_data",
    "service_event_details",
    "event_context",
    "edge_device_details",
    "resources",
}


def comparable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row without what each engine says in its own way.

    Athena's timestamps have milliseconds, DuckDB's microseconds. An unreadable CloudTrail record has its own text on
    DuckDB, and that of its columns on Athena.
    """

    def value_of(name: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat(timespec="milliseconds")
        if name in JSON_COLUMNS and value and value[0] in "[{":
            return json.loads(value)
        return value is None if name == "unreadable_record" else value

    return {name: value_of(name, value) for name, value in row.items() if name not in ENGINE_COLUMNS}


def as_truth(value: Any) -> Any:
    """Return a value of a table as a truth file writes it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, int | type(None)) else str(value)


def truth_columns(found: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of a table as the truth writes them, in the columns that the truth has."""
    return [{name: as_truth(row[name]) for name in expected[0]} for row in found]


def differing_rows(
    left: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the rows that one side has more often than the other, the left's and the right's, in a fixed order."""

    def more(some: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        left_over = Counter(map(key, others))
        rows = []
        for row in some:
            if left_over[key(row)]:
                left_over[key(row)] -= 1
            else:
                rows.append(row)
        return sorted(rows, key=key)

    def key(row: Mapping[str, Any]) -> str:
        return repr(sorted(row.items()))

    return more(left, right), more(right, left)
