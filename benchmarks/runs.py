"""Going over rows as a run, beside what one writes by hand; and what a slice costs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Any

from django.db import connection
from django.test.utils import override_settings

from benchmarks.app.models import Person
from benchmarks.mappers import (
    BATCH,
    LARGE_BATCH,
    InBulk,
    InBulkOf500,
    InBulkOf5000,
    Nothing,
    RowByRow,
    bulk_update,
    people,
    raw_update,
    save_each,
    save_in_batches,
)
from benchmarks.measuring import Contender, Times, measure
from benchmarks.results import Line, compared
from dynschema.evolution import launch
from dynschema.evolution.models import Run
from dynschema.evolution.signals import run_progressed

RAW, RAW_500, RAW_5000 = "raw UPDATE", "raw UPDATE, 500 each", "raw UPDATE, 5,000 each"
LISTS, SAVES, SAVES_500 = "bulk_update()", "save() each", "save() each, 500 a commit"
BULK, BULK_500, BULK_5000 = "run in bulk", "run in bulk, 500 each", "run in bulk, 5,000 each"
ROWS = "run row by row"
BULK_BUDGET, ROWS_BUDGET = 0.7, 2.0
PAIRS = (
    (BULK, RAW, BULK_BUDGET),
    (BULK_5000, RAW_5000, BULK_BUDGET),
    (BULK_500, RAW_500, BULK_BUDGET),
    (BULK, LISTS, None),
    (ROWS, RAW, None),
    (ROWS, LISTS, None),
    (ROWS, SAVES_500, None),
    (ROWS, SAVES, ROWS_BUDGET),
)
"""What is compared with what; a budget is the lowest ratio of the rows per second."""
EMPTY_BATCH, EMPTY_SLICE = "an empty batch", "an empty slice"
SLICES = 20


def measure_runs(repetitions: int, rows: tuple[int, int]) -> Iterator[Line]:
    """Measure rows per second in both forms, and slices."""
    many, few = rows
    population = (_person(number) for number in range(1, many + 1))
    Person.objects.bulk_create(population, batch_size=1_000)
    times = _times(repetitions, many, few)
    for name, floor, budget in PAIRS:
        yield _judged(compared(name, (floor, times[floor]), times[name]), budget)
    yield _measure_slices(repetitions)


def _person(number: int) -> Person:
    notes = "what is known of a person " * 10
    return Person(pk=number, name=f"Person {number}", notes=notes, born=1900 + number % 100)


def _times(repetitions: int, many: int, few: int) -> dict[str, Times]:
    """Return what one row takes, by the way in which it is changed."""
    fewest = few // 4  # Each waits for the disk.
    sizes = _sizes_of_a_run()
    ways: dict[str, tuple[int, Callable[[], object]]] = {
        RAW: (many, lambda: raw_update(many, sizes)),
        RAW_500: (many, lambda: raw_update(many, _equal(many, BATCH))),
        RAW_5000: (many, lambda: raw_update(many, _equal(many, LARGE_BATCH))),
        BULK: (many, lambda: _run(InBulk)),
        BULK_500: (many, lambda: _run(InBulkOf500)),
        BULK_5000: (many, lambda: _run(InBulkOf5000)),
        LISTS: (few, lambda: bulk_update(few)),
        ROWS: (few, lambda: _run(RowByRow, last=few)),
        SAVES_500: (few, lambda: save_in_batches(few)),
        SAVES: (fewest, lambda: save_each(fewest)),
    }
    contenders = [
        Contender(name, {"go": way}, before=partial(_tidy, last))
        for name, (last, way) in ways.items()
    ]
    measured = measure(contenders, repetitions, warm_up=1)
    return {name: _of_one(measured[name, "go"], last) for name, (last, _) in ways.items()}


def _sizes_of_a_run() -> list[int]:
    """Run once; return how many rows each batch had, for a loop that commits as often."""
    done = [0]

    def note(run: Run, **_: object) -> None:
        done.append(run.done_count)

    run_progressed.connect(note)
    _run(InBulk)
    run_progressed.disconnect(note)
    return [after - before for before, after in pairwise(done)]


def _equal(rows: int, size: int) -> list[int]:
    return [size] * ceil(rows / size)


def _tidy(last: int) -> None:
    """Have each find the table as the others do; SQLite writes nothing where nothing changes."""
    people(last).update(age=None)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM benchmarks_person")


def _judged(line: Line, budget: float | None) -> Line:
    line = replace(line, is_rate=True)
    if budget is None:
        return line
    rate = line.floor_seconds / line.seconds
    if line.floor == SAVES and not _commits_are_flushed():
        return replace(line, budget=f"{budget:g} x if flushed: {rate:.2f}")
    return replace(line, budget=f"{budget:g} x the rate: {rate:.2f}", kept=rate >= budget)


def _commits_are_flushed() -> bool:
    """Tell whether a commit waits for the disk, which is what saving row by row pays for."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        return "off" not in cursor.fetchone()


def _measure_slices(repetitions: int) -> Line:
    """Measure batches that share one slice, and slices that end after each."""
    short = override_settings(DYNSCHEMA={"evolution": {"slice_seconds": 0}})
    steps = {"go": lambda: _run(Nothing, batches=SLICES)}
    contenders = [
        Contender(EMPTY_BATCH, steps),
        Contender(EMPTY_SLICE, steps, short.enable, short.disable),
    ]
    measured = measure(contenders, repetitions, warm_up=1)
    batch, slice_ = (_of_one(measured[each.name, "go"], SLICES) for each in contenders)
    return compared(EMPTY_SLICE, (EMPTY_BATCH, batch), slice_)


def _run(work: Any, **arguments: int) -> None:
    run = launch(work, arguments)
    assert run.status == "succeeded", run.error_message


def _of_one(times: Times, count: int) -> Times:
    """Return how long each of so many takes."""
    return Times([each / count for each in times.wall], [each / count for each in times.cpu])
