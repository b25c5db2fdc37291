"""Takes dynamic tables away when all else about them is gone: after `flush`, and after a test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.db.models.signals import post_migrate

from dynschema import freshness
from dynschema.models import Table
from dynschema.runtime.snapshot import Snapshot
from dynschema.schema.questions import Questions
from dynschema.schema.sqltext import quote


def listen() -> None:
    """Notice when `flush` has emptied the database, after which it calls what follows `migrate`."""
    post_migrate.connect(_after_flush, dispatch_uid="dynschema flush")


def forget_models() -> None:
    """Let this process have no dynamic model; the next one who asks loads what the database has."""
    freshness.registry.publish(Snapshot())


def drop_all_tables(using: str) -> None:
    """Drop every dynamic table of a test database, whatever is in it."""
    _drop(using, Table.objects.using(using).values_list("name", flat=True))


def _after_flush(using: str, **_: Any) -> None:
    """Drop the tables that `flush` has emptied together with their definitions and their history.

    They hold nothing, nobody asks for them, and their foreign keys would make PostgreSQL refuse the
    next `flush`.
    """
    builds = freshness.registry.snapshot.builds.values()
    if not builds or not _is_installed(using) or Table.objects.using(using).exists():
        return
    questions = Questions(connections[using])
    present = set(connections[using].introspection.table_names())
    names = [each.db_table for each in builds if each.db_table in present]
    _drop(using, [name for name in names if questions.is_empty(name)])
    forget_models()


def _is_installed(using: str) -> bool:
    return Table._meta.db_table in connections[using].introspection.table_names()


def _drop(using: str, names: Iterable[str]) -> None:
    connection = connections[using]
    tables = list(names)
    with connection.cursor() as cursor:
        if tables and connection.vendor == "postgresql":
            cursor.execute(f"DROP TABLE IF EXISTS {', '.join(map(quote, tables))}")
            return
        with connection.constraint_checks_disabled():
            for name in tables:
                cursor.execute(f"DROP TABLE IF EXISTS {quote(name)}")
