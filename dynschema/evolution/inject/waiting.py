"""`do_when_prepared`: runs code for a model, now or as soon as its class is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model

from dynschema.evolution.inject.exceptions import NeverPreparedError, UnusableModelError
from dynschema.evolution.inject.places import Place, calling_place

ModelSpec = type[Model] | str | None
"""A class, "app.Model", or None for a model that this site does not have."""


@dataclass(frozen=True, eq=False)
class Call:
    """What is to be done with a model, and who asked for it."""

    todo: Callable[[type[Model]], Any]
    description: str
    """As it stands in the code, for errors."""
    place: Place

    def __str__(self) -> str:
        return f"{self.description} ({self.place})"


_waiting: list[tuple[str, Call]] = []
"""The labels of models that are not prepared, with the calls that wait for them."""


def do_when_prepared(todo: Callable[[type[Model]], Any], *model_specs: ModelSpec) -> None:
    """Call a function with each of these models, as soon as the class is prepared.

    Args:
        todo: called once for each model, with its class; at once if that is prepared.
        model_specs: classes, or names as `"auth.User"`; None is ignored.

    Raises:
        NeverPreparedError: all apps are loaded and there is no model of that name. While they
            load, a name can be waited for; it is refused when the last one is loaded.
        UnusableModelError: what was given is no model, or an abstract one.
    """
    name = getattr(todo, "__qualname__", repr(todo))
    call_when_prepared(Call(todo, f"do_when_prepared({name}, …)", calling_place()), *model_specs)


def call_when_prepared(call: Call, *model_specs: ModelSpec) -> None:
    """Make a call for each of these models."""
    for each in model_specs:
        if isinstance(each, str):
            _call_by_name(call, each)
        elif each is not None:
            call.todo(_checked(each, call))


def _checked(model: Any, call: Call) -> type[Model]:
    if not (isinstance(model, type) and issubclass(model, Model)) or not hasattr(model, "_meta"):
        raise UnusableModelError(given=repr(model), place=call.place)
    if model._meta.abstract:
        raise UnusableModelError(given=f"the abstract {model.__qualname__}", place=call.place)
    return model


def _call_by_name(call: Call, label: str) -> None:
    app_label, _, name = label.partition(".")
    if not (app_label and name) or "." in name:
        raise UnusableModelError(given=repr(label), place=call.place)
    entry = (label, call)
    _waiting.append(entry)

    def prepared(model: type[Model]) -> None:
        _waiting.remove(entry)
        call.todo(model)

    # Django's own relations wait in this way. The documented signal `class_prepared` comes before
    # a class can be found by its name, and also for the classes of migrations.
    apps.lazy_model_operation(prepared, (app_label, name.lower()))
    if apps.models_ready:
        refuse_leftovers()


def refuse_leftovers() -> None:
    """Refuse calls that wait for models when all models are there.

    Raises:
        NeverPreparedError: it names each call.
    """
    leftovers, _waiting[:] = list(_waiting), []
    if leftovers:
        calls = "; ".join(f'"{label}", {call}' for label, call in leftovers)
        count = "1 call is" if len(leftovers) == 1 else f"{len(leftovers)} calls are"
        raise NeverPreparedError(count=count, calls=calls, place=str(leftovers[0][1].place))
