"""The project keeps its own rules: read from its files and from what dbt makes of them, with no engine behind it."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from duckdb_project import REPOSITORY
from sqlglot import exp

PROJECT = "aws_internet_traffic"

# Verbs that no statement over literal rows can test; the tests that compare both engines' rows use them.
VERBS_WITHOUT_A_TEST = {
    "file_path": "the file of a raw row exists only in a raw table",
    "raw_record_text": "the text of a record exists only in a raw table",
    "empty_file_count": "answers differently on each engine on purpose",
    "valid_text": "text that is not UTF-8 exists only in a raw table",
}

# Models outside staging that read a source, and which: the ledger of log files is no log.
SOURCE_READERS = {"fct_log_coverage_daily": "log_ledger"}

Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What dbt makes of the project's files."""
    folder = tmp_path_factory.mktemp("house_rules")
    answer = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--no-use-colors", "--warn-error", "parse"],
        cwd=REPOSITORY,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
            "WAREHOUSE": str(folder / "unused.duckdb"),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return json.loads((folder / "target" / "manifest.json").read_text())


def nodes(manifest: dict[str, Any], resource_type: str) -> list[Node]:
    """All nodes of a type; never none, so that a rule cannot hold for want of anything to look at."""
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == resource_type]
    assert found, f"the project has no {resource_type}"
    return found


def models(manifest: dict[str, Any], folder: str = "") -> list[Node]:
    """All models below a folder of models/."""
    found = [node for node in nodes(manifest, "model") if node["original_file_path"].startswith(f"models/{folder}")]
    assert found, f"models/{folder} holds no model"
    return found


def project_macros(manifest: dict[str, Any]) -> list[Node]:
    """The macros of this project."""
    return [macro for macro in manifest["macros"].values() if macro["package_name"] == PROJECT]


def public_macros(manifest: dict[str, Any]) -> list[Node]:
    """Macros that something outside their own folder calls, engine implementations aside.

    A macro that only its folder calls is the folder's own business; its Jinja comment says what it does.
    """
    macros = {macro["unique_id"]: macro for macro in project_macros(manifest)}
    callers = [node for node in [*macros.values(), *manifest["nodes"].values()] if node["package_name"] == PROJECT]
    called_from_outside = {
        name
        for caller in callers
        for name in caller["depends_on"]["macros"]
        if name in macros
        and Path(caller["original_file_path"]).parent != Path(macros[name]["original_file_path"]).parent
    }
    return [
        macro
        for name, macro in macros.items()
        if name in called_from_outside and not macro["name"].startswith(("athena__", "duckdb__", "test_"))
    ]


def verb_files() -> list[Path]:
    """The files of the engine verbs."""
    return sorted((REPOSITORY / "macros" / "engine").glob("*.sql"))


def generic_tests_on(manifest: dict[str, Any], model: Node, name: str) -> list[Node]:
    """The generic tests of a kind on a model."""
    return [
        test
        for test in nodes(manifest, "test")
        if test.get("attached_node") == model["unique_id"] and test["test_metadata"]["name"] == name
    ]


def sql_with_plain_jinja(node: Node) -> str:
    """A model's own text with a name wherever Jinja stands."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", node["raw_code"], flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", "jinja", text, flags=re.DOTALL)


def sql_without_comments(node: Node) -> str:
    """A model's own text, Jinja included, without what is said in comments."""
    return re.sub(r"\{#.*?#\}|--[^\n]*", "", node["raw_code"], flags=re.DOTALL)


def selected_columns(node: Node) -> list[str]:
    """The columns of a model's last select, in order."""
    sql = sql_with_plain_jinja(node)
    last_select = sql[sql.rindex("\nselect\n") :]
    return [column.alias_or_name for column in sqlglot.parse_one(last_select, read="duckdb").selects]


# --- Descriptions


@pytest.mark.parametrize("resource_type", ["model", "seed", "analysis"])
def test_everything_is_described(manifest: dict[str, Any], resource_type: str) -> None:
    assert [node["name"] for node in nodes(manifest, resource_type) if not node["description"].strip()] == []


def test_sources_and_groups_are_described(manifest: dict[str, Any]) -> None:
    things = [*manifest["sources"].values(), *manifest["groups"].values()]
    silent = [thing["unique_id"] for thing in things if not (thing.get("description") or "").strip()]
    silent += [thing["unique_id"] for thing in manifest["sources"].values() if not thing["source_description"].strip()]
    assert silent == []


