"""Opens the transaction in which a dump sees one moment of the database, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from dynschema.evolution.dumps.exceptions import OpenTransactionError


@contextmanager
def snapshot_of(using: str) -> Iterator[None]:
    """See the rows of all tables as they are now until the block ends.

    Raises:
        OpenTransactionError: a transaction is open, which may have seen another moment.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        raise OpenTransactionError(using=using)
    with _without_write_lock(connection), transaction.atomic(using):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def _without_write_lock(connection: Any) -> Iterator[None]:
    """Let others write while SQLite reads, whatever mode the settings ask for."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()  # Before that, Django has not read the mode from the settings.
    mode = connection.transaction_mode
    connection.transaction_mode = "DEFERRED"
    try:
        yield
    finally:
        connection.transaction_mode = mode
