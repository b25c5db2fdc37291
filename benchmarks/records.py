"""Rows of a dynamic model beside those of a hand-written one on the same table."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from benchmarks.app.models import WRITTEN, Responses, StaticResponse
from benchmarks.measuring import Contender, measure
from benchmarks.results import Line, compared
from benchmarks.ways import Dynamic

BUDGET = 1.03
ROWS = 1_000
PAGE = 50
CALLS = 5
STATIC, DYNAMIC = "static model", "dynamic model"
STEPS = ("insert", "filter", "order")


def measure_records(repetitions: int) -> Iterator[Line]:
    """Measure one insert, one filtered page and one ordered page."""
    way = Dynamic()
    way.name_it(WRITTEN)
    way.create()
    models: dict[str, Any] = {STATIC: StaticResponse, DYNAMIC: Responses.model_for(way.survey)}
    StaticResponse.objects.bulk_create(StaticResponse(**_values(row)) for row in range(ROWS))
    contenders = [_contender(name, model) for name, model in models.items()]
    measured = measure(contenders, repetitions)
    for step in STEPS:
        floor = (STATIC, measured[STATIC, step])
        yield compared(f"rows: {step}", floor, measured[DYNAMIC, step], BUDGET)
    way.clean()


def _contender(name: str, model: Any) -> Contender:
    steps = {
        "insert": lambda: model.objects.create(**_values(7)),
        "filter": lambda: list(model.objects.filter(integer1__gt=ROWS - PAGE, boolean1=True)),
        "order": lambda: list(model.objects.order_by("text1", "-id")[:PAGE]),
    }
    return Contender(name, steps, calls=CALLS)


def _values(number: int) -> dict[str, Any]:
    return {
        "text1": f"text {number % 97}",
        "longtext1": "a longer text " * 5,
        "integer1": number,
        "date1": date(2024, 2, 29),
        "boolean1": number % 2 == 0,
    }
