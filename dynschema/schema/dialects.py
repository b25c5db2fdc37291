"""What is done differently on each database: reading, spelling, changing and previewing tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.exceptions import UnsupportedDatabaseError
from dynschema.schema.editors.base import Editor
from dynschema.schema.editors.postgresql import PostgreSQLEditor
from dynschema.schema.editors.postgresql import preview as preview_postgresql
from dynschema.schema.editors.sqlite import SQLiteEditor
from dynschema.schema.editors.sqlite_replica import preview as preview_sqlite
from dynschema.schema.introspection import postgresql, sqlite
from dynschema.schema.introspection.postgresql_scratch import Normaliser
from dynschema.schema.spec import TableSpec

Known = Iterable[tuple[TableSpec, TableSpec]]
"""Tables as they were asked for, each with what was then found."""


class Dialect(Protocol):
    """How one kind of database is spoken to."""

    def read_tables(
        self, connection: BaseDatabaseWrapper, names: Iterable[str] | None = None
    ) -> dict[str, TableSpec]:
        """Read actual tables from the catalog, by name; all when no names are given."""

    def normal(
        self, connection: BaseDatabaseWrapper, wanted: TableSpec, known: Known = ()
    ) -> TableSpec:
        """Spell a wanted table as the catalog would, if it were there."""

    def editor(self, connection: BaseDatabaseWrapper) -> Editor:
        """Return what changes tables."""

    def preview(
        self, connection: BaseDatabaseWrapper, change: Callable[[Editor], None]
    ) -> list[str]:
        """Return the SQL of a change without making it."""


class _PostgreSQL:
    read_tables = staticmethod(postgresql.read_tables)
    normal = staticmethod(Normaliser().normal)
    editor = PostgreSQLEditor
    preview = staticmethod(preview_postgresql)


class _SQLite:
    read_tables = staticmethod(sqlite.read_tables)
    editor = SQLiteEditor
    preview = staticmethod(preview_sqlite)

    @staticmethod
    def normal(connection: BaseDatabaseWrapper, wanted: TableSpec, known: Known = ()) -> TableSpec:
        return sqlite.normal(wanted)


_DIALECTS: dict[str, Dialect] = {"postgresql": _PostgreSQL(), "sqlite": _SQLite()}


def dialect_of(connection: BaseDatabaseWrapper) -> Dialect:
    """Return the dialect of a connection.

    Raises:
        UnsupportedDatabaseError: the database commits by itself when a table changes.
    """
    try:
        return _DIALECTS[connection.vendor]
    except KeyError:
        raise UnsupportedDatabaseError(alias=connection.alias, vendor=connection.vendor) from None
