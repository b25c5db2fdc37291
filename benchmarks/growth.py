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
        yield from _lines(first, _measure_at(many, repetitions), f"with {few}", f"{many:,} models")


def _lines(
    few: dict[str, Times], many: dict[str, Times], floor: str, models: str
) -> Iterator[Line]:
    raw, ours = (
        compared(f"{what}, {models}", (floor, few[way]), many[way])
        for way, what in ((Raw.name, "raw ADD COLUMN"), (Dynamic.name, "add a field"))
    )
    yield raw
    # What is left of the growth when that of the database itself is taken away.
    grown = max(raw.seconds - raw.floor_seconds, 0)
    own = (ours.seconds - grown) / ours.floor_seconds
    yield replace(ours, budget=f"{BUDGET:g} x beyond raw: {own:.2f}", kept=own <= BUDGET)


def _measure_at(number: int, repetitions: int) -> dict[str, Times]:
    grow_to(number)
    contenders = [
        Contender(way.name, {"add": way.add}, before=way.prepare, after=way.clean)
        for way in (Raw(), Dynamic())
    ]
    measured = measure(contenders, repetitions)
    return {name: times for (name, _), times in measured.items()}
