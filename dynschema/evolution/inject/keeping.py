"""Lets Django's migrations keep the columns of injected fields, and the history find their table.

On SQLite, Django makes a table anew for many changes, from a model that knows the fields of the
migrations alone. So the schema editor of each connection is derived from the one that it would have
otherwise. That may go when Django copies the columns that it does not know, or asks somebody.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from dynschema.evolution.inject.exceptions import KeptColumnError, LostRowsError
from dynschema.models import Field, Table
from dynschema.schema.editors.sqlite import SQLiteEditor
from dynschema.schema.editors.sqlite_catalog import StoredTable, rows, stored_table
from dynschema.schema.editors.sqlite_rebuild import rebuild
from dynschema.schema.introspection.sqlite_clauses import read_constraints, read_index
from dynschema.schema.introspection.sqlite_text import TableText
from dynschema.schema.sqltext import quote

KEPT = quote("dynschema kept")
COLUMNS = f"""
    SELECT f."column" FROM {quote(Field._meta.db_table)} f
      JOIN {quote(Table._meta.db_table)} t ON t.id = f.table_id
     WHERE t.name = %s AND t.blueprint = ''
"""


def listen() -> None:
    """Prepare the connections of all threads, open or not, and those to databases added later."""
    for each in connections.all():
        prepare(connection=type(each))
    connection_created.connect(prepare, dispatch_uid="dynschema injected columns")


def prepare(connection: Any, **_: Any) -> None:
    """Let a connection, or a class of them, have a schema editor that takes care of columns."""
    editor = connection.SchemaEditorClass
    if editor is None:
        return  # There is no database.
    careful = KeepingEditor if connection.vendor == "sqlite" else FollowingEditor
    if not issubclass(editor, careful):
        connection.SchemaEditorClass = type(editor.__name__, (careful, editor), {})


class FollowingEditor:
    """Follows a table that gets another name, since a later step may make it anew."""

    connection: BaseDatabaseWrapper
    collect_sql: bool

    def add_field(self, model: Any, field: Any) -> None:
        """Add the field, unless its column is there and has values that would be lost."""
        table = model._meta.db_table
        if not self.collect_sql and field.column in _columns(self.connection, table):
            raise KeptColumnError(column=field.column, table=table)
        super().add_field(model, field)  # type: ignore[misc]

    def alter_db_table(self, model: Any, old_db_table: str, new_db_table: str) -> None:
        """Give the table its name, in the history too."""
        super().alter_db_table(model, old_db_table, new_db_table)  # type: ignore[misc]
        if not self.collect_sql and _is_installed(self.connection):
            hosts = Table._base_manager.using(self.connection.alias).filter(blueprint="")
            hosts.filter(name=old_db_table).update(name=new_db_table)

    def delete_model(self, model: Any, **options: Any) -> None:
        """Delete the table, and the rows between its own and others, which would mean nothing."""
        # In this way, Django drops on SQLite what it has made anew.
        is_anew = options.get("handle_autom2m") is False
        if not self.collect_sql and not is_anew:
            for each in _between(self.connection, model._meta.db_table):
                self.execute(f"DELETE FROM {quote(each)}")  # type: ignore[attr-defined]
        super().delete_model(model, **options)  # type: ignore[misc]


class KeepingEditor(FollowingEditor):
    """Puts injected columns back into the table that Django has made anew."""

    collected_sql: list[str]

    def _remake_table(self, model: Any, *args: Any, **kwargs: Any) -> None:
        remake: Any = super()._remake_table  # type: ignore[misc]
        columns = _columns(self.connection, model._meta.db_table)
        if not columns:
            remake(model, *args, **kwargs)
        elif self.collect_sql:
            names = ", ".join(sorted(columns))
            note = f"-- The injected columns {names} are kept when `migrate` runs this."
            self.collected_sql.append(note)
            remake(model, *args, **kwargs)
        else:
            with transaction.atomic(self.connection.alias):
                kept = _Kept.of(self.connection, model._meta.db_table, columns)
                remake(model, *args, **kwargs)
                kept.put_back()


def _is_installed(connection: BaseDatabaseWrapper) -> bool:
    return Field._meta.db_table in connection.introspection.table_names()


def _columns(connection: BaseDatabaseWrapper, table: str) -> set[str]:
    """Return the columns of a table that are or were those of injected fields."""
    if not _is_installed(connection):
        return set()
    recorded = {column for (column,) in rows(connection, COLUMNS, [table])}
    if not recorded:
        return recorded
    with connection.cursor() as cursor:
        present = connection.introspection.get_table_description(cursor, table)
    return recorded & {each.name for each in present}


def _between(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """Return the tables of injected many-to-many fields that refer to a table."""
    if not _is_installed(connection):
        return []
    ours = Table._base_manager.using(connection.alias).filter(blueprint="", definition="")
    present = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        targets = {
            name: connection.introspection.get_relations(cursor, name).values()
            for name in ours.values_list("name", flat=True)
            if name in present
        }
    return [name for name, found in targets.items() if table in {each[1] for each in found}]


@dataclass(frozen=True)
class _Kept:
    """Columns of a table that is about to be made anew, and their values aside."""

    connection: BaseDatabaseWrapper
    old: StoredTable
    columns: frozenset[str]
    count: int

    @classmethod
    def of(cls, connection: BaseDatabaseWrapper, table: str, columns: set[str]) -> _Kept:
        """Copy the values, with the primary key under a name of its own."""
        keys = _primary_key(connection, table)
        chosen = [f"{quote(each)} AS {_key_name(n)}" for n, each in enumerate(keys)]
        chosen += map(quote, sorted(columns))
        editor = SQLiteEditor(connection)
        source = f"SELECT {', '.join(chosen)} FROM {quote(table)}"
        editor.run(f"CREATE TEMPORARY TABLE {KEPT} AS {source}")
        editor.run(f"CREATE INDEX temp.{quote('dynschema kept key')} ON {KEPT} ({_key_name(0)})")
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
