"""Telling how every table stands when nobody has changed any by hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.measuring import Contender, measure
from benchmarks.population import grow_to, widen
from benchmarks.results import Line, compared, duration
from dynschema.freshness import current
from dynschema.models import Table
from dynschema.schema.dialects import dialect_of

BUDGET_QUERIES, BUDGET_SECONDS = 10, 0.3
CATALOG, STATUS = "the catalog alone", "status"


def measure_standings(repetitions: int, number: int) -> Iterator[Line]:
    """Measure `manage.py dynschema status` beside the catalog queries that it rests on."""
    grow_to(number)
    widen()
    names = [*Table.objects.values_list("name", flat=True)]
    contenders = [
        Contender(CATALOG, {"read": lambda: dialect_of(connection).read_prints(connection, names)}),
        Contender(STATUS, {"read": _status}),
    ]
    current("default")
    queries = _queries(_status)
    measured = measure(contenders, repetitions)
    line = compared("", (CATALOG, measured[CATALOG, "read"]), measured[STATUS, "read"])
    yield replace(
        line,
        name=f"status, {number:,} tables (queries: {queries})",
        budget=f"{BUDGET_QUERIES} queries, {duration(BUDGET_SECONDS)}",
        kept=queries <= BUDGET_QUERIES and line.seconds <= BUDGET_SECONDS,
    )


def _status() -> None:
    call_command("dynschema", "status", stdout=StringIO())


def _queries(step: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        step()
    return len(queries)
