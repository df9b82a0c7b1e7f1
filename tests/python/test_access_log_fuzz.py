"""Whatever stands in an access log: each line is a request, a duplicate or unreadable, and its neighbours are read."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow
import pytest
from duckdb_project import DuckdbProject, log_file, log_line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DAY = "2026-11-01"
# Wide enough for what a generated line may tell as its day.
WINDOW = {"start_date": "1970-01-01", "end_date": "2999-12-31"}
MODEL = "stg_s3_access_logs__requests"

# A file has no line ends in its lines; every other character may stand there.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0")
GOOD = log_line("GOOD", DAY)
PIECES = st.one_of(
    st.sampled_from(
        [*GOOD.split(" "), "", "-", '"', '""', "[", "]", '" 200', "9" * 19, "-1", "%00", "Yes", "eu-west-1"]
    ),
    st.text(CHARACTERS, max_size=8),
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A good line of which some pieces are gone, doubled, moved or others."""
    pieces = GOOD.split(" ")
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(pieces)))
        end = start + draw(st.integers(0, 3))
        pieces[start:end] = draw(st.lists(PIECES, max_size=3))
    return " ".join(pieces)


LINES = st.lists(st.one_of(damaged(), st.text(CHARACTERS, min_size=1), st.lists(PIECES).map(" ".join)), max_size=40)


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The staging model as a view `staged`, over the table `lines` in the place of log files."""
    project = DuckdbProject(tmp_path_factory.mktemp("fuzz"))
    project.write_log(log_file(DAY, "A"), GOOD)
    project.dbt("run", "--select", MODEL, variables=WINDOW).check()
    (compiled,) = (project.folder / "target" / "compiled").rglob(f"{MODEL}.sql")
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute(
            "create table given as select * from main_raw.s3_access_logs_partitioned limit 1;"
            "create table lines (line varchar);"
            "create or replace view main_raw.s3_access_logs_partitioned as "
            "select given.* replace (lines.line as line) from given, lines"
        )
        connection.execute(f"create view staged as {compiled.read_text()}")
        yield connection


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(LINES)
def test_every_line_is_counted_and_costs_no_neighbour(staging: duckdb.DuckDBPyConnection, lines: list[str]) -> None:
    neighbours = [log_line(f"NEIGHBOUR{number}", DAY, bytes_sent=str(number)) for number in range(len(lines) + 1)]
    written = [line for pair in zip(neighbours, lines, strict=False) for line in pair] + neighbours[-1:]
    staging.register("written", pyarrow.table({"line": pyarrow.array(written, pyarrow.string())}))
    staging.execute("create or replace table lines as select line from written")

    (counted,) = staging.execute("select count(*) + sum(duplicate_count) from staged").fetchone()
    assert counted == sum(line != "" for line in written)
    found = staging.execute(
        "select request_id, bytes_sent from staged where is_readable and starts_with(request_id, 'NEIGHBOUR')"
    ).fetchall()
    assert sorted(found) == sorted((f"NEIGHBOUR{number}", number) for number in range(len(neighbours)))
