"""Opens the transaction in which a dump sees one moment of the database, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from dynschema.evolution.dumps.exceptions import OpenTransactionError
from dynschema.locking import beginning


@contextmanager
def snapshot_of(using: str) -> Iterator[None]:
    """See the rows of all tables as they are now until the block ends.

    Raises:
        OpenTransactionError: a transaction is open, which may have seen another moment.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        raise OpenTransactionError(using=using)
    with beginning(connection, "DEFERRED"), transaction.atomic(using):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
