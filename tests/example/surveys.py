"""Writes the surveys that the tests of the example are about."""

import dynschema
from surveymaker.models import Survey

ONE_OF_EACH = {
    "text": "Ada",
    "longtext": "A long story",
    "integer": 3,
    "decimal": "2.50",
    "boolean": True,
    "date": "2024-02-29",
    "datetime": "2024-02-29T12:30",
    "choice": "Soup",
    "email": "ada@example.org",
    "url": "https://example.org/?a=1&b=2",
    "json": '{"a": [1, 2]}',
}


def write_survey(slug: str, *questions: dict, title: str = "") -> Survey:
    """Save a survey and its questions in one block."""
    with dynschema.atomic():
        survey = Survey.objects.create(title=title or slug.capitalize(), slug=slug)
        for rank, values in enumerate(questions):
            survey.questions.create(rank=rank, **values)
    return survey


def asking(slug: str, kind: str, **values: object) -> dict:
    return {"slug": slug, "kind": kind, **values}


def survey_with_every_kind() -> Survey:
    """Write a survey that asks each kind of question, once, under the name of the kind."""
    return write_survey(
        "everything",
        *(asking(kind, kind, choices="Soup, Curry") for kind in ONE_OF_EACH),
        asking("somebody", "user"),
        asking("earlier", "survey", choices="everything"),
    )
