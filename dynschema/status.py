"""Compares every dynamic table with what the history left: what did somebody change by hand?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema import history
from dynschema.exceptions import CannotCompareError
from dynschema.loading import quarantine
from dynschema.models import State, Table
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


Findings = tuple[tuple[str, ...], tuple[str, ...]]
"""Drift, and what is not ours."""

NOTHING: Findings = ((), ())


def read_status(using: str) -> list[TableStatus]:
    """Return the status of every table of a database; a handful of queries for all of them.

    A table of which the catalog says the same as when nothing differed is not looked at further.
    """
    tables = sorted(history.read_tables(using), key=lambda each: each.key)
    live = [each for each in tables if each.state == State.LIVE]
    found = _findings(connections[using], live) if live else {}
    retired = history.retired_columns(using)
    return [
        _status(each, retired.get(each.pk, ()), found.get(each.key, NOTHING)) for each in tables
    ]


def _findings(connection: BaseDatabaseWrapper, tables: list[Table]) -> dict[str, Findings]:
    """Compare tables that may differ from what was asked for last."""
    prints = dialect_of(connection).read_prints(connection, [each.name for each in tables])
    doubtful = [each for each in tables if each.catalog_print != prints.get(each.name, "gone")]
    if not doubtful:
        return {}
    which = history.keyed(each.key for each in doubtful)
    applied = history.read_applied(connection.alias, which)
    names = [each.name for each in applied.values()]
    actual = dialect_of(connection).read_tables(connection, names)
    return {
        key: _compared(connection, each, actual.get(each.name)) for key, each in applied.items()
    }


def _compared(
    connection: BaseDatabaseWrapper, applied: Applied, actual: TableSpec | None
) -> Findings:
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


def _status(table: Table, retired: Iterable[str], findings: Findings) -> TableStatus:
    drift, extra = findings
    broken = quarantine.get(table.key)
    return TableStatus(
        key=table.key,
        name=table.name,
        live=table.state == State.LIVE,
        retired_columns=tuple(retired),
        drift=drift,
        extra=extra,
        broken=str(broken) if broken else None,
    )
