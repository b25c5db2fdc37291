"""Empties the tables that a restore fills anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import Model

from dynschema.evolution.dumps.exceptions import CascadingRowsError, FilledTableError
from dynschema.evolution.dumps.tables import rows_of
from dynschema.models import Table
from dynschema.schema.dialects import dialect_of
from dynschema.schema.spec import Reference
from dynschema.schema.sqltext import quote

CASCADES = {"CASCADE", "SET NULL", "SET DEFAULT"}
"""What a database does by itself to the rows that refer to a deleted one."""


def clear(models: Sequence[type[Model]], using: str) -> None:
    """Delete all rows, and drop the dynamic tables if their history is replaced.

    Rows of other tables may refer to what comes again; that is checked when it is there.

    Args:
        models: in the order in which they are restored.
        using: the alias of the database, whose transaction is open.
    """
    dynamic = list(Table.objects.using(using)) if Table in models else []
    _drop_tables([each.name for each in dynamic], using)
    for model in reversed(models):
        rows_of(model, using)._raw_delete(using)
    _forget_content_types(dynamic, using)


def refuse_cascades(models: Sequence[type[Model]], using: str) -> None:
    """Refuse what the database itself would do to rows of other tables.

    Raises:
        CascadingRowsError: it would delete or change some.
    """
    connection = connections[using]
    replaced = {each._meta.db_table for each in models}
    if Table in models:
        replaced |= set(Table.objects.using(using).values_list("name", flat=True))
    for name, spec in dialect_of(connection).read_tables(connection).items():
        for each in () if name in replaced else spec.constraints:
            target = each.references
            if target and target.table in replaced and target.on_delete in CASCADES:
                _refuse_rows(connection, name, target)


def prove_empty(models: Sequence[type[Model]], using: str) -> None:
    """Refuse what could not be undone: a database without transactions, and tables with rows.

    Raises:
        FilledTableError: a table has rows.
    """
    for model in models:
        count = rows_of(model, using).count()
        if count:
            raise FilledTableError(table=model._meta.db_table, count=count, using=using)


def _refuse_rows(connection: Any, name: str, target: Reference) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {quote(name)}")  # noqa: S608 - a quoted name
        (count,) = cursor.fetchone()
    if count:
        raise CascadingRowsError(
            table=name, count=count, target=target.table, action=target.on_delete
        )


def _drop_tables(names: Sequence[str], using: str) -> None:
    """Drop tables together, since they may refer to each other; empty, since SQLite looks."""
    connection = connections[using]
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        quoted = [connection.ops.quote_name(each) for each in names if each in present]
        for each in quoted:
            cursor.execute(f"DELETE FROM {each}")  # noqa: S608 - a quoted name
        connection.check_constraints()
        statements = [quoted] if connection.vendor == "postgresql" else [[each] for each in quoted]
        for several in filter(None, statements):
            cursor.execute(f"DROP TABLE {', '.join(several)}")


def _forget_content_types(tables: Sequence[Table], using: str) -> None:
    """Delete what stands for the models of dynamic tables, in use or retired."""
    if not tables or not apps.is_installed("django.contrib.contenttypes"):
        return
    kinds = apps.get_model("contenttypes.ContentType")._base_manager.using(using)
    labels = {each.blueprint.partition(".")[0] for each in tables}
    names = {name for each in tables for name in (each.name, each.model_name.lower())}
    kinds.filter(app_label__in=labels, model__in=names)._raw_delete(using)
