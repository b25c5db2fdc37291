"""The actions of a project: functions of `<app>/post_deploy.py`, in the order of definition."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from django.apps import apps
from django.utils.module_loading import autodiscover_modules

from dynschema.evolution.callables import IN_VAIN, is_called_in_vain, path_of
from dynschema.evolution.post_deploy.exceptions import InvalidActionError

MODULE = "post_deploy"
"""Of each installed app, if it has one."""

Function = TypeVar("Function", bound=Callable[[], Any])


@dataclass(frozen=True)
class Action:
    """What the decorator says of a function."""

    path: str
    auto: bool = True
    """Whether `deploy --auto` runs it."""
    description: str = ""
    atomic: bool = True
    """Whether it is one transaction."""


_registered: dict[str, Action] = {}


@overload
def post_deploy_action(function: Function, /) -> Function: ...
@overload
def post_deploy_action(
    *, auto: bool = True, description: str = "", atomic: bool = True
) -> Callable[[Function], Function]: ...
def post_deploy_action(
    function: Any = None, /, *, auto: bool = True, description: str = "", atomic: bool = True
) -> Any:
    """Have the function below run once after a deployment.

    Args:
        function: given when the decorator is written without parentheses.
        auto: False for what only `deploy --all` and `deploy --one` run.
        description: what `deploy --todo` shows.
        atomic: False where the function must not be one transaction.

    Raises:
        InvalidActionError: it cannot be called later, or not without arguments.
    """

    def remember(given: Function) -> Function:
        reason = _why_unfit(given)
        if reason:
            raise InvalidActionError(given=_name(given), reason=reason)
        path = path_of(given)
        _registered[path] = Action(path, auto, description, atomic)
        return given

    return remember if function is None else remember(function)


def all_actions() -> list[Action]:
    """Return the actions of all installed apps, in the order of INSTALLED_APPS.

    An error within a `post_deploy.py` is raised.
    """
    autodiscover_modules(MODULE)
    return sorted(_registered.values(), key=_place_of_app)


def action_at(path: str) -> Action:
    """Return the action of a path; any function can be one."""
    return _registered.get(path, Action(path))


def _place_of_app(action: Action) -> int:
    names = [each.name for each in apps.get_app_configs()]
    app = apps.get_containing_app_config(action.path)
    return names.index(app.name) if app else len(names)


def _why_unfit(given: Any) -> str | None:
    if not inspect.isfunction(given):
        return "it is no function"
    if not given.__qualname__.isidentifier():
        return "no dotted path leads to it"
    if is_called_in_vain(given):
        return IN_VAIN
    try:
        inspect.signature(given).bind()
    except TypeError as error:
        return str(error)
    return None


def _name(given: Any) -> str:
    return path_of(given) if inspect.isfunction(given) else repr(given)
