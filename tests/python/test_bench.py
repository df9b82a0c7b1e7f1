"""The bench: it runs, its two sides give equal answers, and it says so when they do not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from duckdb_project import REPOSITORY


@pytest.mark.slow
def test_both_sides_of_small_comparisons_give_equal_answers() -> None:
    """Those of staging and of addresses; the others build the same warehouses from more days."""
    comparisons = ["flow_staging", "s3_staging", "event_staging", "address_classification"]
    finished = subprocess.run(
        [sys.executable, "bench", *comparisons, "--scale", "0.001", "--count", "1"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "tests" / "python")},
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.count("1,000 flow records, 200 S3 lines, 50 events") == len(comparisons)
    assert "differ" not in finished.stdout


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ("values (1, 'a'), (2, 'b')", []),
        ("values (2, 'b'), (1, 'a')", []),
        ("values (1, 'a')", ["sums: 1 rows are in the project's answer only, 0 in the other only"]),
        ("values (1, 'a'), (2, 'c')", ["sums: 1 rows are in the project's answer only, 1 in the other only"]),
        ("values (1, 'a'), (2, 'b'), (2, 'b')", ["sums: 0 rows are in the project's answer only, 1 in the other only"]),
    ],
)
def test_unequal_answers_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theirs: str, told: list[str]
) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "bench")
    from comparison import differences

    places = tmp_path / "ours.duckdb", tmp_path / "theirs.duckdb"
    for place, rows in zip(places, ("values (1, 'a'), (2, 'b')", theirs), strict=True):
        with duckdb.connect(place) as connection:
            connection.execute(f"create table answer as {rows}")
    assert differences(*places, {"sums": ("from answer", "from answer")}) == told


def test_no_answer_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "bench")
    from comparison import differences

    place = tmp_path / "nothing.duckdb"
    duckdb.connect(place).close()
    assert differences(place, place, {"sums": ("select 1 where false", "select 1 where false")})
