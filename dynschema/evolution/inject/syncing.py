"""Brings the tables with injected fields to what the code asks for.

Read it like a table of contents: gather → compare → check → drop → apply → verify → record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from dynschema import execution, history
from dynschema.evolution.inject.exceptions import NotRecordableError
from dynschema.evolution.inject.filling import fill_gaps
from dynschema.evolution.inject.gathering import gather
from dynschema.evolution.inject.hosts import wanted_hosts
from dynschema.evolution.inject.loose_ends import (
    LooseEnds,
    drop,
    find_loose_ends,
    outlook_without,
)
from dynschema.evolution.inject.subjects import Subject
from dynschema.exceptions import VerificationError
from dynschema.execution import Checked
from dynschema.history import Token
from dynschema.locking import held
from dynschema.models import Field, Table
from dynschema.recording import Outcome, record
from dynschema.schema.applied import Applied
from dynschema.schema.dialects import dialect_of
from dynschema.schema.diff import Difference, diff
from dynschema.schema.plan import Plan


@dataclass
class Work:
    """What one sync is about."""

    connection: BaseDatabaseWrapper
    subjects: list[Subject]
    differences: Mapping[str, Difference]
    """By the key of the table."""
    checked: Checked
    loose_ends: list[LooseEnds]
    """Rows that go before the first step."""

    def plan(self, subject: Subject, statements: Mapping[str, list[str]]) -> Plan:
        """Return the plan for one table."""
        found = self.differences[subject.key]
        dropping = [each.sql for each in self.loose_ends if each.key == subject.key]
        return Plan(
            table=subject.table,
            key=subject.key,
            operations=self.checked.operations_of(subject.key),
            unsure=(*found.unsure, *self.checked.unsure[subject.key]),
            hazards=tuple(self.checked.hazards[subject.key]),
            sql=(*dropping, *statements.get(subject.key, ())),
        )


def plan_injected(using: str) -> list[Plan]:
    """Return what `sync_injected` would do to each table; change nothing.

    Raises:
        ColumnTakenError: a column belongs to somebody else.
        PlanError: the data would not survive.
    """
    if not _can_be_recorded(using):
        return []
    work = _compare(using)
    steps = work.checked.steps
    statements = execution.preview(work.connection, steps) if steps else {}
    plans = [work.plan(each, statements) for each in work.subjects]
    return [each for each in plans if each or each.unsure]


def sync_injected(using: str, actor: str) -> list[Plan]:
    """Give tables the columns of injected fields, and retire those no longer asked for.

    Args:
        using: the alias of the database.
        actor: who does it, for the history.

    Returns:
        The plans that were carried out, and those with something unsure.

    Raises:
        BusyError: somebody else is changing tables and does not come to an end.
        ColumnTakenError: a column belongs to somebody else.
        NotRecordableError: the database cannot have the tables of dynschema.
        PlanError: the data would not survive; nothing was changed.
    """
    if not _can_be_recorded(using):
        return []
    work, plans = _compare(using), []
    if _has_work(work):
        with held(using) as token:
            plans = _carry_out(using, token, actor)
    fill_gaps(work.connection, work.subjects)
    return plans


def retired_columns(using: str) -> list[tuple[str, str]]:
    """Return the tables and columns of fields that are not injected any more, with their values."""
    if not _can_be_recorded(using):
        return []
    hosts = history.read_hosts(using).values()
    return sorted(
        (host.name, each.column) for host in hosts for each in host.fields if not each.live
    )


def _can_be_recorded(using: str) -> bool:
    """False while `migrate` has not made the tables of dynschema, without which nothing is ours."""
    connection = connections[using]
    if Table._meta.db_table in connection.introspection.table_names():
        # The migration of one app alone may come before one of dynschema's own.
        return all(_has_all_columns(connection, each) for each in (Table, Field))
    hosts = list(wanted_hosts(using))
    if hosts and not router.allow_migrate_model(using, Table):
        models = ", ".join(each.label for each in hosts)
        raise NotRecordableError(using=using, models=models)
    return False


def _has_all_columns(connection: BaseDatabaseWrapper, model: type[Model]) -> bool:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, model._meta.db_table)
    return {each.name for each in found} >= {each.column for each in model._meta.concrete_fields}


def _compare(using: str) -> Work:
    connection = connections[using]
    subjects = gather(connection)
    differences = {each.key: each.difference for each in subjects}
    loose_ends = find_loose_ends(connection, subjects, differences)
    steps = execution.arrange(differences)
    checked = execution.check(connection, steps, outlook_without(loose_ends))
    return Work(connection, subjects, differences, checked, loose_ends)


def _has_work(work: Work) -> bool:
    return bool(work.checked.steps) or any(each.is_moved for each in work.subjects)


def _carry_out(using: str, token: Token, actor: str) -> list[Plan]:
    started = perf_counter()
    work = _compare(using)
    steps = work.checked.steps
    drop(work.connection, work.loose_ends)
    statements = execution.apply(work.connection, steps) if steps else {}
    plans = {each.key: work.plan(each, statements) for each in work.subjects}
    outcomes = list(_outcomes(work, plans))
    elapsed = (perf_counter() - started) * 1000
    finished = [replace(each, actor=actor, duration_ms=elapsed) for each in outcomes]
    if finished:
        record(using, token, finished)
    return [each for each in plans.values() if each or each.unsure]


def _outcomes(work: Work, plans: Mapping[str, Plan]) -> Iterator[Outcome]:
    """Yield what there is to remember, each table proven to be as wanted."""
    names = [each.table for each in work.subjects]
    tables = dialect_of(work.connection).read_tables(work.connection, names) if names else {}
    for each in work.subjects:
        if plans[each.key] or each.is_moved:
            after = _proven(work, each, tables)
            before = _before(work.connection.alias, each)
            yield Outcome(plans[each.key], before, after, f"fields injected into {each.label}")


def _proven(work: Work, subject: Subject, tables: Mapping[str, Any]) -> Applied:
    """Return the table for the history, after a last comparison that finds nothing to do.

    Raises:
        VerificationError: the table is not what was asked for.
    """
    actual = subject.ours(tables[subject.table])
    after = subject.remembered(actual)
    left = diff(subject.wanted, subject.normal(), actual, after).operations
    wrong = [each.describe() for each in left if each not in work.checked.left_out]
    if wrong:
        raise VerificationError(table=actual.name, key=subject.key, differences=" ".join(wrong))
    return after


def _before(using: str, subject: Subject) -> Applied | None:
    """Let go of columns that an app declares by now, and give others their new keys.

    Returns:
        The table as the history then knows it.
    """
    before, after = subject.before, subject.applied
    if before is None or after is None:
        return before
    rows = Field.objects.using(using).filter(table=before.pk)
    for old, new in subject.other_keys.items():
        rows.filter(key=old).update(key=new)
    named = (
        replace(each, key=subject.other_keys.get(each.key, each.key)) for each in before.fields
    )
    rows.exclude(key__in=after.by_key).delete()
    return replace(before, fields=tuple(each for each in named if each.key in after.by_key))
