"""Creating a survey with ten questions in one block."""

from collections.abc import Iterator

from benchmarks.measuring import Contender, measure
from benchmarks.results import Line, compared
from benchmarks.ways import WAYS, Bare, Dynamic, Raw, Reading

BUDGET = 2.0


def measure_surveys(repetitions: int) -> Iterator[Line]:
    """Measure it beside one CREATE TABLE, and beside Django's."""
    ways = [way() for way in WAYS]
    contenders = [
        Contender(way.name, {"create": way.create}, before=way.new, after=way.clean) for way in ways
    ]
    measured = measure(contenders, repetitions)
    ours = measured[Dynamic.name, "create"]
    for floor, budget in ((Raw.name, None), (Bare.name, BUDGET), (Reading.name, None)):
        theirs = measured[floor, "create"]
        yield compared("a survey with ten questions", (floor, theirs), ours, budget)
