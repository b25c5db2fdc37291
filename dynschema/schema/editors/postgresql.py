"""Changes tables of PostgreSQL inside a transaction that may have written to them already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import DatabaseError, DataError
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.exceptions import BusyError
from dynschema.schema.editors.base import Editor, column_sql, constraint_sql, references_sql
from dynschema.schema.introspection.postgresql import literal
from dynschema.schema.spec import ConstraintSpec, FieldSpec
from dynschema.schema.sqltext import quote

# What to do, by the code that the server gives to an error which is nobody's fault.
BUSY = {
    "55P03": "Another transaction locks the table for longer than lock_timeout; wait for its end",
    "40P01": "Another transaction and this one waited for each other; roll this one back",
    "57014": "Ask again when the table is less in use, or with a longer statement_timeout",
    "55006": "This connection itself still reads the table; end its loop over .iterator() first",
}

# Stands for no value, and fails where there is one: it may have come since the data was asked, or
# be hidden by row level security. What does not mention the column would fail in any case.
NO_VALUE = "CASE 1 / (CASE WHEN {column} IS NULL THEN 1 ELSE 0 END) WHEN 1 THEN NULL::{type} END"
DIVISION_BY_ZERO = "22012"
VALUE_FOUND = (
    "There is a value by now, or one that this role does not see because of row level security"
)

# Every deferrable trigger counts, in both directions of a foreign key: a deferred unique constraint
# and a hand-made constraint trigger leave events pending too, and then no table can be changed.
DEFERRABLE = """
SELECT DISTINCT k.oid, format('%I.%I', n.nspname, k.conname), k.condeferred
  FROM pg_trigger t
  JOIN pg_constraint k ON k.oid = t.tgconstraint
  JOIN pg_namespace n ON n.oid = k.connamespace
 WHERE t.tgdeferrable AND t.tgrelid IN ({tables})
 ORDER BY 2
"""
STILL_THERE = """
SELECT format('%I.%I', n.nspname, k.conname)
  FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
 WHERE k.oid IN ({oids})
 ORDER BY 1
"""
COLLATION = re.compile(r'COLLATE (?:"(?:[^"]|"")*"|[^\s"])+')


class PostgreSQLEditor(Editor):
    """Changes tables of PostgreSQL."""

    @contextmanager
    def settled(self, tables: Iterable[str]) -> Iterator[None]:
        """Check deferred constraints of these tables at once, and only then let them be changed.

        Constraints that were deferred from the start are deferred again in the end, also after an
        error, unless the error has broken the transaction: its rollback does the same.

        Raises:
            IntegrityError: what was written earlier in the transaction breaks a constraint.
        """
        found = self._deferrable_constraints(tables)
        if not found:
            yield
            return
        self._execute(f"SET CONSTRAINTS {', '.join(name for _, name, _ in found)} IMMEDIATE")
        try:
            yield
        finally:
            if self._transaction_lives():
                self._defer([oid for oid, _, deferred in found if deferred])

    def run(self, sql: str) -> None:
        """Execute one statement and remember it.

        Raises:
            BusyError: a lock could not be had, or a query is still open on the table.
        """
        with busy_as_such():
            super().run(sql)

    def add_field(
        self, table: str, field: FieldSpec, constraints: tuple[ConstraintSpec, ...] = ()
    ) -> None:
        """Add a column together with the checks and foreign keys of that column alone.

        Rows that exist get `field.fill` as the default of the moment, which writes no row where
        the value is constant; then it stays, or gives way to the default that is wanted.
        """
        initial = field.default if field.fill is None else field.fill
        lasting = initial if field.keep_fill else field.default
        parts = [column_sql(replace(field, default=initial)), *map(inline_sql, constraints)]
        self.run(f"ALTER TABLE {quote(table)} ADD COLUMN {' '.join(parts)}")
        if lasting != initial:
            self.set_default(table, field.name, lasting)

    def set_type(self, table: str, field: FieldSpec, *, is_empty: bool = False) -> None:
        """Give a column the type and the collation of `field`, all values kept."""
        collation = COLLATION.search(field.extra)
        type_sql = f"{field.type} {collation.group()}" if collation else field.type
        if is_empty:
            using = NO_VALUE.format(column=quote(field.name), type=field.type)
            with seen_as_value():
                self._alter_column(table, field.name, f"TYPE {type_sql} USING {using}")
        else:
            using = f"{quote(field.name)}::{field.type}"
            self._alter_column(table, field.name, f"TYPE {type_sql} USING {using}")

    def fill(self, table: str, column: str, value: str) -> None:
        """Put an SQL value into every row in which the column is NULL."""
        # A foreign key made since the table was settled would leave its checks pending.
        with self.settled([table]):
            super().fill(table, column, value)

    def _deferrable_constraints(self, tables: Iterable[str]) -> list[tuple[int, str, bool]]:
        """Find the oid and the qualified name of each, and whether it starts as deferred."""
        oids = ", ".join(f"to_regclass({literal(quote(table))})" for table in tables)
        return self._execute(DEFERRABLE.replace("{tables}", oids or "NULL"))

    def _defer(self, oids: list[int]) -> None:
        """Defer those constraints again that are still there, under their present names."""
        if not oids:
            return
        found = self._execute(STILL_THERE.replace("{oids}", ", ".join(map(str, oids))))
        if found:
            self._execute(f"SET CONSTRAINTS {', '.join(name for (name,) in found)} DEFERRED")

    def _transaction_lives(self) -> bool:
        server = self.connection.connection
        return server is not None and server.info.transaction_status.name == "INTRANS"

    def _execute(self, sql: str) -> list[Any]:
        """Execute what changes no table, and return its rows."""
        with busy_as_such(), self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []


class PreviewEditor(PostgreSQLEditor):
    """Remembers the statements and runs none of them."""

    def run(self, sql: str) -> None:
        """Remember one statement."""
        self.statements.append(sql)

    @contextmanager
    def settled(self, tables: Iterable[str]) -> Iterator[None]:
        """Do nothing, since nothing will be changed."""
        yield


def preview(connection: BaseDatabaseWrapper, change: Callable[[Editor], None]) -> list[str]:
    """Return the statements that a change would run; nothing is sent to the server.

    Args:
        connection: the connection that the change would run on.
        change: makes the change with the editor that it is given.
    """
    editor = PreviewEditor(connection)
    change(editor)
    return editor.statements


def inline_sql(constraint: ConstraintSpec) -> str:
    """Return a constraint as it stands behind its column.

    There, unlike in an ADD CONSTRAINT, a foreign key of an empty column is not checked row by row.
    """
    if constraint.references is None:
        return constraint_sql(constraint)
    return f"CONSTRAINT {quote(constraint.name or '')} {references_sql(constraint)}"


@contextmanager
def seen_as_value() -> Iterator[None]:
    """Say what it means that NO_VALUE fails."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != DIVISION_BY_ZERO:
            raise
        raise DataError(VALUE_FOUND) from error


@contextmanager
def busy_as_such() -> Iterator[None]:
    """Turn the errors of waiting into a BusyError that says what to do."""
    try:
        yield
    except DatabaseError as error:
        advice = BUSY.get(getattr(error.__cause__, "sqlstate", ""))
        if advice is None:
            raise
        raise BusyError(reason=f"{str(error).partition(chr(10))[0]}. {advice}") from error
