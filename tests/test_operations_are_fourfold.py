"""Each operation exists four times under one name: code, test, docs page, and in OPERATIONS."""

import doctest

import pytest

from dynschema.schema.operations import OPERATIONS
from tests.settings import ROOT

NAMES = [operation.code for operation in OPERATIONS]


def test_an_operation_is_listed_once():
    assert len(set(NAMES)) == len(NAMES) == 21


def test_an_operation_has_the_name_of_its_file_and_of_its_class():
    modules = [operation.__module__.rpartition(".")[2] for operation in OPERATIONS]
    classes = [operation.__name__ for operation in OPERATIONS]

    assert modules == NAMES
    assert classes == [name.title().replace("_", "") for name in NAMES]


def test_every_file_of_code_is_listed():
    assert stems("dynschema/schema/operations", "*.py") - {"__init__", "base"} == set(NAMES)


def test_every_operation_has_its_test():
    files = {f"test_{name}" for name in NAMES}

    assert stems("tests/operations", "test_*.py") - {"test_questions", "test_outlook"} == files


def test_every_operation_has_its_page():
    assert stems("docs/reference/operations", "*.md") - {"index"} == set(NAMES)


def test_the_pages_are_listed_in_the_order_of_the_code():
    index = (ROOT / "docs/reference/operations/index.md").read_text(encoding="utf-8")
    places = [index.index(f"({name}.md)") for name in NAMES]

    assert places == sorted(places)


@pytest.mark.parametrize("name", [*NAMES, "index"])
def test_the_example_of_a_page_runs(name):
    page = ROOT / f"docs/reference/operations/{name}.md"

    failed, attempted = doctest.testfile(str(page), module_relative=False)

    assert attempted > 0
    assert failed == 0


def stems(folder: str, pattern: str) -> set[str]:
    """Give the names of the files in a folder, without their suffix."""
    return {path.stem for path in (ROOT / folder).glob(pattern)}
