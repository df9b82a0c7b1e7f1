"""Lint refuses what only one engine understands, and nothing else reaches Athena than functions that it documents."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import sqlglot
import yaml
from duckdb_project import REPOSITORY
from sqlfluff.core import FluffConfig, Linter
from sqlglot.dialects import Trino
from sqlglot.tokens import TokenType

ENGINES = ("duckdb", "athena")
SCRIPTS = REPOSITORY / "scripts"
FUNCTIONS_FILE = Path(__file__).with_name("athena_functions.txt")

# Words that stand before a bracket and are no functions: syntax, and types with a length.
SYNTAX = """
    and any array as by char decimal distinct else exists from in intersect not on or over row select then time
    timestamp union using values varchar when where with
"""


def sqlfluff_settings() -> configparser.ConfigParser:
    """The project's lint settings."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(REPOSITORY / ".sqlfluff")
    return settings


BLOCKED_WORDS = [
    word.strip() for word in sqlfluff_settings()["sqlfluff:rules:convention.blocked_words"]["blocked_words"].split(",")
]


@cache
def linter(engine: str) -> Linter:
    """The linter with the project's settings, for the one rule that refuses words."""
    overrides = {"dialect": engine, "templater": "raw", "rules": "CV09"}
    return Linter(config=FluffConfig.from_path(str(REPOSITORY), overrides=overrides, ignore_local_config=False))


def findings(sql: str, engine: str) -> list[str]:
    """The rules that a text breaks, with what they say."""
    return [f"{found.rule_code()}: {found.desc()}" for found in linter(engine).lint_string(sql).violations]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_only_word_is_refused(engine: str) -> None:
    shapes = (
        "select {word}(records.line) as answer\nfrom records\n",
        "select records.{word}\nfrom records\n",
        "select records.line\nfrom records\n{word} row_number() over (order by records.line) = 1\n",
    )
    passed = [
        word
        for word in BLOCKED_WORDS
        if not any(
            finding.startswith("CV09") and word in finding.lower()
            for shape in shapes
            for finding in findings(shape.format(word=word), engine)
        )
    ]
    assert not passed


@pytest.mark.parametrize("engine", ENGINES)
def test_shared_words_are_accepted(engine: str) -> None:
    assert findings("select coalesce(records.line, '') as line\nfrom records\n", engine) == []


def test_every_rule_that_is_off_has_a_reason() -> None:
    text = (REPOSITORY / ".sqlfluff").read_text()
    rules = [rule.strip() for rule in sqlfluff_settings()["sqlfluff"]["exclude_rules"].split(",")]
    assert [rule for rule in rules if not re.search(rf"^# {rule}  \w.+\.$", text, re.MULTILINE)] == []


def copy_of_project(folder: Path) -> Path:
    """The files that lint reads, in a folder of their own."""
    for name in ("models", "macros", "seeds", "analyses", "tests/generic", "profiles", "plugins", "docs"):
        shutil.copytree(REPOSITORY / name, folder / name)
    for name in ("dbt_project.yml", ".sqlfluff", ".sqlfluffignore"):
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


def lint(engine: str, project: Path, *paths: str) -> subprocess.CompletedProcess[str]:
    """Run the lint command."""
    command = [sys.executable, SCRIPTS / "lint_sql.py", engine, *paths, "--project", project]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_with_an_engine_only_word_fails_lint(engine: str, tmp_path: Path) -> None:
    project = copy_of_project(tmp_path)
    model = project / "models/marts/s3_usage/fct_s3_clients_daily.sql"
    model.write_text(model.read_text().replace("count(distinct object_key)", "approx_distinct(object_key)"))
    answer = lint(engine, project, "models/marts/s3_usage")
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert re.search(r"CV09 \| .*approx_distinct", answer.stdout), answer.stdout
    assert "fct_s3_usage_daily.sql" not in answer.stdout, "a model without such a word was refused too"
    assert "leaked" not in answer.stdout + answer.stderr


