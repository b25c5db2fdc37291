"""Commits the cursor and the counts of a run in the same transaction as the data they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from threading import Event
from typing import Any

from django.db import transaction

from dynschema.evolution import signals
from dynschema.evolution.attempt import Attempt
from dynschema.evolution.batches import Position
from dynschema.evolution.exceptions import AfterCommitError, OwnershipLostError
from dynschema.evolution.failures import ItemError
from dynschema.evolution.models import Run, RunFailure
from dynschema.evolution.statuses import Status
from dynschema.locking import begun


class Step(Enum):
    """How it goes on after a batch."""

    MORE = auto()
    NOTHING_LEFT = auto()
    STOP_ASKED = auto()
    """Somebody wants the run paused or cancelled."""


@dataclass
class Result:
    """What became of a batch."""

    cursor: Position
    done: int = 0
    failures: list[RunFailure] = field(default_factory=list)
    """New ones, and old ones that failed again."""
    repaired: list[RunFailure] = field(default_factory=list)
    """Earlier ones that are none any more."""
    stopped_by: ItemError | None = None

    def newly_failed(self) -> int:
        """Count the failures that are not stored yet."""
        return sum(each.pk is None for each in self.failures)

    def moved(self) -> bool:
        """Tell whether anything was got done with."""
        return bool(self.done or self.failures or self.repaired)


def commit(attempt: Attempt, take: Callable[[Attempt], Result | None]) -> Step:
    """Process what `take` takes, and save how far it came; both, or neither.

    Raises:
        AfterCommitError: all is committed, but what was to follow the commit has failed.
        ItemError: what came before the failed item is committed.
        OwnershipLostError: nothing is committed.
    """
    began, attempt.batch = attempt.clock.seconds(), None
    with _transaction(attempt):
        with _undone_if_dry(attempt):
            result = take(attempt)
        if result is None:
            return Step.NOTHING_LEFT
        seconds = attempt.clock.seconds() - began
        progress = _progress(attempt, result, seconds)
        step = _save(attempt.run, progress, result)
    for name, value in progress.items():
        setattr(attempt.run, name, value)
    signals.run_progressed.send_robust(sender=Run, run=attempt.run)
    if result.stopped_by is not None:
        raise result.stopped_by
    attempt.grow(seconds)
    attempt.give_way(seconds)
    return step


@contextmanager
def _transaction(attempt: Attempt) -> Iterator[None]:
    """Let a batch write from its start: SQLite refuses those that begin by reading."""
    if not attempt.work.atomic:
        yield
        return
    using, committed = attempt.run.database, Event()
    try:
        with begun(using):
            # The first of all hooks: one that fails keeps those behind it from being called.
            transaction.on_commit(committed.set, using=using)
            yield
    except Exception as error:
        if committed.is_set():
            raise AfterCommitError(name=attempt.run.name, reason=repr(error)) from error
        raise


@contextmanager
def _undone_if_dry(attempt: Attempt) -> Iterator[None]:
    using = attempt.run.database
    if attempt.run.dry_run:
        with transaction.atomic(using):
            yield
            transaction.set_rollback(True, using)  # noqa: FBT003 - Django's own signature
    else:
        yield


def _progress(attempt: Attempt, result: Result, seconds: float) -> dict[str, Any]:
    run = attempt.run
    return {
        "cursor": result.cursor,
        "done_count": run.done_count + result.done,
        "failed_count": run.failed_count + result.newly_failed() - len(result.repaired),
        "seconds_running": run.seconds_running + seconds,
        "batch_size": run.batch_size,
        "attempts": 0 if result.moved() else run.attempts,
        "heartbeat_at": attempt.clock.now(),
    }


def _save(run: Run, progress: dict[str, Any], result: Result) -> Step:
    """Write how far the run came if it is still ours; usually in one statement.

    Last in the transaction, so that nobody who wants to pause the run has to wait for the batch.
    """
    for failure in result.failures:
        failure.save(using=run.database)
    for failure in result.repaired:
        failure.delete(using=run.database)
    ours = Run.objects.using(run.database).filter(pk=run.pk, generation=run.generation)
    # A commit may have succeeded although the connection was lost in it.
    ours = ours.filter(done_count=run.done_count, failed_count=run.failed_count)
    if ours.filter(status=Status.RUNNING).update(**progress):
        return Step.MORE
    if ours.filter(status__in=[Status.PAUSING, Status.CANCELLING]).update(**progress):
        return Step.STOP_ASKED
    raise OwnershipLostError(pk=run.pk, name=run.name)
