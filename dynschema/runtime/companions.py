"""Finds the fields that a field brings along, as one for money does with its currency."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from dynschema.exceptions import InvalidDefinitionError
from dynschema.runtime.build import Build
from dynschema.runtime.factory import PROBE, build_model
from dynschema.runtime.model_apps import ModelApps, no_model

NEUTRAL = "anyfield", "otherfield"
"""Names in place of the real one, to see what of a companion's name comes from it."""


@dataclass(frozen=True)
class Companion:
    """A field that another one brings along."""

    name: str
    owners: tuple[str, ...]
    """The names of the fields that bring it: of one, unless it is shared."""
    column: str
    """The name that its column would have if it were free."""
    part: str | None
    """What its name has besides that of its owner; None if it has the same name with any owner."""

    @property
    def is_shared(self) -> bool:
        """True when other fields may bring it as well."""
        return self.part is None

    def key_beside(self, key: str) -> str:
        """Return its key, given that of its owner; a rename of both leaves it as it is."""
        if self.part is None or key == f"static:{self.owners[0]}":
            return f"static:{self.name}"
        return f"{key}:{self.part}"


def companions_of(name: str, field: models.Field) -> list[Companion]:
    """Return the fields that a field adds to its model.

    A class with this field alone is generated and looked at.
    """
    if type(field).contribute_to_class.__module__.startswith("django."):
        return []  # As nearly always: none of Django's own does.
    added = _added(name, field)
    neutral = next(each for each in NEUTRAL if each != name)
    alike = _added(neutral, field) if added else []
    return [
        Companion(each.name, (name,), each.column or each.name, _part(each, like, neutral))
        for each, like in zip(added, alike, strict=True)
    ]


def _part(companion: models.Field, like: models.Field, neutral: str) -> str | None:
    return None if like.name == companion.name else like.name.replace(neutral, "")


def _added(name: str, field: models.Field) -> list[models.Field]:
    probe = Build(PROBE, "dynschema", "Record", "dynschema_record", fields={name: field})
    try:
        model = build_model(probe, ModelApps(no_model), {})
    except InvalidDefinitionError:
        return []  # The class itself will not be made either, and is refused under its own name.
    return [each for each in model._meta.local_concrete_fields if each.name not in (name, "id")]
