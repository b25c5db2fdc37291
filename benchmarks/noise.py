"""Measures the machine itself while it measures: the same Python and the same SQL every time."""

from statistics import quantiles
from time import perf_counter

from django.db import connection

STATEMENT = "SELECT count(*) FROM benchmarks_staticresponse WHERE id < 0"

_python: list[float] = []
_sql: list[float] = []


def sample() -> None:
    """Take one sample of each."""
    started = perf_counter()
    sum(number * number for number in range(10_000))
    between = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT)
        cursor.fetchone()
    _python.append(between - started)
    _sql.append(perf_counter() - between)


def summary() -> dict[str, dict[str, float]]:
    """Return quartiles in seconds; on a quiet machine they lie within a few per cent."""
    return {
        name: dict(zip(("first", "median", "third"), quantiles(samples, n=4), strict=True))
        for name, samples in (("python loop", _python), ("sql statement", _sql))
        if len(samples) > 1
    }
