"""Compares every dynamic table with what the history left: what did somebody change by hand?"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema import history
from dynschema.exceptions import CannotCompareError
from dynschema.loading import quarantine
from dynschema.schema.applied import Applied
from dynschema.schema.dialects import dialect_of
from dynschema.schema.diff import diff
from dynschema.schema.spec import TableSpec


@dataclass(frozen=True)
class TableStatus:
    """How one dynamic table stands."""

    key: str
    name: str
    live: bool
    retired_columns: tuple[str, ...] = ()
    """Kept with their values."""
    drift: tuple[str, ...] = ()
    """What a sync would put right, and what it could not tell, in words."""
    extra: tuple[str, ...] = ()
    """What dynschema did not make, and keeps."""
    broken: str | None = None
    """Why the definition has no class in this process."""


def read_status(using: str) -> list[TableStatus]:
    """Return the status of every table of a database; a handful of queries for all of them."""
    applied = history.read_applied(using)
    connection = connections[using]
    names = [each.name for each in applied.values()]
    actual = dialect_of(connection).read_tables(connection, names) if names else {}
    return [
        _status(connection, applied[key], actual.get(applied[key].name)) for key in sorted(applied)
    ]


def _status(
    connection: BaseDatabaseWrapper, applied: Applied, actual: TableSpec | None
) -> TableStatus:
    drift, extra = _drift(connection, applied, actual) if applied.live else ((), ())
    broken = quarantine.get(applied.key)
    return TableStatus(
        key=applied.key,
        name=applied.name,
        live=applied.live,
        retired_columns=tuple(each.column for each in applied.fields if not each.live),
        drift=drift,
        extra=extra,
        broken=str(broken) if broken else None,
    )


def _drift(
    connection: BaseDatabaseWrapper, applied: Applied, actual: TableSpec | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what differs from what was asked for last, and what is not ours."""
    if actual is None:
        return ("The table is not there.",), ()
    try:
        known = [(applied.wanted, applied.actual)]
        normal = dialect_of(connection).normal(connection, applied.wanted, known)
    except CannotCompareError as error:
        return (error.message,), ()
    found = diff(applied.wanted, normal, actual, applied)
    return (*(each.describe() for each in found.operations), *found.unsure), found.extra
