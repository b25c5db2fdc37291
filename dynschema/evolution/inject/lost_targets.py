"""Lets columns of injected fields survive the table that they refer to.

When a migration deletes that table, the columns keep their values and lose their foreign keys. The
rows that these values meant have gone with the table, which is why the history remembers it: what
such a column is to refer to stays among the wanted constraints, although the column does not stand
among the wanted fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.evolution.inject.links import host_records, references
from dynschema.models import Field, Table
from dynschema.schema.applied import Applied
from dynschema.schema.dialects import dialect_of
from dynschema.schema.serial import from_json, to_json
from dynschema.schema.spec import ConstraintSpec, TableSpec


def let_go(connection: BaseDatabaseWrapper, table: str) -> None:
    """Prepare the columns of injected fields that refer to a table for its deletion."""
    present = set(connection.introspection.table_names()) - {table}
    for record in host_records(connection):
        if record.name not in present:
            continue
        found = references(connection, record.name)
        columns = {each for each, target in found.items() if target == table}
        columns &= _columns_of(connection, record)
        if columns:
            _remember(record, columns)
            _free(connection, record.name, columns)


def lost_of(applied: Applied) -> tuple[ConstraintSpec, ...]:
    """Return the foreign keys of columns whose targets were deleted."""
    columns = {each.name for each in applied.wanted.fields}
    return tuple(
        each for each in applied.wanted.constraints if each.references and _is_lost(each, columns)
    )


def without_lost(applied: Applied) -> Applied:
    """Return what the history knows of a table besides them."""
    lost = lost_of(applied)
    kept = tuple(each for each in applied.wanted.constraints if each not in lost)
    return replace(applied, wanted=replace(applied.wanted, constraints=kept))


def with_lost(wanted: TableSpec, lost: Iterable[ConstraintSpec]) -> TableSpec:
    """Return what the history is to remember of a table in which columns lost their targets."""
    return replace(wanted, constraints=(*wanted.constraints, *lost))


def _is_lost(constraint: ConstraintSpec, columns: set[str]) -> bool:
    return columns.isdisjoint(constraint.columns)


def _columns_of(connection: BaseDatabaseWrapper, record: Table) -> set[str]:
    fields = Field.objects.using(connection.alias).filter(table=record.pk)
    return set(fields.values_list("column", flat=True))


def _remember(record: Table, columns: set[str]) -> None:
    """Have the history know that these columns have lost their targets.

    The rows of a table between two models went before; there is no value left to look after.
    """
    wanted = from_json(TableSpec, record.wanted)
    if wanted is not None and record.definition:
        fields = tuple(each for each in wanted.fields if each.name not in columns)
        record.wanted = to_json(replace(wanted, fields=fields))
        record.save(update_fields=["wanted"])


def _free(connection: BaseDatabaseWrapper, table: str, columns: set[str]) -> None:
    """Take the foreign keys of these columns away, all in one go."""
    if connection.vendor != "sqlite":
        return  # PostgreSQL drops them together with the table to which they refer.
    dialect = dialect_of(connection)
    constraints = dialect.read_tables(connection, [table])[table].constraints
    gone = [each for each in constraints if each.references and columns.issuperset(each.columns)]
    with transaction.atomic(connection.alias):
        dialect.editor(connection).remove_constraints(table, gone)
