"""One worker's go at a run: what it knows while it takes the run through a slice."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connections

from dynschema.evolution.batch_sizes import FIRST_ROWS, next_size
from dynschema.evolution.batches import Source
from dynschema.evolution.clock import Clock
from dynschema.evolution.conf import configuration
from dynschema.evolution.models import Run
from dynschema.evolution.work import Work

LONGEST_PAUSE = 0.1
"""So often, at least, SQLite looks whether the lock for which it waits is free."""

PAUSE_PER_SECOND = 0.1
"""Of a batch: within the five seconds for which Django waits, 99 of 100 find the lock free."""


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
    began: float = field(init=False)

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
        return self.clock.seconds() - self.began >= configuration().slice_seconds

    def cut(self) -> None:
        """Make the next batch half as large, to find the bad row."""
        self.size = max(1, self.size // 2)

    def give_way(self, seconds: float) -> None:
        """Let others have the one lock of SQLite.

        They only look for it now and then, and would hardly ever find it free between two batches.
        """
        pause = min(LONGEST_PAUSE, seconds * PAUSE_PER_SECOND)
        if pause and connections[self.run.database].vendor == "sqlite":
            self.clock.sleep(pause)

    def grow(self, seconds: float) -> None:
        """Find the size of the next batch after one that went well."""
        wanted = self.work.wanted_seconds
        if self.size < self.run.batch_size:
            self.size = min(self.size * 2, self.run.batch_size)
        elif wanted is not None:
            self.size = self.run.batch_size = next_size(self.size, seconds, wanted)
