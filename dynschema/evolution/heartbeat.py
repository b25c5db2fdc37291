"""Tells, from a thread of its own, that the worker of a run lives while one batch takes long."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import OperationalError, connections

from dynschema.evolution.clock import Clock
from dynschema.evolution.conf import configuration
from dynschema.evolution.contexts import entered
from dynschema.evolution.models import Run
from dynschema.evolution.statuses import HELD

logger = logging.getLogger(__name__)


@contextmanager
def beating(run: Run, clock: Clock) -> Iterator[None]:
    """Beat as long as the block lasts."""
    ended = Event()
    thread = Thread(target=_beat_until, args=(run, clock, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat_until(run: Run, clock: Clock, ended: Event) -> None:
    """The first beat comes after the first interval: most slices need none."""
    while not ended.wait(configuration().heartbeat_seconds):
        try:
            with entered(run.context):
                beat(run, clock)
        except OperationalError:
            # SQLite, while a batch writes: nobody can take the run over then either.
            logger.info("Run %s could not tell that it lives; the next beat will.", run.pk)
        finally:
            connections[run.database].close()


def beat(run: Run, clock: Clock) -> None:
    """Tell that the worker of this generation lives."""
    rows = Run.objects.using(run.database).filter(pk=run.pk, generation=run.generation)
    rows.filter(status__in=HELD).update(heartbeat_at=clock.now())
