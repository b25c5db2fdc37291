"""One worker's go at a run: what it knows while it takes the run through a slice."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connections

from dynschema.evolution.batch_sizes import FIRST_ROWS, next_size
from dynschema.evolution.batches import Batch, Source
from dynschema.evolution.clock import Clock
from dynschema.evolution.conf import configuration
from dynschema.evolution.models import Run
from dynschema.evolution.work import Work

SECONDS_UNBROKEN = 2.0
"""Less than half of the time for which Django has others wait for SQLite's lock."""

PAUSE_SECONDS = 0.12
"""Longer than the tenth of a second after which those who wait look for the lock again."""


@dataclass
class Attempt:
    """A run with its code, for as long as this slice lasts."""

    run: Run
    work: Work
    source: Source
    clock: Clock
    size: int
    """Of the next batch; below `run.batch_size` after an error, and while a bad row is searched."""
    retries_failures: bool = False
    """Whether failed items wait for being tried again, since the run was resumed."""
    batch: Batch | None = None
    """The one that was taken last; none where it could not even be read."""
    is_searching: bool = False
    """Whether a batch is being cut up; the next slice would begin with a whole one again."""
    began: float = field(init=False)
    unbroken: float = 0.0
    """Seconds since others last had a chance to write."""

    def __post_init__(self) -> None:
        self.began = self.clock.seconds()

    @classmethod
    def load(cls, run: Run, clock: Clock) -> Attempt:
        """Make the work of a run from its arguments.

        Raises:
            UnknownWorkError: this process does not have its code.
        """
        work = run.reference.factory()(**run.arguments)
        work.run = run
        run.batch_size = run.batch_size or work.batch_size or FIRST_ROWS
        # After an error a smaller batch holds its locks for less time, and needs less memory.
        size = max(1, run.batch_size >> run.attempts)
        waiting = run.failed_count > 0 and run.failures_to_retry().exists()
        return cls(run, work, work.source(), clock, size, waiting)

    def is_over(self) -> bool:
        """Tell whether the slice has lasted long enough."""
        if self.is_searching:
            return False
        return self.clock.seconds() - self.began >= configuration().slice_seconds

    def cut(self) -> None:
        """Make the next batch half as large, to find the bad row."""
        self.size = max(1, self.size // 2)
        self.is_searching = True

    def give_way(self, seconds: float) -> None:
        """Let others have the one lock of SQLite.

        They only look for it now and then, and would hardly ever find it free between two batches.
        """
        self.unbroken += seconds
        if self.unbroken < SECONDS_UNBROKEN:
            return
        self.unbroken = 0.0
        if connections[self.run.database].vendor == "sqlite":
            self.clock.sleep(PAUSE_SECONDS)

    def grow(self, seconds: float) -> None:
        """Find the size of the next batch after one that went well."""
        self.is_searching = False
        wanted = self.work.wanted_seconds
        if self.size < self.run.batch_size:
            self.size = min(self.size * 2, self.run.batch_size)
        elif wanted is not None:
            self.size = self.run.batch_size = next_size(self.size, seconds, wanted)
