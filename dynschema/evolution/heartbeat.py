"""Tells, from a thread of its own, that a worker lives while one batch takes long."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Thread

from django.db import OperationalError, connections
from django.utils import timezone

from dynschema.evolution.conf import configuration
from dynschema.evolution.contexts import entered
from dynschema.evolution.delivery import Delivery
from dynschema.evolution.models import Run
from dynschema.evolution.statuses import HELD

logger = logging.getLogger(__name__)


class _Heart:
    """Beats for all runs that this process holds; its thread ends when there are none."""

    def __init__(self) -> None:
        self._held: list[Delivery] = []
        self._changed = Condition()
        self._is_beating = False

    def take(self, held: Delivery) -> None:
        with self._changed:
            self._held.append(held)
            if not self._is_beating:
                self._is_beating = True
                Thread(target=self._beat, name="dynschema heartbeat", daemon=True).start()

    def give_back(self, held: Delivery) -> None:
        with self._changed:
            self._held.remove(held)

    def _beat(self) -> None:
        """The first beat comes after the first interval: most slices need none."""
        while runs := self._held_after_an_interval():
            for held in runs:
                _tell(held)

    def _held_after_an_interval(self) -> list[Delivery]:
        with self._changed:
            self._changed.wait(configuration().heartbeat_seconds)
            self._is_beating = bool(self._held)
            return list(self._held)


_heart = _Heart()


def _begin_anew() -> None:
    """A forked process has the memory of its parent, but not its threads."""
    global _heart
    _heart = _Heart()


os.register_at_fork(after_in_child=_begin_anew)


@contextmanager
def beating(run: Run) -> Iterator[None]:
    """Tell that this worker lives as long as the block lasts."""
    heart, held = _heart, run.delivery()
    heart.take(held)
    try:
        yield
    finally:
        heart.give_back(held)


def _wait_for_no_lock(using: str) -> None:
    """On SQLite the batch has the lock, and tells itself at its commit.

    Who waits for it may get it later, in the midst of something that has nothing to do with runs.
    """
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")


def _tell(held: Delivery) -> None:
    try:
        with entered(held.context):
            _wait_for_no_lock(held.using)
            rows = Run.objects.using(held.using)
            ours = rows.filter(pk=held.run_pk, generation=held.generation, status__in=HELD)
            ours.update(heartbeat_at=timezone.now())
    except OperationalError as error:
        # SQLite, while a batch writes: nobody can take the run over then either.
        logger.info("Run %s could not tell that its worker lives: %s", held.run_pk, error)
    except Exception:
        # Such as a tenant that was deleted; the heart must go on beating for all other runs.
        logger.exception("Run %s could not tell that its worker lives.", held.run_pk)
    finally:
        connections[held.using].close()
