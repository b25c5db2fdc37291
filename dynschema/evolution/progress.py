"""How far a run has come: counts, rate, and when it will be done; asks neither row nor clock."""

from __future__ import annotations

from dataclasses import dataclass

from dynschema.evolution.models import Run


@dataclass(frozen=True)
class Progress:
    """The counts of a run and what follows from them.

    >>> half = Progress(done=990, failed=10, total=2_000, seconds=4.0)
    >>> half.percent, half.items_per_second, half.seconds_left
    (50, 250.0, 4.0)
    >>> print(half)
    1,000 of 2,000 items (50%), 10 failed, 250/s, 4 s left
    """

    done: int
    failed: int = 0
    total: int | None = None
    """None: unknown."""
    seconds: float = 0.0
    """Spent within batches."""

    @property
    def processed(self) -> int:
        """The items that were tried."""
        return self.done + self.failed

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means all; None where the total is unknown."""
        if self.total is None:
            return None
        return min(100, self.processed * 100 // self.total) if self.total else 100

    @property
    def items_per_second(self) -> float | None:
        """None before the first batch."""
        return self.processed / self.seconds if self.seconds and self.processed else None

    @property
    def seconds_left(self) -> float | None:
        """At the rate so far, pauses left out; None where nobody can tell."""
        rate = self.items_per_second
        if rate is None or self.total is None:
            return None
        return max(0, self.total - self.processed) / rate

    def __str__(self) -> str:
        return ", ".join([self._counts(), *self._failures(), *self._speed()])

    def _counts(self) -> str:
        if self.total is None:
            return f"{self.processed:,} items"
        return f"{self.processed:,} of {self.total:,} items ({self.percent}%)"

    def _failures(self) -> list[str]:
        return [f"{self.failed:,} failed"] if self.failed else []

    def _speed(self) -> list[str]:
        rate, left = self.items_per_second, self.seconds_left
        parts = [] if rate is None else [f"{rate:,.0f}/s"]
        return parts if not left else [*parts, f"{in_words(left)} left"]


def progress_of(run: Run) -> Progress:
    """Return how far a run has come, by its row as it was read."""
    return Progress(run.done_count, run.failed_count, run.total_count, run.seconds_running)


def in_words(seconds: float) -> str:
    """Say a duration in its two largest units.

    >>> in_words(59.6), in_words(200), in_words(9_000)
    ('1 min 0 s', '3 min 20 s', '2 h 30 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
