"""The marts over the turn of a year, and after its files were delivered a second time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from duckdb_project import MODELS_ONLY, REPOSITORY, SAMPLE_FORMAT, DuckdbProject
from truth_rows import assert_rows_of_truth

WINDOW = {"start_date": "2026-12-29", "end_date": "2027-01-04", **SAMPLE_FORMAT}
# The part of a file's name that S3 and CloudTrail choose at random, and its largest digit.
RANDOM_PARTS = {"F": re.compile(r"(?<=-)[0-9A-F]{16}$"), "z": re.compile(r"(?<=_)[A-Za-z0-9]{16}(?=\.json\.gz$)")}


@pytest.fixture(scope="module")
def new_year(tmp_path_factory: pytest.TempPathFactory) -> DuckdbProject:
    """The sample logs of a week in which a year ends."""
    project = DuckdbProject(tmp_path_factory.mktemp("new_year"))
    generate = [sys.executable, REPOSITORY / "scripts" / "generate_sample_logs.py", project.logs]
    subprocess.run([*generate, "--start-date", WINDOW["start_date"]], check=True, stdout=subprocess.DEVNULL)
    project.dbt(*MODELS_ONLY, variables=WINDOW).check()
    return project


@pytest.fixture(scope="module")
def truth(new_year: DuckdbProject) -> dict[str, Any]:
    return json.loads((new_year.logs / "truth.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("log_source", "mart"),
    [
        ("s3_access_logs", "s3_usage_daily"),
        ("vpc_flow_logs", "internet_egress_daily"),
        ("cloudtrail", "api_activity_daily"),
    ],
)
def test_days_of_both_years_equal_the_truth(
    new_year: DuckdbProject, truth: dict[str, Any], log_source: str, mart: str
) -> None:
    rows = new_year.rows(f"fct_{mart}")
    assert {str(row["event_date"])[:7] for row in rows} == {"2026-12", "2027-01"}
    assert_rows_of_truth(rows, truth[log_source][mart])


@pytest.mark.slow
@pytest.mark.parametrize("log_source", ["s3_access_logs", "vpc_flow_logs", "cloudtrail"])
def test_what_arrives_after_midnight_of_the_last_day_is_of_the_year_before(
    new_year: DuckdbProject, truth: dict[str, Any], log_source: str
) -> None:
    found = [row for row in new_year.rows("fct_log_coverage_daily") if row["log_source"] == log_source]
    assert_rows_of_truth([row for row in found if row["file_count"]], truth[log_source]["log_coverage_daily"])
    assert sum(row["late_count"] for row in found if str(row["event_date"]) == "2026-12-31") > 0


def without_what_repeats(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """All rows but unreadable ones, without what a second delivery adds to."""
    return {
        model: sorted(
            (
                {name: value for name, value in row.items() if name not in added_to(row)}
                for row in found
                if row.get("is_readable", True)
            ),
            key=repr,
        )
        for model, found in rows.items()
    }


def added_to(row: dict[str, Any]) -> set[str]:
    """The columns of a row that a second delivery of its files adds to, or may take from another file."""
    names = {"duplicate_count", "unreadable_count", "file_path", "empty_file_count", "unreadable_file_count"}
    # A file counts that holds an unreadable line or a record that stays: of a correction in CloudTrail the last copy.
    return names | {"file_count"} if row.get("unreadable_count") or row.get("log_source") == "cloudtrail" else names


def counts_of(coverage: list[dict[str, Any]], log_source: str) -> Counter[str]:
    """The counts of a log over all its rows."""
    counts: Counter[str] = Counter()
    for row in coverage:
        if row["log_source"] == log_source:
            counts.update({name: row[name] for name in ("record_count", "duplicate_count", "unreadable_count")})
    return counts


@pytest.mark.slow
def test_files_delivered_twice_change_the_count_of_duplicates_alone(new_year: DuckdbProject) -> None:
    before = new_year.everything()
    for path in [path for path in new_year.logs.rglob("*") if path.is_file()]:
        for digit, random_part in RANDOM_PARTS.items():
            if found := random_part.search(path.name):
                again = random_part.sub(digit + found[0][:-1], path.name)  # its name comes after the first one's
                shutil.copy(path, path.with_name(again))
    new_year.dbt(*MODELS_ONLY, variables=WINDOW).check()
    after = new_year.everything()

    assert without_what_repeats(after) == without_what_repeats(before)
    for log_source in ("s3_access_logs", "cloudtrail"):
        once, twice = (counts_of(rows["fct_log_coverage_daily"], log_source) for rows in (before, after))
        assert once["record_count"] > 0
        assert twice["duplicate_count"] == once["record_count"] + 2 * once["duplicate_count"]
        # Nothing tells that two lines nobody can read are one: both are kept.
        assert twice["unreadable_count"] == 2 * once["unreadable_count"]
