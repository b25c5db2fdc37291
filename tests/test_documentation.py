"""What README and docs show is run; what they link exists; what they should describe, they do."""

from __future__ import annotations

import ast
import inspect
import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.dispatch import Signal

import dynschema
from dynschema import Blueprint, exceptions, signals
from dynschema import admin as dynschema_admin
from dynschema.conf import Configuration
from dynschema.evolution import exceptions as evolution_exceptions
from dynschema.evolution.dumps import exceptions as dump_exceptions
from dynschema.evolution.inject import exceptions as inject_exceptions
from dynschema.evolution.management.commands import deploy, inject, massmigrate
from dynschema.evolution.management.commands.makemassmigration import TEMPLATES
from dynschema.evolution.massmigrations import exceptions as massmigration_exceptions
from dynschema.evolution.post_deploy import exceptions as post_deploy_exceptions
from dynschema.evolution.post_deploy import reports
from dynschema.evolution.schedules import exceptions as schedule_exceptions
from dynschema.exceptions import DynschemaError
from dynschema.management.commands.dynschema import TITLES, Command
from dynschema.schema.plan import Plan
from dynschema.status import TableStatus
from tests import variables
from tests.docs import pages, projects
from tests.docs.projects import Project
from tests.settings import ROOT

TUTORIAL = "docs/tutorial/your-first-survey.md"
ON_POSTGRESQL = "docs/how-to/run-with-postgresql.md"
OPERATIONS = "docs/reference/operations/"
"""Their examples need no project; test_operations_are_fourfold.py runs them."""

PAGES = pages.all_pages()
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
"""What a part of the server's address is called in the environment."""
NOT_CODE = {"text", "sql", "yaml", "json", "ini"}
"""Languages that nothing here runs; a block of them may still be a file."""


def pages_to_follow() -> Iterator[str]:
    """Give the pages whose examples start where the tutorial has ended."""
    for page in PAGES:
        examples = [each for each in pages.blocks(pages.read_page(page)) if not each.unrun]
        others = page in {"README.md", "CONTRIBUTING.md", TUTORIAL, ON_POSTGRESQL}
        if examples and not others and not page.startswith(OPERATIONS):
            yield page


# What is shown works


