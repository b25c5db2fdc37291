"""The decorator finds actions, keeps the functions as they are, and refuses what cannot run."""

import subprocess
import sys

import pytest

from dynschema.evolution import post_deploy, post_deploy_action
from dynschema.evolution.post_deploy.actions import Action, all_actions
from dynschema.evolution.post_deploy.exceptions import InvalidActionError
from tests.evolution.post_deploy.bakery import post_deploy as actions
from tests.evolution.post_deploy.bakery.chores import Broom, order
from tests.evolution.post_deploy.conftest import AIR, ARRANGE, BAKERY, PAINT, SWEEP

TESTS = __name__


def test_the_actions_of_all_apps_are_found_with_what_was_said_of_them():
    assert all_actions() == [
        Action(SWEEP),
        Action(PAINT, auto=False, description="after closing time"),
        Action(ARRANGE),
        Action(AIR, atomic=False),
    ]


def test_the_order_of_the_apps_counts_and_not_who_imported_them(settings):
    bakery, cellar = BAKERY, "tests.evolution.post_deploy.cellar"
    others = [each for each in settings.INSTALLED_APPS if each not in (bakery, cellar)]

    settings.INSTALLED_APPS = [cellar, *others, bakery]

    assert [action.path for action in all_actions()] == [AIR, SWEEP, PAINT, ARRANGE]


@pytest.mark.parametrize("name", ["sweep", "paint"])
def test_the_function_stays_what_it_is(name):
    function = getattr(actions, name)

    assert (type(function).__name__, function.__name__) == ("function", name)


def test_the_decorator_has_one_address_more():
    assert post_deploy.post_deploy_action is post_deploy_action


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["--auto", "--all", "--todo"])
def test_a_missing_import_in_a_file_of_actions_is_an_error(option, settings, deploy):
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.evolution.post_deploy.broken"]

    with pytest.raises(ModuleNotFoundError) as raised:
        deploy(option)

    assert str(raised.value) == "No module named 'a_package_that_is_missing'"


def test_the_names_can_be_imported_before_there_are_settings():
    code = (
        "from dynschema.evolution import post_deploy_action\n"
        "@post_deploy_action(auto=False)\n"
        "def later(): pass\n"
        "from django.apps import apps\n"
        "assert not apps.ready"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (done.stderr, done.returncode) == ("", 0)


async def read_slowly():
    """Make a coroutine."""


def read_in_parts():
    yield


@pytest.mark.parametrize(
    ("given", "name", "reason"),
    [
        ("later", "'later'", "it is no function"),
        (Broom, f"<class '{BAKERY}.chores.Broom'>", "it is no function"),
        (order, f"{BAKERY}.chores.order", "missing a required argument: 'what'"),
        (
            lambda: None,
            f"{TESTS}.<lambda>",
            "no dotted path leads to it",
        ),
        (
            Action.__eq__,
            "dynschema.evolution.post_deploy.actions.Action.__eq__",
            "no dotted path leads to it",
        ),
        (
            read_slowly,
            f"{TESTS}.read_slowly",
            "a call would only make a coroutine or a generator",
        ),
        (
            read_in_parts,
            f"{TESTS}.read_in_parts",
            "a call would only make a coroutine or a generator",
        ),
    ],
)
def test_what_could_not_run_is_refused_at_once(given, name, reason):
    with pytest.raises(InvalidActionError) as refused:
        post_deploy_action(given)

    assert isinstance(refused.value, ValueError)
    assert str(refused.value) == (
        f"[dynschema.E520] {name} cannot be a post-deploy action: {reason}. Put the decorator "
        "above a function of a module that needs no arguments, and specify keyword arguments "
        "when using this decorator."
    )


def test_an_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match="colour"):
        post_deploy_action(colour="red")
