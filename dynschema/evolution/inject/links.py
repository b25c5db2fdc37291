"""Knows to which tables columns of injected fields refer, retired ones too.

Retiring takes their foreign keys out of the database; to what they referred stands in the history.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from dynschema.models import Table
from dynschema.schema.serial import from_json, to_json
from dynschema.schema.spec import TableSpec

DELETED = "deleted by a migration:"
"""What stands before the number of a table whose name another one has now."""


def links_to(connection: BaseDatabaseWrapper, table: str) -> list[str]:
    """Return the tables of injected many-to-many fields whose rows refer to a table."""
    present = set(connection.introspection.table_names())
    return [
        name
        for name, targets in _targets(connection)
        if name in present and table in {**targets, **_references(connection, name)}.values()
    ]


def follow_rename(connection: BaseDatabaseWrapper, old: str, new: str) -> None:
    """Let the history know that a table gets another name, to which columns of ours may refer."""
    hosts = host_records(connection)
    for renamed in hosts.filter(name=old).exclude(name=new):
        # What had the name before was deleted, and gives way.
        for deleted in hosts.filter(name=new):
            hosts.filter(pk=deleted.pk).update(name=f"{DELETED} {deleted.pk}")
        hosts.filter(pk=renamed.pk).update(name=new)
    for record in hosts:
        before = record.wanted, record.actual
        record.wanted, record.actual = (_pointing(each, old, new) for each in before)
        if (record.wanted, record.actual) != before:
            record.save(update_fields=["wanted", "actual"])


def host_records(connection: BaseDatabaseWrapper) -> QuerySet[Table]:
    """Return the records of tables with injected fields."""
    # Before a migration of our own, columns may be missing that this process knows.
    known = Table._base_manager.only("name", "definition", "wanted", "actual")
    return known.using(connection.alias).filter(blueprint="")


def _targets(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each table, with the tables that its columns refer to when it is in use."""
    for record in host_records(connection).filter(definition=""):
        wanted = from_json(TableSpec, record.wanted)
        constraints = wanted.constraints if wanted else ()
        yield (
            record.name,
            {each.columns[0]: each.references.table for each in constraints if each.references},
        )


def _references(connection: BaseDatabaseWrapper, name: str) -> dict[str, str]:
    """Return the tables that the columns of a table refer to now."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_relations(cursor, name)
    return {column: each[1] for column, each in found.items()}


def _pointing(stored: object, old: str, new: str) -> object:
    spec = from_json(TableSpec, stored)
    return to_json(spec.pointing({old: new})) if spec else stored
