"""Takes over the runs of lost workers, and enqueues again what is due or was lost on its way."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from dynschema.evolution.conf import configuration
from dynschema.evolution.engines.choice import engine_named, hand_over
from dynschema.evolution.exceptions import WorkerLostError
from dynschema.evolution.failures import describe_error
from dynschema.evolution.models import Run
from dynschema.evolution.moves import move
from dynschema.evolution.statuses import HELD, WAITING, Status

logger = logging.getLogger(__name__)


def recover(now: datetime | None = None, using: str = "default") -> list[Run]:
    """Have every run go on that would stand still for ever; harmless at any time, anywhere.

    Args:
        now: the moment; by default this one.
        using: the alias of the database whose runs are looked at.

    Returns:
        The runs that were taken over or enqueued again.
    """
    moment = now or timezone.now()
    silent_since = moment - timedelta(seconds=configuration().stale_after_seconds)
    runs = Run.objects.using(using)
    lost = runs.filter(status__in=HELD, heartbeat_at__lt=silent_since)
    taken = [run for run in lost if _take_over(run, moment)]
    waiting = runs.filter(status__in=WAITING).exclude(pk__in=[run.pk for run in taken])
    due = [run for run in waiting if _is_due(run, moment, silent_since)]
    for run in due:
        runs.filter(pk=run.pk).update(heartbeat_at=moment, next_attempt_at=None)
    for run in [*taken, *due]:
        if run.status in WAITING:
            hand_over(run)
    return [*taken, *due]


def _take_over(run: Run, now: datetime) -> bool:
    """Fence the lost worker off, and leave the run where somebody wanted it."""
    logger.warning("The worker of run %s of %s was lost.", run.pk, run.name)
    fence = {"generation": run.generation + 1, "attempts": run.attempts + 1}
    if run.status == Status.PAUSING:
        return move(run, Status.PAUSED, now, **fence)
    if run.status == Status.CANCELLING:
        return move(run, Status.CANCELLED, now, **fence)
    if fence["attempts"] >= configuration().losses_allowed:
        error = WorkerLostError(pk=run.pk, name=run.name, attempts=fence["attempts"])
        return move(run, Status.ERRORED, now, **fence, **describe_error(error))
    return move(run, Status.INTERRUPTED, now, **fence)


def _is_due(run: Run, now: datetime, silent_since: datetime) -> bool:
    """What an engine brings by itself is given some time to arrive."""
    if run.next_attempt_at is None:
        return run.heartbeat_at < silent_since
    brought = engine_named(run.engine).supports_delay
    return run.next_attempt_at <= (silent_since if brought else now)
