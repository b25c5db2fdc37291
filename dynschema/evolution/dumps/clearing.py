"""Empties the tables that a restore fills anew."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections
from django.db.models import Model

from dynschema.evolution.dumps.exceptions import FilledTableError
from dynschema.evolution.dumps.tables import rows_of
from dynschema.models import Table


def clear(models: Sequence[type[Model]], using: str) -> None:
    """Delete all rows, and drop the dynamic tables if their history is replaced.

    Args:
        models: in the order in which they are restored.
        using: the alias of the database, whose transaction is open.
    """
    if Table in models:
        _drop_dynamic_tables(using)
    for model in reversed(models):
        rows_of(model, using)._raw_delete(using)
    connections[using].check_constraints()


def prove_empty(models: Sequence[type[Model]], using: str) -> None:
    """Refuse what could not be undone: a database without transactions, and tables with rows.

    Raises:
        FilledTableError: a table has rows.
    """
    for model in models:
        count = rows_of(model, using).count()
        if count:
            raise FilledTableError(table=model._meta.db_table, count=count, using=using)


def _drop_dynamic_tables(using: str) -> None:
    """Drop them together, since they may refer to each other; empty, since SQLite looks."""
    connection = connections[using]
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        names = Table.objects.using(using).values_list("name", flat=True)
        quoted = [connection.ops.quote_name(each) for each in names if each in present]
        for each in quoted:
            cursor.execute(f"DELETE FROM {each}")  # noqa: S608 - a quoted name
        connection.check_constraints()
        statements = [quoted] if connection.vendor == "postgresql" else [[each] for each in quoted]
        for several in filter(None, statements):
            cursor.execute(f"DROP TABLE {', '.join(several)}")
