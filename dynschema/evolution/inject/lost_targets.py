"""Lets columns of injected fields survive the table that they refer to.

When a migration deletes that table, the columns keep their values and lose their foreign keys. The
rows that these values meant have gone with the table, and new ones may get the same keys. So the
history remembers what was lost: the foreign keys of columns that are not in use stay among the
wanted constraints, although the columns do not stand among the wanted fields; one whose target was
deleted is no longer valid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.evolution.inject.links import host_records
from dynschema.models import Field, Table
from dynschema.schema.applied import Applied
from dynschema.schema.dialects import dialect_of
from dynschema.schema.serial import from_json, to_json
from dynschema.schema.spec import ConstraintSpec, TableSpec

# When a table is deleted


def let_go(connection: BaseDatabaseWrapper, table: str) -> None:
    """Prepare the columns of injected fields that refer to a table for its deletion."""
    present = set(connection.introspection.table_names()) - {table}
    for record in host_records(connection):
        if record.name in present:
            _remember(record, table)
            _free(connection, record, table)


def _remember(record: Table, table: str) -> None:
    """Have the history know which columns lose their target.

    The rows of a table between two models went before; there is no value left to look after.
    """
    wanted = from_json(TableSpec, record.wanted)
    if wanted is None or not record.definition:
        return
    lost = [each for each in wanted.constraints if _target(each) == table]
    if lost:
        columns = {column for each in lost for column in each.columns}
        kept = (replace(each, valid=each.valid and each not in lost) for each in wanted.constraints)
        fields = tuple(each for each in wanted.fields if each.name not in columns)
        record.wanted = to_json(replace(wanted, fields=fields, constraints=tuple(kept)))
        record.save(update_fields=["wanted"])


def _free(connection: BaseDatabaseWrapper, record: Table, table: str) -> None:
    """Take the foreign keys of our columns away, all in one go."""
    if connection.vendor != "sqlite":
        return  # PostgreSQL drops them together with the table to which they refer.
    dialect, name = dialect_of(connection), record.name
    fields = Field.objects.using(connection.alias).filter(table=record.pk)
    ours = set(fields.values_list("column", flat=True))
    found = dialect.read_tables(connection, [name])[name].constraints
    gone = [each for each in found if _target(each) == table and ours.issuperset(each.columns)]
    with transaction.atomic(connection.alias):
        dialect.editor(connection).remove_constraints(name, gone)


def _target(constraint: ConstraintSpec) -> str | None:
    return constraint.references.table if constraint.references else None


# What the history remembers


def out_of_use(applied: Applied) -> tuple[ConstraintSpec, ...]:
    """Return the foreign keys that columns had which are not in use."""
    columns = {each.name for each in applied.wanted.fields}
    return tuple(
        each
        for each in applied.wanted.constraints
        if each.references and columns.isdisjoint(each.columns)
    )


def in_use(applied: Applied) -> Applied:
    """Return what the history knows of a table besides them."""
    former = out_of_use(applied)
    kept = tuple(each for each in applied.wanted.constraints if each not in former)
    return replace(applied, wanted=replace(applied.wanted, constraints=kept))


def returned(
    former: Iterable[ConstraintSpec], tables: Collection[str]
) -> tuple[ConstraintSpec, ...]:
    """Return those foreign keys whose target was deleted and is there again."""
    return tuple(each for each in former if not each.valid and _target(each) in tables)


def still_out_of_use(
    former: Iterable[ConstraintSpec], back: Collection[ConstraintSpec], columns: set[str]
) -> Iterator[ConstraintSpec]:
    """Yield what is to be remembered from now on of the columns that are not in use."""
    for each in former:
        if each.references and columns.issuperset(each.columns):
            yield replace(each, valid=each.valid or each in back)
