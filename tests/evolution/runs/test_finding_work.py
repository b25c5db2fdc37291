"""Rows lead to registered works and to callables of installed apps, and to nothing else."""

import subprocess
import sys

import pytest

from dynschema.evolution import Reference, register, register_kind
from dynschema.evolution.callables import callable_at, path_of
from dynschema.evolution.exceptions import DuplicateWorkError, InvalidWorkError, UnknownWorkError
from dynschema.evolution.registry import as_factory, reference_to
from tests.evolution.runs.stock import works
from tests.settings import ROOT

HOME = "tests.evolution.runs.stock.works"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"{HOME}.add_item", works.add_item),
        (f"{HOME}.CountRows", works.CountRows),
        (f"{HOME}.CountRows.process", works.CountRows.process),
    ],
)
def test_a_path_into_an_installed_app_is_followed(path, found):
    assert callable_at(path) is found
    assert path_of(found) == path


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("os.system", "that is not in an installed app"),
        ("nonsense", "that is not in an installed app"),
        ("", "that is not in an installed app"),
        (f"{HOME}.os.system", "it is no callable of an installed app"),
        (f"{HOME}.os.kill", "it is no callable of an installed app"),
        (f"{HOME}.annotations", "it is no callable of an installed app"),
        (f"{HOME}.missing", f"module '{HOME}' has no attribute 'missing'"),
        (f"{HOME}..add_item", f"module '{HOME}' has no attribute ''"),
        (f"{HOME}.__builtins__", "it is no callable of an installed app"),
    ],
)
def test_every_other_path_is_refused(path, reason):
    with pytest.raises(UnknownWorkError) as refused:
        callable_at(path, "action")

    assert str(refused.value) == (
        f'[dynschema.E501] There is no action named "{path}": {reason}. '
        "Deploy the code that has it, or cancel the runs that ask for it."
    )


def test_a_callable_that_nobody_registered_is_no_work():
    with pytest.raises(UnknownWorkError):
        Reference("work", f"{HOME}.model_named").factory()


def test_a_name_belongs_to_one_work():
    with pytest.raises(DuplicateWorkError) as refused:
        register("stock-taking")(works.CountRows)

    assert str(refused.value) == (
        f'[dynschema.E503] The name "stock-taking" belongs to {HOME}.add_item and is asked for '
        f"by {HOME}.CountRows. Runs are stored under that name: give one of them another."
    )


async def hurry():
    """Nobody would wait for it."""


class Hurry(works.Work):
    async def process(self, item):
        """Nobody would wait for it."""


class Chair:
    """No work."""


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (hurry, "a call would only make a coroutine or a generator"),
        (Hurry, "a call would only make a coroutine or a generator"),
        (Chair, "it is a class, and no Work"),
    ],
)
def test_what_no_run_could_execute_is_refused(given, reason):
    with pytest.raises(InvalidWorkError) as refused:
        register("new")(given)

    assert str(refused.value) == (
        f"[dynschema.E517] {__name__}.{given.__name__} cannot be work: {reason}. Register a "
        "function that has done its work when it returns, or a class derived from Work."
    )


def test_a_module_may_be_loaded_again():
    assert register("stock-taking")(works.add_item) is works.add_item
    assert reference_to(works.add_item) == Reference("work", "stock-taking")


def test_a_door_tells_how_its_works_are_found():
    register_kind("chore", lambda name: as_factory(callable_at(f"{HOME}.{name}", "chore")))

    made = Reference("chore", "add_item").factory()(name="chair")

    assert isinstance(made, works.Work)


def test_the_module_of_a_work_is_imported_where_it_is_needed():
    program = (
        "import django; django.setup()\n"
        "from dynschema.evolution import Reference\n"
        f"print(Reference('work', '{HOME}.CountRows').factory().__name__)"
    )

    assert output_of(program) == "CountRows\n"


def test_what_a_models_module_needs_is_importable_before_the_apps_are_ready():
    program = (
        "from dynschema.evolution import BulkWork, QuerySetWork, Reference, Throttle, Work\n"
        "from dynschema.evolution import register, register_kind\n"
        "from django.apps import apps\n"
        "print(apps.ready)"
    )

    assert output_of(program) == "False\n"


def output_of(program):
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
