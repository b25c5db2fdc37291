"""Carries how far the database has counted, so that no primary key is ever given twice."""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models import AutoField, Field, Max, Model, QuerySet


def read_sequence(model: type[Model], using: str) -> int | None:
    """Return the last number that was given to a row; None where nothing is counted."""
    field = _counted(model)
    if field is None:
        return None
    return max(_highest(model, field, using), _last(model, field, using))


def write_sequence(model: type[Model], last: int, using: str) -> None:
    """Have the database go on after a number, and after all rows that are there."""
    field = _counted(model)
    if field is None:
        return
    last = max(last, _highest(model, field, using))
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name = _sequence_name(cursor, connection.ops.quote_name(model._meta.db_table), field)
            if name:
                _write_postgresql(cursor, name, last)
        elif connection.vendor == "sqlite":
            _write_sqlite(cursor, model._meta.db_table, last)


def _counted(model: type[Model]) -> Field[Any, Any] | None:
    field = model._meta.auto_field
    is_own = field is not None and field in model._meta.local_concrete_fields
    return field if is_own and isinstance(field, AutoField) else None


def _highest(model: type[Model], field: Field[Any, Any], using: str) -> int:
    rows: QuerySet[Any] = QuerySet(model=model, using=using)
    return rows.aggregate(highest=Max(field.attname))["highest"] or 0


def _last(model: type[Model], field: Field[Any, Any], using: str) -> int:
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name = _sequence_name(cursor, connection.ops.quote_name(model._meta.db_table), field)
            cursor.execute(
                "SELECT last_value FROM pg_sequences "
                "WHERE format('%%I.%%I', schemaname, sequencename)::regclass = %s::regclass",
                [name],
            )
        elif connection.vendor == "sqlite":
            cursor.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table]
            )
        row = cursor.fetchone()
    return (row and row[0]) or 0


def _sequence_name(cursor: Any, table: str, field: Field[Any, Any]) -> str | None:
    """Return the name, quoted; None for a column that somebody has made without a sequence."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, field.column])
    name: str | None = cursor.fetchone()[0]
    return name


def _write_postgresql(cursor: Any, name: str, last: int) -> None:
    """Restart the sequence first: that alone can be rolled back, with all that is done to it."""
    cursor.execute(f"ALTER SEQUENCE {name} RESTART")
    cursor.execute("SELECT setval(%s, %s, %s)", [name, max(last, 1), last > 0])


def _write_sqlite(cursor: Any, table: str, last: int) -> None:
    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
