"""The pipeline, a table of contents: gather → compare → check → apply → verify → record.

It runs inside the transaction that changed the definitions, under the lock that the transaction
took first; whatever it raises rolls everything back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from django.db import DatabaseError, connections, transaction

from dynschema import contenttypes, execution, freshness, history
from dynschema.comparing import Work, compare
from dynschema.exceptions import DynschemaError
from dynschema.execution import Checked
from dynschema.history import Token
from dynschema.loading import blueprints, quarantine
from dynschema.marks import Marks
from dynschema.recording import Outcome, record
from dynschema.runtime.snapshot import Snapshot
from dynschema.schema.applied import Applied
from dynschema.schema.dialects import dialect_of
from dynschema.schema.plan import Plan
from dynschema.signals import table_changed
from dynschema.subjects import Subject, blamed
from dynschema.verification import outcomes

MOST_NOTES = 256
"""Tables whose history is kept in memory, about 30 kB each."""

OTHERWISE = ("22", "23", "2B", "42", "55006")
"""How the states of PostgreSQL begin that tell of the table, its rows or their pending checks."""


@dataclass
class Change:
    """What a sync made of the tables, not recorded yet."""

    work: Work
    plans: dict[str, Plan]
    """By the key of the table."""
    outcomes: list[Outcome]


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
    change = _try(using, marks, token) or _carry_out(compare(using, marks, token))
    elapsed = (perf_counter() - started) * 1000
    if change.outcomes:
        _record(
            change.work,
            [replace(each, actor=actor, duration_ms=elapsed) for each in change.outcomes],
        )
    recorded = {each.plan.key for each in change.outcomes}
    return tuple(each for each in change.plans.values() if each.key in recorded or each.unsure)


def plan(using: str, marks: Marks) -> tuple[Plan, ...]:
    """Return what `sync` would do to each marked table, with hazards and SQL; change nothing."""
    work = compare(using, marks, history.read_epoch(using))
    checked = _check(work)
    statements = execution.preview(work.connection, checked.steps) if checked.steps else {}
    return tuple(_plans(work, checked, statements).values())


def _try(using: str, marks: Marks, token: Token) -> Change | None:
    """Change the tables as this process saw them last, which saves looking at them first.

    Returns:
        None, with everything undone, unless each table was changed and found to be as wanted then.
    """
    if not _may_try(using, marks, token):
        return None
    connection: Any = connections[using]
    savepoint = connection.savepoint()  # The function for it has another name since Django 6.1.
    try:
        work = compare(using, marks, token, trusting=True)
        if _may_go_unseen(work):
            change = _carry_out(work)
            connection.savepoint_commit(savepoint)
            return change
    except (DynschemaError, DatabaseError) as error:
        if not _may_look_again(error):
            raise
    connection.savepoint_rollback(savepoint)
    return None


def _may_try(using: str, marks: Marks, token: Token) -> bool:
    """True when all marked tables were seen, and no statement touches more than it names."""
    notes = freshness.at_epoch(using, token).notes
    seen = all(each in notes and notes[each].seen for each in marks.definitions)
    return seen and dialect_of(connections[using]).can_try


def _may_go_unseen(work: Work) -> bool:
    """True when every table is changed and stays, so that it is looked at afterwards."""
    return all(
        each.build
        and work.differences[each.key].operations
        and not any(step.needs_look for step in work.differences[each.key].operations)
        for each in work.subjects
    )


def _may_look_again(error: Exception) -> bool:
    """True for a refusal by us, and for what a server says of a table that is not as expected."""
    refused = error if isinstance(error, DatabaseError) else error.__cause__
    if not isinstance(refused, DatabaseError):
        return True
    state = getattr(refused.__cause__, "sqlstate", None) or ""
    return state.startswith(OTHERWISE)


def _carry_out(work: Work) -> Change:
    checked = _check(work)
    plans = _plans(work, checked, _apply(work, checked))
    return Change(work, plans, list(outcomes(work, checked, plans)))


def _check(work: Work) -> Checked:
    with blamed(work.subjects):
        return execution.check(work.connection, execution.arrange(work.differences))


def _apply(work: Work, checked: Checked) -> dict[str, list[str]]:
    if not checked.steps:
        return {}
    with blamed(work.subjects):
        return execution.apply(work.connection, checked.steps, settle=not work.trusting)


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


def _record(work: Work, outcomes: list[Outcome]) -> None:
    """Remember the changes, move the epoch, and let the new classes be seen."""
    using = work.connection.alias
    token, recorded = record(using, work.token, outcomes)
    known = {(each.blueprint, each.definition): each for each in recorded}
    snapshot = replace(work.snapshot, epoch=token, notes=_noted(work.snapshot, known))
    _follow_content_types(work, snapshot)
    freshness.hold(using, snapshot)
    for outcome in outcomes:
        _announce(using, token, outcome)


def _noted(snapshot: Snapshot, known: Mapping[Any, Applied]) -> dict[Any, Applied]:
    """Return what holds at the new epoch, the latest last, so that a next change need not ask."""
    kept = {key: each for key, each in snapshot.notes.items() if key not in known}
    return dict([*kept.items(), *known.items()][-MOST_NOTES:])


def _follow_content_types(work: Work, snapshot: Snapshot) -> None:
    """What retires makes room for what takes over its name."""
    using, before = work.connection.alias, freshness.at_epoch(work.connection.alias, work.token)
    retired = [
        (blueprints[known.blueprint].app_label, known.model_name.lower(), known.name)
        for known in (each.applied for each in work.subjects if each.build is None)
        if known and known.live
    ]
    built = [
        (snapshot.models[each.key], before.models.get(each.key), _content_type_name(each))
        for each in work.subjects
        if each.build
    ]
    moves = [
        (model, name)
        for model, old, name in built
        if name != model._meta.model_name or contenttypes.asks_for_more(model, old)
    ]
    contenttypes.follow(using, moves, retired)


def _content_type_name(subject: Subject) -> str | None:
    """Return what the content type of a table is called before the sync; None if it is new."""
    applied = subject.applied
    if applied is None:
        return None
    return applied.model_name.lower() if applied.live else contenttypes.name_aside(applied.name)


def _announce(using: str, token: Token, outcome: Outcome) -> None:
    blueprint = type(blueprints[outcome.applied.blueprint])
    key = outcome.applied.key

    def announced() -> None:
        if not outcome.applied.live:
            quarantine.pop(key, None)
        table_changed.send(blueprint, key=key, plan=outcome.plan, epoch=token.number)

    transaction.on_commit(announced, using=using)
