"""`when_classes_prepared`: calls a builder once, at the right moment.

The right moment is when all required classes are prepared, the app registry is ready, and the
tables that the builder reads exist. No query is made while apps load.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured, SynchronousOnlyOperation
from django.core.signals import request_started
from django.db import DatabaseError, InterfaceError, connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.models.signals import post_migrate
from django.utils.asyncio import async_unsafe

from dynschema.models import Table

logger = logging.getLogger("dynschema")


@dataclass(frozen=True)
class _Waiting:
    """A builder whose moment has not come."""

    app_label: str
    req_models: tuple[str, ...]
    builder_fn: Callable[[], Any]

    def models(self) -> list[type[Model]]:
        return [self._model(name) for name in self.req_models]

    def _model(self, name: str) -> type[Model]:
        label = name if "." in name else f"{self.app_label}.{name}"
        try:
            return apps.get_model(label)
        except LookupError as error:
            raise ImproperlyConfigured(
                f'when_classes_prepared("{self.app_label}", …) requires the model "{label}", '
                "and there is none of that name."
            ) from error


_waiting: list[_Waiting] = []
_lock = RLock()


def when_classes_prepared(
    app_label: str, req_models: Sequence[str], builder_fn: Callable[[], Any]
) -> None:
    """Call a builder once, as soon as it can read the required models from the database.

    Placed in `models.py`, before or after the models it names. If their tables do not exist when
    the process starts, the database is down, or the site is loaded inside of an event loop, the
    builder is called after `migrate`, or when a request finds them there.

    Args:
        app_label: the app of the models that are named without one.
        req_models: names of models, as `"Survey"` or `"auth.User"`.
        builder_fn: called without arguments, outside of any transaction of ours.
    """
    _waiting.append(_Waiting(app_label, tuple(req_models), builder_fn))
    if apps.ready:
        call_waiting()


def call_waiting(**_: Any) -> None:
    """Call the builders whose moment has come; the others go on waiting."""
    if not _waiting or not _may_query():
        return  # A server may load the site inside of its event loop; the first request will do.
    with _lock, _connections_left_as_they_were():
        for each in list(_waiting):
            if _is_right_moment(each) and _call(each):
                _waiting.remove(each)


def _may_query() -> bool:
    """False where an event loop runs and Django allows no query."""
    try:
        return _is_synchronous()
    except SynchronousOnlyOperation:
        return False


@async_unsafe
def _is_synchronous() -> bool:
    return True


def _call(waiting: _Waiting) -> bool:
    """Call a builder; False when the tables that it reads are not migrated to the present code."""
    try:
        waiting.builder_fn()
    except DatabaseError as error:
        # Expected before `migrate`; the traceback serves who finds it at any other time.
        logger.info("A builder of %s has to wait: %s", waiting.app_label, error, exc_info=True)
        return False
    return True


def _is_right_moment(waiting: _Waiting) -> bool:
    models: list[type[Model]] = [Table, *waiting.models()]
    tables: dict[str, set[str]] = {}
    for model in models:
        tables.setdefault(router.db_for_read(model), set()).add(model._meta.db_table)
    return all(_has_tables(connections[using], names) for using, names in tables.items())


def _has_tables(connection: BaseDatabaseWrapper, names: set[str]) -> bool:
    """A database that cannot be asked is one that is not ready yet."""
    if _is_file_to_be_made(connection):
        return False
    try:
        with connection.cursor() as cursor:
            return names <= set(connection.introspection.table_names(cursor))
    except (DatabaseError, InterfaceError):
        return False


def _is_file_to_be_made(connection: Any) -> bool:
    """Asking SQLite for a database that is not there would leave an empty file behind."""
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return False
    name = str(connection.settings_dict["NAME"])
    return not Path(unquote(urlsplit(name).path) if name.startswith("file:") else name).exists()


@contextmanager
def _connections_left_as_they_were() -> Iterator[None]:
    """Close the connections that were not open before: a server may fork after this."""
    closed = [each for each in connections.all() if each.connection is None]
    try:
        yield
    finally:
        for each in closed:
            if not each.in_atomic_block:
                each.close()


def _call_when_ready() -> None:
    """Have the builders called when Django has loaded all apps.

    Django sends no signal then, and in `AppConfig.ready` a query still warns. May go when it does.
    """
    announce = apps.ready_event.set

    def announce_and_call() -> None:
        announce()
        call_waiting()

    apps.ready_event.set = announce_and_call  # type: ignore[method-assign]


_call_when_ready()
post_migrate.connect(call_waiting)
request_started.connect(call_waiting)
