"""Writes the stored records: what was done to each table, and the epoch that it moved to.

The rows that every change writes are written in plain SQL: building the same statements anew
through the ORM takes a good part of a small change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.management.color import no_style
from django.db import connections
from django.utils.timezone import now

from dynschema.history import Token, seen_tables
from dynschema.models import Change, Field, State, Table, TableName
from dynschema.schema.applied import Applied, AppliedField
from dynschema.schema.serial import to_json
from dynschema.statements import Statements

if TYPE_CHECKING:
    from dynschema.schema.plan import Plan

LONGEST_WORDS = 200
"""What a change keeps of the names of people and definitions."""

STORED = [Table, TableName, Field, Change]


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


def renumber(using: str) -> None:
    """Let new records have numbers of their own: a fixture may have brought records with theirs."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), STORED):
            cursor.execute(sql)


def move_epoch(using: str, token: Token) -> Token:
    """Move the epoch on and return the new one; `token` is the one before."""
    moved = Token(token.number + 1, uuid4().hex)
    statements = Statements(connections[using])
    _record_epoch(statements, token, moved)
    statements.send()
    return moved


def record(using: str, token: Token, outcomes: Iterable[Outcome]) -> tuple[Token, list[Applied]]:
    """Remember what was done to each table, under the epoch that it moves to.

    Args:
        using: the alias of the database.
        token: the epoch before.
        outcomes: what was done.

    Returns:
        The new epoch, and each table as it would be read back.
    """
    moved = Token(token.number + 1, uuid4().hex)
    statements = Statements(connections[using])
    _record_epoch(statements, token, moved)
    recorded = [_record_outcome(statements, moved, each) for each in outcomes]
    statements.send()
    return moved, recorded


def _record_epoch(statements: Statements, token: Token, moved: Token) -> None:
    values = {"number": moved.number, "fingerprint": moved.fingerprint}
    if token == Token():
        statements.insert("dynschema_epoch", values)
    else:
        statements.update("dynschema_epoch", values, {})


def _record_outcome(statements: Statements, token: Token, outcome: Outcome) -> Applied:
    pk = _record_table(statements, token, outcome)
    _record_name(statements, pk, outcome)
    _record_fields(statements, pk, outcome)
    _record_change(statements, token, pk, outcome)
    return replace(outcome.applied, pk=pk)


def _record_table(statements: Statements, token: Token, outcome: Outcome) -> int:
    applied = outcome.applied
    values = {
        "name": applied.name,
        "model_name": applied.model_name,
        "state": _state(applied.live),
        "wanted": to_json(applied.wanted),
        "actual": to_json(applied.actual),
        "class_print": applied.class_print,
        "catalog_print": applied.catalog_print,
        "epoch": token.number,
    }
    if applied.pk is not None:
        statements.update("dynschema_table", values, {"id": applied.pk})
        return applied.pk
    identity = {name: getattr(applied, name) for name in ("blueprint", "definition", "key")}
    return statements.insert_now("dynschema_table", identity | values)


def _record_name(statements: Statements, pk: int, outcome: Outcome) -> None:
    name = outcome.applied.name
    if outcome.applied.blueprint:
        seen_tables[statements.connection.alias].add(name)
    if outcome.before is None or outcome.before.name != name:
        statements.insert_new("dynschema_tablename", {"name": name.lower(), "table_id": pk})


def _record_fields(statements: Statements, pk: int, outcome: Outcome) -> None:
    before = outcome.before.by_key if outcome.before else {}
    added = [each for each in outcome.applied.fields if each.key not in before]
    if added:
        rows = ({"table_id": pk, "key": each.key, **_field_values(each)} for each in added)
        statements.insert("dynschema_field", *rows)
    for field in outcome.applied.fields:
        if before.get(field.key, field) != field:
            where = {"table_id": pk, "key": field.key}
            statements.update("dynschema_field", _field_values(field), where)


def _field_values(field: AppliedField) -> dict[str, Any]:
    return {
        "name": field.name,
        "column": field.column,
        "former_columns": list(field.former_columns),
        "state": _state(field.live),
        "meaning": field.meaning,
    }


def _record_change(statements: Statements, token: Token, pk: int, outcome: Outcome) -> None:
    plan = outcome.plan
    values = {
        "table_id": pk,
        "epoch": token.number,
        "fingerprint": token.fingerprint,
        "made_at": statements.connection.ops.adapt_datetimefield_value(now()),
        "actor": outcome.actor[:LONGEST_WORDS],
        "definition": outcome.described[:LONGEST_WORDS],
        "operations": [each.as_json() for each in plan.operations],
        "reverse": [each.as_json() for each in plan.reverse().operations],
        "hazards": [to_json(each) for each in plan.hazards],
        "sql": ";\n".join(plan.sql),
        "duration_ms": outcome.duration_ms,
    }
    statements.insert("dynschema_change", values)


def _state(live: bool) -> str:
    return (State.LIVE if live else State.RETIRED).value
