"""Lets an alias lead to a new database for a while, so that a restore can be tried."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.utils.module_loading import import_string

from dynschema import freshness
from dynschema.evolution.dumps.exceptions import OpenTransactionError
from dynschema.evolution.scratches import known_as_scratch
from dynschema.exceptions import UnsupportedDatabaseError
from dynschema.loading import definitions_database

Settings = dict[str, Any]


@contextmanager
def scratch_database(using: str, like: str | None = None) -> Iterator[None]:
    """Let an alias lead to a new, migrated database until the block ends; then that is dropped.

    Everything in this process follows, the tables of definitions too: they are made where the
    definitions are.

    Args:
        using: the alias; of its own database nothing is changed.
        like: the alias whose settings the new database has, by default the same.

    Raises:
        OpenTransactionError: a transaction is open, and not only that of a test case.
        UnsupportedDatabaseError: nobody knows how to make a database there.
    """
    if not freshness.is_settled(connections[using]):
        raise OpenTransactionError(using=using)
    settings = copy.deepcopy(connections.databases[like or using])
    with _made(connections[like or using], settings), _led_to(using, settings):
        call_command("migrate", database=using, verbosity=0, interactive=False, run_syncdb=True)
        yield


@contextmanager
def _made(connection: Any, settings: Settings) -> Iterator[None]:
    """Make the database and name it in the settings."""
    if connection.vendor == "sqlite":
        with TemporaryDirectory(prefix="dynschema-") as folder:
            settings["NAME"] = str(Path(folder) / "scratch.sqlite3")
            yield
    elif connection.vendor == "postgresql":
        settings["NAME"] = f"scratch_{uuid4().hex}"
        name = connection.ops.quote_name(settings["NAME"])
        _execute(connection, f"CREATE DATABASE {name}")
        try:
            yield
        finally:
            _execute(connection, f"DROP DATABASE {name} WITH (FORCE)")
    else:
        raise UnsupportedDatabaseError(alias=connection.alias, vendor=connection.vendor)


def _execute(connection: Any, sql: str) -> None:
    # As Django's own test runner does it: there is no public way to ask the server without a
    # database. It may go when there is one.
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql)


@contextmanager
def _led_to(using: str, settings: Settings) -> Iterator[None]:
    """Exchange the settings of an alias, and the connection of this thread."""
    has_definitions = using == definitions_database()
    had_classes = has_definitions and freshness.registry.snapshot.epoch is not None
    own_settings, own = connections.databases[using], connections[using]
    connections.databases[using] = settings
    connections[using] = connections.create_connection(using)
    _forget_types()
    try:
        with known_as_scratch(using):
            yield
    finally:
        connections[using].close()
        connections.databases[using], connections[using] = own_settings, own
        _forget_types()
        if had_classes:
            freshness.current(using)


def _forget_types() -> None:
    """Have Django look up again how the types of extensions are numbered in the database."""
    if apps.is_installed("django.contrib.postgres"):
        for name in ("get_hstore_oids", "get_citext_oids"):
            import_string(f"django.contrib.postgres.signals.{name}").cache_clear()
