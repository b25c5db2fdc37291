"""The addresses of the records: found when they are asked for, among the models of that moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, URLResolver, clear_url_caches, path
from django.urls.resolvers import RoutePattern
from django.utils.datastructures import MultiValueDict

from dynschema import freshness
from dynschema.admin.records import record_admin_of
from dynschema.signals import model_built

if TYPE_CHECKING:
    from dynschema.admin.definitions import DefinitionAdmin

PREFIX = "_records/"
"""The admin writes the underscore of a primary key as _5F, so no definition has this address."""


class RecordUrls(URLResolver):
    """The admin pages of all dynamic models of one blueprint, `_records/lunchresponse/3/change/`.

    An address is resolved by a look-up of the model's name. Names can be reversed as those of static
    models; Django then remembers all of them, and is told to forget when a new name appears.
    """

    def __init__(self, owner: DefinitionAdmin) -> None:
        super().__init__(RoutePattern(PREFIX), [])
        self.owner = owner
        nowhere = path("<path:rest>", owner.admin_site.admin_view(_not_found))
        self._nowhere = URLResolver(RoutePattern(PREFIX), [nowhere])
        self._reversible: frozenset[str] | None = None
        model_built.connect(self._forget_names)

    def resolve(self, path: str) -> ResolverMatch:
        """Find the page; below the prefix there is no other than those of the current models."""
        route = str(path)
        if not route.startswith(PREFIX) or not route.endswith("/"):
            raise Resolver404({"path": path})
        for resolver in self._resolvers(route.removeprefix(PREFIX).partition("/")[0]):
            with suppress(Resolver404):
                return resolver.resolve(path)
        return self._nowhere.resolve(path)

    @property
    def reverse_dict(self) -> MultiValueDict[str, Any]:
        """The addresses by name, in Django's own form; no query."""
        found: MultiValueDict[str, Any] = MultiValueDict()
        models = list(self._models())
        for model in models:
            for name, entry in _entries(self._patterns(model), f"{model._meta.model_name}/"):
                found.appendlist(name, entry)
        self._reversible = frozenset(each._meta.label_lower for each in models)
        return found

    def _resolvers(self, name: str) -> Iterator[URLResolver]:
        snapshot = freshness.current(self.owner.using)
        model = snapshot.model(self.owner.described_by.app_label, name)
        if model is not None and self._is_ours(model._dynschema_key):
            yield URLResolver(RoutePattern(f"{PREFIX}{name}/"), self._patterns(model))

    def _patterns(self, model: type[Model]) -> list[Any]:
        patterns: list[Any] = record_admin_of(self.owner, model).urls
        return patterns

    def _models(self) -> Iterator[type[Model]]:
        snapshot = freshness.registry.snapshot
        return (model for key, model in snapshot.models.items() if self._is_ours(key))

    def _is_ours(self, key: str) -> bool: ...

    def _forget_names(self, sender: type[Model], key: str, **_: Any) -> None:
        """A model was built; if its name is new, the remembered addresses lack it."""
        if self._reversible is not None and sender._meta.label_lower not in self._reversible:
            if self._is_ours(key):
                clear_url_caches()
