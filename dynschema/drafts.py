"""Gives the fields of a draft their columns, so that it can be built."""

from __future__ import annotations

import copy
from collections.abc import Container, Mapping
from typing import Any

from django.db.models import Field

from dynschema.conf import configuration
from dynschema.definitions import Draft
from dynschema.exceptions import ColumnExistsError, NameTakenError
from dynschema.runtime.build import Build
from dynschema.schema.applied import Applied
from dynschema.schema.naming import choose


def build(draft: Draft, table: str, columns: Mapping[str, str | None]) -> Build:
    """Return the build of a draft.

    Args:
        draft: what the blueprint said.
        table: the table's name in the database.
        columns: the column of each field, by the field's name, None for one that has none; a field
            that is not named is left out.
    """
    fields = {
        name: _in_column(field, name, columns[name])
        for name, field in draft.fields.items()
        if name in columns
    }
    companions = {name: columns[name] or name for name in draft.companions if name in columns}
    return Build(
        key=draft.key,
        app_label=draft.blueprint.app_label,
        name=draft.model_name,
        db_table=table,
        fields=fields,
        keys={name: draft.keys[name] for name in (*fields, *companions)},
        companions=companions,
        bases=draft.bases,
        meta=draft.meta,
        attributes=draft.attributes,
        module=type(draft.blueprint).__module__,
        blueprint=draft.blueprint.label,
    )


def choose_columns(
    draft: Draft, applied: Applied | None, unknown: Container[str]
) -> dict[str, str | None]:
    """Choose the column of each field of a draft.

    Args:
        draft: what the blueprint said.
        applied: the table as the history knows it; None when it is new.
        unknown: columns of the table that we did not make, in lower case.

    Raises:
        ColumnExistsError: a `db_column` names a column that we did not make.
        NameTakenError: a `db_column` names a column that belongs or belonged to another field.
    """
    owners: dict[str, str | None] = dict(applied.owners) if applied else {}
    columns: dict[str, str | None] = {}
    for name, key in draft.keys.items():
        readable = _readable_column(draft, name)
        if readable is None:
            columns[name] = None
            continue
        kept = _kept_column(key, applied)
        column = kept or _chosen_column(draft, name, readable, _Taken(owners, unknown))
        owners[column.lower()] = key
        columns[name] = column
    return columns


class _Taken(dict[str, str | None]):
    """Who owns a name of a column; a column that we did not make belongs to nobody."""

    def __init__(self, owners: Mapping[str, str | None], unknown: Container[str]) -> None:
        super().__init__(owners)
        self.unknown = unknown

    def get(self, name: str, default: Any = None) -> str | None:
        return super().get(name, default) if name not in self.unknown else None


def _kept_column(key: str, applied: Applied | None) -> str | None:
    """Return the column that a rename leaves as it is, under `column_names = "stable"`."""
    known = applied.by_key.get(key) if applied else None
    return known.column if known and configuration().column_names == "stable" else None


def _readable_column(draft: Draft, name: str) -> str | None:
    """Return the name of a field's column if it were free; None where it has none."""
    companion = draft.companions.get(name)
    return companion.column if companion else default_column(draft.fields[name], name)


def _chosen_column(draft: Draft, name: str, readable: str, taken: _Taken) -> str:
    field, key = draft.fields.get(name), draft.keys[name]
    column = choose(readable, key, taken)
    if field is not None and field.db_column and column != readable:
        facts = {"table": draft.key, "key": key, "definition": draft.sources.get(name)}
        if readable.lower() in taken.unknown:
            raise ColumnExistsError(field=readable, **facts)
        raise NameTakenError(name=readable, owner="a column of another field", **facts)
    return column


def default_column(field: Field[Any, Any], name: str) -> str | None:
    """Return the column that a field has by itself under a name; None where it has none."""
    probe = copy.copy(field)
    probe.name = name
    return probe.get_attname_column()[1]


def _in_column(field: Field[Any, Any], name: str, column: str | None) -> Field[Any, Any]:
    """Return the field, or a copy in another column: `fields()` may give the same one each time."""
    if column == default_column(field, name):
        return field
    placed = copy.deepcopy(field)
    placed.db_column = column
    return placed
