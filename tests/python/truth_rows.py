"""Compare the rows of a table with those of a truth file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.comparable_rows import differing_rows, truth_columns


def assert_rows_of_truth(found: Sequence[Mapping[str, Any]], expected: Sequence[Mapping[str, Any]]) -> None:
    """Both have the same rows in the columns that the expected rows have."""
    assert expected
    only_found, only_expected = differing_rows(truth_columns(found, expected), expected)
    assert (only_found, only_expected) == ([], [])
