"""`inject_field`: adds a field to the model of another app, and remembers who did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from dynschema.evolution.inject.exceptions import DuplicateFieldError, ForbiddenInjectionError
from dynschema.evolution.inject.places import Place, calling_place
from dynschema.evolution.inject.waiting import Call, ModelSpec, call_when_prepared
from dynschema.runtime.build import fresh_field
from dynschema.runtime.companions import Companion, companions_of


@dataclass(frozen=True)
class Injection:
    """A field that was injected."""

    model: type[Model]
    name: str
    field: Field[Any, Any]
    """As it is bound to the model."""
    key: str
    """The lasting identity of the field; names may change, and values stay with their key."""
    place: Place


injections: dict[tuple[str, str], Injection] = {}
"""All of this process, by label of the model and name of the field."""


def inject_field(
    model_spec: ModelSpec, name: str, field: Field[Any, Any], *, key: str = ""
) -> None:
    """Add a field to a model of another app, now or as soon as the class is prepared.

    Call it in `models.py`. The column follows after `migrate`, or with `manage.py inject sync`;
    no migration of that app is needed, and none is made.

    Args:
        model_spec: the class, or its name as `"auth.User"`; None does nothing.
        name: the field's name.
        field: a new field. It needs `null=True` or a default, since code that does not know the
            field, such as the migrations of that app, goes on adding rows.
        key: the lasting identity, `"auth.User.nick"` unless given. Give the former one when you
            rename the field or when its model is renamed, so that the values follow.

    Raises:
        DuplicateFieldError: the name or the column is in use.
        ForbiddenInjectionError: the model cannot take a field, or not this one.
        NeverPreparedError: all apps are loaded, and there is no such model.
    """
    place = calling_place()

    def inject(model: type[Model]) -> None:
        _inject(Injection(model, name, fresh_field(field), key or _key(model, name), place))

    described = getattr(model_spec, "__name__", model_spec)
    call_when_prepared(Call(inject, f"inject_field({described}, {name!r}, …)", place), model_spec)


def _key(model: type[Model], name: str) -> str:
    return f"{model._meta.label}.{name}"


def injected_into(model: type[Model]) -> dict[str, Injection]:
    """Return the fields that were injected into a model, by name."""
    return {each.name: each for each in injections.values() if each.model is model}


def _inject(injection: Injection) -> None:
    model, field = injection.model, injection.field
    _refuse_form(injection)
    companions = companions_of(injection.name, field)  # While it has no name of its own.
    field.set_attributes_from_name(injection.name)
    _refuse_model(injection)
    refuse_field(injection)
    _refuse_duplicate(injection)
    _refuse_column(injection)
    for each in companions:
        _refuse_duplicate(_beside(injection, each, field))
    model.add_to_class(injection.name, field)
    injections[model._meta.label_lower, injection.name] = injection
    forget_fields_of(model)
    for each in companions:
        added = _beside(injection, each, model._meta.get_field(each.name))
        refuse_field(added)
        injections[model._meta.label_lower, each.name] = added


def _beside(injection: Injection, companion: Companion, field: Any) -> Injection:
    """Return the injection of a field that comes along with another one."""
    key = companion.key_beside(injection.key)
    return replace(injection, name=companion.name, field=field, key=key)


def forget_fields_of(model: type[Model]) -> None:
    """Let a model and its children, prepared before, look at their fields anew."""
    for each in (model, *_descendants(model)):
        each._meta._expire_cache()  # type: ignore[attr-defined]
    apps.clear_cache()


def _descendants(model: type[Model]) -> Iterator[type[Model]]:
    for each in model.__subclasses__():
        if hasattr(each, "_meta") and each._meta.apps is apps:
            yield each
            yield from _descendants(each)


# What cannot be injected


def forbidden(injection: Injection, reason: str, remedy: str) -> ForbiddenInjectionError:
    """Return the error that names the call."""
    return ForbiddenInjectionError(
        name=injection.name,
        model=injection.model._meta.label,
        place=str(injection.place),
        reason=reason,
        remedy=remedy,
    )


def _refuse_form(injection: Injection) -> None:
    given: Any = injection.field
    if not isinstance(given, Field):
        remedy = "Give an instance, as models.IntegerField(null=True)."
        raise forbidden(injection, f"it is no field but {given!r}", remedy)
    if not injection.name.isidentifier():
        remedy = "Use letters, digits and underscores."
        raise forbidden(injection, "a class could not have a field of that name", remedy)


def _refuse_model(injection: Injection) -> None:
    meta: Any = injection.model._meta
    if not apps.is_installed("dynschema.evolution"):
        remedy = 'Add "dynschema" and "dynschema.evolution" to INSTALLED_APPS.'
        raise forbidden(injection, "nothing here would make its column", remedy)
    if meta.proxy:
        concrete = meta.concrete_model._meta.label
        remedy = f'Inject it into "{concrete}"; the proxy will have it.'
        raise forbidden(injection, f"it is a proxy of {concrete} and has no table", remedy)
    if meta.swapped:
        remedy = f"Inject it into settings.{meta.swappable}."
        raise forbidden(injection, f"it is swapped for {meta.swapped} and has no table", remedy)
    if hasattr(injection.model, "_dynschema_key"):
        raise forbidden(injection, "it is a dynamic model", "Return it from Blueprint.fields().")


def refuse_field(injection: Injection) -> None:
    """Refuse a field that would stand in the way of code which does not know it.

    Raises:
        ForbiddenInjectionError: it is required, generated, or the primary key.
    """
    field = injection.field
    if field.primary_key:
        remedy = "The primary key is up to the app itself."
        raise forbidden(injection, "it would be the primary key", remedy)
    if field.generated:
        reason = "it is generated from columns that the migrations of the app could not change then"
        raise forbidden(injection, reason, "Use a property, or annotate().")
    if not _has_value(field):
        remedy = "Give the field a default, or null=True."
        reason = "it is required and has no default, so code without it could add no rows"
        raise forbidden(injection, reason, remedy)


def _has_value(field: Any) -> bool:
    """True when a row that is added without the field has a value for it, or may have none."""
    bare = field.many_to_many or field.column is None
    empty = field.blank and field.empty_strings_allowed
    now = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    given = field.has_default() or field.has_db_default()
    return bool(field.null or bare or given or empty or now)


def _refuse_duplicate(injection: Injection) -> None:
    model, name = injection.model, injection.name
    before = injections.get((model._meta.label_lower, name))
    if before is not None:
        raise _duplicate(injection, f"it was injected before ({before.place})")
    same = next((each for each in injections.values() if each.key == injection.key), None)
    if same is not None:
        raise _duplicate(injection, f'the key "{same.key}" was used before ({same.place})')
    for each in (model, *_descendants(model)):
        if _has_field(each, name):
            raise _duplicate(injection, f"{each._meta.label} has a field of that name")
        if hasattr(each, name):
            raise _duplicate(injection, f"{each._meta.label} has an attribute of that name")


def _refuse_column(injection: Injection) -> None:
    column = injection.field.column
    for each in injection.model._meta.local_concrete_fields:
        if column is not None and str(each.column).lower() == column.lower():
            reason = f'the column "{column}" is that of the field "{each.name}"'
            raise _duplicate(injection, reason)


def _has_field(model: type[Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def _duplicate(injection: Injection, reason: str) -> DuplicateFieldError:
    return DuplicateFieldError(
        name=injection.name,
        model=injection.model._meta.label,
        place=str(injection.place),
        reason=reason,
    )
