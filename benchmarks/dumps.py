"""Dumping and restoring rows, beside dumpdata and loaddata."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.management import call_command

from benchmarks.app.models import Person
from benchmarks.measuring import Contender, Times, measure
from benchmarks.results import Line, compared
from dynschema.evolution.dumps.dumping import Options, dump
from dynschema.evolution.dumps.executing import restore_dump

DUMPDATA, LOADDATA = "dumpdata", "loaddata"
DUMP, STRICT, QUICK = "dump2py", "restore", "restore --quick"
PAIRS = ((DUMP, DUMPDATA, 2.0), (STRICT, LOADDATA, 2.0), (QUICK, LOADDATA, 8.0))
"""What is compared with what; the budget is the lowest ratio of the rows per second."""

MODEL = "benchmarks.Person"


def measure_dumps(repetitions: int, rows: int) -> Iterator[Line]:
    """Measure rows per second in both directions."""
    with TemporaryDirectory() as folder:
        times = _times(Path(folder), repetitions, rows)
    for name, floor, budget in PAIRS:
        line = replace(compared(name, (floor, times[floor]), times[name]), is_rate=True)
        rate = line.floor_seconds / line.seconds
        yield replace(line, budget=f"{budget:g} x the rate: {rate:.2f}", kept=rate >= budget)


def _times(folder: Path, repetitions: int, rows: int) -> dict[str, Times]:
    """Return what one row takes, by the way in which it is written or read."""
    json, ours = str(folder / "people.json"), folder / "people"
    options = Options(labels=[MODEL], overwrite=True)
    populate(rows)
    writing = {
        DUMPDATA: lambda: call_command("dumpdata", MODEL, output=json),
        DUMP: lambda: dump(ours, options),
    }
    reading = {
        LOADDATA: lambda: call_command("loaddata", json, verbosity=0),
        STRICT: lambda: restore_dump(ours, "--noinput"),
        QUICK: lambda: restore_dump(ours, "--noinput", "--quick"),
    }
    return _measured(writing, repetitions, rows) | _measured(reading, repetitions, rows, empty)


def _measured(
    ways: Mapping[str, Callable[[], object]],
    repetitions: int,
    rows: int,
    before: Callable[[], object] = lambda: None,
) -> dict[str, Times]:
    contenders = [Contender(name, {"go": way}, before=before) for name, way in ways.items()]
    measured = measure(contenders, repetitions, warm_up=1)
    return {name: _of_one(measured[name, "go"], rows) for name in ways}


def populate(rows: int) -> None:
    """Let there be so many people, with a text of 300 letters each."""
    empty()
    notes = "what is known of a person " * 10
    people = (Person(name=f"Person {each}", notes=notes, born=1900) for each in range(rows))
    Person.objects.bulk_create(people, batch_size=1_000)


def empty() -> None:
    """Let there be nobody."""
    Person.objects.all().delete()


def _of_one(times: Times, count: int) -> Times:
    """Return how long each of so many takes."""
    return Times([each / count for each in times.wall], [each / count for each in times.cpu])
