"""What a partner can do; run as a module, it does what the lines of its input say."""

import json
import sys
from contextlib import ExitStack
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.signals import request_finished, request_started
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

import dynschema
from surveymaker.models import Question, Responses, Survey
from tests.forms.models import SEEN
from tests.support.evolves import ddl

ANSWERS = ["id", "created_at", "respondent"]
"""What every answer has besides the questions."""

held = ExitStack()
"""The block that the partner keeps open."""

visitor = Client()

kept: dict[str, type[Any]] = {}
"""Classes that the partner holds on to, by survey."""


# Looking


def names(slug: str) -> list[str]:
    """Give the questions of a survey, as the class knows them."""
    return fields_of(Survey.objects.get(slug=slug).Response)


def names_of_kept(slug: str) -> list[str]:
    return fields_of(kept[slug])


def fields_of(model: type[Any]) -> list[str]:
    return [field.name for field in model._meta.fields if field.name not in ANSWERS]


def found_by_name(label: str) -> list[str]:
    return fields_of(apps.get_model(label))


def found_by_content_type(name: str) -> list[str] | None:
    model = ContentType.objects.get(app_label="surveymaker", model=name).model_class()
    return model and fields_of(model)


def all_names() -> list[str]:
    return sorted(model.__name__ for model in Responses.models())


def answers(slug: str, name: str) -> list[Any]:
    return list(Survey.objects.get(slug=slug).Response.objects.values_list(name, flat=True))


def seen_by_builder() -> dict[str, list[str]]:
    return SEEN


def queries_of_look_ups(slug: str) -> list[str]:
    """Give the queries of ten look-ups of one class."""
    survey = Survey.objects.get(slug=slug)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            Responses.model_for(survey)
            apps.get_model("surveymaker", survey.Response.__name__)
    return [each["sql"] for each in queries.captured_queries]


# Changing


def save_again(slug: str) -> list[str]:
    """Save a survey and its questions as they are; give the statements that changed a table."""
    survey = Survey.objects.get(slug=slug)
    with CaptureQueriesContext(connection) as queries:
        survey.save()
        for question in survey.questions.all():
            question.save()
    return ddl(queries)


def ask(slug: str, name: str, kind: str = "integer") -> None:
    Survey.objects.get(slug=slug).questions.create(slug=name, kind=kind)


def rename(slug: str, old: str, new: str) -> None:
    question = Question.objects.get(survey__slug=slug, slug=old)
    question.slug = new
    question.save()


def ask_in_each(slugs: list[str], name: str) -> None:
    """Ask the same question in several surveys, in this order, in one block."""
    with dynschema.atomic():
        for slug in slugs:
            ask(slug, name)


def sync(slug: str) -> list[str]:
    plan = Responses.sync(Survey.objects.get(slug=slug))
    return [each.code for each in plan.operations]


def answer(slug: str, **values: Any) -> None:
    Survey.objects.get(slug=slug).Response.objects.create(**values)


def delete_user(username: str) -> None:
    User.objects.get(username=username).delete()


def delete_user_in_a_task(username: str) -> None:
    """Do so in a task of Django's, by the backend that executes it at once."""
    from django.tasks import task

    assert task(delete_user).enqueue(username).status == "SUCCESSFUL"


# Holding on


def keep(slug: str) -> None:
    kept[slug] = Survey.objects.get(slug=slug).Response


def answer_with_kept(slug: str, name: str, value: int) -> None:
    kept[slug].objects.create(**{name: value})


def hold() -> None:
    """Open a block, and with it take the lock."""
    held.enter_context(dynschema.atomic())


def lock_row(slug: str, name: str) -> None:
    """Keep the row of a question locked, and nothing else."""
    held.enter_context(transaction.atomic())
    Question.objects.select_for_update().get(survey__slug=slug, slug=name)


def release() -> None:
    held.close()


# Serving


def status(address: str) -> int:
    """Visit a page as the administrator."""
    if not visitor.cookies:
        visitor.force_login(User.objects.get(username="admin"))
    return visitor.get(address).status_code


# Being told


def main() -> None:
    for line in sys.stdin:
        task, args, in_request = json.loads(line)
        answer = in_request_of(task, args) if in_request else done(task, args)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def in_request_of(task: str, args: list[Any]) -> dict[str, Any]:
    request_started.send(sender=None)
    try:
        return done(task, args)
    finally:
        request_finished.send(sender=None)


def done(task: str, args: list[Any]) -> dict[str, Any]:
    try:
        return {"value": globals()[task](*args)}
    except Exception as error:  # Whatever it is, the one who asked is told.
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
