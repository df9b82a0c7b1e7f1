"""A seed is loaded when something about it changed, and only then; whatever stops a load, nobody sees half of it."""

from __future__ import annotations

import re
import shutil
import signal
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from dbt_server import DbtProcess, inherited_environment
from duckdb_project import REPOSITORY, DbtRun

if TYPE_CHECKING:
    from local_aws import AthenaSpace

PROJECT = Path(__file__).parent / "projects" / "seeds"
DEADLINE_SECONDS = 180
# Statements and requests that change something; dbt puts a comment line before most statements.
CHANGING_STATEMENT = r"^\s*(?:--[^\n]*\n\s*)?(?:create|insert|alter|drop)\b"
CHANGING_REQUEST = r"^glue:(?:Create|Update|Delete|Batch)"
ROWS = [(1, "red", Decimal("0.5")), (2, "green", None)]

Rows = list[tuple[Any, ...]]


class SeedProject:
    """A private copy of the project of one seed, and how its engine shows what became of it."""

    target: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        shutil.copytree(PROJECT, self.folder)
        shutil.copytree(REPOSITORY / "macros", self.folder / "repository_macros")

    @property
    def file(self) -> Path:
        """The seed's file."""
        return self.folder / "seeds" / "colours.csv"

    def engine_environment(self) -> dict[str, str]:
        """What tells dbt where the engine is."""
        raise NotImplementedError

    def start(self, *flags: str) -> DbtProcess:
        """Start to load the seed."""
        command = ["--no-use-colors", "--debug", "seed", "--target", self.target]
        inherited = inherited_environment()
        return DbtProcess(
            [*command, "--project-dir", str(self.folder), "--profiles-dir", str(self.folder), *flags],
            inherited | self.engine_environment(),
            self.folder,
        )

    def run(self, *flags: str) -> DbtRun:
        """Load the seed, well or not."""
        process = self.start(*flags)
        output, _ = process.communicate(timeout=DEADLINE_SECONDS)
        return DbtRun(process.returncode, output)

    def loads(self, *flags: str) -> bool:
        """Run dbt, which must succeed, and tell whether it loaded the seed. The engine and dbt's line must agree."""
        self.before_run()
        output = self.run(*flags).check().output
        loaded = self.was_loaded()
        (status,) = set(re.findall(r"OK loaded seed file \S+ [. ]*\[(\w+)", output))
        assert status == ("CREATE" if loaded else "UNCHANGED")
        return loaded

    def before_run(self) -> None:
        """Get ready to tell whether the next run loads."""
        raise NotImplementedError

    def was_loaded(self) -> bool:
        """Tell whether the run since before_run loaded the seed."""
        raise NotImplementedError

    def rows(self) -> Rows:
        """The rows of the seed's table, in order."""
        raise NotImplementedError

    def run_sql(self, statement: str) -> None:
        """Change something behind dbt's back."""
        raise NotImplementedError

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a text of the project."""
        text = (self.folder / path).read_text()
        assert old in text
        (self.folder / path).write_text(text.replace(old, new))


class DuckdbSeedProject(SeedProject):
    """The seed on DuckDB. A mark in the table shows whether a run wrote it again."""

    target = "duckdb"

    def engine_environment(self) -> dict[str, str]:
        """What tells dbt where the warehouse is."""
        return {"WAREHOUSE": str(self.folder / "seeds.duckdb")}

    def before_run(self) -> None:
        """Add a column to the table, if there is one."""
        self.had_table = self.has_table()
        if self.had_table:
            self.run_sql("alter table colours add column mark integer")

    def was_loaded(self) -> bool:
        """Tell whether the table is there without the column; take it away again."""
        is_marked = bool(
            self.query("select 1 from duckdb_columns() where table_name = 'colours' and column_name = 'mark'")
        )
        assert self.had_table or not is_marked
        if is_marked:
            self.run_sql("alter table colours drop column mark")
        return not is_marked

    def has_table(self) -> bool:
        """Tell whether there is a warehouse with the seed's table."""
        exists = (self.folder / "seeds.duckdb").exists()
        return exists and bool(self.query("select 1 from duckdb_tables() where table_name = 'colours'"))

    def query(self, sql: str) -> Rows:
        """Read the warehouse."""
        with duckdb.connect(str(self.folder / "seeds.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def rows(self) -> Rows:
        """The rows of the seed's table, in order."""
        return self.query("select * from colours order by 1")

    def run_sql(self, statement: str) -> None:
        """Change the warehouse."""
        with duckdb.connect(str(self.folder / "seeds.duckdb")) as connection:
            connection.execute(statement)


class AthenaSeedProject(SeedProject):
    """The seed on the stand-in for Athena. Its request log shows whether a run wrote anything."""

    target = "athena"

    def __init__(self, folder: Path, space: AthenaSpace) -> None:
        super().__init__(folder)
        self.space = space

    def engine_environment(self) -> dict[str, str]:
        """What tells dbt where the stand-in is."""
        return self.space.environment

    def before_run(self) -> None:
        """Forget the requests so far."""
        self.space.aws.reset_log()

    def was_loaded(self) -> bool:
        """Tell whether any statement or changing Glue request named the seed."""
        return any(
            "colours" in str(request.parameters)
            and (
                request.operation == "StartQueryExecution"
                or re.match(CHANGING_REQUEST, f"{request.service}:{request.operation}")
            )
            for request in self.space.aws.requests()
        )

    def rows(self) -> Rows:
        """The rows of the seed's table, in order."""
        return [
            (int(code), name, None if weight is None else Decimal(weight))
            for code, name, weight in self.space.query('select code, name, weight from "colours" order by 1')
        ]

    def run_sql(self, statement: str) -> None:
        """Change the schema."""
        self.space.run(statement)

    def table(self) -> dict[str, Any]:
        """Glue's description of the seed's table."""
        return self.space.aws.client("glue").get_table(DatabaseName=self.space.schema, Name="colours")["Table"]

    def table_names(self) -> set[str]:
        """The names of all tables of the schema; none where there is not even that."""
        glue = self.space.aws.client("glue")
        try:
            return {one["Name"] for one in glue.get_tables(DatabaseName=self.space.schema)["TableList"]}
        except glue.exceptions.EntityNotFoundException:
            return set()


@pytest.fixture(params=["duckdb", pytest.param("athena", marks=pytest.mark.athena)])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> SeedProject:
    """The project of one seed, on each engine."""
    if request.param == "duckdb":
        return DuckdbSeedProject(tmp_path)
    return AthenaSeedProject(tmp_path, request.getfixturevalue("athena_space"))


@pytest.fixture
def athena_project(athena_space: AthenaSpace, tmp_path: Path) -> AthenaSeedProject:
    """The project of one seed on the stand-in for Athena."""
    return AthenaSeedProject(tmp_path, athena_space)


def test_a_seed_is_loaded_when_something_changed_and_only_then(project: SeedProject) -> None:
    """File, type, description, a table that is gone, --full-refresh; after each, the next run leaves it alone."""
    assert project.loads()
    assert project.rows() == ROWS
    assert not project.loads()

    project.replace("seeds/colours.csv", "2,green,", "2,green,0.25\n3,blue,")
    assert project.loads()
    assert project.rows() == [ROWS[0], (2, "green", Decimal("0.25")), (3, "blue", None)]
    assert not project.loads()

    project.replace("seeds/_seeds.yml", "decimal(18,8)", "decimal(18,1)")
    assert project.loads()
    assert project.rows()[1] == (2, "green", Decimal("0.3")), "the new type rounds"

    project.replace("seeds/_seeds.yml", "Number of the colour.", "What the colour is known by.")
    assert project.loads()
    assert not project.loads()

    project.run_sql("drop table colours")
    assert project.loads()
    assert len(project.rows()) == 3
    assert project.loads("--full-refresh")
    assert not project.loads()


def test_text_arrives_as_it_stands_in_the_file(project: SeedProject) -> None:
    """Whatever a cell holds, it is text: no escape, no pattern, no statement, no template."""
    texts = [
        r"back\slash \d+ \\ \n",
        "it's '' quoted'); drop table colours; --",
        'double "quoted", with a comma',
        "{{ 1 + 1 }} {% raw %} {# no #} ${x} 100% %s",
        "  blanks at both ends  ",
        "é ü 漢字 🙂",
    ]
    lines = [f'{number},"{text.replace(chr(34), chr(34) * 2)}",' for number, text in enumerate(texts)]
    project.file.write_text("\n".join(["code,name,weight", *lines, '90,"",', "91,,1", ""]), encoding="utf-8")
    assert project.loads()
    expected = [(number, text, None) for number, text in enumerate(texts)]
    assert project.rows() == [*expected, (90, None, None), (91, None, Decimal(1))]


def test_a_file_without_rows_gives_an_empty_table(project: SeedProject) -> None:
    project.file.write_text("code,name,weight\n")
    assert project.loads()
    assert project.rows() == []
    assert not project.loads()


@pytest.mark.slow
def test_more_rows_than_one_statement_and_a_file_above_the_checksum_limit(project: SeedProject) -> None:
    """Of files above 1 MiB dbt keeps no checksum; a change in one is noticed all the same."""
    filler = "x" * 1000
    lines = [f"{number},{filler}{number},0.5" for number in range(1100)]
    project.file.write_text("\n".join(["code,name,weight", *lines, ""]))
    assert project.file.stat().st_size > 1024 * 1024
    assert project.loads()
    assert project.rows() == [(number, f"{filler}{number}", Decimal("0.5")) for number in range(1100)]
    assert not project.loads()

    project.file.write_text("\n".join(["code,name,weight", *lines[:-1], f"1099,{filler}new,0.5", ""]))
    assert project.loads()
    assert project.rows()[-1] == (1099, f"{filler}new", Decimal("0.5"))


def test_a_file_that_cannot_be_loaded_changes_nothing(project: SeedProject) -> None:
    """The old rows stay, the failed file does not count as loaded, and the next good one does."""
    cases = [
        ("code,name,weight,extra\n1,red,0.5,x\n", "extra stands in the file and has no type"),
        ("code,name\n1,red\n", "weight has a type and stands not in the file"),
        ('code,name,weight\n1,"red\nand more",0.5\n', "row 1 of seeds/colours.csv holds a line break or a tab"),
        ("code,name,weight\n1,red\tred,0.5\n", "row 1 of seeds/colours.csv holds a line break or a tab"),
        ("code,name,weight\nseven,black,1\n", "'seven'"),
        ("code,name,weight\nseven,black,1\n", "'seven'"),  # once more: the first time must not count as loaded
    ]
    project.loads()
    for content, message in cases:
        project.file.write_text(content)
        run = project.run()
        assert run.exit_code == 1
        error = " ".join(run.output.split())
        assert message in error
        assert "colours (seeds/colours.csv)" in error
        assert project.rows() == ROWS
    project.file.write_text("code,name,weight\n7,black,1\n")
    assert project.loads()
    assert project.rows() == [(7, "black", Decimal(1))]


def test_a_view_of_the_same_name_is_left_alone(project: SeedProject) -> None:
    project.loads()
    project.run_sql("drop table colours")
    project.run_sql("create view colours as select 5 as code, 'own' as name, cast(null as decimal(18,8)) as weight")
    run = project.run()
    assert run.exit_code == 1
    assert re.search("is a view, expected a (?:plain )?table. Drop it", " ".join(run.output.split()))
    assert project.rows() == [(5, "own", None)]


def test_killed_inside_a_load_on_duckdb(tmp_path: Path) -> None:
    """A load is one transaction: the table and what it says of its file stay as they were, and the next run loads."""
    project = DuckdbSeedProject(tmp_path)
    project.loads()
    project.replace("seeds/colours.csv", "2,green,", "2,green,0.25")
    # A statement without an end, after the load and inside its transaction.
    endless = "select count(*) from range(1000000000000) as one, range(1000) as two"
    project.replace("seeds/_seeds.yml", "    config:\n", f"    config:\n      post_hook: '{endless}'\n")
    process = project.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while endless not in process.printed() and process.poll() is None:  # dbt says a statement before it runs it
        assert time.monotonic() < deadline, process.printed()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    output, _ = process.communicate(DEADLINE_SECONDS)
    assert process.returncode == -signal.SIGKILL, output
    assert "create or replace table" in output
    assert project.rows() == ROWS

    project.replace("seeds/_seeds.yml", f"      post_hook: '{endless}'\n", "")
    assert project.loads()
    assert project.rows() == [ROWS[0], (2, "green", Decimal("0.25"))]
    assert not project.loads()


def killed(project: AthenaSeedProject, kind: str, number: int) -> bool:
    """Kill a load before its change `number` (from 0) of a kind. False: it made fewer changes, and succeeded."""
    aws = project.space.aws
    aws.clear_faults()
    aws.inject_fault(CHANGING_STATEMENT if kind == "kill" else CHANGING_REQUEST, kind, skip=number)
    process = project.start()
    aws.register_process(process.pid)
    output, _ = process.communicate(timeout=DEADLINE_SECONDS)
    aws.clear_faults()
    assert process.returncode in (0, -signal.SIGKILL), output
    return process.returncode != 0


@pytest.mark.athena
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fewest"), [("kill", 3), ("kill_at_request", 4)])
def test_killed_before_each_change_of_a_load_on_athena(
    athena_project: AthenaSeedProject, kind: str, fewest: int
) -> None:
    """Readers see the old rows or the new ones, and the next run completes what was begun."""
    project = athena_project
    project.loads()
    old, number = ROWS, 0
    while True:
        new = [(1, "red", Decimal("0.5")), (2, f"green {number}", None)]
        project.file.write_text(f"code,name,weight\n1,red,0.5\n2,green {number},\n")
        if not killed(project, kind, number):
            break
        assert project.rows() in (old, new)
        assert project.loads(), "a load that was killed must not count"
        assert project.rows() == new
        old, number = new, number + 1
    assert number >= fewest, "too few changes were met: the pattern no longer sees them"
    assert project.rows() == new
    assert not project.loads()


@pytest.mark.athena
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fewest"), [("kill", 3), ("kill_at_request", 2)])
def test_killed_before_each_change_of_a_first_load_on_athena(
    athena_project: AthenaSeedProject, kind: str, fewest: int
) -> None:
    """There is no table or a whole one, and the next run completes it."""
    project = athena_project
    number = 0
    while killed(project, kind, number):
        if "colours" in project.table_names():
            assert project.rows() == ROWS
        assert project.loads()
        assert project.rows() == ROWS
        assert not project.loads()
        project.run_sql("drop table colours")
        number += 1
    assert number >= fewest, "too few changes were met: the pattern no longer sees them"
    assert project.rows() == ROWS


@pytest.mark.athena
def test_what_a_load_on_athena_leaves(athena_project: AthenaSeedProject) -> None:
    """Descriptions are in Glue, nothing is left beside the table, and retired data are found by the sweep's layout."""
    project = athena_project
    project.loads()
    first = project.table()["StorageDescriptor"]["Location"]
    project.replace("seeds/colours.csv", "green", "lime")
    project.loads()

    assert project.table_names() == {"colours"}
    table = project.table()
    assert table["Description"] == "One row per colour."
    columns = [
        (column["Name"], column["Type"], column.get("Comment")) for column in table["StorageDescriptor"]["Columns"]
    ]
    assert columns == [
        ("code", "int", "Number of the colour."),
        ("name", "string", None),
        ("weight", "decimal(18,8)", None),
    ]
    second = table["StorageDescriptor"]["Location"]
    assert second != first
    folder = f"{project.space.environment['ATHENA_DATA'].rstrip('/')}/{project.space.schema}/colours/"
    assert re.fullmatch(rf"{re.escape(folder)}[0-9a-f-]{{36}}/?", second)
