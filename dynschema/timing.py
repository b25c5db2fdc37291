"""`when_classes_prepared`: calls a builder once, at the right moment.

The right moment is when all required classes are prepared, the app registry is ready, and the
tables that the builder reads exist. No query is made while apps load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started
from django.db import DatabaseError, InterfaceError, connections, router
from django.db.models import Model
from django.db.models.signals import post_migrate

from dynschema.models import Table


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
    the process starts, or the database is down, the builder is called after `migrate`, or when a
    request finds them there.

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
    with _lock:
        for each in list(_waiting):
            if _is_right_moment(each):
                _waiting.remove(each)
                each.builder_fn()


def _is_right_moment(waiting: _Waiting) -> bool:
    models: list[type[Model]] = [Table, *waiting.models()]
    tables: dict[str, set[str]] = {}
    for model in models:
        tables.setdefault(router.db_for_read(model), set()).add(model._meta.db_table)
    return all(_has_tables(using, names) for using, names in tables.items())


def _has_tables(using: str, names: set[str]) -> bool:
    """A database that cannot be asked is one that is not ready yet."""
    try:
        with _borrowed(using) as connection, connection.cursor() as cursor:
            return names <= set(connection.introspection.table_names(cursor))
    except (DatabaseError, InterfaceError):
        return False


@contextmanager
def _borrowed(using: str) -> Iterator[Any]:
    """Use a connection, and close it if it was not open: a server may fork after this."""
    connection = connections[using]
    was_open = connection.connection is not None
    try:
        yield connection
    finally:
        if not was_open and not connection.in_atomic_block:
            connection.close()


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
