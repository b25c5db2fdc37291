"""Launches work: the only way to make a run, and to hand it to an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal

from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from dynschema.evolution import signals
from dynschema.evolution.arguments import check_arguments
from dynschema.evolution.attributes import check_attributes
from dynschema.evolution.batch_sizes import FIRST_ROWS
from dynschema.evolution.conf import configuration
from dynschema.evolution.contexts import current_context
from dynschema.evolution.engines.choice import engine_named, hand_over
from dynschema.evolution.exceptions import (
    AlreadyActiveError,
    DryRunError,
    OccasionTakenError,
    UnknownDatabaseError,
)
from dynschema.evolution.models import Run
from dynschema.evolution.registry import Reference, reference_to
from dynschema.evolution.run_tables import run_table_expected
from dynschema.evolution.statuses import Status
from dynschema.evolution.work import Work
from dynschema.locking import begun


@dataclass(frozen=True)
class Options:
    """How a run is launched, where that differs from the settings and from the work."""

    engine: str | None = None
    """The name of an engine."""
    triggered_by: str = ""
    """Who or what, in words."""
    message: str = ""
    """Why, in words."""
    dry_run: bool = False
    """Every batch is undone again."""
    on_error: Literal["stop", "skip"] | None = None
    batch_size: int | None = None
    """Of the first batch, where the size of the others follows the time they take."""
    overlap: bool = False
    """Others of the same work may be under way."""
    occasion: str | None = None
    """There can only ever be one run for it, such as `task 3 at 2026-11-20T00:30Z`."""
    now: Callable[[], datetime] = field(default=timezone.now, repr=False)


DEFAULTS = Options()


def launch(
    work: Reference | str | Callable[..., Any],
    arguments: dict[str, Any] | None = None,
    *,
    using: str = "default",
    options: Options = DEFAULTS,
) -> Run:
    """Store a run, and hand it to its engine when the transaction around is committed.

    Args:
        work: a registered class or function, its name, or how a door refers to its own.
        arguments: JSON that fits the signature of the work.
        using: the alias of the database to work on.
        options: everything else.

    Returns:
        The run as it is when the engine has it: with the engine `inline`, and outside of any
        transaction, it has ended.

    Raises:
        AlreadyActiveError: the same work is under way there.
        BusyError: SQLite was being written to for too long.
        DryRunError: it cannot be tried out.
        HandOverError: it is stored, but its engine could not take it now.
        InvalidArgumentsError: the arguments do not fit, or no run could use an attribute.
        NoRunTableError: that database has no table for runs.
        NotRegisteredError: it is no work.
        OccasionTakenError: there has been a run for this occasion.
        UnknownDatabaseError: there is no such alias.
        UnknownEngineError: there is no such engine.
        UnknownWorkError: there is no work of that name.
    """
    reference = reference_to(work)
    made = _made(reference, arguments or {}, options)
    engine = options.engine or configuration().engine
    engine_named(engine)
    run = _new_run(reference, using, options)
    run.arguments = arguments or {}
    run.engine = engine
    made.run = run
    run.on_error = options.on_error or made.on_error
    run.batch_size = options.batch_size or made.batch_size or FIRST_ROWS
    run.active_key = run.key_while_active()
    check_attributes(run, made)
    _store(run)
    hand_over(run)
    run.refresh_from_db()
    return run


def skip(work: Reference | str, *, using: str = "default", options: Options = DEFAULTS) -> Run:
    """Store that a work counts as done although it was never executed.

    Raises:
        AlreadyActiveError: it is under way.
    """
    return _store_ended(Status.SKIPPED, reference_to(work), using, options)


def reopen(work: Reference | str, *, using: str = "default", options: Options = DEFAULTS) -> Run:
    """Store that a work is to be executed again although it was; its earlier runs are kept.

    Raises:
        AlreadyActiveError: it is under way.
    """
    return _store_ended(Status.CANCELLED, reference_to(work), using, options)


def _store_ended(status: Status, reference: Reference, using: str, options: Options) -> Run:
    run = _new_run(reference, using, options)
    _refuse_if_active(run)
    run.status, run.ended_at = status, run.created_at
    _store(run)
    return run


def _made(reference: Reference, arguments: dict[str, Any], options: Options) -> Work:
    """Make the work, as the worker will."""
    factory = reference.factory()
    check_arguments(reference.name, factory, arguments)
    made = factory(**arguments)
    if options.dry_run and not made.atomic:
        raise DryRunError(name=reference.name)
    return made


def _new_run(reference: Reference, using: str, options: Options) -> Run:
    if using not in connections:
        raise UnknownDatabaseError(using=using, known=", ".join(sorted(connections)))
    now = options.now()
    return Run(
        kind=reference.kind,
        name=reference.name,
        database=using,
        context=current_context(),
        dry_run=options.dry_run,
        overlap=options.overlap,
        occasion=options.occasion,
        triggered_by=options.triggered_by,
        message=options.message,
        created_at=now,
        heartbeat_at=now,
    )


def _store(run: Run) -> None:
    """Insert a run; the unique columns decide between two that launch at once."""
    try:
        with run_table_expected(run.database), begun(run.database):
            run.save(using=run.database, force_insert=True)
    except IntegrityError:
        _refuse_occasion(run)
        _refuse_if_active(run)
        raise
    transaction.on_commit(partial(signals.announce, run.status, run), using=run.database)


def _refuse_occasion(run: Run) -> None:
    found = Run.objects.using(run.database).filter(occasion=run.occasion).first()
    if run.occasion and found:
        raise OccasionTakenError(occasion=run.occasion, pk=found.pk, status=found.status, run=found)


def _refuse_if_active(run: Run) -> None:
    key = run.key_while_active()
    found = Run.objects.using(run.database).filter(active_key=key).first() if key else None
    if found:
        raise AlreadyActiveError(
            name=run.name, using=run.database, pk=found.pk, status=found.status, run=found
        )
