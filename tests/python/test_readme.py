"""The README alone is enough for a newcomer: every command in it is run, here or by the test that is named for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pytest
from chromium import Page
from duckdb_project import REPOSITORY

README = (REPOSITORY / "README.md").read_text()
DAYS = {"START": "2026-11-03", "END": "2026-11-04"}

# What runs a command elsewhere: a file, and the words in it that do.
RUN_ELSEWHERE = {
    "make test": (".ci/run", "make test"),
    "make fetch": ("tests/python/test_fetch_logs.py", "fetch_logs.main("),
    "make sweep": ("tests/python/test_sweep_retired_data.py", "sweep_retired_data.main("),
    "make local-aws": ("tests/python/test_local_aws.py", '"-m", "local_aws"'),
    "make check-athena": ("tests/python/test_check_setup.py", '"athena"'),
    "dbt build": ("tests/python/test_engines_agree.py", '"build"'),
    "dbt test": ("tests/python/test_duckdb_marts.py", 'dbt("test"'),
    "dbt docs": ("tests/python/test_duckdb_marts.py", 'dbt("docs", "generate"'),
    "dbt source": ("tests/python/test_source_freshness.py", '"source", "freshness"'),
    "python scripts/upload_logs.py": ("tests/python/test_upload_logs.py", "upload_logs.main("),
    "python scripts/bootstrap_athena.py": ("tests/python/test_bootstrap_athena.py", "bootstrap_athena.main("),
    "python scripts/smoke_test_athena.py": ("tests/python/test_smoke_test_athena.py", '"smoke_test_athena.py"'),
    "python scripts/enable_logs.py": ("tests/python/test_enable_logs.py", "enable_logs.main("),
}


class Newcomer:
    """A person with the repository and `make`, who has run the demo and built two days of its logs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commands: set[str] = set()
        self.logs, self.warehouse = folder / "sample_logs", folder / "own.duckdb"
        self.demo = self.make("demo", DEMO_LOGS=self.logs, DEMO_WAREHOUSE=folder / "demo.duckdb")
        self.build = self.make("build", LOGS=self.logs, WAREHOUSE=self.warehouse, **DAYS)

    @cached_property
    def documentation(self) -> Path:
        """The page that `make docs` writes."""
        self.make("docs", LOGS=self.logs, WAREHOUSE=self.warehouse)
        return self.folder / "target" / "static_index.html"

    def make(self, target: str, **words: str | Path) -> str:
        """Run a command of the README, which must succeed, and return what it printed."""
        self.commands.add(f"make {target}")
        own = {"DBT_TARGET_PATH": str(self.folder / "target"), "DBT_LOG_PATH": str(self.folder / "logs")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "MAKE", "ATHENA_"))}
        finished = subprocess.run(
            ["make", "--no-print-directory", "--assume-old=.venv/.ready", f"BIN={Path(sys.executable).parent}", target]
            + [f"{name}={value}" for name, value in words.items()],
            cwd=REPOSITORY,
            env=kept | own,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    return Newcomer(tmp_path_factory.mktemp("newcomer"))


def test_the_demo_says_what_left_and_what_it_costs(newcomer: Newcomer) -> None:
    assert "internet_gateway" in newcomer.demo
    assert "USD" in newcomer.demo


def test_a_build_says_what_it_found(newcomer: Newcomer) -> None:
    assert "fct_internet_egress_daily" in newcomer.build
    assert "Coverage of 2026-11-03 to 2026-11-04" in newcomer.build


def test_findings_report_question_and_export_come_from_the_marts(newcomer: Newcomer) -> None:
    findings = newcomer.make("findings", WAREHOUSE=newcomer.warehouse)
    assert "internet_gateway" in findings
    report = newcomer.folder / "report.html"
    newcomer.make("report", WAREHOUSE=newcomer.warehouse, REPORT=report)
    assert report.read_text().startswith("<!doctype html>")
    answer = newcomer.make("ask", Q="network_top_addresses", WAREHOUSE=newcomer.warehouse, **DAYS)
    assert "address_rank" in answer
    newcomer.make("export", TO=newcomer.folder / "exported", WAREHOUSE=newcomer.warehouse)
    days = {
        file.parent.name
        for file in (newcomer.folder / "exported" / "current" / "fct_internet_egress_daily").rglob("*.parquet")
    }
    assert days == {"event_date=2026-11-03", "event_date=2026-11-04"}


def test_the_doctor_finds_the_logs(newcomer: Newcomer) -> None:
    found = newcomer.make("doctor", LOGS=newcomer.logs, WAREHOUSE=newcomer.warehouse)
    assert "cloudtrail" in found
    assert "FAIL" not in found.replace("0 FAIL", "")


def test_the_documentation_is_written(newcomer: Newcomer) -> None:
    assert "Where does a number come from?" in newcomer.documentation.read_text()


def test_the_documentation_opens_in_a_browser(newcomer: Newcomer, new_page: Callable[[], Page]) -> None:
    """All that dbt knows stands in one script: a text that ends a script would end it there."""
    page = new_page()
    page.command("Network.setBlockedURLs", urls=["http://*", "https://*"])
    page.open(newcomer.documentation)
    page.ask(
        "new Promise(done => { const look = () =>"
        " document.body.innerText.includes('Where to start') ? done() : requestAnimationFrame(look); look(); })"
    )
    names = [event["method"] for event in page.complaints()]
    assert {"Runtime.exceptionThrown", "Page.javascriptDialogOpening"}.isdisjoint(names)


def test_every_command_of_the_readme_is_run(newcomer: Newcomer) -> None:
    """Runs after the tests above, in this file's order."""
    text = re.findall(r"(?m)^    (.*)$|`([^`\n]+)`", README)
    found = set()
    for command in (part for parts in text for part in parts if part):
        if match := re.match(r"(make [a-z-]+|dbt [a-z]+|python scripts/\w+\.py)", command):
            found.add(match[1])
    assert len(found) >= 15
    for command in found - newcomer.commands:
        file, words = RUN_ELSEWHERE[command]
        assert words in (REPOSITORY / file).read_text(), command
    assert RUN_ELSEWHERE.keys() <= found
