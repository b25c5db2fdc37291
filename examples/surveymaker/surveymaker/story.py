"""The story that the demo tells: one survey, from its first table to a restored question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dynschema
from dynschema.exceptions import PlanError
from dynschema.models import Change
from surveymaker.models import Question, Survey
from surveymaker.terminal import Terminal


def tell(out: Terminal) -> Survey:
    """Tell every chapter, through the same code that the admin runs."""
    survey = define(out)
    receive_answers(out, survey)
    add_question(out, survey)
    rename_question(out, survey)
    restore_question(out, survey, retire_question(out, survey))
    return survey


def define(out: Terminal) -> Survey:
    out.heading("A survey is defined, and its table appears in the same transaction")
    with showing_sql(out), dynschema.atomic():
        survey = Survey.objects.create(title="Team lunch", slug=free_slug("lunch"))
        ask(survey, "name", "Who are you?", "text", required=True)
        dishes = "Soup\nCurry\nSalad"
        ask(survey, "dish", "What will it be?", "choice", choices=dishes, required=True)
        ask(survey, "guests", "How many guests do you bring?", "integer")
    return survey


def receive_answers(out: Terminal, survey: Survey) -> None:
    out.heading(f"Answers come in: survey.Response is a Django model, {survey.model_name}")
    for name, dish, guests in (("Ada", "Soup", 2), ("Linus", "Curry", None), ("Grace", "Soup", 1)):
        survey.Response.objects.create(name=name, dish=dish, guests=guests)
    show_records(out, survey)


def add_question(out: Terminal, survey: Survey) -> None:
    out.heading("A question is added")
    try:
        ask(survey, "vegan", "Are you vegan?", "boolean", required=True)
    except PlanError as error:
        out.say(f"Required, it is refused, and nothing changes: {error}")
    out.say("Optional, it is there at once:")
    with showing_sql(out):
        ask(survey, "vegan", "Are you vegan?", "boolean")
    survey.Response.objects.create(name="Alan", dish="Salad", vegan=True)
    show_records(out, survey)


def rename_question(out: Terminal, survey: Survey) -> None:
    out.heading('The question "guests" is renamed to "people": the values stay')
    with showing_sql(out):
        question = survey.questions.get(slug="guests")
        question.slug = "people"
        question.save()
    show_records(out, survey)


def retire_question(out: Terminal, survey: Survey) -> Question:
    out.heading('The question "dish" is deleted: its column is retired, not dropped')
    out.say("It was required; that ends, so that an answer without it can be stored:")
    question = survey.questions.get(slug="dish")
    key = question.pk
    with showing_sql(out):
        question.delete()
    survey.Response.objects.create(name="Edsger", people=0, vegan=False)
    show_records(out, survey)
    question.pk = key
    return question


def restore_question(out: Terminal, survey: Survey, question: Question) -> None:
    out.heading("The same question is asked again, now optional: its old answers are back")
    question.required = False
    with showing_sql(out):
        question.save(force_insert=True)
    show_records(out, survey)


def ask(survey: Survey, slug: str, text: str, kind: str, **options: object) -> Question:
    rank = survey.questions.count() + 1
    return survey.questions.create(slug=slug, text=text, kind=kind, rank=rank, **options)


def free_slug(wanted: str) -> str:
    """Take another slug where the demo was before: a table that is there stays as it is."""
    taken = set(Survey.objects.values_list("slug", flat=True))
    candidates = [wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 2))]
    return next(slug for slug in candidates if slug not in taken)


@contextmanager
def showing_sql(out: Terminal) -> Iterator[None]:
    """Print the SQL that the history gained inside the block."""
    known = list(Change.objects.values_list("pk", flat=True))
    yield
    for change in Change.objects.exclude(pk__in=known).order_by("pk"):
        out.sql(change.sql or "-- nothing to do in the database")


def show_records(out: Terminal, survey: Survey) -> None:
    """Print the records as the current class gives them: the number, and the answers."""
    names = [field.name for field in survey.Response._meta.fields if field.editable]
    out.table(names, survey.Response.objects.order_by("pk").values_list(*names))
