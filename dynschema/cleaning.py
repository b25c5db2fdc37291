"""Takes dynamic tables and classes away when all else about them is gone: after `flush`, a test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models import Model
from django.db.models.signals import post_migrate

from dynschema import freshness, history
from dynschema.definitions import database_of
from dynschema.loading import blueprints, quarantine
from dynschema.models import Table
from dynschema.runtime.snapshot import Snapshot
from dynschema.schema.sqltext import quote

_names: dict[str, Any] = {}
"""The name of the database that each alias led to when it was last connected."""


def listen() -> None:
    """Notice when `flush` has emptied the database, after which it calls what follows `migrate`.

    And when an alias leads to another database than before, as in the runner of tests.
    """
    post_migrate.connect(_after_flush, dispatch_uid="dynschema flush")
    connection_created.connect(_after_connecting, dispatch_uid="dynschema connection")


def forget_models() -> None:
    """Let this process have no dynamic model; the next one who asks loads what the database has."""
    freshness.registry.publish(Snapshot())
    quarantine.clear()


def _after_connecting(connection: Any, **_: Any) -> None:
    """Forget the models of the database that an alias led to before: this one has others."""
    name = connection.settings_dict["NAME"]
    before = _names.setdefault(connection.alias, name)
    if before != name:
        _names[connection.alias] = name
        if connection.alias in {database_of(each) for each in blueprints.values()}:
            forget_models()


def drop_all_tables(using: str) -> None:
    """Drop every dynamic table of a test database, whatever is in it."""
    _drop(using, Table.objects.using(using).values_list("name", flat=True))


def _after_flush(using: str, **announced: Any) -> None:
    """Drop the dynamic tables when `flush` has taken away all definitions and all history.

    Nobody asks for them any more, `flush` is to remove all data and does not know the retired ones,
    and their foreign keys could make PostgreSQL refuse the next `flush`.
    """
    # What comes from `migrate` has its plan; that may be the first one of another schema.
    names = set() if "plan" in announced else history.seen_tables[using]
    if names and _is_flushed(using):
        _drop(using, names)
        names.clear()
        forget_models()


def _is_flushed(using: str) -> bool:
    """True when the tables of definitions and of the history are there, and nothing is in them."""
    models: list[type[Model]] = [Table]
    models += [each.definition for each in blueprints.values() if database_of(each) == using]
    present = set(connections[using].introspection.table_names())
    return all(
        model._meta.db_table in present and not model._base_manager.using(using).exists()
        for model in models
    )


def _drop(using: str, names: Iterable[str]) -> None:
    connection = connections[using]
    tables = list(names)
    with connection.cursor() as cursor:
        if tables and connection.vendor == "postgresql":
            cursor.execute("SELECT current_schema()")
            # Others on the search path may have tables of the same names.
            (schema,) = map(quote, cursor.fetchone())
            dropped = ", ".join(f"{schema}.{quote(name)}" for name in tables)
            cursor.execute(f"DROP TABLE IF EXISTS {dropped}")
            return
        with connection.constraint_checks_disabled():
            for name in tables:
                cursor.execute(f"DROP TABLE IF EXISTS {quote(name)}")
