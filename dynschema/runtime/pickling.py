"""Lets dynamic classes, their querysets and errors be pickled: no module holds them by a name."""

from __future__ import annotations

import copyreg
import types
from functools import cache, partialmethod
from typing import Any

from django.apps import apps
from django.db.models import Model

ERRORS = ("DoesNotExist", "MultipleObjectsReturned", "NotUpdated")
"""The classes that Django makes for each model; the last one since 6.0."""


def metaclass_for(bases: tuple[type, ...]) -> type:
    """Return the metaclass that a class with these bases has, with a way to pickle its classes."""
    return _picklable(types.prepare_class("", types.resolve_bases(bases))[0])


@cache
def _picklable(metaclass: Any) -> type:
    # Python asks for such a function by the metaclass alone, and before it looks for a name.
    derived: type = type(metaclass)(metaclass.__name__, (metaclass,), {})
    copyreg.pickle(derived, _reduced)
    return derived


def _reduced(model: type[Model]) -> tuple[Any, ...]:
    return find_class, (model._meta.app_label, model._meta.object_name)


def let_errors_travel(model: type[Model]) -> None:
    """Let the errors of a new class, such as `DoesNotExist`, be pickled: a worker may raise one."""
    for name in ERRORS:
        error: Any = vars(model).get(name)
        if error is not None:
            error.__reduce__ = partialmethod(_reduced_error, model, name)


def _reduced_error(error: Exception, model: type[Model], name: str) -> tuple[Any, ...]:
    return make_error, (*_reduced(model)[1], name, *error.args)


def make_error(app_label: str, model: str, name: str, *args: Any) -> Exception:
    """Return an error of the class that has this name now.

    Raises:
        LookupError: there is none any more.
    """
    error: Exception = getattr(find_class(app_label, model), name)(*args)
    return error


def find_class(app_label: str, name: str) -> type[Model]:
    """Return the class that has this name now, which is how Django finds that of a record.

    Raises:
        LookupError: there is none any more.
    """
    return apps.get_model(app_label, name)
