"""Lets dynamic classes, and so their querysets, be pickled: no module holds them under a name."""

from __future__ import annotations

import copyreg
import types
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model


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


def find_class(app_label: str, name: str) -> type[Model]:
    """Return the class that has this name now, which is how Django finds that of a record.

    Raises:
        LookupError: there is none any more.
    """
    return apps.get_model(app_label, name)
