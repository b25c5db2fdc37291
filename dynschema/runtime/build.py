"""All that is needed to generate one class, again and again, without a query."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from django.db import models
from django.db.models.fields.related import RECURSIVE_RELATIONSHIP_CONSTANT

ModelName = tuple[str, str]
"""The app label and the lower-case name, as `Apps` keeps its models."""

# Much of what is needed of the next two is private to Django, and unknown to its type stubs.

ModelClass: TypeAlias = Any
"""A model, static or dynamic."""

Relation: TypeAlias = Any
"""A foreign key or a one-to-one field."""


@dataclass(frozen=True)
class Build:
    """The recipe of one dynamic model; generating a class leaves it as it was."""

    key: str
    """The lasting identity of the table, `survey:3`."""
    app_label: str
    name: str
    """The name of the class."""
    db_table: str
    fields: Mapping[str, models.Field]
    """Fields by name, in order, never bound to a class; each generation gets copies."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The key of each field that has one, and of those that they bring along, by name."""
    companions: Mapping[str, str] = field(default_factory=dict)
    """The columns of fields that others bring along, by the field's name."""
    bases: tuple[type, ...] = (models.Model,)
    """Abstract models and mixins."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """More of `class Meta`: verbose_name, ordering, indexes, constraints."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """More of the class's body: methods, managers."""
    module: str = __name__
    """Where the class says that it comes from."""
    blueprint: str = ""
    """Label of the blueprint that describes it."""
    targets: Mapping[str, str] = field(default_factory=dict)
    """The key of the dynamic model that each relation points to, by the field's name."""

    @property
    def model_name(self) -> ModelName:
        """The name under which registries keep the class."""
        return self.app_label, self.name.lower()

    @property
    def label(self) -> str:
        """The name under which a relation finds the class."""
        return f"{self.app_label}.{self.name}"

    def relations(self) -> Iterator[tuple[str, Relation]]:
        """Yield the fields that point to another model, with their names."""
        return ((name, each) for name, each in self.fields.items() if each.remote_field)

    def pinned(self, names: Mapping[ModelName, str]) -> Build:
        """Return this build with each relation to a dynamic model held by key and not by class.

        Afterwards it follows the model through every rename, and keeps no outdated class alive.

        Args:
            names: the keys of all dynamic models.
        """
        fields, targets = dict(self.fields), dict(self.targets)
        for name, relation in self.relations():
            target = relation.remote_field.model
            key = targets.get(name) or key_of_target(target, self.app_label, names)
            if key is not None:
                targets[name] = key
            if not isinstance(target, str):
                fields[name] = pointed_to(relation, target._meta.label)
        return replace(self, fields=fields, targets=targets)


def key_of_target(
    target: str | ModelClass, app_label: str, names: Mapping[ModelName, str]
) -> str | None:
    """Return the key of the dynamic model that a relation names; None for all others."""
    if not isinstance(target, str):
        return key_of(target) or None
    if target == RECURSIVE_RELATIONSHIP_CONSTANT:
        return None
    owner, _, name = target.rpartition(".")
    return names.get((owner or app_label, name.lower()))


def pointed_to(relation: Relation, label: str) -> Relation:
    """Return a copy of a relation that names its target.

    A name and not the class, since adding a field that holds a class makes Django forget what it
    knows of that class, and finding it out again takes longer the more models there are.
    """
    fresh: Relation = fresh_field(relation)
    fresh.remote_field.model = label
    return fresh


def key_of(model: ModelClass) -> str:
    """Return the key of a dynamic model; nothing for a static one."""
    key: str = getattr(model, "_dynschema_key", "")
    return key


def fresh_field(pristine: models.Field) -> models.Field:
    """Return a copy that can be bound to a class.

    It is the copy that Django itself makes of the fields of an abstract base, so any field that
    can stand there works. `Field.clone()` needs a field that survives its own `deconstruct()`.
    """
    fresh: models.Field = copy.deepcopy(pristine)
    # Django sorts a model's fields by this number; ours come in the order of the build. One number
    # is left out, since a field may bring another one along and number it as the one before itself.
    models.Field.creation_counter += 2
    fresh.creation_counter = models.Field.creation_counter - 1
    return fresh
