"""The signals of a run's life, each sent after the commit, where it happened.

Args of all:
    sender: the class `Run`.
    run (Run): as it stands now.
"""

from __future__ import annotations

from typing import Any

from django.dispatch import Signal

from dynschema.evolution.statuses import Status

run_enqueued = Signal()
"""It was launched or resumed."""

run_started = Signal()
"""A worker has taken it, for the first time or again."""

run_progressed = Signal()
"""A batch was committed."""

run_interrupted = Signal()
"""It will go on later: the slice is over, a throttle holds, or an error is tried again."""

run_paused = Signal()
"""It stands still until somebody resumes it."""

run_cancelled = Signal()
"""It will not go on."""

run_succeeded = Signal()
"""All is done."""

run_errored = Signal()
"""It stopped at an error, or items failed; it can be resumed."""

run_skipped = Signal()
"""Its work counts as done without having run."""

OF_STATUS = {
    Status.ENQUEUED: run_enqueued,
    Status.RUNNING: run_started,
    Status.INTERRUPTED: run_interrupted,
    Status.PAUSED: run_paused,
    Status.CANCELLED: run_cancelled,
    Status.SUCCEEDED: run_succeeded,
    Status.ERRORED: run_errored,
    Status.SKIPPED: run_skipped,
}


def announce(status: str, run: Any) -> None:
    """Send the signal of a status that a run has reached, if it has one.

    An error of a receiver is logged by Django; the run is not to blame.
    """
    signal = OF_STATUS.get(Status(status))
    if signal is not None:
        signal.send_robust(sender=type(run), run=run)
