"""Takes over the runs of lost workers, and enqueues again what is due or was lost on its way."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from dynschema.evolution.conf import configuration
from dynschema.evolution.engines.choice import engine_named, hand_over
from dynschema.evolution.failures import after_loss
from dynschema.evolution.models import Run
from dynschema.evolution.moves import move
from dynschema.evolution.statuses import HELD, WAITING, Status

logger = logging.getLogger(__name__)


def recover(
    now: datetime | None = None, using: str = "default", kind: str | None = None
) -> list[Run]:
    """Have every run go on that would stand still for ever; harmless at any time, anywhere.

    Args:
        now: the moment; by default this one.
        using: the alias of the database whose runs are looked at.
        kind: of the runs that are looked at; by default all are.

    Returns:
        The runs that were taken over or enqueued again, as they are now.
    """
    moment = now or timezone.now()
    silent_since = moment - timedelta(seconds=configuration().stale_after_seconds)
    runs = Run.objects.using(using)
    if kind is not None:
        runs = runs.filter(kind=kind)
    lost = list(runs.filter(status__in=HELD, heartbeat_at__lt=silent_since))
    waiting = list(runs.filter(status__in=WAITING))
    return [run for run in [*lost, *waiting] if _goes_on(run, moment, silent_since)]


def _goes_on(run: Run, now: datetime, silent_since: datetime) -> bool:
    """See to one run; what cannot be done now, as when a broker is down, holds up no other."""
    try:
        if run.status in WAITING and not _is_due(run, now, silent_since):
            return False
        if not _notice(run, now):
            return False
        if run.status in WAITING or _take_over(run, now):
            hand_over(run)
            # Its engine may have executed it.
            run.refresh_from_db()
    except Exception:
        logger.exception("Run %s of %s cannot go on now; it will be tried again.", run.pk, run.name)
        return False
    return True


def _notice(run: Run, now: datetime) -> bool:
    """Sign for the run, unless its worker or somebody else did so since it was read."""
    rows = Run.objects.using(run.database).filter(pk=run.pk, generation=run.generation)
    as_read = rows.filter(status=run.status, heartbeat_at=run.heartbeat_at)
    return bool(as_read.update(heartbeat_at=now, next_attempt_at=None))


def _take_over(run: Run, now: datetime) -> bool:
    """Fence the lost worker off; tell whether the run is to go on."""
    logger.warning("The worker of run %s of %s was lost.", run.pk, run.name)
    status, changes = after_loss(run)
    fence: dict[str, Any] = {"generation": run.generation + 1, **changes}
    if run.status == Status.PAUSING:
        move(run, Status.PAUSED, now, **fence)
    elif run.status == Status.CANCELLING:
        move(run, Status.CANCELLED, now, **fence)
    else:
        return move(run, status, now, **fence) and status is Status.INTERRUPTED
    return False


def _is_due(run: Run, now: datetime, silent_since: datetime) -> bool:
    """What an engine brings by itself is given some time to arrive."""
    if run.next_attempt_at is None:
        return run.heartbeat_at < silent_since
    brought = engine_named(run.engine).supports_delay
    return run.next_attempt_at <= (silent_since if brought else now)
