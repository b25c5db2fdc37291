"""Models for what no definition asks for any more: retired tables, and retired columns."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps.registry import Apps
from django.db import connections, models

from dynschema import history
from dynschema.evolution.dumps.identifiers import Identifiers
from dynschema.evolution.dumps.kinds import Kind, kind_of
from dynschema.models import Change
from dynschema.schema.applied import Placed
from dynschema.schema.dialects import dialect_of
from dynschema.schema.spec import TableSpec

RETIRED = "dynschema_retired"
"""The app label of these models, which belong to no app."""


@dataclass(frozen=True)
class Leftover:
    """What is kept of one table without being in use."""

    placed: Placed
    kinds: Mapping[str, Kind]
    """Of the primary key and of the retired columns, or of all columns of a retired table."""
    primary_key: str
    """The column."""
    is_partial: bool
    """True when the table is in use, and only columns of it are not."""

    @property
    def table(self) -> str:
        """The name of the table."""
        return self.placed.name

    def model(self) -> type[models.Model]:
        """Return a class for these columns."""
        fields = {name: each.build(**self.options(name)) for name, each in self.kinds.items()}
        return retired_model(self.table, fields, partial=self.is_partial)

    def options(self, column: str) -> dict[str, Any]:
        """Return the options that the field of a column has besides those of its kind."""
        return {"primary_key": True} if column == self.primary_key else {"null": True}


def retired_model(
    table: str, fields: Mapping[str, models.Field[Any, Any]], *, partial: bool
) -> type[models.Model]:
    """Return a class for columns of a table.

    Args:
        table: its name in the database.
        fields: by column; one is the primary key.
        partial: the table has other columns, and its rows are there already.
    """
    for column, field in fields.items():
        field.db_column = column
    meta = type("Meta", (), {"app_label": RETIRED, "db_table": table, "apps": Apps()})
    names = Identifiers({*dir(models.Model), "objects"})  # Django's own are left to Django.
    body = {names.claim(_attribute(column)): field for column, field in fields.items()}
    marks = {"__module__": __name__, "Meta": meta, "is_partial": partial}
    return type(table, (models.Model,), {**body, **marks})


def is_partial(model: type[models.Model]) -> bool:
    """Tell whether a model stands for the retired columns of a table that is in use."""
    return model._meta.app_label == RETIRED and bool(vars(model)["is_partial"])


def _attribute(column: str) -> str:
    """Return the name of the field of a column; two underscores mean something else in queries."""
    return re.sub(r"[\W_]+", "_", column, flags=re.ASCII)


def read_leftovers(using: str, in_use: Container[str]) -> Iterator[Leftover]:
    """Yield what is kept of each table, by its key; one query of the catalog for all.

    Args:
        using: the alias of the database.
        in_use: the keys of the tables that have a class; a broken definition has none.
    """
    placed = [
        each
        for each in history.read_placed(using).values()
        if each.key not in in_use or any(not field.live for field in each.fields)
    ]
    if not placed:
        return
    connection = connections[using]
    actual = dialect_of(connection).read_tables(connection, [each.name for each in placed])
    for each in sorted(placed, key=lambda each: each.key):
        if each.name in actual:
            yield _leftover(using, each, actual[each.name], each.key in in_use)


def _leftover(using: str, placed: Placed, actual: TableSpec, is_partial: bool) -> Leftover:
    automatic = _automatic_columns(using, placed.name)
    json = _json_columns(using, placed.name)
    original = _original_types(using, placed)
    wanted = {each.column for each in placed.fields if not (is_partial and each.live)}
    kinds, primary_key = {}, ""
    for field in actual.fields:
        if "PRIMARY KEY" in field.extra:
            primary_key = field.name
        if field.name in wanted or field.name == primary_key:
            kinds[field.name] = kind_of(
                original.get(field.name, field.type),
                is_json=field.name in json or field.type == "jsonb",
                is_automatic=field.name in automatic,
            )
    return Leftover(placed, dict(sorted(kinds.items())), primary_key, is_partial)


def _original_types(using: str, placed: Placed) -> dict[str, str]:
    """Return the types that the history tells, by column.

    They may be those of another database, where the table was before a restore: what was an
    interval there is a number on SQLite, and nobody could tell it from other numbers.
    """
    columns = {each.key: each.column for each in placed.fields}
    found = {}
    changes = Change.objects.using(using).filter(table=placed.pk).order_by("epoch", "pk")
    for operations in changes.values_list("operations", flat=True):
        for key, type_sql in _types_in(operations):
            if key in columns:
                found[columns[key]] = type_sql
    return found


def _types_in(value: Any) -> Iterator[tuple[str, str]]:
    """Yield key and type of every column that is described in the operations of a change."""
    if isinstance(value, list):
        for each in value:
            yield from _types_in(each)
    elif isinstance(value, dict):
        if value.get("key") and isinstance(value.get("type"), str):
            yield value["key"], value["type"]
        for each in value.values():
            yield from _types_in(each)


def _automatic_columns(using: str, table: str) -> set[str]:
    connection = connections[using]
    with connection.cursor() as cursor:
        found = connection.introspection.get_sequences(cursor, table)
    return {each["column"] for each in found}


def _json_columns(using: str, table: str) -> set[str]:
    connection = connections[using]
    introspection = connection.introspection
    with connection.cursor() as cursor:
        columns = introspection.get_table_description(cursor, table)
    return {each.name for each in columns if getattr(each, "has_json_constraint", False)}
