"""Changes tables of SQLite inside an open transaction, with foreign keys enforced.

What ALTER TABLE can do is done by it; for the rest, a table is made anew from its own text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce

from django.db import DatabaseError, OperationalError

from dynschema.exceptions import BusyError, UnsupportedChangeError
from dynschema.schema.editors.base import (
    Editor,
    column_sql,
    constraint_sql,
    index_sql,
    references_sql,
)
from dynschema.schema.editors.sqlite_catalog import rows
from dynschema.schema.editors.sqlite_rebuild import Change, pragma, rebuild, undone
from dynschema.schema.introspection.sqlite import is_constant, normal_constraint, written
from dynschema.schema.introspection.sqlite_clauses import read_constraints
from dynschema.schema.introspection.sqlite_text import Clause, Segment, TableText
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec
from dynschema.schema.sqltext import quote

BUSY = {
    "SQLITE_LOCKED": "a query on this connection is unfinished; read it to its end with list()",
    "SQLITE_BUSY": "another connection is writing to the database",
}
BROKEN = re.compile(r"error in (?P<kind>view|trigger) (?P<name>.+?)(?P<after> after \w+[ \w]*)?: ")


class SQLiteEditor(Editor):
    """Changes tables of SQLite."""

    def run(self, sql: str) -> None:
        """Execute one statement and remember it.

        Raises:
            BusyError: an unfinished query, or another connection, is in the way.
        """
        try:
            super().run(sql)
        except OperationalError as error:
            code = getattr(error.__cause__, "sqlite_errorname", "")
            reason = next((BUSY[each] for each in BUSY if code.startswith(each)), None)
            if reason is None:
                raise
            raise BusyError(reason=reason) from error

    def has_rows(self, table: str) -> bool:
        """Tell whether there is a row; without one, SQLite can add any column."""
        return bool(rows(self.connection, f"SELECT 1 FROM {quote(table)} LIMIT 1"))

    # Tables

    def create_table(self, table: TableSpec) -> None:
        """Create the table with its columns and constraints."""
        super().create_table(replace(table, fields=tuple(map(written, table.fields))))

    def rename_table(self, old: str, new: str) -> None:
        """Give a table another name; foreign keys, triggers and views follow."""
        if old != new and old.lower() == new.lower():
            # SQLite finds the old name in the way of the new one.
            between = f"{old} renamed"
            self.rename_table(old, between)
            old = between
        self._alter(old, f"RENAME TO {quote(new)}")

    # Columns

    def add_field(
        self, table: str, field: FieldSpec, constraints: tuple[ConstraintSpec, ...] = ()
    ) -> None:
        """Add a column together with the checks and foreign keys of that column alone.

        Rows that exist get `field.fill`; it stays as the default where `field.keep_fill` says so.
        """
        initial = field.default if field.fill is None else field.fill
        lasting = initial if field.keep_fill else field.default
        added = replace(field, default=lasting)
        segment = " ".join([column_sql(written(added)), *map(inline_sql, constraints)])
        if not self.has_rows(table):
            initial = lasting
        elif not _fits_alter(replace(added, fill=initial), constraints):
            values = {} if initial is None else {field.name: initial}
            rebuild(self, table, lambda text: text.with_segment(segment), values)
            return
        self._alter(table, f"ADD COLUMN {segment}")
        if initial != lasting:
            self.run(f"UPDATE {quote(table)} SET {quote(field.name)} = {initial}")

    def rename_field(self, table: str, old: str, new: str) -> None:
        """Give a column another name; indexes, constraints, triggers and views follow."""
        self._alter(table, f"RENAME COLUMN {quote(old)} TO {quote(new)}")

    def set_null(self, table: str, column: str, *, null: bool) -> None:
        """Let a column be NULL, or require a value."""
        self._rebuild_column(table, column, lambda segment: segment.with_null(null))

    def set_default(self, table: str, column: str, default: str | None) -> None:
        """Set the default of the database to this SQL, or drop it."""
        sql = (
            ""
            if default is None
            else f"DEFAULT {written(FieldSpec('', '', default=default)).default}"
        )
        self._rebuild_column(table, column, lambda segment: segment.with_clause("DEFAULT", sql))

    def set_type(self, table: str, field: FieldSpec, *, is_empty: bool = False) -> None:
        """Give a column the type and the collation of `field`, all values kept."""
        collation = re.search(r'COLLATE ("(?:[^"]|"")*"|\w+)', field.extra)
        sql = collation.group() if collation else ""

        def change(segment: Segment) -> Segment:
            return replace(segment, type=f" {field.type}").with_clause("COLLATE", sql)

        self._rebuild_column(table, field.name, change)

    # Indexes and constraints

    def add_constraint(self, table: str, constraint: ConstraintSpec) -> None:
        """Add an index or a constraint."""
        if constraint.kind == "index":
            super().add_constraint(table, constraint)
        else:
            sql = constraint_sql(constraint)
            rebuild(self, table, lambda text: text.with_segment(sql))

    def remove_constraint(self, table: str, constraint: ConstraintSpec) -> None:
        """Drop an index or a constraint; one without a name is found by what it says."""
        self.remove_constraints(table, [constraint])

    def remove_constraints(self, table: str, constraints: Iterable[ConstraintSpec]) -> None:
        """Drop all that need it by making the table anew once.

        While one of its foreign keys leads to a table that is gone, no row could be copied.
        """
        changes = []
        for each in constraints:
            if each.kind == "index":
                super().remove_constraint(table, each)
            else:
                changes.append(_to_constraint(table, each, lambda clause: None))
        if changes:
            rebuild(self, table, lambda text: reduce(lambda t, change: change(t), changes, text))

    def rename_constraint(self, table: str, constraint: ConstraintSpec, new: str) -> None:
        """Give an index or a constraint another name."""
        if constraint.kind == "index":
            self.remove_constraint(table, constraint)
            self.run(index_sql(table, replace(constraint, name=new)))
        elif constraint.name:
            change = _to_constraint(table, constraint, lambda clause: clause.renamed(new))
            rebuild(self, table, change)

    def _rebuild_column(
        self, table: str, column: str, change: Callable[[Segment], Segment]
    ) -> None:
        rebuild(self, table, lambda text: text.with_column(column, change))

    def _alter(self, table: str, action: str) -> None:
        """Run ALTER TABLE; a view or a trigger that is broken anyway steps aside meanwhile."""
        aside: list[str] = []
        with pragma(self, "legacy_alter_table", 0), undone(self):
            while broken := self._broken_by(f"ALTER TABLE {quote(table)} {action}"):
                aside += self._set_aside(*broken)
            for sql in aside:
                self.run(sql)

    def _broken_by(self, sql: str) -> tuple[str, str] | None:
        """Run a statement; if a broken view or trigger prevents it, return its kind and name."""
        try:
            self.run(sql)
        except DatabaseError as error:
            self.statements.pop()
            found = BROKEN.match(str(error))
            if not found or found["after"]:
                raise
            return found["kind"], found["name"]
        return None

    def _set_aside(self, kind: str, name: str) -> list[str]:
        """Drop a view or a trigger and return what creates it again, with a view's triggers."""
        query = (
            "SELECT sql FROM sqlite_master "
            "WHERE lower(%s) IN (lower(name), lower(tbl_name)) AND type IN (%s, 'trigger')"
        )
        found = [sql for (sql,) in rows(self.connection, f"{query} ORDER BY rowid", [name, kind])]
        self.run(f"DROP {kind.upper()} {quote(name)}")
        return found


