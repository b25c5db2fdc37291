"""What is done differently on each database: reading, spelling, changing and previewing tables.

One module per database has these functions; only that of a database in use is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.exceptions import UnsupportedDatabaseError
from dynschema.schema.editors.base import Editor
from dynschema.schema.spec import TableSpec

Known = Iterable[tuple[TableSpec, TableSpec]]
"""Tables as they were asked for, each with what was then found."""

VENDORS = ("postgresql", "sqlite")
"""The databases that can undo a change of a table together with a change of rows."""


class Dialect(Protocol):
    """How one kind of database is spoken to."""

    can_try: bool
    """Statements change what they name and nothing else, whatever somebody else did by hand."""

    def read_tables(
        self, connection: BaseDatabaseWrapper, names: Iterable[str] | None = None
    ) -> dict[str, TableSpec]:
        """Read actual tables from the catalog, by name; all when no names are given."""

    def read_prints(self, connection: BaseDatabaseWrapper, names: Iterable[str]) -> dict[str, str]:
        """Read the `catalog_print` of actual tables, by name, without more of them."""

    def read_names(self, connection: BaseDatabaseWrapper, prefix: str) -> set[str]:
        """Return, in lower case, the names that begin so and that a new table cannot have."""

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


def dialect_of(connection: BaseDatabaseWrapper) -> Dialect:
    """Return the dialect of a connection.

    Raises:
        UnsupportedDatabaseError: the database commits by itself when a table changes.
    """
    if connection.vendor not in VENDORS:
        raise UnsupportedDatabaseError(alias=connection.alias, vendor=connection.vendor)
    return _dialect(connection.vendor)


@cache
def _dialect(vendor: str) -> Dialect:
    return cast(Dialect, import_module(f"dynschema.schema.dialects.{vendor}"))
