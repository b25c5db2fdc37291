"""Reads from SQLite's catalog what hangs on a table, and which other tables refer to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.schema.introspection.sqlite import read_table
from dynschema.schema.introspection.sqlite_text import TableText, parse_table
from dynschema.schema.sqltext import quote

# A trigger keeps the name of its table as it was typed.
OBJECTS = """
SELECT type, sql FROM sqlite_master
 WHERE lower(tbl_name) = lower(%s) AND sql IS NOT NULL ORDER BY type = 'table' DESC, rowid
"""
# The text is looked at first since asking each table for its foreign keys is slower.
REFERRING = """
SELECT DISTINCT m.name, f.on_delete
  FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f
 WHERE m.type = 'table' AND instr(lower(m.sql), lower(%s)) AND lower(f."table") = lower(%s)
"""
UNIQUE_INDEX = re.compile(r"CREATE\s+UNIQUE", re.IGNORECASE)


@dataclass(frozen=True)
class StoredTable:
    """A table with all that is dropped together with it."""

    name: str
    text: TableText
    indexes: tuple[str, ...]
    triggers: tuple[str, ...]
    sequence: int | None
    """The highest number that AUTOINCREMENT has given out."""

    @property
    def unique_indexes(self) -> tuple[str, ...]:
        """Those that rows of other tables may depend on."""
        return tuple(sql for sql in self.indexes if UNIQUE_INDEX.match(sql))

    @property
    def other_indexes(self) -> tuple[str, ...]:
        """The indexes that are not unique."""
        return tuple(sql for sql in self.indexes if sql not in self.unique_indexes)

    @property
    def has_rowid(self) -> bool:
        """Tell whether rows have a number besides their columns."""
        return "WITHOUT" not in self.text.words

    @property
    def rowid(self) -> str | None:
        """The name of the row's number; None if a column holds it already, or there is none."""
        if not self.has_rowid or has_integer_key(self.text):
            return None
        taken = {(each.name or "").lower() for each in self.text.segments}
        return next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)


def stored_table(connection: BaseDatabaseWrapper, table: str) -> StoredTable:
    """Read one table; it must exist."""
    found = rows(connection, OBJECTS, [table])
    text = parse_table(found[0][1])
    return StoredTable(
        name=table,
        text=text,
        indexes=tuple(sql for kind, sql in found if kind == "index"),
        triggers=tuple(sql for kind, sql in found if kind == "trigger"),
        sequence=_sequence(connection, table, text),
    )


def referring_tables(connection: BaseDatabaseWrapper, table: str) -> dict[str, set[str]]:
    """Return the tables with a foreign key to this one, and what the database does on delete."""
    # A quote in the name may be written in several ways.
    part = max(re.split(r"[\"'`\[\]]", table), key=len)
    found: dict[str, set[str]] = {}
    for name, action in rows(connection, REFERRING, [part, table]):
        found.setdefault(name, set()).add(action)
    return found


def missing_targets(connection: BaseDatabaseWrapper, table: str) -> set[tuple[Any, ...]]:
    """Return the rows of a table that refer to rows that are not there."""
    return set(rows(connection, f"PRAGMA foreign_key_check({quote(table)})"))


def has_integer_key(text: TableText) -> bool:
    """Tell whether the primary key is the rowid itself."""
    table = read_table("", str(text))
    keys = [each.columns for each in table.constraints if each.sql.startswith("PRIMARY KEY")]
    return any(
        field.type == "integer" and ("PRIMARY KEY" in field.extra or (field.name,) in keys)
        for field in table.fields
    )


def rows(connection: BaseDatabaseWrapper, sql: str, params: list[Any] | None = None) -> list[Any]:
    """Ask the database."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _sequence(connection: BaseDatabaseWrapper, table: str, text: TableText) -> int | None:
    bodies = [clause.body for segment in text.segments for clause in segment.clauses]
    if not any("AUTOINCREMENT" in body for body in bodies):
        return None
    found = rows(connection, "SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    return found[0][0] if found else None
