"""Conditions under which a run steps aside for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Throttle:
    """Steps aside while a condition holds.

    The condition is asked before each batch; an error in it is an error of the run.
    """

    condition: Callable[[], bool]
    delay_seconds: float = 30.0
    """How long the run waits before it asks again."""


def longest_delay(throttles: Iterable[Throttle]) -> float:
    """Return for how many seconds to step aside; 0 where no condition holds."""
    return max((each.delay_seconds for each in throttles if each.condition()), default=0.0)
