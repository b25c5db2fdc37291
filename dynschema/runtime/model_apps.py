"""The app registry of one generation: it finds every model and tells nobody of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.db import models

from dynschema.runtime.build import Relation

Lookup = Callable[[str, str], type[models.Model] | None]


class ModelApps(Apps):
    """Resolves relations while classes are generated, without a trace in Django's own registry.

    A model is looked for among the classes of this generation, then among the other dynamic
    models, then in `django.apps.apps`. The reverse side of a relation is not set up here: a static
    class must not change before the new classes are published.
    """

    def __init__(self, others: Lookup) -> None:
        """Take the way to find dynamic models that are not generated now.

        Args:
            others: gives the class for an app label and a lower-case name, or None.
        """
        super().__init__(installed_apps=())
        self.app_configs = apps.app_configs
        self._others = others

    def close(self) -> Iterator[Relation]:
        """Let go of all classes, so that none is kept alive by its siblings.

        Returns:
            The relations whose target was not found.
        """
        waiting = [vars(each)["func"] for each in chain(*self._pending_operations.values())]
        self._pending_operations.clear()
        self.all_models.clear()
        self._others = no_model
        return filter(None, map(relation_in, waiting))

    def clear_cache(self) -> None:
        """Do nothing: the caches of Django are shared by all registries."""

    def register_model(self, app_label: str, model: type[models.Model]) -> None:
        """Keep a class until this generation is closed."""
        self.all_models[app_label][model.__name__.lower()] = model
        self.do_pending_operations(model)

    def get_registered_model(self, app_label: str, model_name: str) -> type[models.Model]:
        """Find a model by its name, however it is spelt."""
        name = model_name.lower()
        own = self.all_models.get(app_label, {}).get(name)
        found = own or self._others(app_label, name)
        return found or apps.get_registered_model(app_label, name)

    def get_model(
        self, app_label: str, model_name: str | None = None, require_ready: bool = True
    ) -> type[models.Model]:
        """Find a model of this generation, else ask Django."""
        if model_name is None:
            app_label, model_name = app_label.split(".")
        own = self.all_models.get(app_label, {}).get(model_name.lower())
        return own or apps.get_model(app_label, model_name, require_ready)

    # Django keeps the answers of the next two for ever, together with the registry that gave
    # them. Asking `django.apps.apps` leaves nothing of this registry behind.

    def get_models(
        self, include_auto_created: bool = False, include_swapped: bool = False
    ) -> list[type[models.Model]]:
        """Give what Django's own registry gives."""
        return apps.get_models(include_auto_created, include_swapped)

    def get_swappable_settings_name(self, to_string: str) -> str | None:
        """Give what Django's own registry gives."""
        return apps.get_swappable_settings_name(to_string)

    def lazy_model_operation(
        self, function: Callable[..., Any], *model_keys: tuple[str, str]
    ) -> None:
        """Call a function when its models are there; a relation gets its forward side only."""
        relation = relation_in(function)
        if model_keys or not relation:
            super().lazy_model_operation(function, *model_keys)
        else:
            with forward_only(relation):
                function()


def forget_all_models() -> None:
    """Let Django make its list of all models again when somebody asks for it."""
    vars(Apps)["get_models"].cache_clear()


def no_model(app_label: str, model_name: str) -> None:
    """Find nothing."""


def relation_in(function: Callable[..., Any]) -> Relation | None:
    """Return the relation whose target this step of Django resolves; None for other steps."""
    return function.keywords.get("field") if isinstance(function, partial) else None


@contextmanager
def forward_only(relation: Relation) -> Iterator[None]:
    """Keep a relation from adding an accessor to its target."""
    relation.contribute_to_related_class = lambda target, related: None
    try:
        yield
    finally:
        del relation.contribute_to_related_class
