"""What makes the pages of records: found for each class, also where the admin site finds none."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.utils import get_deleted_objects
from django.db.models import Model
from django.http import HttpRequest

from dynschema import freshness
from dynschema.definitions import Describes
from dynschema.loading import blueprints
from dynschema.runtime.build import key_of

CACHE = "_dynschema_record_admins"
"""Kept by the class itself, so that it goes when the class goes."""


@runtime_checkable
class KeepsRecords(Protocol):
    """The admin of definitions, as far as their records are concerned."""

    admin_site: AdminSite
    described_by: Describes

    @property
    def using(self) -> str: ...  # noqa: D102
    def get_record_admin(self, model: type[Model]) -> ModelAdmin: ...  # noqa: D102


def record_admin_of(owner: KeepsRecords, model: type[Model]) -> ModelAdmin:
    """Return the admin of a dynamic model; the same one as long as the class is current."""
    made: dict[KeepsRecords, ModelAdmin] | None = vars(model).get(CACHE)
    if made is None:
        made = {}
        setattr(model, CACHE, made)
    if owner not in made:
        made[owner] = owner.get_record_admin(model)
    return made[owner]


class SiteWithRecords:
    """An admin site that knows the admin of dynamic models too.

    The real one does not: a model that goes at the wrong moment would break its pages.
    """

    def __init__(self, site: AdminSite) -> None:
        self.site = site
        self.name = site.name

    def deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """List what would be deleted along with some objects, as Django's admin does."""
        return get_deleted_objects(objs, request, self)  # type: ignore[arg-type]

    def is_registered(self, model: type[Model]) -> bool:
        """True when there are pages for a model, static or dynamic."""
        return self.site.is_registered(model) or self._owner(model) is not None

    def get_model_admin(self, model: type[Model]) -> ModelAdmin:
        """Return what makes the pages for a model."""
        return self.record_admin(model) or self.site.get_model_admin(model)

    def record_admin(self, model: type[Model]) -> ModelAdmin | None:
        """Return what makes the pages for a dynamic model; None for those that are static."""
        owner = self._owner(model)
        return record_admin_of(owner, model) if owner else None

    def _owner(self, model: type[Model]) -> KeepsRecords | None:
        build = freshness.registry.snapshot.builds.get(key_of(model))
        if build is None:
            return None
        definition = blueprints[build.blueprint].definition
        found = self.site._registry.get(definition)
        return found if isinstance(found, KeepsRecords) else None
