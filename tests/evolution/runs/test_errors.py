"""The whole text of every error is asserted by some test of the data half."""

from pathlib import Path

from dynschema.evolution import exceptions
from dynschema.evolution.exceptions import EvolutionError

FOLDER = Path(__file__).parent.parent


def test_no_error_is_left_out():
    errors = [each for each in vars(exceptions).values() if is_own_error(each)]
    tests = "".join(each.read_text(encoding="utf-8") for each in FOLDER.rglob("test_*.py"))

    codes = [each.code for each in errors]

    assert len(set(codes)) == len(codes)
    assert [code for code in codes if f"[dynschema.{code}]" not in tests] == []


def is_own_error(value):
    return isinstance(value, type) and issubclass(value, EvolutionError) and "code" in vars(value)
