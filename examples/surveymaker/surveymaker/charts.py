"""What the answers to each question say: bars for what can be counted, a list for the rest.

It looks at the fields of the class alone, so it cannot disagree with the table. Stored values are
taken as they are: one that is no longer among the choices has a bar of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from math import floor
from typing import Any

from django.db import models
from django.db.models import Count

MOST_BARS = 8
MOST_TEXTS = 10


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    percent: int
    """The length, compared with the longest bar."""


@dataclass(frozen=True)
class Chart:
    title: str
    answers: int
    bars: tuple[Bar, ...] = ()
    texts: tuple[str, ...] = ()


def build_charts(model: type[models.Model]) -> list[Chart]:
    """Build one chart for each question, in the order in which they are asked."""
    return [
        chart(field, model) for field in model._meta.fields if field.editable and field.name != "id"
    ]


@singledispatch
def chart(field: models.Field, model: type[models.Model]) -> Chart:
    """Show the latest answers as text."""
    given = answers(field, model)
    if isinstance(field, models.ForeignKey):
        given = given.select_related(field.name)
    latest = given.order_by("-pk")[:MOST_TEXTS]
    texts = tuple(str(getattr(record, field.name)) for record in latest)
    return Chart(field.verbose_name, given.count(), texts=texts)


@chart.register
def _(field: models.CharField, model: type[models.Model]) -> Chart:
    """Show a bar for each choice; a text without choices as any other field."""
    if not field.choices:
        return chart.dispatch(models.Field)(field, model)
    counts = counts_by_value(field, model)
    labels = dict(field.flatchoices)
    labels |= {value: f"{value} (no longer a choice)" for value in counts if value not in labels}
    return bar_chart(field, [(label, counts.get(value, 0)) for value, label in labels.items()])


@chart.register
def _(field: models.BooleanField, model: type[models.Model]) -> Chart:
    counts = counts_by_value(field, model)
    return bar_chart(field, [("yes", counts.get(True, 0)), ("no", counts.get(False, 0))])


@chart.register(models.IntegerField)
@chart.register(models.DecimalField)
def _(field: models.Field, model: type[models.Model]) -> Chart:
    counts = counts_by_value(field, model)
    if len(counts) <= MOST_BARS:
        return bar_chart(field, [(str(value), count) for value, count in counts.items()])
    return bar_chart(field, in_ranges(counts))


def answers(field: models.Field, model: type[models.Model]) -> models.QuerySet:
    """The records in which the question was answered."""
    return model._default_manager.exclude(**{f"{field.name}__isnull": True})


def counts_by_value(field: models.Field, model: type[models.Model]) -> dict[Any, int]:
    """Count how often each value occurs, in the order of the values."""
    # The name that Count gives itself has two underscores: no question can be called that.
    counted = answers(field, model).order_by(field.name).values(field.name).annotate(Count("pk"))
    return {row[field.name]: row["pk__count"] for row in counted}


def in_ranges(counts: dict[Any, int]) -> list[tuple[str, int]]:
    """Sum up the counts of numbers in at most MOST_BARS ranges of the same whole width."""
    low, high = floor(min(counts)), floor(max(counts))
    width = -(-(high - low + 1) // MOST_BARS)
    sums = dict.fromkeys(range(low, high + 1, width), 0)
    for value, count in counts.items():
        sums[floor(value) - (floor(value) - low) % width] += count
    return [(f"{start} to under {start + width}", total) for start, total in sums.items()]


def bar_chart(field: models.Field, counts: Iterable[tuple[str, int]]) -> Chart:
    counts = tuple(counts)
    longest = max((count for _, count in counts), default=0) or 1
    bars = tuple(Bar(label, count, 100 * count // longest) for label, count in counts)
    return Chart(field.verbose_name, sum(count for _, count in counts), bars)
