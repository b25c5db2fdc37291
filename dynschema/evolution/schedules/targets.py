"""Names what a schedule calls, in the words of Sisy's task info, and finds it again."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from functools import reduce
from importlib import import_module
from typing import Any
from uuid import UUID

from django.db.models import Model

from dynschema.evolution.callables import (
    IN_VAIN,
    callable_at,
    import_home,
    is_called_in_vain,
    path_of,
)
from dynschema.evolution.exceptions import UnknownWorkError
from dynschema.evolution.schedules.exceptions import InvalidCallableError
from dynschema.evolution.work import Work

Info = dict[str, Any]
"""JSON: `func_type`, `module_name`, `func_name` and `func_path`; of a method also `class_name` and
`class_path`; of an instance method also `model_pk`."""

INSTANCE_METHOD = "instancemethod"
WORK = "work"

WRITTEN_KEY_TYPES = (UUID, Decimal, date, time)
"""Primary keys that are no JSON, but that every model reads from their text."""


def describe(given: Any, pk_override: Any = None) -> Info:
    """Return the task info of a callable.

    Args:
        given: a function, a method, a registered work, or the dotted path of one.
        pk_override: the primary key of the instance whose method is to be called, where the
            method is given by its path or through its class.

    Raises:
        InvalidCallableError: no other process could find it, or call it.
    """
    owner = getattr(given, "__self__", None)
    if isinstance(owner, Model):
        pk_override = owner.pk
    path = given if isinstance(given, str) else _path_to(given)
    found = _found_at(path)
    if not isinstance(given, str) and _function(found) != _function(given):
        raise InvalidCallableError(given=path, reason="its path leads to something else")
    if is_called_in_vain(found):
        raise InvalidCallableError(given=path, reason=IN_VAIN)
    return _info(path, found, pk_override)


def callable_of(info: Info) -> Callable[..., Any]:
    """Return what a task info names; of an instance method the function.

    Raises:
        UnknownWorkError: it is not there, or outside of the installed apps.
    """
    return callable_at(f"{info.get('class_path') or info['module_name']}.{info['func_name']}")


def model_of(info: Info) -> type[Model]:
    """Return the model of an instance method."""
    found: type[Model] = callable_at(info["class_path"])  # type: ignore[assignment]
    return found


def _path_to(given: Any) -> str:
    owner = getattr(given, "__self__", None)
    if isinstance(owner, Model):
        owner = type(owner)
    if isinstance(owner, type):
        return f"{path_of(owner)}.{given.__name__}"
    if not hasattr(given, "__qualname__"):
        raise InvalidCallableError(given=repr(given), reason="it has no name")
    return path_of(given)


def _found_at(path: str) -> Any:
    try:
        return callable_at(path)
    except UnknownWorkError as error:
        raise InvalidCallableError(given=path, reason=error.facts["reason"]) from error


def _function(given: Any) -> Any:
    return getattr(given, "__func__", given)


def _info(path: str, found: Any, pk: Any) -> Info:
    module = import_home(path)
    *owners, name = path[len(module) + 1 :].split(".")
    owner = reduce(getattr, owners, import_module(module))
    kind = _kind_of(path, owner, found)
    info = {"func_type": kind, "module_name": module, "func_name": name, "func_path": path}
    if owners:
        info |= {"class_name": owners[-1], "class_path": ".".join([module, *owners])}
    if kind == INSTANCE_METHOD:
        info["model_pk"] = _key_as_json(path, pk)
    elif pk is not None:
        raise InvalidCallableError(given=path, reason=f"pk_override is not for a {kind}")
    return info


def _kind_of(path: str, owner: Any, found: Any) -> str:
    if isinstance(found, type):
        if issubclass(found, Work):
            return WORK
        raise InvalidCallableError(given=path, reason="it is a class")
    if not isinstance(owner, type):
        return "function"
    declared = inspect.getattr_static(owner, path.rpartition(".")[2])
    if isinstance(declared, (staticmethod, classmethod)):
        return type(declared).__name__
    if issubclass(owner, Model):
        return INSTANCE_METHOD
    raise InvalidCallableError(given=path, reason="its instances are not stored anywhere")


def _key_as_json(path: str, pk: Any) -> Any:
    if isinstance(pk, (int, str)):
        return pk
    if isinstance(pk, WRITTEN_KEY_TYPES):
        return str(pk)
    raise InvalidCallableError(given=path, reason=_why_no_key(pk))


def _why_no_key(pk: Any) -> str:
    if pk is None:
        return "an instance method needs the primary key of a saved instance as pk_override"
    if isinstance(pk, tuple):
        return "the primary key of its model is composite, and a schedule keeps a single value"
    return f"a primary key of type {type(pk).__name__} cannot be kept as JSON"
