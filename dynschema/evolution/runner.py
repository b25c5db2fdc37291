"""Takes a run through one slice: claim, load, prepare, process, settle."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connections

from dynschema.evolution.attempt import Attempt
from dynschema.evolution.clock import SYSTEM_CLOCK, Clock
from dynschema.evolution.commits import Step
from dynschema.evolution.contexts import entered
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.exceptions import FailedItemsError, OwnershipLostError
from dynschema.evolution.failures import NO_ERROR, ItemError, after_loss, describe_error
from dynschema.evolution.heartbeat import beating
from dynschema.evolution.models import Run
from dynschema.evolution.moves import move
from dynschema.evolution.processing import process_next
from dynschema.evolution.retries import retry_delay
from dynschema.evolution.statuses import Status
from dynschema.evolution.throttles import longest_delay
from dynschema.evolution.work import Work
from dynschema.scopes import catch_up

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """Where a slice leaves its run."""

    status: Status
    delay_seconds: float = 0.0
    """Before the next slice, where there is one."""
    changes: dict[str, Any] = field(default_factory=dict)


def perform(delivery: Delivery, clock: Clock = SYSTEM_CLOCK) -> Delivery | None:
    """Take a run through one slice.

    An error of the work is recorded in the run and not raised. A delivery that is stale, or comes
    a second time, does nothing.

    Returns:
        The order for the next slice; None where this worker has nothing more to do with the run.
    """
    with entered(delivery.context):
        run = _claim(delivery, clock)
        if run is None:
            return None
        catch_up()  # What the work deletes may have relations that are newer than this process.
        with beating(run), _given_back_at_exit(run, clock):
            outcome = _slice(run, clock)
        return _settle(run, outcome, clock)


def _claim(delivery: Delivery, clock: Clock) -> Run | None:
    """Take the run, so that no other delivery of it is good any more."""
    rows = Run.objects.using(delivery.using)
    run = rows.filter(pk=delivery.run_pk, generation=delivery.generation).first()
    now = clock.now()
    if run is not None:
        taken = {"generation": run.generation + 1, "started_at": run.started_at or now}
        if move(run, Status.RUNNING, now, next_attempt_at=None, **taken):
            return run
    logger.info("A stale delivery of run %s does nothing.", delivery.run_pk)
    return None


@contextmanager
def _given_back_at_exit(run: Run, clock: Clock) -> Iterator[None]:
    """Leave the run to others where this process is told to end.

    It may be the work itself that tells it so, and would do so to any other process.
    """
    at_once = {"next_attempt_at": clock.now()}
    try:
        yield
    except KeyboardInterrupt:
        _leave_half_begun(run)
        _settle(run, Outcome(Status.INTERRUPTED, changes=at_once), clock)
        raise
    except SystemExit:
        _leave_half_begun(run)
        status, changes = after_loss(run)
        _settle(run, Outcome(status, changes=at_once | changes), clock)
        raise


def _leave_half_begun(run: Run) -> None:
    """Leave a transaction that Django does not know of, since the signal came as it began it."""
    connection = connections[run.database]
    if not connection.in_atomic_block:
        connection.close()


def _slice(run: Run, clock: Clock) -> Outcome | None:
    """Work on the run; None when another worker has it now."""
    try:
        attempt = Attempt.load(run, clock)
    except Exception as error:
        return _after_error(run, error, None)
    try:
        _prepare(attempt)
        return _process(attempt)
    except OwnershipLostError as error:
        logger.warning("%s", error)
        return None
    except ItemError as error:
        return _after_error(run, error.error, attempt.work, error.item)
    except Exception as error:
        return _after_error(run, error, attempt.work)


def _prepare(attempt: Attempt) -> None:
    """Fix, once, where the run will end and how many items there are."""
    run = attempt.run
    if run.end is None:
        run.end = attempt.source.end()
        run.total_count = attempt.work.count()
        ours = Run.objects.using(run.database).filter(pk=run.pk, generation=run.generation)
        ours.update(end=run.end, total_count=run.total_count)


def _process(attempt: Attempt) -> Outcome:
    """Process batches until something ends the slice."""
    while True:
        delay = longest_delay(attempt.work.throttles)
        if delay:
            return Outcome(Status.INTERRUPTED, delay)
        step = process_next(attempt)
        if step is Step.NOTHING_LEFT:
            return _at_the_end(attempt.run)
        if step is Step.STOP_ASKED:
            return Outcome(Status.PAUSED)
        if attempt.is_over():
            return Outcome(Status.INTERRUPTED)


def _at_the_end(run: Run) -> Outcome:
    if run.failed_count:
        error = FailedItemsError(pk=run.pk, name=run.name, count=run.failed_count)
        return Outcome(Status.ERRORED, changes=describe_error(error))
    return Outcome(Status.SUCCEEDED, changes=NO_ERROR)


def _after_error(run: Run, error: Exception, work: Work | None, item: str = "") -> Outcome:
    # A lost connection would not come back by itself, and nothing could be recorded.
    connections[run.database].close_if_unusable_or_obsolete()
    changes: dict[str, Any] = {**describe_error(error), "errored_item": item}
    delay = retry_delay(error, run.attempts, work)
    if delay is None:
        return Outcome(Status.ERRORED, changes=changes)
    changes["attempts"] = run.attempts + 1
    return Outcome(Status.INTERRUPTED, delay, changes)


def _settle(run: Run, outcome: Outcome | None, clock: Clock) -> Delivery | None:
    """Leave the run where the slice ends, or where somebody asked for meanwhile."""
    if outcome is None:
        return None
    now, changes = clock.now(), dict(outcome.changes)
    if outcome.delay_seconds:
        changes["next_attempt_at"] = now + timedelta(seconds=outcome.delay_seconds)
    if move(run, outcome.status, now, **changes):
        goes_on = outcome.status is Status.INTERRUPTED
        return run.delivery(outcome.delay_seconds) if goes_on else None
    if not move(run, Status.PAUSED, now):
        move(run, Status.CANCELLED, now)
    return None
