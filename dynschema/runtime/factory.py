"""Generates the classes of builds, together, so that relations among them resolve."""

from __future__ import annotations

import copy
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import models

from dynschema.exceptions import InvalidDefinitionError, UnknownTargetError
from dynschema.runtime.build import Build, ModelClass, Relation, fresh_field
from dynschema.runtime.model_apps import ModelApps, no_model
from dynschema.runtime.other_models import alone
from dynschema.runtime.pickling import let_errors_travel, metaclass_for

PROBE = "probe"
"""The key of a class that is generated to be looked at, and belongs to no definition."""


def build_models(
    builds: Mapping[str, Build], apps: ModelApps, known: Mapping[str, Build]
) -> dict[str, type[models.Model]]:
    """Generate the classes of several builds.

    Args:
        builds: the builds by key.
        apps: the registry of this generation; it is closed afterwards.
        known: every dynamic model that a build may point to, by key.

    Returns:
        The classes by key.

    Raises:
        UnknownTargetError: a relation points to a model that does not exist.
        InvalidDefinitionError: a build cannot become a class.
    """
    generated = {key: build_model(build, apps, known) for key, build in builds.items()}
    for relation in apps.close():
        model = relation.model
        raise unknown_target(model._dynschema_key, model._meta.label, relation, relation.name)
    for key, model in generated.items():
        check_ordering(builds[key], model)
        check_managed(builds[key], model)
        if isinstance(model._meta.pk, models.CompositePrimaryKey):
            raise refused(builds[key], "its primary key is composite, which is not possible yet")
    return generated


def build_model(build: Build, apps: ModelApps, known: Mapping[str, Build]) -> type[models.Model]:
    """Generate one class; its relations may have to wait for others."""
    check_supported(build)
    body = class_body(build, apps, known)
    try:
        with alone(build.key, lambda other: not_alone(build, other)):
            model = types.new_class(
                build.name,
                build.bases,
                {"metaclass": metaclass_for(build.bases)},
                lambda space: space.update(body),
            )
    except InvalidDefinitionError:
        raise
    except Exception as error:
        raise refused(build, f"Django refuses it: {error}") from error
    let_errors_travel(model)
    place_companions(model, build)
    return model


def place_companions(model: Any, build: Build) -> None:
    """Give fields that came along with others their columns, which nobody could do before."""
    for name, column in build.companions.items():
        companion = model._meta.get_field(name)
        companion.db_column = companion.column = column


def class_body(build: Build, apps: ModelApps, known: Mapping[str, Build]) -> dict[str, Any]:
    """Give what stands in the body of the class."""
    return {
        **{name: own_attribute(value) for name, value in build.attributes.items()},
        **{name: own_field(build, name, known) for name in build.fields},
        "__module__": build.module,
        "__qualname__": build.name,
        "_dynschema_key": build.key,
        "Meta": class_meta(build, apps),
    }


def class_meta(build: Build, apps: ModelApps) -> type:
    """Give `class Meta`, which inherits as it would if the class were written by hand.

    Django itself clones the indexes and constraints that it finds there.
    """
    inherited = [base.Meta for base in build.bases if hasattr(base, "Meta")][:1]
    options = {"app_label": build.app_label, "db_table": build.db_table, "apps": apps}
    return type("Meta", tuple(inherited), {**build.meta, **options})


def own_attribute(value: Any) -> Any:
    """Copy what would remember its class, such as a manager."""
    remembers = hasattr(value, "contribute_to_class") and not isinstance(value, type)
    return copy.copy(value) if remembers else value


def own_field(build: Build, name: str, known: Mapping[str, Build]) -> Relation:
    """Copy a field, pointed to where its dynamic target is now."""
    fresh: Relation = fresh_field(build.fields[name])
    key = build.targets.get(name)
    if key is not None:
        if key not in known:
            raise unknown_target(build.key, build.label, fresh, name)
        fresh.remote_field.model = known[key].label
    return fresh


def check_supported(build: Build) -> None:
    """Refuse what would need a second table, or would change another class."""
    bases = [base for base in build.bases if hasattr(base, "_meta")]
    concrete = [base.__name__ for base in bases if not base._meta.abstract]
    inherited = [each for base in bases for each in base._meta.local_many_to_many]
    many = [name for name, each in build.fields.items() if each.many_to_many]
    many += [each.name for each in inherited]
    many += [name for name, each in build.attributes.items() if _is_many_to_many(each)]
    if concrete:
        raise refused(build, f"its base {concrete[0]} is not abstract")
    if many:
        raise refused(build, f'its field "{many[0]}" is many-to-many, which is not possible yet')
    if "Meta" in build.attributes:
        why = "its attributes have a Meta, which would do nothing there; use meta()"
        raise refused(build, why)
    if "order_with_respect_to" in build.meta:
        raise refused(build, "it has order_with_respect_to; use ordering")
    without_table = [each for each in ("abstract", "proxy") if build.meta.get(each)]
    if without_table:
        raise refused(build, f"it is {without_table[0]}, and has no table of its own")


def _is_many_to_many(attribute: Any) -> bool:
    return isinstance(attribute, models.Field) and bool(attribute.many_to_many)


def check_ordering(build: Build, model: Any) -> None:
    """Refuse an ordering by a field that is not there, which would break every query."""
    for problem in model._check_ordering():
        raise refused(build, str(problem.msg).rstrip("."))


def check_managed(build: Build, model: type[models.Model]) -> None:
    """Refuse the option, which others would read, and which nothing here goes by."""
    if not model._meta.managed:
        why = "it has managed = False, and its table follows its definition; leave that out"
        raise refused(build, why)


@contextmanager
def under_its_own_name(build: Build) -> Iterator[None]:
    """Refuse a model under its own name where a probe with the same bases is refused."""
    try:
        yield
    except InvalidDefinitionError as error:
        if error.facts.get("key") != PROBE:
            raise
        build_model(build, ModelApps(no_model), {})
        raise


def refused(build: Build, why: str) -> InvalidDefinitionError:
    """Say why a build cannot become a class."""
    reason = f'The model "{build.label}" cannot be made: {why}.'
    return InvalidDefinitionError(reason=reason, key=build.key)


def not_alone(build: Build, other: ModelClass) -> InvalidDefinitionError:
    """Say that a class would bring another model along."""
    label = other._meta.label
    return refused(
        build,
        f'it brings along the model "{label}", which would have no table; leave out the base or '
        "the attribute that makes that model",
    )


def unknown_target(key: str, label: str, relation: Relation, name: str) -> UnknownTargetError:
    """Say that a relation points nowhere."""
    target = str(relation.remote_field.model)
    return UnknownTargetError(field=name, label=label, target=target, key=key)
