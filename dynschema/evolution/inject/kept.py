"""Keeps columns of a table of SQLite while Django makes the table anew without them."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.evolution.inject.exceptions import LostRowsError
from dynschema.schema.editors.sqlite import SQLiteEditor
from dynschema.schema.editors.sqlite_catalog import StoredTable, rows, stored_table
from dynschema.schema.editors.sqlite_rebuild import rebuild
from dynschema.schema.introspection.sqlite_clauses import read_constraints, read_index
from dynschema.schema.introspection.sqlite_text import TableText
from dynschema.schema.sqltext import quote

KEPT = quote("dynschema kept")


@dataclass(frozen=True)
class Kept:
    """Columns of a table that is about to be made anew, and their values aside."""

    connection: BaseDatabaseWrapper
    old: StoredTable
    columns: frozenset[str]
    count: int

    @classmethod
    def of(cls, connection: BaseDatabaseWrapper, table: str, columns: set[str]) -> Kept:
        """Copy the values, with the primary key under a name of its own."""
        keys = {_key_name(n): each for n, each in enumerate(_primary_key(connection, table))}
        chosen = [f"{quote(each)} AS {name}" for name, each in keys.items()]
        chosen += map(quote, sorted(columns))
        editor = SQLiteEditor(connection)
        source = f"SELECT {', '.join(chosen)} FROM {quote(table)}"
        editor.run(f"CREATE TEMPORARY TABLE {KEPT} AS {source}")
        editor.run(f"CREATE INDEX temp.{quote('dynschema kept key')} ON {KEPT} ({', '.join(keys)})")
        ((count,),) = rows(connection, f"SELECT count(*) FROM {KEPT}")
        return cls(connection, stored_table(connection, table), frozenset(columns), count)

    def put_back(self) -> None:
        """Add the columns to the new table, with their constraints, indexes and values."""
        editor, table = SQLiteEditor(self.connection), self.old.name
        present = set(stored_table(self.connection, table).text.columns)
        missing = self.columns - present
        if missing:
            match = self._match()
            self._refuse_lost(match)
            values = {each: self._value(each, match) for each in sorted(missing)}
            rebuild(editor, table, lambda text: self._completed(text, missing), values)
            for sql in self._indexes(missing):
                editor.run(sql)
        editor.run(f"DROP TABLE temp.{KEPT}")

    def _match(self) -> str:
        keys = _primary_key(self.connection, self.old.name)
        return " AND ".join(f"{_key_name(n)} = {quote(each)}" for n, each in enumerate(keys))

    def _value(self, column: str, match: str) -> str:
        return f"(SELECT k.{quote(column)} FROM temp.{KEPT} k WHERE {match})"

    def _refuse_lost(self, match: str) -> None:
        table = quote(self.old.name)
        found = (
            f"SELECT count(*) FROM {table} WHERE EXISTS (SELECT 1 FROM temp.{KEPT} WHERE {match})"
        )
        ((same,),) = rows(self.connection, found)
        if same != self.count:
            raise LostRowsError(
                table=self.old.name,
                rows=self.count - same,
                count=self.count,
                columns=", ".join(sorted(self.columns)),
            )

    def _completed(self, text: TableText, missing: Set[str]) -> TableText:
        for segment in self._segments(missing):
            text = text.with_segment(segment)
        return text

    def _segments(self, missing: Set[str]) -> Iterator[str]:
        """Yield the old text of the columns, and of the constraints that concern no other."""
        for segment in self.old.text.segments:
            if segment.name is not None:
                is_meant = segment.name in missing
            else:
                concerned = {c for each in read_constraints(segment) for c in each.columns}
                is_meant = bool(concerned) and concerned <= missing
            if is_meant:
                yield str(segment).strip()

    def _indexes(self, missing: Set[str]) -> Iterator[str]:
        for sql in (*self.old.unique_indexes, *self.old.other_indexes):
            columns = {*read_index(sql).columns}
            if columns and columns <= missing:
                yield sql


def _primary_key(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    with connection.cursor() as cursor:
        return list(connection.introspection.get_primary_key_columns(cursor, table) or ())


def _key_name(number: int) -> str:
    return quote(f"dynschema key {number}")
