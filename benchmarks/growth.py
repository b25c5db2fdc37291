"""Adding a field with few and with many dynamic models loaded."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchmarks.measuring import Contender, Times, measure
from benchmarks.population import grow_to
from benchmarks.results import Line, compared
from benchmarks.ways import Dynamic, Raw

BUDGET = 1.2


def measure_growth(repetitions: int, numbers: Sequence[int]) -> Iterator[Line]:
    """Measure at each number of models; the first is what the others are compared with."""
    few, *more = numbers
    first = _measure_at(few, repetitions)
    for many in more:
        later = _measure_at(many, repetitions)
        floor, raw, ours = (f"with {few}", first), later[Raw.name], later[Dynamic.name]
        yield compared(f"raw ADD COLUMN, {many:,} models", (floor[0], first[Raw.name]), raw)
        line = compared(f"add a field, {many:,} models", (floor[0], first[Dynamic.name]), ours)
        yield _judged(line, raw.seconds - first[Raw.name].seconds)


def _measure_at(number: int, repetitions: int) -> dict[str, Times]:
    grow_to(number)
    contenders = [
        Contender(way.name, {"add": way.add}, before=way.prepare, after=way.clean)
        for way in (Raw(), Dynamic())
    ]
    measured = measure(contenders, repetitions)
    return {name: times for (name, _), times in measured.items()}


def _judged(line: Line, grown_seconds: float) -> Line:
    """Judge what is left of the growth when that of the database itself is taken away."""
    own = (line.seconds - max(grown_seconds, 0)) / line.floor_seconds
    return replace(line, budget=f"{BUDGET:g} x beyond raw: {own:.2f}", kept=own <= BUDGET)
