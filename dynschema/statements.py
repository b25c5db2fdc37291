"""Collects statements and sends them together: on PostgreSQL in one round trip."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.exceptions import BusyError

SERIALIZATION_FAILURE = "40001"
OVERTAKEN = (
    "a dynamic table has changed since this transaction began, which does not see it at its "
    "isolation level"
)


class Statements:
    """Statements in plain SQL that write to tables of ours, in the order in which they run."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self._collected: list[tuple[str, list[Any]]] = []

    def insert(self, table: str, *rows: Mapping[str, Any], conflict: str = "") -> None:
        """Insert rows that have the same columns."""
        sql, params = _insertion(table, rows)
        self._collected.append((sql + conflict, params))

    def insert_now(self, table: str, row: Mapping[str, Any]) -> int:
        """Insert a row at once, before all that is collected; return the `id` that it got."""
        sql, params = _insertion(table, [row])
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "sqlite":
                cursor.execute(sql, params)  # Old versions know no RETURNING.
                return int(cursor.lastrowid)
            cursor.execute(f'{sql} RETURNING "id"', params)
            return int(cursor.fetchone()[0])

    def insert_new(self, table: str, row: Mapping[str, Any]) -> None:
        """Insert a row unless what must be unique in it is there already."""
        self.insert(table, row, conflict=" ON CONFLICT DO NOTHING")

    def update(self, table: str, values: Mapping[str, Any], where: Mapping[str, Any]) -> None:
        """Update the rows in which all these columns have these values."""
        settings = ", ".join(f'"{name}" = %s' for name in values)
        condition = " AND ".join(f'"{name}" = %s' for name in where) or "1 = 1"
        sql = f'UPDATE "{table}" SET {settings} WHERE {condition}'
        self._collected.append((sql, _params(values, where)))

    def send(self) -> None:
        """Execute what was collected, in order.

        Raises:
            BusyError: another transaction has moved the epoch since the snapshot of this one.
        """
        with _overtaken_as_such(), self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql":
                operations: Any = self.connection.ops
                composed = [operations.compose_sql(*each) for each in self._collected]
                cursor.execute(";\n".join(composed))
                return
            for sql, params in self._collected:
                cursor.execute(sql, params)


@contextmanager
def _overtaken_as_such() -> Iterator[None]:
    """Turn what a server says under REPEATABLE READ and SERIALIZABLE into our error."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != SERIALIZATION_FAILURE:
            raise
        raise BusyError(reason=OVERTAKEN) from error


def _insertion(table: str, rows: Sequence[Mapping[str, Any]]) -> tuple[str, list[Any]]:
    names = ", ".join(f'"{name}"' for name in rows[0])
    marks = f"({', '.join(['%s'] * len(rows[0]))})"
    values = ", ".join([marks] * len(rows))
    return f'INSERT INTO "{table}" ({names}) VALUES {values}', _params(*rows)


def _params(*rows: Mapping[str, Any]) -> list[Any]:
    return [_param(each) for row in rows for each in row.values()]


def _param(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (dict, list)) else value
