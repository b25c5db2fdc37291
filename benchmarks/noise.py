"""Measures the machine itself while it measures: the same Python and the same SQL every time."""

from statistics import quantiles
from time import perf_counter

from django.db import connection

STATEMENT = "SELECT count(*) FROM benchmarks_survey WHERE id < 0"

_python: list[float] = []
_sql: list[float] = []


def sample() -> None:
    """Take one sample of each."""
    _count_nothing()  # After a change of a table, SQLite has to prepare the statement again.
    started = perf_counter()
    _count_nothing()
    between = perf_counter()
    sum(number * number for number in range(10_000))
    _sql.append(between - started)
    _python.append(perf_counter() - between)


def _count_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT)
        cursor.fetchone()


def summary() -> dict[str, dict[str, float]]:
    """Return quartiles in seconds; on a quiet machine they lie within a few per cent."""
    return {
        name: dict(zip(("first", "median", "third"), quantiles(samples, n=4), strict=True))
        for name, samples in (("python loop", _python), ("sql statement", _sql))
        if len(samples) > 1
    }
