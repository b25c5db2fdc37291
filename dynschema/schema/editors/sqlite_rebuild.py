"""Gives a SQLite table another text by making it anew, with everything else as it was.

The rows are copied out, the table is dropped, created under the same name and filled again; foreign
keys are enforced throughout, since they cannot be switched off inside a transaction. A row that
comes back pays the debt of those that refer to it. That fails where the database itself acts on a
delete (`ON DELETE CASCADE`), so the tables that it would act on are dropped and made anew as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.transaction import TransactionManagementError

from dynschema.exceptions import UnsupportedChangeError
from dynschema.schema.editors.base import Editor
from dynschema.schema.editors.sqlite_catalog import (
    StoredTable,
    has_integer_key,
    missing_targets,
    referring_tables,
    rows,
    stored_table,
)
from dynschema.schema.introspection.sqlite_text import TableText
from dynschema.schema.sqltext import quote

Change = Callable[[TableText], TableText]

ACTIONS = {"CASCADE", "SET NULL", "SET DEFAULT"}
ROWID = quote("dynschema rowid")


def rebuild(
    editor: Editor, table: str, change: Change, values: Mapping[str, str] | None = None
) -> None:
    """Make a table anew with a changed text.

    Args:
        editor: runs the statements.
        table: the table's name.
        change: returns the new text.
        values: the SQL that new columns are filled with, by their names.

    Raises:
        UnsupportedChangeError: rows refer to rows that are not there, before or after.
    """
    names = reached_tables(editor, table)
    old = [stored_table(editor.connection, name) for name in names]
    text = change(old[0].text)
    if text == old[0].text:
        return
    tables = [_Table(editor, old[0], 0, text, values or {})]
    tables += [_Table(editor, each, n, each.text, {}) for n, each in enumerate(old[1:], start=1)]
    with pragma(editor, "defer_foreign_keys", 1), undone(editor), references_kept(editor, names):
        _make_anew(tables)


def reached_tables(editor: Editor, table: str) -> list[str]:
    """Return the table and those whose rows the database would change if its rows went."""
    found = [table]
    for name in found:
        referring = referring_tables(editor.connection, name)
        found += [each for each in referring if referring[each] & ACTIONS and each not in found]
    return found


@contextmanager
def references_kept(editor: Editor, tables: list[str]) -> Iterator[None]:
    """Refuse if rows refer to rows that are not there.

    A row that did so before, unnoticed, would be noticed when it is copied, and only at the commit.
    """
    connection = editor.connection
    for name in tables:
        _refuse(name, missing_targets(connection, name), "refers")
    others = {each for name in tables for each in referring_tables(connection, name)} - {*tables}
    before = {name: missing_targets(connection, name) for name in others}
    yield
    for name in tables:
        _refuse(name, missing_targets(connection, name), "would refer")
    for name in others:
        _refuse(name, missing_targets(connection, name) - before[name], "would refer")


@contextmanager
def pragma(editor: Editor, name: str, value: int) -> Iterator[None]:
    """Set a pragma for a while."""
    ((before,),) = rows(editor.connection, f"PRAGMA {name}")
    if before == value:
        yield
        return
    editor.run(f"PRAGMA {name} = {value}")
    try:
        yield
    finally:
        editor.run(f"PRAGMA {name} = {before}")


@contextmanager
def undone(editor: Editor) -> Iterator[None]:
    """Take everything back if something fails: half a rebuild must not be committed."""
    savepoint = editor.connection.savepoint()
    if savepoint is None:
        raise TransactionManagementError("A table can only be changed inside transaction.atomic().")
    try:
        yield
    except BaseException:
        editor.connection.savepoint_rollback(savepoint)
        raise
    editor.connection.savepoint_commit(savepoint)


@dataclass(frozen=True)
class _Table:
    """One of the tables that are made anew together."""

    editor: Editor
    old: StoredTable
    number: int
    text: TableText
    values: Mapping[str, str]

    @property
    def copy(self) -> str:
        """The name of the temporary table."""
        return quote(f"dynschema copy {self.number}")

    def copy_out(self) -> None:
        columns = [*map(quote, self.old.text.columns)]
        if self.old.rowid:
            columns.append(f"{self.old.rowid} AS {ROWID}")
        order = f" ORDER BY {self.old.rowid or 'rowid'}" if self.old.has_rowid else ""
        source = f"SELECT {', '.join(columns)} FROM {quote(self.old.name)}{order}"
        self.editor.run(f"CREATE TEMPORARY TABLE {self.copy} AS {source}")

    def drop(self) -> None:
        self.editor.run(f"DROP TABLE {quote(self.old.name)}")

    def create(self) -> None:
        self.editor.run(str(self.text))
        # A foreign key may refer to columns that are unique by their index alone.
        for sql in self.old.unique_indexes:
            self.editor.run(sql)

    def copy_in(self) -> None:
        kept = [name for name in self.old.text.columns if name in self.text.columns]
        filled = {quote(name): quote(name) for name in kept}
        filled |= {quote(name): sql for name, sql in self.values.items()}
        if self.old.rowid and not has_integer_key(self.text):
            filled[self.old.rowid] = ROWID
        target = f"{quote(self.old.name)} ({', '.join(filled)})"
        source = f"SELECT {', '.join(filled.values())} FROM {self.copy} ORDER BY rowid"
        # OR ABORT overrules what the table may say about rows that are in conflict.
        self.editor.run(f"INSERT OR ABORT INTO {target} {source}")
        self.editor.run(f"DROP TABLE {self.copy}")

    def finish(self) -> None:
        """Restore what the drop took along."""
        if self.old.sequence is not None:
            name = "'" + self.old.name.replace("'", "''") + "'"
            values = f"({name}, {self.old.sequence})"
            self.editor.run(f"DELETE FROM sqlite_sequence WHERE name = {name}")
            self.editor.run(f"INSERT INTO sqlite_sequence (name, seq) VALUES {values}")
        for sql in (*self.old.other_indexes, *self.old.triggers):
            self.editor.run(sql)


def _make_anew(tables: list[_Table]) -> None:
    for table in tables:
        table.copy_out()
    # The database would act on the tables that refer to others, so these go first.
    for table in reversed(tables):
        table.drop()
    for table in tables:
        table.create()
    for table in tables:
        table.copy_in()
    for table in tables:
        table.finish()


def _refuse(table: str, missing: set[tuple[Any, ...]], refers: str) -> None:
    if missing:
        targets = ", ".join(sorted({f'"{target}"' for _, _, target, _ in missing}))
        where = f"rows of {targets} that are not there, in {len(missing)} of its rows"
        raise UnsupportedChangeError(
            table=table,
            key=None,
            reason=f"it {refers} to {where}",
            remedy="Correct or clear them first.",
        )
