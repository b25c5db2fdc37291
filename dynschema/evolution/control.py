"""Pauses, resumes and cancels runs."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from dynschema.evolution.engines.choice import hand_over
from dynschema.evolution.exceptions import AlreadyActiveError, ForbiddenMoveError
from dynschema.evolution.failures import NO_ERROR
from dynschema.evolution.models import Run
from dynschema.evolution.moves import move
from dynschema.evolution.statuses import Status
from dynschema.locking import begun

RESUMABLE = (Status.PAUSED, Status.ERRORED)
REMEDY = "docs/reference/statuses.md shows what can be done in each status."


def pause(run: Run, now: datetime | None = None) -> None:
    """Have a run stand still after the batch that it is at.

    Raises:
        BusyError: SQLite was being written to for too long.
        ForbiddenMoveError: it has ended, or stands still already.
    """
    _move_to_first(run, (Status.PAUSED, Status.PAUSING), now or timezone.now(), "paused")


def cancel(run: Run, now: datetime | None = None) -> None:
    """End a run after the batch that it is at, or give an errored one up; what is done stays.

    Raises:
        BusyError: SQLite was being written to for too long.
        ForbiddenMoveError: it has ended, and not with an error.
    """
    _move_to_first(run, (Status.CANCELLED, Status.CANCELLING), now or timezone.now(), "cancelled")


def abandon(run: Run, now: datetime | None = None) -> None:
    """End a run at once, whatever becomes of its worker: what that has not committed is undone.

    Raises:
        ForbiddenMoveError: it has ended, and not with an error.
    """
    run.refresh_from_db()
    moment = now or timezone.now()
    move(run, Status.CANCELLING, moment)
    if not move(run, Status.CANCELLED, moment, generation=run.generation + 1):
        raise _refusal(run, "abandoned")


def resume(run: Run, now: datetime | None = None) -> None:
    """Have a paused or errored run go on where it stopped, with the failed item.

    Items that were skipped as failed are tried again first.

    Raises:
        AlreadyActiveError: the same work was launched anew meanwhile.
        BusyError: SQLite was being written to for too long.
        ForbiddenMoveError: it is neither paused nor errored.
    """
    run.refresh_from_db()
    moment = now or timezone.now()
    with begun(run.database):
        if not _enqueue_again(run, moment):
            raise _refusal(run, "resumed")
        run.failures.using(run.database).update(to_retry=True)
        hand_over(run)
    run.refresh_from_db()


def _move_to_first(run: Run, targets: tuple[Status, ...], now: datetime, wanted: str) -> None:
    """The row decides, not what this process last read of it."""
    run.refresh_from_db()
    with begun(run.database):
        is_there = run.status == targets[-1] or any(move(run, target, now) for target in targets)
    if not is_there:
        raise _refusal(run, wanted)


def _enqueue_again(run: Run, now: datetime) -> bool:
    try:
        with transaction.atomic(run.database):
            return run.status in RESUMABLE and move(
                run,
                Status.ENQUEUED,
                now,
                generation=run.generation + 1,
                active_key=run.key_while_active(),
                attempts=0,
                next_attempt_at=None,
                ended_at=None,
                **NO_ERROR,
            )
    except IntegrityError as error:
        other = Run.objects.using(run.database).get(active_key=run.key_while_active())
        raise AlreadyActiveError(
            name=run.name, using=run.database, pk=other.pk, status=other.status, run=other
        ) from error


def _refusal(run: Run, wanted: str) -> ForbiddenMoveError:
    return ForbiddenMoveError(
        pk=run.pk, name=run.name, wanted=wanted, status=run.status, remedy=REMEDY
    )
