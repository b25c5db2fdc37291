"""Lets the heart beat: one tick after another, until the process is told to end."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import close_old_connections

from dynschema.evolution.clock import SYSTEM_CLOCK, Clock
from dynschema.evolution.conf import configuration
from dynschema.evolution.models import Run
from dynschema.evolution.schedules.ticks import tick

logger = logging.getLogger(__name__)


def beats(clock: Clock = SYSTEM_CLOCK) -> Iterator[list[Run]]:
    """Tick for ever; give the runs of each tick.

    A tick that takes long is followed by the next one at once. Whatever goes wrong in one, such
    as a database that cannot be reached, is tried again at the next.
    """
    while True:
        began = clock.seconds()
        yield _tick_if_possible(clock)
        rest = configuration().tick_seconds - (clock.seconds() - began)
        clock.sleep(max(0.0, rest))


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Take a polite end for Ctrl-C: a run that this process works on is given back then.

    Ctrl-C itself is listened to as well: a process in the background begins by ignoring it.
    """

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _tick_if_possible(clock: Clock) -> list[Run]:
    close_old_connections()
    try:
        return tick(clock.now())
    except (Exception, SystemExit):
        # What is called on a schedule may end its own process, and would do so again and again.
        logger.exception("This tick was not possible; the next one comes.")
        return []
