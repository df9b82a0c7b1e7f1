"""Fixtures that several test files share."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from chromium import Page
    from local_aws import AthenaSpace, LocalAws

SPACE_NUMBERS = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the files of Athena first, of which some take minutes: at the end nobody waits for one of them.

    Of these come last those that emulate AWS anew as well: that empties the emulation behind their stand-in.
    """
    long = {item.path for item in items if item.get_closest_marker("athena")}
    items.sort(key=lambda item: (item.path not in long, hasattr(item.module, "mock_aws")))


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Run the local stand-in for Athena, one for the whole session; with xdist, one in each worker on one Trino.

    Without Trino the test is skipped, or fails when the environment variable REQUIRE_ATHENA is 1.
    """
    from dbt_server import share_service_descriptions
    from local_aws import LocalAws, missing_trino  # here, because it takes seconds and most tests do without

    share_service_descriptions()
    reason = missing_trino()
    if reason and os.environ.get("REQUIRE_ATHENA") == "1":
        pytest.fail(f"{reason} (REQUIRE_ATHENA=1)", pytrace=False)
    if reason:
        pytest.skip(reason)
    shared_trino = tmp_path_factory.getbasetemp().parent / "trino" if "PYTEST_XDIST_WORKER" in os.environ else None
    with LocalAws.start(tmp_path_factory.mktemp("local_aws"), shared_trino) as aws:
        yield aws


@pytest.fixture(scope="session")
def seeded_schema(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Load all seeds on Athena once, and return their schema, for AthenaProject.take_seeds."""
    from athena_project import AthenaProject
    from local_aws import AthenaSpace

    project = AthenaProject(AthenaSpace.make(local_aws, "seeds"), tmp_path_factory.mktemp("seeds_on_athena"))
    local_aws.clear_faults()
    project.dbt("seed", variables={}).check()
    return project.space.schema


@pytest.fixture
def athena_space(local_aws: LocalAws, request: pytest.FixtureRequest) -> Iterator[AthenaSpace]:
    """Give a test its own schema name, bucket prefix and work group, an empty request log and no faults.

    What a test leaves running is stopped: it would slow down the tests after it, and show up in their request log.
    """
    from local_aws import AthenaSpace

    local_aws.clear_faults()
    local_aws.reset_log()
    words = re.sub(r"[^a-z0-9]+", "_", request.node.name.lower()).strip("_")[:40]
    yield AthenaSpace.make(local_aws, f"{words}_{next(SPACE_NUMBERS)}")
    local_aws.stop_statements()
    local_aws.clear_faults()


@pytest.fixture(scope="session")
def new_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Page]]:
    """Run headless Chromium for the whole session, and give a function that opens a new tab.

    Without Chromium the test is skipped, or fails when the environment variable REQUIRE_CHROMIUM is 1.
    """
    from chromium import chromium_program, run_chromium

    program = chromium_program()
    reason = "Chromium is not installed: run `make chromium`"
    if program is None and os.environ.get("REQUIRE_CHROMIUM") == "1":
        pytest.fail(f"{reason} (REQUIRE_CHROMIUM=1)", pytrace=False)
    if program is None:
        pytest.skip(reason)
    with run_chromium(program, tmp_path_factory.mktemp("chromium")) as open_tab:
        yield open_tab
