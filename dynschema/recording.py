"""Writes the stored records: what was done to each table, and the epoch that it moved to.

The rows that every change writes are written in plain SQL: building the same statements anew
through the ORM takes a good part of a small change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.db import connections
from django.utils.timezone import now

from dynschema.history import Token, seen_tables
from dynschema.models import Epoch, Field, State, Table, TableName
from dynschema.schema.applied import Applied, AppliedField
from dynschema.schema.plan import Plan
from dynschema.schema.serial import to_json

LONGEST_WORDS = 200
"""What a change keeps of the names of people and definitions."""


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


def move_epoch(using: str, token: Token) -> Token:
    """Move the epoch on and return the new one; `token` is the one before."""
    moved = Token(token.number + 1, uuid4().hex)
    values = {"number": moved.number, "fingerprint": moved.fingerprint}
    if token == Token():
        Epoch.objects.using(using).create(**values)
    else:
        _update(using, "dynschema_epoch", values, {})
    return moved


def record(using: str, token: Token, outcomes: Iterable[Outcome]) -> Iterator[Applied]:
    """Remember what was done to each table, under the epoch that it moved to.

    Yields:
        Each table as it would be read back.
    """
    for outcome in outcomes:
        pk = _record_table(using, token, outcome)
        _record_name(using, pk, outcome)
        _record_fields(using, pk, outcome)
        _record_change(using, token, pk, outcome)
        yield replace(outcome.applied, pk=pk)


def _record_table(using: str, token: Token, outcome: Outcome) -> int:
    applied = outcome.applied
    values = {
        "name": applied.name,
        "model_name": applied.model_name,
        "state": _state(applied.live),
        "wanted": to_json(applied.wanted),
        "actual": to_json(applied.actual),
        "class_print": applied.class_print,
        "epoch": token.number,
    }
    if applied.pk is not None:
        _update(using, "dynschema_table", values, {"id": applied.pk})
        return applied.pk
    table = Table(
        blueprint=applied.blueprint, definition=applied.definition, key=applied.key, **values
    )
    table.save(using=using, force_insert=True)
    return table.pk


def _record_name(using: str, pk: int, outcome: Outcome) -> None:
    name = outcome.applied.name
    if outcome.applied.blueprint:
        seen_tables[using].add(name)
    if outcome.before is None or outcome.before.name != name:
        names = TableName.objects.using(using)
        names.get_or_create(name=name.lower(), defaults={"table_id": pk})


def _record_fields(using: str, pk: int, outcome: Outcome) -> None:
    before = outcome.before.by_key if outcome.before else {}
    added = [each for each in outcome.applied.fields if each.key not in before]
    if added:
        rows = (Field(table_id=pk, key=each.key, **_field_values(each)) for each in added)
        Field.objects.using(using).bulk_create(rows)
    for field in outcome.applied.fields:
        if before.get(field.key, field) != field:
            where = {"table_id": pk, "key": field.key}
            _update(using, "dynschema_field", _field_values(field), where)


def _field_values(field: AppliedField) -> dict[str, Any]:
    return {
        "name": field.name,
        "column": field.column,
        "former_columns": list(field.former_columns),
        "state": _state(field.live),
    }


def _record_change(using: str, token: Token, pk: int, outcome: Outcome) -> None:
    plan = outcome.plan
    values = {
        "table_id": pk,
        "epoch": token.number,
        "fingerprint": token.fingerprint,
        "made_at": connections[using].ops.adapt_datetimefield_value(now()),
        "actor": outcome.actor[:LONGEST_WORDS],
        "definition": outcome.described[:LONGEST_WORDS],
        "operations": [each.as_json() for each in plan.operations],
        "reverse": [each.as_json() for each in plan.reverse().operations],
        "hazards": [to_json(each) for each in plan.hazards],
        "sql": ";\n".join(plan.sql),
        "duration_ms": outcome.duration_ms,
    }
    _insert(using, "dynschema_change", values)


def _state(live: bool) -> str:
    return (State.LIVE if live else State.RETIRED).value


def _insert(using: str, table: str, values: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(["%s"] * len(values))
    _execute(using, f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)


def _update(using: str, table: str, values: Mapping[str, Any], where: Mapping[str, Any]) -> None:
    settings = ", ".join(f'"{name}" = %s' for name in values)
    condition = " AND ".join(f'"{name}" = %s' for name in where) or "1 = 1"
    _execute(using, f'UPDATE "{table}" SET {settings} WHERE {condition}', values, where)


def _execute(using: str, sql: str, *values: Mapping[str, Any]) -> None:
    params = [_param(each) for part in values for each in part.values()]
    with connections[using].cursor() as cursor:
        cursor.execute(sql, params)


def _param(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (dict, list)) else value
