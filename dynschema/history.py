"""Reads the stored records: what each table is, and the epoch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.db import DatabaseError, connections
from django.db.models import Q

from dynschema.exceptions import NotInstalledError
from dynschema.models import Change, Field, State, Table
from dynschema.schema.applied import Applied, AppliedField, Placed
from dynschema.schema.serial import from_json
from dynschema.schema.spec import TableSpec

EPOCH_SQL = "SELECT number, fingerprint FROM dynschema_epoch"
"""Not through the model: it is asked with every request."""

PLACE = ("table", "key", "name", "column", "state")
"""What is read of a field to build the class."""

REMEMBERED = ("former_columns", "meaning")
"""What is read besides to change the table."""

APPLIED_TO_SQL = "SELECT * FROM dynschema_table WHERE (blueprint, definition) IN"

OWNERS_SQL = r"""
SELECT n.name, t.key FROM dynschema_tablename n JOIN dynschema_table t ON t.id = n.table_id
 WHERE n.name LIKE %s ESCAPE '\'
"""
"""Both not through the model: they are asked for every new table."""

UNDEFINED = ("42P01", "42703")
"""A table or a column, by PostgreSQL."""

MISSING = ("no such table", "no such column")
"""The same, by SQLite."""

seen_tables: defaultdict[str, set[str]] = defaultdict(set)
"""The names of the dynamic tables that this process has made or read about, by database."""


@dataclass(frozen=True)
class Token:
    """The epoch as a value: equal tokens mean that no dynamic table has moved in between."""

    number: int = 0
    fingerprint: str = ""
    """Random, since a number alone repeats after a rollback."""


def read_epoch(using: str) -> Token:
    """Return the epoch that the transaction sees; one query.

    Raises:
        NotInstalledError: `migrate` has not made the tables of dynschema yet.
    """
    with connections[using].cursor() as cursor, tables_expected(using):
        cursor.execute(EPOCH_SQL)
        row = cursor.fetchone()
    return Token(*row) if row else Token()


@contextmanager
def tables_expected(using: str) -> Iterator[None]:
    """Say what to do when tables or columns are missing that `migrate` makes."""
    try:
        yield
    except DatabaseError as error:
        missing = getattr(error.__cause__, "sqlstate", None) in UNDEFINED
        if missing or str(error).startswith(MISSING):
            raise NotInstalledError(alias=using) from error
        raise


def read_applied(using: str, which: Q | None = None) -> dict[str, Applied]:
    """Return tables as the history last left them, by key; two queries.

    Args:
        using: the alias of the database.
        which: made by `keyed` or `using_fields`; None for all.
    """
    tables = Table.objects.using(using).filter(which or Q()).distinct()
    return {each.key: _applied(each, fields) for each, fields in _with_fields(using, tables)}


def read_applied_to(
    using: str, definitions: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Applied]:
    """Return the tables of definitions as the history last left them; two queries.

    Args:
        using: the alias of the database.
        definitions: label of the blueprint and primary key as text; the result is by them.
    """
    marks = ", ".join(["(%s, %s)"] * len(definitions))
    sql = f"{APPLIED_TO_SQL} (VALUES {marks})"
    tables = Table.objects.using(using).raw(sql, list(chain.from_iterable(definitions)))
    found = (_applied(each, fields) for each, fields in _with_fields(using, tables))
    return {(each.blueprint, each.definition): each for each in found}


def read_hosts(using: str) -> dict[str, Applied]:
    """Return the tables of apps in which fields are ours, by key; two queries."""
    hosts = Table._base_manager.using(using).filter(blueprint="")
    return {each.key: _applied(each, fields) for each, fields in _with_fields(using, hosts)}


def read_placed(using: str, which: Q | None = None) -> dict[str, Placed]:
    """Return where tables are, by key, without what was asked for; two queries."""
    tables = Table.objects.using(using).filter(which or Q()).distinct().defer("wanted", "actual")
    found = _with_fields(using, tables, PLACE)
    return {each.key: Placed(**_placed_values(each, fields)) for each, fields in found}


def read_tables(using: str) -> list[Table]:
    """Return the records of all tables, without what was asked for; one query."""
    return list(Table.objects.using(using).defer("wanted", "actual"))


def retired_columns(using: str) -> dict[int, list[str]]:
    """Return the columns that are kept with their values, by the record of the table; one query."""
    retired = Field.objects.using(using).filter(state=State.RETIRED).order_by("pk")
    columns = defaultdict(list)
    for pk, column in retired.values_list("table_id", "column"):
        columns[pk].append(column)
    return columns


def keyed(keys: Iterable[str]) -> Q:
    """Select the tables with these keys."""
    return Q(key__in=list(keys))


def using_fields(keys: Iterable[str]) -> Q:
    """Select the tables in which one of these fields is in use."""
    return Q(fields__key__in=list(keys), fields__state=State.LIVE)


def changed_since(using: str, token: Token) -> list[str] | None:
    """Return the keys of tables changed since that epoch; None when its line of history is gone."""
    known = Change.objects.using(using).filter(epoch=token.number)
    if token.number and not known.filter(fingerprint=token.fingerprint).exists():
        return None
    return list(
        Table.objects.using(using).filter(epoch__gt=token.number).values_list("key", flat=True)
    )


def table_owners(using: str, prefix: str) -> dict[str, str]:
    """Return the key to which each name that begins so was ever given; all in lower case."""
    connection = connections[using]
    pattern = f"{connection.ops.prep_for_like_query(prefix.lower())}%"
    with connection.cursor() as cursor:
        cursor.execute(OWNERS_SQL, [pattern])
        return dict(cursor.fetchall())


def _with_fields(
    using: str, tables: Iterable[Table], columns: Sequence[str] = (*PLACE, *REMEMBERED)
) -> Iterator[tuple[Table, tuple[AppliedField, ...]]]:
    """Yield each table with its fields, of which there are too many for an instance of each."""
    found = list(tables)
    if not found:
        return
    fields = defaultdict(list)
    rows = Field.objects.using(using).filter(table__in=found).order_by("pk")
    for table, *values in rows.values_list(*columns):
        fields[table].append(_applied_field(*values))
    for each in found:
        yield each, tuple(fields[each.pk])


def _applied(table: Table, fields: tuple[AppliedField, ...]) -> Applied:
    """What a restore has still to find out is nothing, so far."""
    nothing = TableSpec(table.name, ())
    return Applied(
        wanted=from_json(TableSpec, table.wanted) if table.wanted else nothing,
        actual=from_json(TableSpec, table.actual) if table.actual else nothing,
        **_placed_values(table, fields),
    )


def _placed_values(table: Table, fields: tuple[AppliedField, ...]) -> dict[str, Any]:
    if table.blueprint:
        seen_tables[table._state.db or ""].add(table.name)
    return {
        "pk": table.pk,
        "key": table.key,
        "name": table.name,
        "model_name": table.model_name,
        "fields": fields,
        "live": table.state == State.LIVE,
        "blueprint": table.blueprint,
        "definition": table.definition,
        "class_print": table.class_print,
    }


def _applied_field(key: str, name: str, column: str, state: str, *rest: Any) -> AppliedField:
    former_columns, meaning = rest or ((), None)
    return AppliedField(key, name, column, state == State.LIVE, tuple(former_columns), meaning)