@pytest.mark.slow
def test_a_model_that_does_not_compile_fails_lint(tmp_path: Path) -> None:
    project = copy_of_project(tmp_path)
    model = project / "models/marts/s3_usage/fct_s3_clients_daily.sql"
    model.write_text(model.read_text() + "{{ exceptions.raise_compiler_error('no such day') if execute }}\n")
    answer = lint("duckdb", project, "models/marts/s3_usage")
    assert answer.returncode == 2, answer.stdout + answer.stderr
    assert "fct_s3_clients_daily.sql" in answer.stdout + answer.stderr
    assert "no such day" in answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def athena_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The target folder of dbt after everything was compiled for Athena, with no AWS behind it."""
    output = tmp_path_factory.mktemp("compiled_for_athena")
    command = [sys.executable, Path(__file__).with_name("compile_offline.py"), "athena", output]
    answer = subprocess.run(command, env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return output / "target"


def documented_functions() -> set[str]:
    """The functions that may reach Athena."""
    lines = FUNCTIONS_FILE.read_text().splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def functions_in_sql(sql: str) -> set[str]:
    """The names of the functions that a statement calls; an error where it is no SQL of Athena's."""
    sqlglot.parse(sql, read="athena")
    tokens = Trino().tokenize(sql)
    names = set()
    for before, name, bracket in zip([None, *tokens], tokens, tokens[1:], strict=False):
        is_named_relation = before is not None and before.token_type == TokenType.ALIAS
        if bracket.token_type == TokenType.L_PAREN and re.fullmatch(r"\w+", name.text) and not is_named_relation:
            names.add(name.text.lower())
    return names - set(SYNTAX.split())


def functions_in_macro(text: str) -> set[str]:
    """The names of the functions in the SQL of a macro: in its text, and in the quoted texts of its Jinja."""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    jinja = re.findall(r"\{[%{].*?[%}]\}", text, flags=re.DOTALL)
    literals = [literal for part in jinja for literal in re.findall(r"\"(?:\\.|[^\"])*\"|'(?:\\.|[^'])*'", part)]
    pieces = [re.sub(r"\{[%{].*?[%}]\}", "x", text, flags=re.DOTALL), *literals]
    return {name.lower() for piece in pieces for name in re.findall(r"\b([A-Za-z_]\w*)\(", piece)} - set(SYNTAX.split())


@pytest.mark.slow
def test_athena_is_sent_documented_functions_only(athena_target: Path) -> None:
    compiled = sorted((athena_target / "compiled" / "aws_internet_traffic").rglob("*.sql"))
    names = {path.name for path in compiled}
    assert {"stg_s3_access_logs__requests.sql", "s3_top_downloaders.sql", "assert_access_log_time_is_utc.sql"} <= names
    strangers = {path.name: functions_in_sql(path.read_text()) - documented_functions() for path in compiled}
    assert {name: functions for name, functions in strangers.items() if functions} == {}


def engine_macros_of_athena(target: Path) -> Mapping[str, str]:
    """The text of every macro of macros/engine that is for Athena, by its name."""
    macros = json.loads((target / "manifest.json").read_text())["macros"].values()
    return {
        macro["name"]: macro["macro_sql"]
        for macro in macros
        if macro["package_name"] == "aws_internet_traffic"
        and macro["original_file_path"].startswith("macros/engine/")
        and (macro["name"].startswith("athena__") or macro["original_file_path"].startswith("macros/engine/athena/"))
    }


@pytest.mark.slow
def test_verbs_send_athena_documented_functions_only(athena_target: Path) -> None:
    macros = engine_macros_of_athena(athena_target)
    assert "element_at" in functions_in_macro(macros["athena__array_element"]), "functions of macros are no longer seen"
    strangers = {name: functions_in_macro(text) - documented_functions() for name, text in macros.items()}
    assert {name: functions for name, functions in strangers.items() if functions} == {}


def test_an_undocumented_function_is_seen() -> None:
    assert functions_in_sql("select list_extract(split(line, ' '), 1) as word from lines where (a = 1)") == {
        "list_extract",
        "split",
    }
    assert functions_in_macro("{%- do run_query('select strptime(' ~ text ~ ')') -%} len({{ array }})") == {
        "strptime",
        "len",
    }


def test_yaml_lint_reads_every_project_file() -> None:
    ignored = yaml.safe_load((REPOSITORY / ".yamllint").read_text())["ignore"]
    assert not {"models/", "macros/", "seeds/", "analyses/", "profiles/", "tests/"} & set(ignored)
