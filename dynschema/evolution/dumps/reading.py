"""Reads the rows of a table in the order of their primary key, each as Python source."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Field, QuerySet
from django.db.models.functions import Collate
from django.db.models.lookups import IsNull

from dynschema.evolution.dumps.literals import JSON_NULL, Write, literal, target_of, writer_for
from dynschema.evolution.dumps.tables import Source, primary_keys

CHUNK_ROWS = 200
"""Rows that are in memory at a time."""

TEXT = {"CharField", "FileField", "FilePathField", "SlugField", "TextField"}
"""What each database would sort in its own way."""

BYTEWISE = {"postgresql": "C", "sqlite": "BINARY"}
"""The collation that sorts text by its bytes."""


def read_rows(source: Source, using: str) -> Generator[str, None, None]:
    """Yield the values of each row, as they stand in a call.

    Args:
        source: the table.
        using: the alias of the database, whose transaction is open.
    """
    fields = source.fields
    places = [n for n, each in enumerate(fields) if each.get_internal_type() == "JSONField"]
    rows = source.rows(using).order_by(*_order(source, using))
    # An alias is no place for the name of a column, which may have any character.
    marks = {f"dump_null_{n}": IsNull(_column(fields[n]), rhs=True) for n in places}
    marked = rows.annotate(**marks)
    names = [*(each.attname for each in fields), *marks]
    writers = [_writer(each, using) for each in fields]
    for values in _values(marked, names):
        yield _row(values, writers, places)


def _values(rows: QuerySet[Any], names: list[str]) -> Iterator[tuple[Any, ...]]:
    return rows.values_list(*names).iterator(chunk_size=CHUNK_ROWS)


def _row(values: tuple[Any, ...], writers: list[Write], json_places: list[int]) -> str:
    parts = [write(value) for write, value in zip(writers, values, strict=False)]
    for place, is_null in zip(json_places, values[len(writers) :], strict=True):
        if values[place] is None and not is_null:
            parts[place] = JSON_NULL
    return ", ".join(parts)


def _column(field: Field[Any, Any]) -> Any:
    return field.get_col(field.model._meta.db_table)


def _order(source: Source, using: str) -> list[Any]:
    collation = BYTEWISE.get(connections[using].vendor)
    return [
        Collate(each.attname, collation) if collation and _is_text(each) else each.attname
        for each in primary_keys(source.model)
    ]


def _is_text(field: Any) -> bool:
    return target_of(field).get_internal_type() in TEXT


def points_to_content_type(field: Field[Any, Any]) -> bool:
    """Tell whether the values of a field are content types, which are called by their names."""
    target = field.remote_field and field.remote_field.model._meta.label
    return target == "contenttypes.ContentType"


def _writer(field: Field[Any, Any], using: str) -> Write:
    return _content_type_writer(using) if points_to_content_type(field) else writer_for(field)


def _content_type_writer(using: str) -> Callable[[Any], str]:
    kinds = apps.get_model("contenttypes.ContentType")._base_manager.using(using)
    rows = kinds.values_list("pk", "app_label", "model")
    names = {pk: f"{app_label}.{model}" for pk, app_label, model in rows}
    return lambda pk: literal(None if pk is None else names[pk])
