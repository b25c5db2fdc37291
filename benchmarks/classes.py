"""Asking for the current class, within a request and outside of one."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.app.models import Responses, StaticResponse, Survey
from benchmarks.measuring import Contender, measure
from benchmarks.results import Line, compared, duration
from benchmarks.ways import Dynamic
from dynschema.freshness import end_scope, start_scope

BUDGET_SECONDS = 2e-6
CALLS = 500
LOOK_UP, SELECT = "a dict look-up", "one SELECT"
LATER, FIRST, OUTSIDE = (
    f"model_for, {when}" for when in ("later in a request", "first in a request", "no request")
)


def measure_classes(repetitions: int) -> Iterator[Line]:
    """Measure `model_for` beside the look-up that it ends in or the query that it begins with."""
    way = Dynamic()
    way.prepare()
    asking = _asking(way.survey)
    queries = {each.name: _queries(each) for each in asking}
    measured = measure([*_floors(), *asking], repetitions)
    for name, floor, allowed in ((LATER, LOOK_UP, 0), (FIRST, SELECT, 1), (OUTSIDE, SELECT, 1)):
        line = compared(name, (floor, measured[floor, "ask"]), measured[name, "ask"])
        kept = queries[name] <= allowed and (name != LATER or line.seconds <= BUDGET_SECONDS)
        full_name = f"{name} (queries: {queries[name]})"
        yield replace(line, name=full_name, budget=_budget(name), kept=kept)
    way.clean()


def _budget(name: str) -> str:
    return f"0 queries, {duration(BUDGET_SECONDS)}" if name == LATER else "1 query"


def _floors() -> list[Contender]:
    models = {"survey:1": StaticResponse}
    return [
        Contender(LOOK_UP, {"ask": lambda: models["survey:1"]}, calls=CALLS),
        Contender(SELECT, {"ask": _select}),
    ]


def _select() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, fingerprint FROM dynschema_epoch WHERE id = %s", [1])
        return cursor.fetchone()


def _asking(survey: Survey) -> list[Contender]:
    ask = {"ask": lambda: Responses.model_for(survey)}
    return [
        Contender(LATER, ask, _and_ask(survey), end_scope, CALLS),
        Contender(FIRST, ask, start_scope, end_scope),
        Contender(OUTSIDE, ask),
    ]


def _and_ask(survey: Survey) -> Callable[[], None]:
    def begin() -> None:
        start_scope()
        Responses.model_for(survey)

    return begin


def _queries(contender: Contender) -> int:
    contender.before()
    with CaptureQueriesContext(connection) as queries:
        contender.steps["ask"]()
    contender.after()
    return len(queries)
