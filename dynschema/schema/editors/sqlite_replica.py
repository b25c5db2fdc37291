"""Tells which statements a change would run, by making it in a replica of the schema.

The statements depend on the catalog that earlier ones leave behind, so they have to run somewhere:
in a private database in memory, which has the schema but no rows. What depends on rows, whether a
table is empty, is asked of the real database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.schema.editors.sqlite import SQLiteEditor
from dynschema.schema.editors.sqlite_catalog import rows
from dynschema.schema.outlook import Outlook
from dynschema.schema.spec import TableSpec

SCHEMA = r"""
SELECT sql FROM sqlite_master
 WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND sql NOT LIKE 'CREATE VIRTUAL%'
 ORDER BY type = 'trigger', type = 'index', type = 'view', rowid
"""
SEQUENCES = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"


class ReplicaEditor(SQLiteEditor):
    """Changes a replica, and asks the original whether a table has rows."""

    def __init__(self, replica: BaseDatabaseWrapper, original: BaseDatabaseWrapper) -> None:
        super().__init__(replica)
        self.original = SQLiteEditor(original)
        self.outlook = Outlook()

    def has_rows(self, table: str) -> bool:
        """Tell whether the original of a table has a row."""
        present = self.outlook.present_table(table)
        return present is not None and self.original.has_rows(present)

    def create_table(self, table: TableSpec) -> None:
        """Create the table; it has no original."""
        super().create_table(table)
        self.outlook.create_table(table.name)

    def rename_table(self, old: str, new: str) -> None:
        """Rename the table; the original still has its old name."""
        super().rename_table(old, new)
        self.outlook.rename_table(old, new)


def preview(connection: BaseDatabaseWrapper, change: Callable[[SQLiteEditor], None]) -> list[str]:
    """Return the statements that a change would run; the database is only read.

    Args:
        connection: the connection that the change would run on.
        change: makes the change with the editor that it is given.
    """
    with replica_of(connection) as replica:
        editor = ReplicaEditor(replica, connection)
        change(editor)
        return editor.statements


@contextmanager
def replica_of(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """Open a database in memory with the same schema, and no rows."""
    replica = connection.copy(alias=f"{connection.alias} replica")
    replica.settings_dict["NAME"] = ":memory:"
    try:
        replica.ensure_connection()
        # The editor changes tables inside a transaction only.
        replica.set_autocommit(
            autocommit=False, force_begin_transaction_with_broken_autocommit=True
        )
        # Django gives SQLite savepoints in a block only, and `atomic` knows no such alias.
        replica.in_atomic_block = True
        with replica.cursor() as cursor:
            for (sql,) in rows(connection, SCHEMA):
                cursor.execute(sql)
            for name, number in _sequences(connection):
                cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [name, number])
        yield replica
    finally:
        # Django's own close() spares a database in memory.
        BaseDatabaseWrapper.close(replica)


def _sequences(connection: BaseDatabaseWrapper) -> list[tuple[str, int]]:
    """Return the highest numbers that AUTOINCREMENT has given out."""
    if not rows(connection, SEQUENCES):
        return []
    return rows(connection, "SELECT name, seq FROM sqlite_sequence")
