"""The house limits that no linter knows: sizes, parameters, docstrings, names of modules."""

import ast
import doctest
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from tests.settings import ROOT

LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 49
MOST_PARAMETERS = 5
NAMES_WITHOUT_A_SUBJECT = {"utils", "helpers", "common", "core"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_a_file_can_be_read_in_a_sitting():
    lines = {path: len(text.splitlines()) for path, text in written_by_hand()}

    assert over(LONGEST_FILE_LINES, lines) == {}


def test_a_function_can_be_seen_at_once():
    lines = {
        f"{path}:{function.name}": function.end_lineno - function.lineno + 1
        for path, text in written_by_hand()
        for function in functions_in(text)
    }

    assert over(LONGEST_FUNCTION_LINES, lines) == {}


def test_a_function_takes_at_most_five_parameters():
    counts = {
        f"{path}:{function.name}": len(parameters_of(function))
        for path, text in written_by_hand("dynschema")
        for function in functions_in(text)
    }

    assert over(MOST_PARAMETERS, counts) == {}


def test_a_module_says_its_job_in_one_sentence():
    first_lines = {
        path: (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
        for path, text in written_by_hand("dynschema")
    }

    assert {path: line for path, line in first_lines.items() if not line.endswith((".", "?"))} == {}


def test_a_module_is_named_after_its_subject():
    names = {path: {*Path(path).with_suffix("").parts} for path, _ in written_by_hand()}

    assert {path for path in names if names[path] & NAMES_WITHOUT_A_SUBJECT} == set()


def test_the_examples_in_docstrings_hold():
    modules = [module_at(path) for path, text in written_by_hand("dynschema") if ">>> " in text]
    failures = {module.__name__: doctest.testmod(module).failed for module in modules}

    assert over(0, failures) == {}


def written_by_hand(*folders: str) -> Iterator[tuple[str, str]]:
    """Give the path and the text of each Python file; migrations are generated."""
    for folder in folders or ("dynschema", "examples", "tests", "benchmarks", "tools"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def module_at(path: str) -> ModuleType:
    """Import the module of a file."""
    return import_module(".".join(Path(path).with_suffix("").parts).removesuffix(".__init__"))


def functions_in(text: str) -> Iterator[Function]:
    """Find every function and method, nested ones too."""
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, Function))


def parameters_of(function: Function) -> list[str]:
    """Give the names of the parameters, without the instance or the class."""
    arguments = function.args
    names = [a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
    return [name for name in names if name not in {"self", "cls"}]


def over(limit: int, sizes: dict[str, int]) -> dict[str, int]:
    """Keep what is larger than allowed."""
    return {name: size for name, size in sizes.items() if size > limit}
