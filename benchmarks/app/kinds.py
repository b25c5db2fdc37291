"""The kinds of question, and the ten that a survey of the benchmarks asks."""

from collections.abc import Callable

from django.db import models

KINDS: dict[str, Callable[[], models.Field]] = {
    "text": lambda: models.CharField(max_length=200, null=True),
    "longtext": lambda: models.TextField(null=True),
    "integer": lambda: models.IntegerField(null=True),
    "date": lambda: models.DateField(null=True),
    "boolean": lambda: models.BooleanField(null=True),
}
TEN_QUESTIONS = {f"{kind}{number}": kind for number in (1, 2) for kind in KINDS}
