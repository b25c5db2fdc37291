"""Writes and reads the stored records: what each table is, what was done to it, and the epoch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.db import DatabaseError, connections
from django.db.models import Q
from django.utils.timezone import now

from dynschema.exceptions import NotInstalledError
from dynschema.models import Change, Epoch, Field, State, Table, TableName
from dynschema.schema.applied import Applied, AppliedField
from dynschema.schema.plan import Plan
from dynschema.schema.serial import from_json, to_json
from dynschema.schema.spec import TableSpec

EPOCH_ID = 1
"""There is one row."""

EPOCH_SQL = "SELECT number, fingerprint FROM dynschema_epoch"
"""Not through the model: it is asked with every request."""

UNDEFINED_TABLE = "42P01"

seen_tables: defaultdict[str, set[str]] = defaultdict(set)
"""The names of the dynamic tables that this process has made or read about, by database."""


@dataclass(frozen=True)
class Token:
    """The epoch as a value: equal tokens mean that no dynamic table has moved in between."""

    number: int = 0
    fingerprint: str = ""
    """Random, since a number alone repeats after a rollback."""


@dataclass(frozen=True)
class Outcome:
    """What a sync made of one table, ready to be remembered."""

    plan: Plan
    before: Applied | None
    """None when the table is new to the history."""
    applied: Applied
    described: str
    """Which definition asked for it, in words."""
    actor: str = ""
    duration_ms: float = 0.0


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
    """Say what to do when the tables of dynschema are missing."""
    try:
        yield
    except DatabaseError as error:
        missing = getattr(error.__cause__, "sqlstate", None) == UNDEFINED_TABLE
        if missing or "no such table" in str(error):
            raise NotInstalledError(alias=using) from error
        raise


def move_epoch(using: str, token: Token) -> Token:
    """Move the epoch on and return the new one; `token` is the one before."""
    moved = Token(token.number + 1, uuid4().hex)
    values = {"number": moved.number, "fingerprint": moved.fingerprint}
    if token == Token():
        Epoch.objects.using(using).create(pk=EPOCH_ID, **values)
    else:
        Epoch.objects.using(using).filter(pk=EPOCH_ID).update(**values)
    return moved


def read_applied(using: str, which: Q | None = None) -> dict[str, Applied]:
    """Return tables as the history last left them, by key; two queries.

    Args:
        using: the alias of the database.
        which: made by `about` or `keyed`; None for all.
    """
    tables = Table.objects.using(using).filter(which or Q()).distinct()
    found = {each.key: _applied(each) for each in tables.prefetch_related("fields")}
    seen_tables[using].update(each.name for each in found.values())
    return found


def keyed(keys: Iterable[str]) -> Q:
    """Select the tables with these keys."""
    return Q(key__in=list(keys))


def about(definitions: Iterable[tuple[str, str]]) -> Q:
    """Select the tables of these definitions: label of the blueprint and primary key as text."""
    pks = defaultdict(list)
    for label, pk in definitions:
        pks[label].append(pk)
    which = Q(pk__in=[])
    for label in pks:
        which |= Q(blueprint=label, definition__in=pks[label])
    return which


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


def table_owners(using: str) -> dict[str, str]:
    """Return the key to which each name of a table was ever given; names in lower case."""
    return dict(TableName.objects.using(using).values_list("name", "table__key"))


def record(using: str, token: Token, outcomes: Iterable[Outcome]) -> Iterator[Applied]:
    """Remember what was done to each table, under the epoch that it moved to.

    Yields:
        Each table as it would be read back.
    """
    for outcome in outcomes:
        table = _record_table(using, token, outcome)
        _record_name(using, table, outcome.before)
        _record_fields(using, table, outcome)
        _record_change(using, token, table, outcome)
        yield replace(outcome.applied, pk=table.pk)


def _record_table(using: str, token: Token, outcome: Outcome) -> Table:
    applied = outcome.applied
    values = {
        "blueprint": applied.blueprint,
        "definition": applied.definition,
        "name": applied.name,
        "model_name": applied.model_name,
        "state": _state(applied.live),
        "asked": to_json(applied.asked),
        "found": to_json(applied.found),
        "class_print": applied.class_print,
        "epoch": token.number,
    }
    table = Table(pk=applied.pk, key=applied.key, **values)
    table.save(using=using, force_insert=applied.pk is None, force_update=applied.pk is not None)
    return table


def _record_name(using: str, table: Table, before: Applied | None) -> None:
    seen_tables[using].add(table.name)
    if before is None or before.name != table.name:
        names = TableName.objects.using(using)
        names.get_or_create(name=table.name.lower(), defaults={"table": table})


def _record_fields(using: str, table: Table, outcome: Outcome) -> None:
    before = outcome.before.by_key if outcome.before else {}
    rows = Field.objects.using(using)
    added = [each for each in outcome.applied.fields if each.key not in before]
    rows.bulk_create(Field(table=table, key=each.key, **_field_values(each)) for each in added)
    for field in outcome.applied.fields:
        if before.get(field.key, field) != field:
            rows.filter(table=table, key=field.key).update(**_field_values(field))


def _field_values(field: AppliedField) -> dict[str, Any]:
    return {
        "name": field.name,
        "column": field.column,
        "former_columns": list(field.former_columns),
        "state": _state(field.live),
    }


def _record_change(using: str, token: Token, table: Table, outcome: Outcome) -> None:
    plan = outcome.plan
    Change.objects.using(using).create(
        table=table,
        epoch=token.number,
        fingerprint=token.fingerprint,
        made_at=now(),
        actor=outcome.actor,
        definition=outcome.described,
        operations=[each.as_json() for each in plan.operations],
        reverse=[each.as_json() for each in plan.reverse().operations],
        hazards=[to_json(each) for each in plan.hazards],
        sql=";\n".join(plan.sql),
        duration_ms=outcome.duration_ms,
    )


def _applied(table: Table) -> Applied:
    return Applied(
        pk=table.pk,
        key=table.key,
        name=table.name,
        model_name=table.model_name,
        fields=tuple(map(_applied_field, table.fields.all())),
        asked=from_json(TableSpec, table.asked),
        found=from_json(TableSpec, table.found),
        live=table.state == State.LIVE,
        blueprint=table.blueprint,
        definition=table.definition,
        class_print=table.class_print,
    )


def _applied_field(field: Field) -> AppliedField:
    return AppliedField(
        key=field.key,
        name=field.name,
        column=field.column,
        live=field.state == State.LIVE,
        former_columns=tuple(field.former_columns),
    )


def _state(live: bool) -> State:
    return State.LIVE if live else State.RETIRED
