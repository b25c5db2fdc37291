"""Adding, renaming and retiring a field by saving and deleting one question."""

from collections.abc import Iterator

from benchmarks.measuring import Contender, measure
from benchmarks.results import Line, compared
from benchmarks.ways import WAYS, Bare, Dynamic, Raw, Reading, Way

BUDGET = 2.5
STEPS = ("add", "rename", "retire")


def measure_fields(repetitions: int) -> Iterator[Line]:
    """Measure each step on a table of ten questions that is new each time."""
    measured = measure([_contender(way()) for way in WAYS], repetitions)
    for step in STEPS:
        ours = measured[Dynamic.name, step]
        for floor, budget in ((Raw.name, None), (Bare.name, BUDGET), (Reading.name, None)):
            yield compared(f"{step} a field", (floor, measured[floor, step]), ours, budget)


def _contender(way: Way) -> Contender:
    return Contender(
        name=way.name,
        steps={step: getattr(way, step) for step in STEPS},
        before=way.prepare,
        after=way.clean,
    )
