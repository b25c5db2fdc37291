"""Has a table or a column missing for a while, as on a site that was not migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def without_table(model: Any) -> Iterator[None]:
    """Give the table of a model another name within the block.

    Another name in its model would be remembered by fields that are asked for the first time.
    """
    name = model._meta.db_table
    _rename(name, "not_migrated")
    try:
        yield
    finally:
        _rename("not_migrated", name)


@contextmanager
def without_column(table: str, column: str) -> Iterator[None]:
    """Give a column another name within the block."""
    _rename_column(table, column, "not_migrated")
    try:
        yield
    finally:
        _rename_column(table, "not_migrated", column)


def _rename_column(table: str, old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def _rename(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")
