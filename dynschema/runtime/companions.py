"""Finds the fields that a field brings along, as one for money does with its currency."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from dynschema.exceptions import InvalidDefinitionError
from dynschema.runtime.build import Build
from dynschema.runtime.factory import PROBE, build_model
from dynschema.runtime.model_apps import ModelApps, no_model

NEUTRAL = "anyfield"
"""A name in place of the real one, to see what of a companion's name comes from it."""


@dataclass(frozen=True)
class Companion:
    """A field that another one brings along."""

    name: str
    owner: str
    """The name of the field that brings it."""
    column: str
    """The name that its column would have if it were free."""
    neutral: str
    """The name that it would have if its owner were called NEUTRAL."""

    @property
    def is_shared(self) -> bool:
        """True when its name does not come from that of its owner: others may bring it as well."""
        return self.neutral == self.name

    def key_beside(self, key: str) -> str:
        """Return its key, given that of its owner; a rename of both leaves it as it is."""
        if self.is_shared or key == f"static:{self.owner}":
            return f"static:{self.name}"
        return f"{key}:{self.neutral.replace(NEUTRAL, '')}"


def companions_of(name: str, field: models.Field) -> list[Companion]:
    """Return the fields that a field adds to its model.

    A class with this field alone is generated and looked at.
    """
    if type(field).contribute_to_class.__module__.startswith("django."):
        return []  # As nearly always: none of Django's own does.
    added = _added(name, field)
    neutral = _added(NEUTRAL, field) if added else []
    return [
        Companion(each.name, name, each.column or each.name, like.name)
        for each, like in zip(added, neutral, strict=True)
    ]


def _added(name: str, field: models.Field) -> list[models.Field]:
    probe = Build(PROBE, "dynschema", "Record", "dynschema_record", fields={name: field})
    try:
        model = build_model(probe, ModelApps(no_model), {})
    except InvalidDefinitionError:
        return []  # The class itself will not be made either, and is refused under its own name.
    return [each for each in model._meta.local_concrete_fields if each.name not in (name, "id")]
