"""The pipeline, a table of contents: gather → compare → check → apply → verify → record.

It runs inside the transaction that changed the definitions, under the lock that the transaction
took first; whatever it raises rolls everything back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from dynschema import contenttypes, execution, freshness, history
from dynschema.exceptions import CannotCompareError, VerificationError
from dynschema.execution import Checked
from dynschema.gathering import gather
from dynschema.history import Token
from dynschema.loading import blueprints, quarantine
from dynschema.marks import Marks
from dynschema.recording import Outcome, move_epoch, record
from dynschema.runtime.snapshot import Snapshot
from dynschema.schema.applied import Applied
from dynschema.schema.compare import claimed, current_columns
from dynschema.schema.dialects import dialect_of
from dynschema.schema.diff import Difference, diff
from dynschema.schema.plan import Plan
from dynschema.schema.spec import TableSpec
from dynschema.signals import table_changed
from dynschema.subjects import Subject, blamed, remembered

MOST_NOTES = 256
"""Tables whose history is kept in memory, about 30 kB each."""


@dataclass
class Work:
    """What one sync is about."""

    connection: BaseDatabaseWrapper
    token: Token
    """The epoch before the change."""
    subjects: list[Subject]
    snapshot: Snapshot
    """The classes as they will be."""
    differences: dict[str, Difference]
    """By the key of the table."""


def sync(using: str, marks: Marks, token: Token, actor: str = "") -> tuple[Plan, ...]:
    """Bring the tables of the marked definitions to what the definitions ask for now.

    Args:
        using: the alias of the database, whose transaction holds the lock.
        marks: the definitions that were touched.
        token: the epoch that the transaction sees.
        actor: who did it, for the history.

    Returns:
        A plan for each table that changed, carried out, and for each with something unsure.

    Raises:
        DefinitionError: a definition cannot become a table.
        PlanError: the data would not survive.
    """
    started = perf_counter()
    work = _compare(using, marks, token)
    checked = _check(work)
    plans = _plans(work, checked, _apply(work, checked))
    outcomes = list(_outcomes(work, checked, plans))
    if outcomes:
        elapsed = (perf_counter() - started) * 1000
        _record(work, [replace(each, actor=actor, duration_ms=elapsed) for each in outcomes])
    recorded = {each.plan.key for each in outcomes}
    return tuple(each for each in plans.values() if each.key in recorded or each.unsure)


def plan(using: str, marks: Marks) -> tuple[Plan, ...]:
    """Return what `sync` would do to each marked table, with hazards and SQL; change nothing."""
    work = _compare(using, marks, history.read_epoch(using))
    checked = _check(work)
    statements = execution.preview(work.connection, checked.steps) if checked.steps else {}
    return tuple(_plans(work, checked, statements).values())


def _compare(using: str, marks: Marks, token: Token) -> Work:
    connection = connections[using]
    base = freshness.at_epoch(using, token)
    subjects, snapshot = gather(connection, marks, base)
    with blamed(subjects):
        differences = {each.key: _difference(connection, each, subjects) for each in subjects}
    return Work(connection, token, subjects, snapshot, differences)


def _difference(
    connection: BaseDatabaseWrapper, subject: Subject, subjects: list[Subject]
) -> Difference:
    return diff(
        subject.wanted, _spelled(connection, subject, subjects), subject.actual, subject.applied
    )


def _spelled(
    connection: BaseDatabaseWrapper, subject: Subject, subjects: list[Subject]
) -> TableSpec | None:
    """Return the wanted table as the server would spell it under the names that are there now."""
    if subject.wanted is None or subject.applied is None or subject.actual is None:
        return None
    tables = {
        each.build.db_table: each.applied.name for each in subjects if each.build and each.applied
    }
    columns = current_columns(subject.wanted, subject.applied)
    wanted = subject.wanted.renamed(subject.actual.name, columns).pointing(tables)
    return _normal(connection, wanted, subject.applied)


def _normal(
    connection: BaseDatabaseWrapper, wanted: TableSpec, applied: Applied | None
) -> TableSpec | None:
    known = [(applied.wanted, applied.actual)] if applied else []
    try:
        return dialect_of(connection).normal(connection, wanted, known)
    except CannotCompareError:
        return None  # The comparison answers "cannot tell", and says so in the plan.


def _check(work: Work) -> Checked:
    with blamed(work.subjects):
        return execution.check(work.connection, execution.arrange(work.differences))


def _apply(work: Work, checked: Checked) -> dict[str, list[str]]:
    if not checked.steps:
        return {}
    with blamed(work.subjects):
        return execution.apply(work.connection, checked.steps)


def _plans(work: Work, checked: Checked, statements: Mapping[str, list[str]]) -> dict[str, Plan]:
    return {
        each.key: Plan(
            table=each.table,
            key=each.key,
            operations=checked.operations_of(each.key),
            unsure=(*work.differences[each.key].unsure, *checked.unsure[each.key]),
            extra=work.differences[each.key].extra,
            hazards=tuple(checked.hazards[each.key]),
            sql=tuple(statements.get(each.key, ())),
        )
        for each in work.subjects
    }


def _outcomes(work: Work, checked: Checked, plans: Mapping[str, Plan]) -> Iterator[Outcome]:
    """Yield what there is to remember, each table proven to be as wanted."""
    changed = [each for each in work.subjects if plans[each.key] or _must_be_seen(each)]
    if any(each.sql for each in plans.values()):
        _read_again(work.connection, changed)
    for each in changed:
        after = _retired(each) if each.build is None else _proven(work, checked, each)
        yield Outcome(plans[each.key], each.applied, after, each.described)


def _read_again(connection: BaseDatabaseWrapper, subjects: list[Subject]) -> None:
    """Look at the tables after statements ran, also at those that only refer to a changed one."""
    names = [each.build.db_table for each in subjects if each.build]
    tables = dialect_of(connection).read_tables(connection, names) if names else {}
    for each in subjects:
        each.actual = tables.get(each.table)


def _must_be_seen(subject: Subject) -> bool:
    """True when processes have another class, or none because it could not be built before."""
    return subject.differs or (subject.build is not None and subject.key in quarantine)


def _proven(work: Work, checked: Checked, subject: Subject) -> Applied:
    """Return the table for the history, after a last comparison that finds nothing to do.

    Raises:
        VerificationError: the table is not what was asked for.
    """
    assert subject.wanted is not None
    assert subject.actual is not None
    actual = subject.actual
    normal = _normal(work.connection, subject.wanted, subject.applied)
    after = remembered(subject, claimed(subject.wanted, normal, actual, subject.applied))
    left = diff(subject.wanted, normal, actual, after).operations
    wrong = [each.describe() for each in left if each not in checked.left_out]
    if wrong:
        raise VerificationError(table=actual.name, key=subject.key, differences=" ".join(wrong))
    return after


def _retired(subject: Subject) -> Applied:
    assert subject.applied is not None
    return replace(subject.applied, live=False)


def _record(work: Work, outcomes: list[Outcome]) -> None:
    """Remember the changes, move the epoch, and let the new classes be seen."""
    using = work.connection.alias
    token = move_epoch(using, work.token)
    known = {(each.blueprint, each.definition): each for each in record(using, token, outcomes)}
    snapshot = replace(work.snapshot, epoch=token, notes=_noted(work.snapshot, known))
    _follow_content_types(using, work.subjects, snapshot)
    freshness.hold(using, snapshot)
    for outcome in outcomes:
        _announce(using, token, outcome)


def _noted(snapshot: Snapshot, known: Mapping[Any, Applied]) -> dict[Any, Applied]:
    """Return what holds at the new epoch, the latest last, so that a next change need not ask."""
    kept = {key: each for key, each in snapshot.notes.items() if key not in known}
    return dict([*kept.items(), *known.items()][-MOST_NOTES:])


def _follow_content_types(using: str, subjects: list[Subject], snapshot: Snapshot) -> None:
    """What retires makes room for what takes over its name."""
    for each in subjects:
        if each.build is None and each.applied and each.applied.live:
            label = blueprints[each.applied.blueprint].app_label
            name = each.applied.model_name.lower()
            contenttypes.set_aside(using, label, name, each.applied.name)
    named = [
        (snapshot.models[each.key], _content_type_name(each)) for each in subjects if each.build
    ]
    moves = [(model, name) for model, name in named if name != model._meta.model_name]
    contenttypes.follow(using, moves)


def _content_type_name(subject: Subject) -> str | None:
    """Return what the content type of a table is called before the sync; None if it is new."""
    applied = subject.applied
    if applied is None:
        return None
    return applied.model_name.lower() if applied.live else applied.name


def _announce(using: str, token: Token, outcome: Outcome) -> None:
    blueprint = type(blueprints[outcome.applied.blueprint])
    key = outcome.applied.key

    def announced() -> None:
        if not outcome.applied.live:
            quarantine.pop(key, None)
        table_changed.send(blueprint, key=key, plan=outcome.plan, epoch=token.number)

    transaction.on_commit(announced, using=using)