def test_every_column_is_described(manifest: dict[str, Any]) -> None:
    things = [*nodes(manifest, "model"), *nodes(manifest, "seed"), *manifest["sources"].values()]
    assert [thing["name"] for thing in things if not thing["columns"]] == []
    silent = [
        f"{thing['name']}.{column['name']}"
        for thing in things
        for column in thing["columns"].values()
        if not column["description"].strip()
    ]
    assert silent == []


@pytest.mark.parametrize("folder", sorted(path.name for path in (REPOSITORY / "macros").iterdir() if path.is_dir()))
def test_public_macros_are_described_with_typed_arguments(manifest: dict[str, Any], folder: str) -> None:
    below = [macro for macro in public_macros(manifest) if macro["original_file_path"].startswith(f"macros/{folder}/")]
    assert below
    silent = [macro["name"] for macro in below if not macro["description"].strip()]
    silent += [
        f"{macro['name']}({argument['name']})"
        for macro in below
        for argument in macro["arguments"]
        if not (argument.get("type") and argument["description"].strip())
    ]
    silent += [macro["name"] for macro in below if macro["arguments"] and not macro["patch_path"]]
    assert silent == []


def test_generic_tests_are_described() -> None:
    readme = (REPOSITORY / "tests/generic/README.md").read_text()
    names = [path.stem for path in (REPOSITORY / "tests/generic").glob("*.sql")]
    assert names
    assert [name for name in names if f"| `{name}` |" not in readme] == []


# --- Models


def test_models_say_what_a_row_is(manifest: dict[str, Any]) -> None:
    silent = [model["name"] for model in models(manifest) if not model["raw_code"].startswith("-- One row per ")]
    silent += [model["name"] for model in models(manifest) if not model["description"].startswith("One row per ")]
    assert silent == []


