"""Fills the database with surveys, so that this process has as many dynamic models."""

import dynschema
from benchmarks.app.kinds import TEN_QUESTIONS
from benchmarks.app.models import Question, Responses, Survey
from benchmarks.ways import Dynamic

BLOCK = 50
MORE_QUESTIONS = {f"more_{slug}": kind for slug, kind in TEN_QUESTIONS.items() if slug != "text1"}
"""With the ten and the primary key, twenty columns."""


def grow_to(number: int) -> None:
    """Make surveys of ten questions until there are so many; BLOCK at a time."""
    missing = number - Survey.objects.count()
    for start in range(0, missing, BLOCK):
        with dynschema.atomic():
            for _ in range(min(BLOCK, missing - start)):
                Dynamic().prepare()
    assert len(Responses.models()) >= number


def widen() -> None:
    """Ask more questions in each survey that asks ten."""
    narrow = [*Survey.objects.exclude(questions__slug__in=MORE_QUESTIONS)]
    for start in range(0, len(narrow), BLOCK):
        with dynschema.atomic():
            for survey in narrow[start : start + BLOCK]:
                for slug, kind in MORE_QUESTIONS.items():
                    Question.objects.create(survey=survey, slug=slug, kind=kind)
