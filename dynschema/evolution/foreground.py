"""Works a run off here and now, whatever its engine, as commands do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from dynschema.evolution.clock import SYSTEM_CLOCK, Clock
from dynschema.evolution.exceptions import ProcessEndedError
from dynschema.evolution.models import Run
from dynschema.evolution.recovery import recover
from dynschema.evolution.runner import perform
from dynschema.evolution.statuses import HELD, WAITING

POLL_SECONDS = 1.0
"""How often another worker's run is looked at."""


def finish(run: Run, clock: Clock = SYSTEM_CLOCK) -> Run:
    """Take a run through its slices until it has ended or is paused.

    Waits where the run has to wait. What another worker holds is watched, and taken over when
    that worker is lost.

    Returns:
        The run, read again.
    """
    run.refresh_from_db()
    while run.status in WAITING | HELD:
        if run.status in HELD:
            clock.sleep(POLL_SECONDS)
            recover(clock.now(), run.database)
        else:
            _wait_until_due(run, clock)
            perform(run.delivery(), clock)
        run.refresh_from_db()
    return run


@contextmanager
def not_ended_by_work() -> Iterator[None]:
    """Keep the process when work within the block wants to end it.

    Raises:
        ProcessEndedError: it does.
    """
    try:
        yield
    except SystemExit as error:
        raise ProcessEndedError(exit_code=error.code) from error


def _wait_until_due(run: Run, clock: Clock) -> None:
    if run.next_attempt_at is not None:
        seconds = (run.next_attempt_at - clock.now()) / timedelta(seconds=1)
        if seconds > 0:
            clock.sleep(seconds)
