"""One worker's go at a run: what it knows while it takes the run through a slice."""

from __future__ import annotations

from dataclasses import dataclass, field

from dynschema.evolution.batch_sizes import FIRST_ROWS, next_size
from dynschema.evolution.batches import Source
from dynschema.evolution.clock import Clock
from dynschema.evolution.conf import configuration
from dynschema.evolution.models import Run
from dynschema.evolution.work import Work


@dataclass
class Attempt:
    """A run with its code, for as long as this slice lasts."""

    run: Run
    work: Work
    source: Source
    clock: Clock
    size: int
    """Of the next batch; below `run.batch_size` while a bulk batch with a bad row is cut up."""
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
        waiting = run.failed_count > 0 and run.failures.filter(to_retry=True).exists()
        return cls(run, work, work.source(), clock, run.batch_size, waiting)

    def is_over(self) -> bool:
        """Tell whether the slice has lasted long enough."""
        return self.clock.seconds() - self.began >= configuration().slice_seconds

    def cut(self) -> None:
        """Make the next batch half as large, to find the bad row."""
        self.size = max(1, self.size // 2)

    def grow(self, seconds: float) -> None:
        """Find the size of the next batch after one that went well."""
        wanted = self.work.wanted_seconds
        if self.size < self.run.batch_size:
            self.size = min(self.size * 2, self.run.batch_size)
        elif wanted is not None:
            self.size = self.run.batch_size = next_size(self.size, seconds, wanted)
