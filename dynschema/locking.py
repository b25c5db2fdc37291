"""Takes the one lock that orders all changes of dynamic tables, before anything else is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import DatabaseError, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.conf import configuration
from dynschema.exceptions import BusyError, OtherSchemaError, UnsupportedDatabaseError
from dynschema.history import Token, read_epoch, tables_expected
from dynschema.statements import SERIALIZATION_FAILURE

DEADLOCK = "40P01"
BUSY = {
    "55P03": "another change of a dynamic table is under way",
    DEADLOCK: "this transaction and another one waited for each other. Let it roll back",
}
"""Why the lock could not be had, by the code that PostgreSQL gives to the error."""

NOT_IN_TIME = {
    "55P03": "another transaction holds a lock for longer than lock_timeout; wait for its end",
    DEADLOCK: "this transaction and another one waited for each other. Let it roll back",
    "57014": "the server ended a statement that took too long ({error}); ask again when it has "
    "less to do, or with a longer statement_timeout",
    SERIALIZATION_FAILURE: "another transaction has changed what this one reads or writes since it "
    "began, which its isolation level does not allow. Let it roll back",
}
"""Why a statement of the transaction failed though nobody has done anything wrong, likewise."""

LOCK_SQL = """
    SELECT current_setting('lock_timeout'),
           set_config('lock_timeout', '{timeout_ms:d}ms', true),
           pg_advisory_xact_lock(hashtextextended('dynschema:' || current_schema(), 0)),
           current_schema(),
           (SELECT nspname FROM pg_namespace WHERE oid = (
            SELECT relnamespace FROM pg_class WHERE oid = to_regclass('dynschema_epoch')));
    SELECT number, fingerprint FROM dynschema_epoch
"""
"""One round trip; the second statement sees what was committed before the lock was had."""


@contextmanager
def held(using: str) -> Iterator[Token]:
    """Open a transaction and hold the lock until it ends.

    To end a deadlock of others, PostgreSQL may choose a transaction that only stands in the queue
    for the lock between them. If that one has done nothing yet, it queues again, once.

    Yields:
        The epoch, which nobody else can move now.

    Raises:
        BusyError: somebody else holds it for too long, or a lock that is needed meanwhile.
        NotInstalledError: `migrate` has not made the tables of dynschema yet.
        OtherSchemaError: a new table would go to another schema than theirs.
        UnsupportedDatabaseError: the database cannot undo a change of a table.
    """
    may_try_again = not connections[using].in_atomic_block
    with _busy_as_such(), ExitStack() as opened:
        try:
            token = _enter(opened, using)
        except BusyError as error:
            if not (may_try_again and _is_deadlock(error)):
                raise
            token = _enter(opened, using)
        yield token


@contextmanager
def _busy_as_such() -> Iterator[None]:
    """Turn what PostgreSQL says of waiting into our error, whichever statement had to wait."""
    try:
        yield
    except DatabaseError as error:
        reason = NOT_IN_TIME.get(getattr(error.__cause__, "sqlstate", ""))
        if reason is None:
            raise
        raise BusyError(reason=reason.format(error=str(error).strip())) from error


def _enter(opened: ExitStack, using: str) -> Token:
    """Open and lock; what was opened is closed again if the lock cannot be had."""
    with ExitStack() as entered:
        entered.enter_context(begun(using))
        token = entered.enter_context(locked(using))
        opened.enter_context(entered.pop_all())
    return token


def _is_deadlock(error: BusyError) -> bool:
    cause = error.__cause__.__cause__ if error.__cause__ else None
    return getattr(cause, "sqlstate", None) == DEADLOCK


@contextmanager
def begun(using: str) -> Iterator[None]:
    """Open a transaction; that of SQLite takes its write lock at once, as a later one may fail.

    Raises:
        BusyError: somebody else holds it for too long.
    """
    with ExitStack() as opened:
        with beginning(connections[using], "IMMEDIATE"), _waiting():
            opened.enter_context(transaction.atomic(using))
        yield


@contextmanager
def locked(using: str) -> Iterator[Token]:
    """Hold the lock until the transaction ends; meanwhile no statement waits long for another lock.

    Yields:
        The epoch, which nobody else can move now.

    Raises:
        BusyError: somebody else holds it for too long.
        NotInstalledError: `migrate` has not made the tables of dynschema yet.
        UnsupportedDatabaseError: the database cannot undo a change of a table.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        former, token = _lock_postgresql(connection)
        yield token
        if connection.savepoint_ids:
            # Otherwise the transaction ends here, and the setting with it.
            _set_timeout(connection, former)
    elif connection.vendor == "sqlite":
        _lock_sqlite(connection)
        yield read_epoch(using)
    else:
        raise UnsupportedDatabaseError(alias=using, vendor=connection.vendor)


def _lock_postgresql(connection: BaseDatabaseWrapper) -> tuple[str, Token]:
    """Lock; return the timeout that was set before, and the epoch."""
    sql = LOCK_SQL.format(timeout_ms=configuration().lock_timeout_ms)
    with connection.cursor() as cursor, tables_expected(connection.alias):
        try:
            cursor.execute(sql)
        except OperationalError as error:
            reason = BUSY.get(getattr(error.__cause__, "sqlstate", ""))
            if reason is None:
                raise
            raise BusyError(reason=reason) from error
        former, _, _, target, home = cursor.fetchone()
        cursor.nextset()
        row = cursor.fetchone()
    if home != target:
        raise OtherSchemaError(target=target, home=home)
    return former, Token(*row) if row else Token()


def _set_timeout(connection: BaseDatabaseWrapper, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [value])


@contextmanager
def beginning(connection: Any, mode: str) -> Iterator[None]:
    """Let a transaction that SQLite begins now be of this mode, whatever the settings ask for.

    Args:
        connection: of any database; the others know no modes.
        mode: `IMMEDIATE` for one that writes, `DEFERRED` for one that lets others write.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()  # Before that, Django has not read the mode from the settings.
    former = connection.transaction_mode
    connection.transaction_mode = mode
    try:
        yield
    finally:
        connection.transaction_mode = former


def _lock_sqlite(connection: BaseDatabaseWrapper) -> None:
    """Write nothing, which takes the write lock if the transaction does not have it yet."""
    with connection.cursor() as cursor, tables_expected(connection.alias), _waiting():
        cursor.execute("UPDATE dynschema_epoch SET number = number")


@contextmanager
def _waiting() -> Iterator[None]:
    """Turn SQLite's error of a lock that could not be had into ours."""
    try:
        yield
    except OperationalError as error:
        name = getattr(error.__cause__, "sqlite_errorname", "")
        if not name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise
        raise BusyError(reason="another transaction is writing to the database") from error
