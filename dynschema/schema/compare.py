"""Tells whether a piece of the actual table is the wanted one, and whether it is ours."""

from __future__ import annotations

import re
from dataclasses import replace

from dynschema.schema.applied import Applied
from dynschema.schema.spec import ConstraintSpec, FieldSpec, TableSpec

STORAGE = re.compile(r" WITH \([^()]*\)")
"""Storage parameters, such as ` WITH (fillfactor='80')`, in the text of PostgreSQL."""


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
    wanted: ConstraintSpec, normal: ConstraintSpec | None, candidates: list[ConstraintSpec]
) -> ConstraintSpec | None:
    """Return the constraint that is the same, by preference the one with the same name."""
    named = [each for each in candidates if each.name == wanted.name]
    if normal is None:
        return next(iter(named), None)
    same = [each for each in (*named, *candidates) if _is_like(each, normal)]
    return next(iter(same), None)


def _is_like(actual: ConstraintSpec, normal: ConstraintSpec) -> bool:
    """True for the same; how an index is stored is up to the server's people, unless asked for."""
    if STORAGE.search(actual.sql) and not STORAGE.search(normal.sql):
        actual = replace(actual, sql=STORAGE.sub("", actual.sql))
    return actual.shape == normal.shape


def is_same_type(wanted: str, actual: str) -> bool:
    """The digits of a decimal cannot be told from a table of SQLite that Django has made."""
    return wanted == actual or (actual == "decimal" and wanted.startswith("decimal("))


def goes_with(constraint: ConstraintSpec, field: FieldSpec) -> bool:
    """True for a check or foreign key of this column alone, which is added together with it."""
    return constraint.columns == (field.name,) and constraint.kind in ("check", "foreign_key")


def claimed(
    wanted: TableSpec, normal: TableSpec | None, actual: TableSpec, before: Applied | None
) -> TableSpec:
    """Return the wanted table as it was found: in the spelling of the server, under actual names.

    What is not ours is left out, and so is a default that we kept for others: what is remembered
    here tells how the server spells what was asked for.
    """
    free = list(actual.constraints)
    ours = []
    spelled = normal.constraints if normal else (None,) * len(wanted.constraints)
    for asked, each in zip(wanted.constraints, spelled, strict=True):
        found = match(asked, each, free)
        if found is not None:
            free.remove(found)
            if found.name in (None, asked.name) or (before and is_ours(found, before)):
                ours.append(found)  # One that somebody made serves as well, and stays theirs.
    ours += [each for each in free if before and is_ours(each, before)]
    return replace(wanted, fields=normal.fields if normal else (), constraints=tuple(ours))
