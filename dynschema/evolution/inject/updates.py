"""`update_field`: changes what a field of another app's model says of itself."""

from __future__ import annotations

import copy
from functools import partialmethod
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.db.models.options import make_immutable_fields_list

from dynschema.evolution.inject.exceptions import ForbiddenUpdateError, UnknownFieldError
from dynschema.evolution.inject.injections import forget_fields_of, injections, refuse_field
from dynschema.evolution.inject.places import Place, calling_place
from dynschema.evolution.inject.waiting import Call, ModelSpec, call_when_prepared

FREE = (
    "blank", "choices", "default", "editable", "error_messages", "help_text",
    "limit_choices_to", "validators", "verbose_name",
)  # fmt: skip
"""What says nothing of the column, and can be updated in any field."""

IN_THE_COLUMN = (
    "db_collation", "db_comment", "db_default", "db_index", "decimal_places", "max_digits",
    "max_length", "null", "unique",
)  # fmt: skip
"""What can be updated in an injected field, since its column is ours."""

REMEMBERED = ("_get_default", "validators", "error_messages")
"""What Django keeps of a field once it was asked for."""

BOUND = ("remote_field", "creation_counter", *REMEMBERED)
"""What a field has from the class that it is part of."""

originals: dict[tuple[str, str], Field[Any, Any]] = {}
"""Fields as their apps declare them, by label of the model and name: what migrations speak of."""

_waiting: list[tuple[type[Model], str, dict[str, Any], Place]] = []
"""Updates of fields that may yet be injected."""


def update_field(model_spec: ModelSpec, name: str, **attributes: Any) -> None:
    """Change attributes of an existing field, now or as soon as the class is prepared.

    A field that the model inherits from another table is changed for this model and its children
    alone. A field may be injected after its update.

    Args:
        model_spec: the class, or its name as `"auth.User"`; None does nothing.
        name: the field's name.
        attributes: as the field's class takes them: `verbose_name`, `help_text`, `default` …; what
            would change the column only for an injected field.

    Raises:
        ForbiddenUpdateError: an attribute cannot be updated.
        UnknownFieldError: there is no such field. While apps load, it is waited for; it is refused
            when the last one is loaded.
        NeverPreparedError: all apps are loaded, and there is no such model.
    """
    place = calling_place()

    def update(model: type[Model]) -> None:
        _waiting.append((model, name, attributes, place))
        _carry_out(model, name)
        if apps.models_ready:
            refuse_unknown()

    described = getattr(model_spec, "__name__", model_spec)
    call_when_prepared(Call(update, f"update_field({described}, {name!r}, …)", place), model_spec)


def carry_out_waiting() -> None:
    """Make the updates of fields that have been injected since."""
    for model, name, _, _ in list(_waiting):
        _carry_out(model, name)


def refuse_unknown() -> None:
    """Refuse updates of fields that are not there when all apps are loaded.

    Raises:
        UnknownFieldError: it names the first call.
    """
    left, _waiting[:] = list(_waiting), []
    for model, name, _, place in left:
        known = ", ".join(sorted(each.name for each in model._meta.get_fields()))
        raise UnknownFieldError(name=name, model=model._meta.label, place=str(place), known=known)


def _carry_out(model: type[Model], name: str) -> None:
    field = _field(model, name)
    if field is None:
        return
    for each in [each for each in _waiting if each[:2] == (model, name)]:
        _waiting.remove(each)
        _update(model, field, each[2], each[3])


def _field(model: type[Model], name: str) -> Field[Any, Any] | None:
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) and found.name == name else None


def _update(
    model: type[Model], field: Field[Any, Any], attributes: dict[str, Any], place: Place
) -> None:
    injection = injections.get((field.model._meta.label_lower, field.name))
    _refuse(model, field, attributes, place)
    plain, wanted = _rebuilt(field, {}), _rebuilt(field, attributes)
    if field.model is not model:
        field = _own_copy(model, field)
    elif injection is None:
        originals.setdefault((model._meta.label_lower, field.name), plain)
    _take_over(field, plain, wanted)
    if "limit_choices_to" in attributes:
        field.remote_field.limit_choices_to = wanted.remote_field.limit_choices_to  # type: ignore[union-attr]
    if "choices" in attributes:
        _display(model, field)
    if injection is not None:
        refuse_field(injection)
    forget_fields_of(model)


def _display(model: type[Model], field: Field[Any, Any]) -> None:
    """Give the model the method for its choices, unless it has one of its own as Django allows."""
    name = f"get_{field.name}_display"
    if isinstance(vars(model).get(name), partialmethod | None):
        setattr(model, name, partialmethod(model._get_FIELD_display, field=field))  # type: ignore[attr-defined]


def _rebuilt(field: Field[Any, Any], attributes: dict[str, Any]) -> Field[Any, Any]:
    """Return the field as it would be, had it been declared in this way."""
    plain: Any = copy.copy(field)
    # Django would look among all models for the setting that names a swapped one; some are not
    # loaded yet.
    plain.swappable = False
    _, _, args, kwargs = plain.deconstruct()
    rebuilt: Field[Any, Any] = type(field)(*args, **{**kwargs, **attributes})
    if field.is_relation:
        rebuilt.swappable = field.swappable  # type: ignore[attr-defined]
    return rebuilt


def _take_over(field: Field[Any, Any], plain: Field[Any, Any], wanted: Field[Any, Any]) -> None:
    """Give the field all in which the wanted one differs from the plain one."""
    for name in REMEMBERED:
        vars(field).pop(name, None)
    for name, value in vars(wanted).items():
        if name not in BOUND and vars(plain).get(name) != value:
            setattr(field, name, value)
    if "validators" in vars(wanted):
        # Some fields add to them when they are made.
        vars(field)["validators"] = wanted.validators


def _own_copy(model: type[Model], field: Field[Any, Any]) -> Field[Any, Any]:
    """Return a copy of an inherited field that this model and its children have in its place.

    Django has no notion of that; but a copy equals the field, and all that a model knows of its
    fields comes from `_get_fields`.
    """
    own = copy.copy(field)
    options: Any = model._meta
    if field.remote_field is not None:
        own.remote_field = copy.copy(field.remote_field)
    inherited = options._get_fields

    def get_fields(*args: Any, **kwargs: Any) -> Any:
        found = inherited(*args, **kwargs)
        return make_immutable_fields_list(
            "get_fields()", [own if each is field else each for each in found]
        )

    options._get_fields = get_fields
    return own


def _refuse(
    model: type[Model], field: Field[Any, Any], attributes: dict[str, Any], place: Place
) -> None:
    facts = {"name": field.name, "model": model._meta.label, "place": str(place)}
    is_injected = (field.model._meta.label_lower, field.name) in injections
    may_change = {*FREE, *(IN_THE_COLUMN if is_injected and field.model is model else ())}
    forbidden = sorted(attributes.keys() - may_change)
    if forbidden:
        raise ForbiddenUpdateError(
            **facts,
            reason=f'"{forbidden[0]}" is none of {", ".join(sorted(may_change))}',
            remedy="Leave the column to the migrations of its app.",
        )
    try:
        _rebuilt(field, attributes)
    except (TypeError, ValueError) as error:
        remedy = "Give what the class of the field takes."
        raise ForbiddenUpdateError(**facts, reason=str(error), remedy=remedy) from error