ELSEWHERE = {
    "config block": r"\bconfig\s*\(",
    "is_incremental": r"\bis_incremental\b",
    "target": r"\btarget\s*\.\s*(type|name)\b",
    "adapter": r"\badapter\b",
    "cast by colons": r"::",
    "select distinct": r"\bselect\s+distinct\b",
    "qualify": r"\bqualify\b",
    "order by outside a window": r"\border\s+by\b(?![^()]*\))",
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_models_leave_alone_what_belongs_elsewhere(manifest: dict[str, Any], what: str) -> None:
    pattern = re.compile(ELSEWHERE[what], re.IGNORECASE)
    found = [model["name"] for model in models(manifest) if pattern.search(sql_without_comments(model))]
    assert found == []


def test_models_are_named_after_their_layer(manifest: dict[str, Any]) -> None:
    prefixes = {"staging": ("stg_", "base_"), "intermediate": ("int_",), "marts": ("fct_", "dim_")}
    misnamed = [
        model["original_file_path"]
        for model in models(manifest)
        if not model["name"].startswith(prefixes[model["original_file_path"].split("/")[1]])
    ]
    assert misnamed == []


def test_only_staging_reads_sources(manifest: dict[str, Any]) -> None:
    intruders = [
        f"{model['name']} reads {'.'.join(source)}"
        for model in models(manifest)
        for source in model["sources"]
        if not model["original_file_path"].startswith("models/staging/")
        and SOURCE_READERS.get(model["name"]) != source[0]
    ]
    assert intruders == []


@pytest.mark.parametrize("folder", ["staging", "intermediate"])
def test_inner_models_are_protected(manifest: dict[str, Any], folder: str) -> None:
    assert [model["name"] for model in models(manifest, folder) if model["config"]["access"] != "protected"] == []


def test_columns_are_documented_in_the_order_of_the_select(manifest: dict[str, Any]) -> None:
    for model in models(manifest):
        assert list(model["columns"]) == selected_columns(model), model["original_file_path"]


def test_models_that_compute_have_a_unit_test(manifest: dict[str, Any]) -> None:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    untested = []
    for model in models(manifest):
        statement = sqlglot.parse_one(sql_with_plain_jinja(model), read="duckdb")
        columns = [column for select in statement.find_all(exp.Select) for column in select.selects]
        computes = any(not isinstance(column.unalias(), exp.Column | exp.Star | exp.Cast) for column in columns)
        if computes and model["name"] not in tested:
            untested.append(model["name"])
    assert untested == []


# --- Marts


def test_marts_are_public_and_keep_a_contract(manifest: dict[str, Any]) -> None:
    marts = models(manifest, "marts")
    assert [mart["name"] for mart in marts if mart["config"]["access"] != "public"] == []
    assert [mart["name"] for mart in marts if not mart["config"]["contract"]["enforced"]] == []
    untyped = [
        f"{mart['name']}.{name}"
        for mart in marts
        for name, column in mart["columns"].items()
        if not column["data_type"]
    ]
    assert untyped == []


def test_marts_have_an_owner(manifest: dict[str, Any]) -> None:
    owners = {group["name"]: group["owner"] for group in manifest["groups"].values()}
    assert [mart["name"] for mart in models(manifest, "marts") if not owners.get(mart["config"]["group"])] == []


def test_marts_have_a_unique_grain_without_nulls(manifest: dict[str, Any]) -> None:
    for mart in models(manifest, "marts"):
        grains = [
            test["test_metadata"]["kwargs"]["columns"]
            for test in generic_tests_on(manifest, mart, "unique_combination")
        ]
        assert len(grains) == 1, f"{mart['name']}: expected one unique_combination test, found {len(grains)}"
        never_null = {test["column_name"] for test in generic_tests_on(manifest, mart, "not_null")}
        for test in generic_tests_on(manifest, mart, "no_nulls"):
            never_null |= set(test["test_metadata"]["kwargs"]["columns"])
        assert set(grains[0]) - never_null == set(), f"{mart['name']}: columns of the grain without not_null"


def test_daily_marts_keep_totals(manifest: dict[str, Any]) -> None:
    marts = [mart for mart in models(manifest, "marts") if mart["name"].startswith("fct_")]
    assert [mart["name"] for mart in marts if not generic_tests_on(manifest, mart, "totals_match")] == []


def test_exposures_name_everything_that_their_readers_read(manifest: dict[str, Any]) -> None:
    exposures = {exposure["name"]: exposure for exposure in manifest["exposures"].values()}
    assert [name for name, exposure in exposures.items() if not exposure["description"].strip()] == []
    assert [name for name, exposure in exposures.items() if not exposure["maturity"]] == []
    read_by_questions = {name for analysis in nodes(manifest, "analysis") for name in analysis["depends_on"]["nodes"]}
    assert set(exposures["saved_questions"]["depends_on"]["nodes"]) == read_by_questions
    report = (REPOSITORY / "scripts" / "make_report.py").read_text()
    assert set(exposures["egress_report"]["depends_on"]["nodes"]) == {
        f"model.aws_internet_traffic.{mart}" for mart in re.findall(r"\b(?:from|join) ((?:fct|dim)_\w+)", report)
    }
    assert set(exposures["bi_tools"]["depends_on"]["nodes"]) == {
        mart["unique_id"] for mart in models(manifest, "marts")
    }


def test_every_analysis_stands_in_the_chapter_of_questions(manifest: dict[str, Any]) -> None:
    chapter = (REPOSITORY / "docs" / "analyses.md").read_text()
    names = {node["name"] for node in nodes(manifest, "analysis")}
    assert {name for name in names if f"`{name}`" not in chapter} == set()
    called_so = set(re.findall(r"`((?:network|s3|api|log|growth)_\w+)`", chapter))
    assert called_so - names == set()


# --- Seeds


def test_seeds_say_where_their_values_come_from_and_how_sure_they_are(manifest: dict[str, Any]) -> None:
    for seed in nodes(manifest, "seed"):
        name = seed["name"]
        assert {"source", "confidence"} <= seed["columns"].keys(), name
        (no_nulls,) = generic_tests_on(manifest, seed, "no_nulls")
        assert {"source", "confidence"} <= set(no_nulls["test_metadata"]["kwargs"]["columns"]), name
        (values,) = [
            test["test_metadata"]["kwargs"]["values"]
            for test in generic_tests_on(manifest, seed, "accepted_values")
            if test["column_name"] == "confidence"
        ]
        assert values == ["verified", "secondary", "assumed"], name


def test_seeds_declare_the_type_of_every_column_in_the_order_of_the_file(manifest: dict[str, Any]) -> None:
    for seed in nodes(manifest, "seed"):
        with (REPOSITORY / seed["original_file_path"]).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        assert list(seed["config"]["column_types"]) == header, seed["name"]
        assert list(seed["columns"]) == header, seed["name"]


def test_seeds_have_a_key(manifest: dict[str, Any]) -> None:
    kinds = ("unique", "unique_combination")
    keyless = [
        seed["name"]
        for seed in nodes(manifest, "seed")
        if not any(generic_tests_on(manifest, seed, kind) for kind in kinds)
    ]
    assert keyless == []


def test_seeds_say_what_a_row_is(manifest: dict[str, Any]) -> None:
    assert [
        seed["name"] for seed in nodes(manifest, "seed") if not seed["description"].startswith("One row per ")
    ] == []


# --- Engine verbs


@pytest.mark.parametrize("path", verb_files(), ids=lambda path: path.stem)
def test_verbs_have_both_engines_and_a_test(manifest: dict[str, Any], path: Path) -> None:
    verb = path.stem
    names = {
        macro["name"] for macro in project_macros(manifest) if macro["original_file_path"].endswith(f"/{path.name}")
    }
    assert {verb, f"athena__{verb}", f"duckdb__{verb}"} <= names
    called = re.compile(rf"\b{verb}\(")
    tests = [
        test["name"]
        for test in nodes(manifest, "test")
        if test["original_file_path"].startswith("tests/engine/") and called.search(test["raw_code"])
    ]
    assert tests or verb in VERBS_WITHOUT_A_TEST, f"no test in tests/engine calls {verb}"
    assert not (tests and verb in VERBS_WITHOUT_A_TEST), f"{verb} is tested: take it out of VERBS_WITHOUT_A_TEST"


def test_no_engine_gets_a_default(manifest: dict[str, Any]) -> None:
    assert [macro["name"] for macro in project_macros(manifest) if macro["name"].startswith("default__")] == []


def test_singular_tests_are_named_as_a_claim_and_say_what_follows(manifest: dict[str, Any]) -> None:
    singular = [test for test in nodes(manifest, "test") if not test.get("test_metadata")]
    assert singular
    assert [test["name"] for test in singular if not test["name"].startswith("assert_")] == []
    assert [test["name"] for test in singular if not test["raw_code"].startswith("-- ")] == []


# --- YAML


def test_arguments_of_generic_tests_stand_under_arguments() -> None:
    loose = []
    for path in sorted((REPOSITORY / "models").rglob("*.yml")) + sorted((REPOSITORY / "seeds").rglob("*.yml")):
        for where, test in declared_tests(yaml.safe_load(path.read_text())):
            if isinstance(test, dict):
                (kind, settings), *_ = test.items()
                others = set(settings or {}) - {"name", "arguments", "config", "description"}
                if others:
                    loose.append(f"{path.relative_to(REPOSITORY)}: {where}: {kind}: {sorted(others)}")
    assert loose == []


def declared_tests(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Every entry of any `data_tests`, with the name of what it stands at; `tests`, the old name, counts too."""
    if isinstance(value, list):
        for entry in value:
            yield from declared_tests(entry, where)
    elif isinstance(value, dict):
        for key, entry in value.items():
            if key in ("data_tests", "tests"):
                yield from ((value.get("name", where), test) for test in entry)
            else:
                yield from declared_tests(entry, value.get("name", where))


# --- Repository


def tracked_files() -> list[Path]:
    """The files of the repository that are text."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True)
    if answer.returncode != 0:
        pytest.skip("this checkout has no git repository, which says what belongs to the project")
    paths = [REPOSITORY / name for name in answer.stdout.split("\0") if name]
    return [
        path for path in paths if path.is_file() and not path.is_symlink() and b"\0" not in path.read_bytes()[:8192]
    ]


# Written so that no pattern matches its own text.
FOREIGN_TEXT = {
    "registry host": r"pypi[.]org|pythonhosted[.]org|repo1?[.]maven|maven[.]apache[.]org|registry[.]npmjs",
    "path of one machine": r"(?<![\w.}*:/-])/(?:root|work|home/[a-z]\w*|Users/[A-Za-z]\w*|tmp/\w+)/",
    "workplace": r"(?i)\bcla[u]de\b|\banth[r]opic\b|\bwork[ ]orders?\b|\bshared/(?:design|style|marts|facts|proto)",
}


@pytest.mark.parametrize("what", FOREIGN_TEXT)
def test_the_repository_speaks_of_itself_alone(what: str) -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if re.search(FOREIGN_TEXT[what], line)
    ]
    assert found == [], f"{what} in a tracked file"


def test_the_lock_file_pins_every_dependency() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    wanted = [*settings["project"]["dependencies"], *settings["dependency-groups"]["dev"]]
    names = [re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower() for requirement in wanted]
    lock = (REPOSITORY / "requirements.lock").read_text()
    entries = re.split(r"\n(?=\S)", lock.strip())
    pin = re.compile(r"([a-z0-9-]+)(?:\[[\w, -]+\])?==[\w.+!]+")
    pinned = {match[1]: entry for entry in entries if (match := pin.match(entry))}
    assert len(names) > 10
    assert [name for name in names if name not in pinned] == []
    assert [name for name, entry in pinned.items() if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://\S+", lock) == []
