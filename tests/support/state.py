"""Reads everything that a change could touch: catalog, rows, history, epoch and classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection

from surveymaker.models import Responses
from tests.forms.models import Entries

POSTGRESQL_CATALOG = """
    SELECT c.relname, c.relkind::text, a.attname, format_type(a.atttypid, a.atttypmod),
           a.attnotnull::text || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace
    UNION ALL
    SELECT conrelid::regclass::text, 'constraint', conname, pg_get_constraintdef(oid), ''
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'
    UNION ALL
    SELECT tablename, 'index', indexname, indexdef, ''
    FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL
    SELECT tgrelid::regclass::text, 'trigger', tgname, pg_get_triggerdef(oid), ''
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT viewname, 'view', '', definition, ''
    FROM pg_views WHERE schemaname = current_schema()
"""
SQLITE_CATALOG = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master"


@dataclass(frozen=True)
class State:
    """Everything at one moment; equal states mean that nothing has changed."""

    catalog: tuple[tuple[Any, ...], ...]
    rows: dict[str, list[str]]
    classes: tuple[type, ...]
    found: tuple[type, ...]
    accessors: frozenset[str]

    def differences(self, other: State) -> list[str]:
        """Say what is there in one of two states only."""
        mine, others = set(self._parts()), set(other._parts())
        return sorted(mine ^ others)

    def _parts(self) -> Iterator[str]:
        yield from map(repr, self.catalog)
        yield from (f"{table}: {row}" for table in self.rows for row in self.rows[table])
        yield from (f"{each} {id(each)}" for each in (*self.classes, *self.found))
        yield from self.accessors


def state() -> State:
    """Read it all, stored and in this process."""
    models = [*Responses.models(), *Entries.models()]
    return State(
        catalog=tuple(catalog()),
        rows={table: rows(table) for table in tables()},
        classes=tuple(models),
        found=tuple(apps.get_model(each._meta.label) for each in models),
        accessors=frozenset(each.name for each in User._meta.related_objects),
    )


def query(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """Run SQL as it is, and return the rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def catalog() -> list[tuple[Any, ...]]:
    """Give the catalog in no particular order."""
    return sorted(query(POSTGRESQL_CATALOG if is_postgresql() else SQLITE_CATALOG))


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def rows(table: str) -> list[str]:
    return sorted(map(repr, query(f'SELECT * FROM "{table}"')))


def column(table: str, name: str) -> list[Any]:
    """Give the raw values of a column, oldest record first, whether a class knows it or not."""
    return [value for (value,) in query(f'SELECT "{name}" FROM "{table}" ORDER BY id')]


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    return [each.name for each in described]


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"
