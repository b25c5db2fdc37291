"""Finds a callable by its dotted path, within the code of the installed apps and nowhere else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import reduce
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps

from dynschema.evolution.exceptions import UnknownWorkError

IN_VAIN = "a call would only make a coroutine or a generator"


def path_of(found: Any) -> str:
    """Return the dotted path of a class or function."""
    return f"{found.__module__}.{found.__qualname__}"


def callable_at(path: str, kind: str = "callable") -> Callable[..., Any]:
    """Return what a dotted path from a stored row leads to.

    A path that passes through an installed app and ends elsewhere (`shop.models.os.system`) is
    refused, since rows may be written by people who must not execute everything.

    Raises:
        UnknownWorkError: it leads to nothing, to no callable, or out of the installed apps.
    """
    module = import_home(path, kind)
    try:
        found: Any = reduce(getattr, path[len(module) + 1 :].split("."), import_module(module))
    except AttributeError as error:
        raise UnknownWorkError(kind=kind, name=path, reason=str(error)) from error
    if not callable(found) or not _is_ours(getattr(found, "__module__", None)):
        reason = "it is no callable of an installed app"
        raise UnknownWorkError(kind=kind, name=path, reason=reason)
    return found  # type: ignore[no-any-return]


def is_called_in_vain(found: Any) -> bool:
    """Tell whether a call does nothing yet, as that of an asynchronous function."""
    return (
        inspect.iscoroutinefunction(found)
        or inspect.isgeneratorfunction(found)
        or inspect.isasyncgenfunction(found)
    )


def import_home(path: str, kind: str = "callable") -> str:
    """Import the module that a dotted path begins with; return its name."""
    app = apps.get_containing_app_config(path)
    if app is None:
        reason = "that is not in an installed app"
        raise UnknownWorkError(kind=kind, name=path, reason=reason)
    module = app.name
    for part in path[len(module) + 1 :].split("."):
        if not _has_submodule(module, part):
            break
        module = f"{module}.{part}"
    import_module(module)
    return module


def _has_submodule(module: str, part: str) -> bool:
    if not part.isidentifier():
        return False
    return hasattr(import_module(module), "__path__") and find_spec(f"{module}.{part}") is not None


def _is_ours(module: str | None) -> bool:
    return module is not None and apps.get_containing_app_config(module) is not None