@pytest.fixture(scope="module")
def after_tutorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a reader who has followed the tutorial."""
    folder = tmp_path_factory.mktemp("tutorial")
    Project(folder).follow(TUTORIAL)
    return folder


@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_the_tutorial_works_from_an_empty_folder(after_tutorial):
    assert (after_tutorial / "db.sqlite3").exists()


@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_the_readme_works_in_a_new_project(tmp_path):
    projects.start(tmp_path).follow("README.md")


@pytest.mark.slow
@pytest.mark.only("sqlite")
@pytest.mark.parametrize("page", list(pages_to_follow()))
def test_a_page_works_after_the_tutorial(page, after_tutorial, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(after_tutorial, folder)

    Project(folder).follow(page)


@pytest.fixture
def empty_database() -> Iterator[dict[str, str]]:
    """Give the variables that lead psycopg to a database which is removed afterwards."""
    server = os.environ[variables.URL]
    address = {
        VARIABLES[name]: str(value)
        for name, value in psycopg.conninfo.conninfo_to_dict(server).items()
        if name in VARIABLES
    }
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS dynschema_documentation")
        connection.execute("CREATE DATABASE dynschema_documentation")
        yield {**address, "PGDATABASE": "dynschema_documentation"}
        connection.execute("DROP DATABASE dynschema_documentation WITH (FORCE)")


@pytest.mark.slow
@pytest.mark.only("postgresql")
def test_the_page_about_postgresql_works_there(after_tutorial, empty_database):
    Project(after_tutorial, **empty_database).follow(ON_POSTGRESQL)


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_run_or_says_why_not(page):
    if page == "CONTRIBUTING.md":
        return  # Its commands are those of the run that this test is part of.
    blocks = list(pages.blocks(pages.read_page(page)))

    unclear = [
        f"line {each.line}: {each.language}"
        for each in blocks
        if each.language not in NOT_CODE
        and not (each.language == "console" or each.is_session or each.title or each.unrun)
    ]

    assert unclear == []
    assert pages.read_page(page).count("```") == 2 * len(blocks)


# What is linked exists


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    dead = [target for target in pages.links(page) if not leads_somewhere(page, target)]

    assert dead == []


def leads_somewhere(page: str, target: str) -> bool:
    """Look for a file and a heading; addresses of the web are only checked for being safe."""
    if "://" in target:
        return target.startswith("https://")
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    return file.exists() and (not anchor or anchor in pages.anchors(file))


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.endswith(".md"):
            continue
        reached.add(page)
        for target in pages.links(page):
            if "://" not in target and target.partition("#")[0]:
                file = ((ROOT / page).parent / target.partition("#")[0]).resolve()
                waiting.append(str(file.relative_to(ROOT)))

    assert set(PAGES) - reached == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_starts_with_its_title_and_a_sentence(page):
    title, sentence = pages.read_page(page).split("\n\n")[:2]

    assert title.startswith("# ")
    assert sentence[:1].isupper()
    assert sentence.endswith(".")


# What there is, is described


def reference(page: str) -> str:
    return pages.read_page(f"docs/reference/{page}.md")


def missing(page: str, expected: list[str]) -> list[str]:
    """Give what a page of the reference does not hold."""
    text = reference(page)
    return [each for each in expected if each not in text]


def public(kind: type) -> list[str]:
    """Give the names of a class that a project may use."""
    annotated = list(inspect.get_annotations(kind))
    return [name for name in dict.fromkeys([*annotated, *vars(kind)]) if not name.startswith("_")]


def defined_in(file: str) -> list[str]:
    """Give the names of the classes and functions of a module that are not private."""
    tree = ast.parse((ROOT / "dynschema" / file).read_text(encoding="utf-8"))
    names = [each.name for each in tree.body if isinstance(each, ast.ClassDef | ast.FunctionDef)]
    return [name for name in names if not name.startswith("_")]


def test_every_setting_is_described_with_its_default():
    defaults = asdict(Configuration())
    rows = [f"| `{name}` | `{default!r}` |" for name, default in defaults.items()]

    assert missing("settings", rows) == []


@pytest.mark.parametrize("command", TITLES)
def test_every_command_is_described_with_its_options(command):
    parser = Command().create_parser("manage.py", "dynschema")
    subparser = parser._subparsers._group_actions[0].choices[command]
    section = reference("commands").partition(f"\n## {command}\n")[2].partition("\n## ")[0]
    options = [
        option
        for action in subparser._actions
        for option in action.option_strings
        if option not in {"-h", "--help"}
    ]

    assert TITLES[command] in section
    assert [each for each in options if f"`{each}" not in section] == []


def test_every_option_of_deploy_is_described():
    asked = [f"| `--{name}` | {text} |" for name, text in deploy.QUESTIONS.items()]
    ordered = [f"| `--{name} PATH` | {text} |" for name, text in deploy.ORDERS.items()]

    assert missing("deploy", [*asked, *ordered, "| `--schema NAME` | Of the tenant. |"]) == []
    assert missing("deploy", [f"| `{words}` |" for words in set(reports.WORDS.values())]) == []


def test_every_command_about_mass_migrations_is_described():
    commands = [f"| `{name}` | {text} |" for name, text in massmigrate.TITLES.items()]
    templates = [f"| `--template {each}` | {text}" for each, text in TEMPLATES.items()]
    options = ["| `--database ALIAS` |", "| `--check` |", "| `--all` |", "| `--dry-run` |"]

    assert missing("massmigrate", [*commands, *templates, *options]) == []


def test_every_command_about_injected_fields_is_described():
    rows = [f"| `{name}` | {text} |" for name, text in inject.TITLES.items()]

    assert missing("inject", [inject.Command.help, *rows]) == []


def test_every_signal_is_described_with_what_it_sends():
    found = {name: each for name, each in vars(signals).items() if isinstance(each, Signal)}
    lines = re.findall(r"^    (\w+)(?: \(\w+\))?: ", inspect.getsource(signals), re.M)

    assert len(found) == 2
    assert missing("signals", [f"## {name}" for name in found]) == []
    assert missing("signals", [f"| `{name}` |" for name in lines]) == []


PAGES_OF_ERRORS = {
    exceptions: "errors",
    dump_exceptions: "errors-of-dumps",
    evolution_exceptions: "errors-of-runs",
    inject_exceptions: "errors-of-injected-fields",
    massmigration_exceptions: "errors-of-runs",
    post_deploy_exceptions: "errors-of-runs",
    schedule_exceptions: "errors-of-runs",
}


def errors() -> list[type[DynschemaError]]:
    """Give the errors of all pages, each from the module that defines it."""
    return [
        each
        for module in PAGES_OF_ERRORS
        for each in vars(module).values()
        if inspect.isclass(each) and each.__module__ == module.__name__
    ]


def page_of(error: type[DynschemaError]) -> str:
    return PAGES_OF_ERRORS[sys.modules[error.__module__]]


@pytest.mark.parametrize("error", errors(), ids=lambda error: error.__name__)
def test_every_error_is_described_with_its_text(error):
    summary = inspect.getdoc(error).partition("\n")[0]
    if error.code == DynschemaError.code:
        assert missing(page_of(error), [f"`{error.__name__}`"]) == []
        return
    section = f"### {error.code} {error.__name__}\n\n{summary}\n\n```text\n{error.text}\n```\n"

    assert missing(page_of(error), [section]) == []


@pytest.mark.parametrize("page", sorted({*PAGES_OF_ERRORS.values()}))
def test_no_error_is_described_that_is_gone(page):
    described = re.findall(r"^### (\w+) (\w+)$", reference(page), re.M)

    assert sorted(described) == sorted(
        (each.code, each.__name__)
        for each in errors()
        if each.code != DynschemaError.code and page_of(each) == page
    )


def test_no_two_errors_have_the_same_code():
    codes = [each.code for each in errors() if each.code != DynschemaError.code]

    assert sorted(codes) == sorted({*codes})


@pytest.mark.parametrize(
    ("file", "prefix"),
    [("checks.py", "dynschema"), ("evolution/checks.py", "dynschema_evolution")],
)
def test_every_check_is_described(file, prefix):
    source = (ROOT / "dynschema" / file).read_text(encoding="utf-8")
    ids = re.findall(rf'id="({prefix}\.\w+)"', source)

    described = re.findall(rf"^\| `({prefix}\.\w+)` \|", reference("checks"), re.M)

    assert described == sorted(ids)


STORED = [
    model
    for label in ("dynschema", "dynschema_evolution")
    for model in apps.get_app_config(label).get_models()
]


@pytest.mark.parametrize("model", STORED)
def test_every_stored_record_is_described_with_its_fields(model):
    section = reference("stored-records").partition(f"\n## {model.__name__}\n")[2]
    section = section.partition("\n## ")[0]
    names = [each.name for each in model._meta.concrete_fields if each.name != "id"]

    assert f"`{model._meta.db_table}`" in section
    assert [each for each in names if f"| `{each}` |" not in section] == []


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("blueprint", [*dynschema.__all__, *public(Blueprint), *public(Plan)]),
        ("commands", [each.name for each in fields(TableStatus)]),
        ("admin", dynschema_admin.__all__),
        ("test", [*defined_in("test/__init__.py"), *defined_in("test/fixtures.py")]),
    ],
    ids=["blueprint", "commands", "admin", "test"],
)
def test_every_public_name_is_described(page: str, names: list[str]):
    assert missing(page, [f"`{name}" for name in names]) == []


def test_every_hazard_is_described():
    source = (ROOT / "dynschema" / "schema" / "hazards.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', source))

    assert missing("operations/index", [f"| `{each}` |" for each in sorted(codes)]) == []


def test_every_promise_has_its_page():
    files = sorted(each.name for each in (ROOT / "docs/explanation/promises").glob("*.md"))

    assert [name[:2] for name in files] == [f"{number:02}" for number in range(1, 13)]