def inline_sql(constraint: ConstraintSpec) -> str:
    """Return a constraint as it stands behind its column."""
    if constraint.references is None:
        return constraint_sql(constraint)
    name = f"CONSTRAINT {quote(constraint.name)} " if constraint.name else ""
    return name + references_sql(constraint)


def _fits_alter(field: FieldSpec, constraints: tuple[ConstraintSpec, ...]) -> bool:
    """Tell whether ADD COLUMN takes the column although there are rows; they get `field.fill`."""
    if "STORED" in field.extra or (field.default and not is_constant(field.default)):
        return False
    if field.fill is None:
        return field.null or "GENERATED" in field.extra
    refers = any(each.references for each in constraints)
    if field.null:
        return field.default is None or not refers
    return field.fill == field.default and not refers


def _to_constraint(
    table: str, constraint: ConstraintSpec, change: Callable[[Clause], Clause | None]
) -> Change:
    """Return the change of a table's text in which one constraint is changed."""

    def changed(text: TableText) -> TableText:
        chosen = _find(text, constraint)
        if chosen is None:
            raise UnsupportedChangeError(
                table=table,
                key=None,
                reason=f'it has no constraint "{constraint.name or constraint.sql}"',
                remedy="Compare the table with its definition again.",
            )
        # Equal clauses of two columns may be one object.
        return text.with_clauses(lambda *each: change(each[1]) if each == chosen else each[1])

    return changed


def _find(text: TableText, constraint: ConstraintSpec) -> tuple[Segment, Clause] | None:
    """Find a constraint by its name, or else by what it says."""
    found = [
        ((segment, clause), read)
        for segment in text.segments
        for clause in segment.clauses
        for read in read_constraints(replace(segment, clauses=(clause,)))
    ]
    shape = normal_constraint(constraint).shape
    named = (place for place, read in found if read.name and read.name == constraint.name)
    alike = (place for place, read in found if read.shape == shape)
    return next(named, None) or next(alike, None)
