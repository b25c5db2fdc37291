"""Gives a value to rows that were added by code without the field, where the database could not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema.evolution.inject.injections import injections
from dynschema.evolution.inject.subjects import Subject
from dynschema.schema.spec import FieldSpec
from dynschema.schema.sqltext import quote


def fill_gaps(connection: BaseDatabaseWrapper, subjects: Iterable[Subject]) -> None:
    """Fill the empty values of fields that are required, and whose default changes.

    A unique field is left alone: it would need another value for each row.
    """
    for subject in subjects:
        for field in _with_gaps(subject):
            column = quote(field.name)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {quote(subject.table)} SET {column} = {field.fill} "
                    f"WHERE {column} IS NULL"
                )


def _with_gaps(subject: Subject) -> Iterator[FieldSpec]:
    required = {
        each.key
        for each in injections.values()
        if each.model._meta.label == subject.label and not (each.field.null or each.field.unique)
    }
    for each in subject.wanted.fields if subject.wanted else ():
        if each.key in required and each.null and each.fill is not None:
            yield each
