"""The addresses of the records: found when they are asked for, among the models of that moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, ref

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import (
    Resolver404,
    ResolverMatch,
    URLPattern,
    URLResolver,
    clear_url_caches,
    path,
)
from django.urls.resolvers import RoutePattern
from django.utils.datastructures import MultiValueDict
from django.utils.regex_helper import normalize

from dynschema import freshness
from dynschema.admin.sites import KeepsRecords, record_admin_of
from dynschema.runtime.snapshot import Snapshot
from dynschema.scopes import catch_up_if_possible
from dynschema.signals import model_built

PREFIX = "_records/"
"""The admin writes the underscore of a primary key as _5F, so no definition has this address."""

Address = tuple[Any, str, dict[str, Any], dict[str, Any]]
Addresses = MultiValueDict[str, Address]
"""What Django remembers of addresses by their names."""


class RecordUrls(URLResolver):
    """The admin pages of all dynamic models of one blueprint, `_records/lunchresponse/3/change/`.

    An address is resolved by a look-up of the model's name. The names of the pages are those that a
    static model would have. Django remembers all names, so it is told to forget when one appears.
    It remembers them for all threads, so those that a transaction has made are there for all, too.
    """

    def __init__(self, owner: KeepsRecords) -> None:
        super().__init__(RoutePattern(PREFIX), [])
        self._owner = owner
        nowhere = path("<path:rest>", owner.admin_site.admin_view(_not_found))
        self._nowhere = URLResolver(RoutePattern(PREFIX), [nowhere])
        self._remembered: tuple[list[ReferenceType[Snapshot]], Addresses] | None = None
        self._names: frozenset[str] = frozenset()
        self._by_model: WeakKeyDictionary[type[Model], list[tuple[str, Address]]]
        self._by_model = WeakKeyDictionary()
        model_built.connect(self._after_publishing)
        freshness.snapshot_kept.connect(self._after_keeping)

    def resolve(self, path: str) -> ResolverMatch:
        """Find the page; below the prefix there are none but those of the current models."""
        route = str(path)
        if not route.startswith(PREFIX) or not route.endswith("/"):
            raise Resolver404({"path": path})
        for resolver in self._resolvers(route.removeprefix(PREFIX).partition("/")[0]):
            with suppress(Resolver404):
                return resolver.resolve(route)
        return self._nowhere.resolve(route)

    @property
    def reverse_dict(self) -> Addresses:
        """The addresses by name, in the form in which Django collects them.

        No query, once this process has its classes.
        """
        snapshots = freshness.all_known() or _first_known()
        # Weakly, since the snapshots themselves would keep outdated classes alive.
        sources = list(map(ref, snapshots))
        if self._remembered is None or self._remembered[0] != sources:
            self._remembered = sources, self._addresses(snapshots)
        return self._remembered[1]

    def _resolvers(self, name: str) -> Iterator[URLResolver]:
        snapshot = freshness.current(self._owner.using)
        key = snapshot.names.get((self._owner.described_by.app_label, name), "")
        if self._is_ours(key, snapshot):
            patterns = record_admin_of(self._owner, snapshot.models[key]).urls
            yield URLResolver(RoutePattern(f"{PREFIX}{name}/"), patterns)

    def _addresses(self, snapshots: Iterable[Snapshot]) -> Addresses:
        found: Addresses = MultiValueDict()
        models = {
            model._meta.label_lower: model
            for snapshot in snapshots
            for key, model in snapshot.models.items()
            if self._is_ours(key, snapshot)
        }
        for model in models.values():
            for name, address in self._addresses_of(model):
                found.appendlist(name, address)
        self._names = frozenset(models)
        return found

    def _addresses_of(self, model: type[Model]) -> list[tuple[str, Address]]:
        if model not in self._by_model:
            pages = RoutePattern(f"{model._meta.model_name}/")
            patterns = record_admin_of(self._owner, model).urls
            self._by_model[model] = list(_addresses_in(URLResolver(pages, patterns)))
        return self._by_model[model]

    def _is_ours(self, key: str, snapshot: Snapshot) -> bool:
        build = snapshot.builds.get(key)
        return build is not None and build.blueprint == self._owner.described_by.label

    def _after_publishing(self, sender: type[Model], key: str, **_: Any) -> None:
        self._make_known({key}, freshness.registry.snapshot)

    def _after_keeping(self, snapshot: Snapshot, **_: Any) -> None:
        self._make_known(snapshot.touched & snapshot.models.keys(), snapshot)

    def _make_known(self, keys: Iterable[str], snapshot: Snapshot) -> None:
        """If the name of a model is new, what Django remembers lacks it."""
        if self._remembered is None:
            return
        models = (snapshot.models[key] for key in keys if self._is_ours(key, snapshot))
        if any(each._meta.label_lower not in self._names for each in models):
            clear_url_caches()


def _first_known() -> list[Snapshot]:
    """Ask for the models of a process in which nobody has asked so far, as far as one may.

    Django collects the names of all pages when it is asked for one: in an event loop, or in a test
    that may not use the database. Whoever wants another page must not fail because of these.
    """
    catch_up_if_possible()
    return freshness.all_known()


def _addresses_in(resolver: URLResolver) -> Iterator[tuple[str, Address]]:
    """Yield the addresses of all pages with a name, also of those that are included in others."""
    above = resolver.pattern
    for each in resolver.url_patterns:
        pages = _addresses_in(each) if isinstance(each, URLResolver) else _address(each)
        for name, (_, route, defaults, converters) in pages:
            route = _route(above) + route
            everything = {**above.converters, **converters}
            yield name, (normalize(route), route, resolver.default_kwargs | defaults, everything)


def _address(page: URLPattern) -> Iterator[tuple[str, Address]]:
    if page.name is not None:
        yield page.name, ([], _route(page.pattern), page.default_args, page.pattern.converters)


def _route(pattern: Any) -> str:
    return str(pattern.regex.pattern.removeprefix("^"))


def _not_found(request: HttpRequest, rest: str) -> HttpResponse:
    raise Http404(f'No dynamic model has the page "{rest}".')
