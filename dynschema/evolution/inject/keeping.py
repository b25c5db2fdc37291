"""Lets Django's migrations keep the columns of injected fields, and the history find their table.

On SQLite, Django makes a table anew for many changes, from a model that knows the fields of the
migrations alone. So the schema editor of each connection is derived from the one that it would have
otherwise. That may go when Django copies the columns that it does not know, or asks somebody.
"""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from dynschema.evolution.inject.exceptions import KeptColumnError
from dynschema.models import Field, Table
from dynschema.schema.sqltext import quote

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
            raise KeptColumnError(
                change=f'add the column "{field.column}" to table "{table}"',
                column=field.column,
                table=table,
                remedy="Run the migration with --fake; the column is the app's own then.",
            )
        super().add_field(model, field)  # type: ignore[misc]

    def alter_field(self, model: Any, old_field: Any, new_field: Any, strict: bool = False) -> None:
        """Change the field, unless its column would get the name of one that is there.

        SQLite would take that name for the new table, and the values of the old column are lost.
        """
        table, old, new = model._meta.db_table, old_field.column, new_field.column
        if old != new and not self.collect_sql and new in _columns(self.connection, table):
            raise KeptColumnError(
                change=f'rename the column "{old}" of table "{table}" to "{new}"',
                column=new,
                table=table,
                remedy="Name the column otherwise, with db_column.",
            )
        super().alter_field(model, old_field, new_field, strict)  # type: ignore[misc]

    def alter_db_table(self, model: Any, old_db_table: str, new_db_table: str) -> None:
        """Give the table its name, in the history too."""
        super().alter_db_table(model, old_db_table, new_db_table)  # type: ignore[misc]
        if not self.collect_sql and _is_installed(self.connection):
            # Loaded by the few processes that rename a table, and not by all when they start.
            from dynschema.evolution.inject.links import follow_rename  # noqa: PLC0415

            follow_rename(self.connection, old_db_table, new_db_table)

    def delete_model(self, model: Any, **options: Any) -> None:
        """Delete the table, and the rows between its own and others, which would mean nothing.

        Columns of injected fields keep their values and refer to it no more.
        """
        # In this way, Django drops on SQLite what it has made anew.
        is_anew = options.get("handle_autom2m") is False
        if not self.collect_sql and not is_anew and _is_installed(self.connection):
            # As above: few processes delete a table.
            from dynschema.evolution.inject.links import links_to  # noqa: PLC0415
            from dynschema.evolution.inject.lost_targets import let_go  # noqa: PLC0415

            for each in links_to(self.connection, model._meta.db_table):
                self.execute(f"DELETE FROM {quote(each)}")  # type: ignore[attr-defined]
            let_go(self.connection, model._meta.db_table)
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
            # Loaded by the few processes that make a table anew, and not by all when they start.
            from dynschema.evolution.inject.kept import Kept  # noqa: PLC0415

            with transaction.atomic(self.connection.alias):
                kept = Kept.of(self.connection, model._meta.db_table, columns)
                remake(model, *args, **kwargs)
                kept.put_back()


def _is_installed(connection: BaseDatabaseWrapper) -> bool:
    return Field._meta.db_table in connection.introspection.table_names()


def _columns(connection: BaseDatabaseWrapper, table: str) -> set[str]:
    """Return the columns of a table that are or were those of injected fields."""
    if not _is_installed(connection):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        recorded = {column for (column,) in cursor.fetchall()}
        if not recorded:
            return recorded
        present = connection.introspection.get_table_description(cursor, table)
    return recorded & {each.name for each in present}
