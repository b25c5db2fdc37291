"""Tells whether a piece of the actual table is the wanted one, and whether it is ours."""

from __future__ import annotations

import re
from dataclasses import replace

from dynschema.schema.applied import Applied
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec

STORAGE = re.compile(r" WITH \([^()]*\)(?=$| DEFERRABLE| USING INDEX)")
"""Storage parameters, such as ` WITH (fillfactor='80')`, in what PostgreSQL says before WHERE."""


def current_columns(wanted: TableSpec, applied: Applied) -> dict[str, str]:
    """Return the column that each wanted field has now, by the one that it is to have."""
    known = applied.by_key
    return {field.name: known[field.key].column for field in wanted.fields if field.key in known}


def is_ours(constraint: ConstraintSpec, applied: Applied) -> bool:
    """True when the history made it; a nameless one is known by what it is."""
    return any(
        each.name == constraint.name and bool(each.name or each.shape == constraint.shape)
        for each in applied.actual.constraints
    )


def match(
    wanted: ConstraintSpec,
    normal: ConstraintSpec | None,
    candidates: list[ConstraintSpec],
    before: Applied | None,
) -> ConstraintSpec | None:
    """Return the constraint that is the same, by preference the one with the same name."""
    named = [each for each in candidates if each.name == wanted.name]
    if normal is None:
        return next(iter(named), None)
    shape, is_free = normal.shape, not _asks_for_storage(wanted, before)
    same = (
        each
        for each in (*named, *candidates)
        if each.shape == shape or (is_free and _without_storage(each).shape == shape)
    )
    return next(same, None)


def _asks_for_storage(wanted: ConstraintSpec, before: Applied | None) -> bool:
    """True when a definition says how it is stored, or did; else that is up to the server's people.

    What was asked for before and is not any more has to go.
    """
    known = before.wanted.constraints if before else ()
    asked = (each for each in (wanted, *known) if each.name == wanted.name)
    return any(_without_storage(each) != each for each in asked)


def _without_storage(constraint: ConstraintSpec) -> ConstraintSpec:
    if " WITH (" not in constraint.sql:
        return constraint
    head, where, condition = constraint.sql.partition(" WHERE ")
    return replace(constraint, sql=f"{STORAGE.sub('', head)}{where}{condition}")


def is_same_type(wanted: str, actual: str) -> bool:
    """The digits of a decimal cannot be told from a table of SQLite that Django has made."""
    return wanted == actual or (actual == "decimal" and wanted.startswith("decimal("))


def goes_with(constraint: ConstraintSpec, field: FieldSpec) -> bool:
    """True for a check or foreign key of this column alone, which is added together with it."""
    return constraint.columns == (field.name,) and constraint.kind in ("check", "foreign_key")


def claimed(
    wanted: TableSpec,
    normal: TableSpec | None,
    actual: TableSpec,
    before: Applied | None,
    *,
    adopts: bool = False,
) -> TableSpec:
    """Return the wanted table as it was found: in the spelling of the server, under actual names.

    What is not ours is left out, and so is a default that we kept for others: what is remembered
    here tells how the server spells what was asked for.

    Args:
        wanted: the table as definitions ask for it.
        normal: the same in the spelling of the server; None if the server could not be asked.
        actual: the table in the catalog.
        before: the table in the history; None when it is new.
        adopts: what serves for something wanted is ours from now on, whoever made it.
    """
    free = list(actual.constraints)
    ours = []
    spelled = normal.constraints if normal else (None,) * len(wanted.constraints)
    for asked, each in zip(wanted.constraints, spelled, strict=True):
        found = match(asked, each, free, before)
        if found is not None:
            free.remove(found)
            is_made_by_us = adopts or found.name in (None, asked.name)
            if is_made_by_us or (before and is_ours(found, before)):
                ours.append(found)
    ours += [each for each in free if before and is_ours(each, before)]
    return replace(wanted, fields=normal.fields if normal else (), constraints=tuple(ours))
