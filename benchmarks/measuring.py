"""Measures contenders in turn, so that whatever else the machine does meets all of them alike."""

import gc
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median, quantiles
from time import perf_counter, process_time

from benchmarks import noise

WARM_UP = 3


@dataclass
class Times:
    """Samples of one step, in seconds of wall clock and of this process's CPU."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, wall: float, cpu: float) -> None:
        """Add a sample."""
        self.wall.append(wall)
        self.cpu.append(cpu)

    @property
    def seconds(self) -> float:
        """The median."""
        return median(self.wall)

    @property
    def cpu_seconds(self) -> float:
        """The median of the CPU time."""
        return median(self.cpu)

    @property
    def spread(self) -> float:
        """The distance of the quartiles, as a part of the median."""
        if len(self.wall) < 2:
            return 0.0
        first, _, third = quantiles(self.wall, n=4)
        return (third - first) / self.seconds


@dataclass(frozen=True)
class Contender:
    """Something that does the same work as others, step by step."""

    name: str
    steps: Mapping[str, Callable[[], object]]
    before: Callable[[], object] = lambda: None
    """Not measured, as `after`."""
    after: Callable[[], object] = lambda: None
    calls: int = 1
    """How often a step is called for one sample; more than once for what takes no time."""


Measured = dict[tuple[str, str], Times]
"""By the name of the contender and the step."""


def measure(contenders: Sequence[Contender], repetitions: int, warm_up: int = WARM_UP) -> Measured:
    """Let the contenders run in turn, in another order each time."""
    measured: Measured = {(each.name, step): Times() for each in contenders for step in each.steps}
    order = list(contenders)
    gc.collect()
    gc.freeze()  # What is there already is not looked at again and again.
    for repetition in range(-warm_up, repetitions):
        random.shuffle(order)
        for contender in order:
            samples = _run(contender)
            if repetition >= 0:
                for step, sample in samples.items():
                    measured[contender.name, step].add(*sample)
        noise.sample()
    gc.unfreeze()
    return measured


def _run(contender: Contender) -> dict[str, tuple[float, float]]:
    contender.before()
    samples = {}
    for name, step in contender.steps.items():
        gc.collect()
        gc.disable()
        try:
            samples[name] = clocked(step, contender.calls)
        finally:
            gc.enable()
    contender.after()
    return samples


def clocked(step: Callable[[], object], calls: int = 1) -> tuple[float, float]:
    """Return how long one call takes, by the clock and by the CPU."""
    cpu, wall = _cpu_seconds(), perf_counter()
    for _ in range(calls):
        step()
    return (perf_counter() - wall) / calls, (_cpu_seconds() - cpu) / calls


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of those that it has started and seen the end of."""
    children = getrusage(RUSAGE_CHILDREN)
    return process_time() + children.ru_utime + children.ru_stime
