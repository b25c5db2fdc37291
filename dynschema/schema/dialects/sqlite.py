"""How SQLite is spoken to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.schema.editors.sqlite import SQLiteEditor
from dynschema.schema.editors.sqlite_replica import preview
from dynschema.schema.introspection import sqlite
from dynschema.schema.introspection.sqlite import read_names, read_prints, read_tables
from dynschema.schema.spec import TableSpec

__all__ = ["can_try", "editor", "normal", "preview", "read_names", "read_prints", "read_tables"]

# A rebuild drops what it was not told of.
can_try = False

editor = SQLiteEditor


def normal(
    connection: BaseDatabaseWrapper,
    wanted: TableSpec,
    known: Iterable[tuple[TableSpec, TableSpec]] = (),
) -> TableSpec:
    """Spell a wanted table as the catalog would: by writing and reading its text."""
    return sqlite.normal(wanted)
