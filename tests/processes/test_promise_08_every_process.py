"""Promise 8: what one process changes, every other one knows at its next request."""

from collections.abc import Callable
from contextvars import copy_context
from threading import Thread

import pytest
from django import VERSION
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import connections, models

import dynschema
from dynschema import freshness
from dynschema.cleaning import forget_models
from dynschema.history import read_epoch
from dynschema.models import Change, Epoch
from surveymaker.models import Question, Survey
from tests.processes.partner import TaskError, running
from tests.support import builders
from tests.support.builders import answers, question, survey
from tests.support.rollback import taken_back
from tests.support.state import column

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def rename(slug: str, name: str) -> None:
    row = Survey.objects.get(slug=slug).questions.get()
    row.slug = name
    row.save()


# Noticing


@pytest.mark.parametrize("in_request", [True, False], ids=["in a request", "outside of requests"])
def test_a_change_is_noticed_however_the_class_is_found(other, in_request):
    survey("lunch", age="integer", who="user")
    assert other.names("lunch", in_request=in_request) == ["age", "who"]

    question(Survey.objects.get(), "guests", "integer")

    expected = ["age", "who", "guests"]
    assert other.names("lunch", in_request=in_request) == expected
    assert other.found_by_name("surveymaker.LunchResponse", in_request=in_request) == expected
    assert other.found_by_content_type("lunchresponse", in_request=in_request) == expected


@pytest.mark.parametrize(
    "look_up",
    [
        lambda other: other.found_by_name("surveymaker.LunchResponse", in_request=True),
        lambda other: other.found_by_content_type("lunchresponse", in_request=True),
        lambda other: other.names("lunch", in_request=True),
        lambda other: other.found_by_name("surveymaker.LunchResponse"),
    ],
    ids=["apps", "content type", "survey", "apps outside of requests"],
)
def test_the_first_look_after_a_change_finds_the_new_class(other, look_up):
    survey("lunch", age="integer")
    assert look_up(other) == ["age"]

    rename("lunch", "years")

    assert look_up(other) == ["years"]


def test_what_a_request_has_started_asks_again_when_it_goes_on_after_its_end(other):
    lunch = survey("lunch", age="integer")
    request_started.send(None)
    assert [each.name for each in lunch.Response._meta.fields][-1] == "age"
    background = copy_context()
    request_finished.send(None)

    other.ask("lunch", "pets")

    assert [each.name for each in background.run(lambda: lunch.Response)._meta.fields][-1] == "pets"


class Overtaken(models.IntegerField):
    """A field during whose making something else happens, once."""

    meanwhile: list[Callable[[], object]] = []

    def clone(self) -> models.Field:
        while self.meanwhile:
            thread = Thread(target=self.meanwhile.pop())
            thread.start()
            thread.join()
        return super().clone()


def test_a_thread_that_loads_for_long_does_not_bring_older_classes_back():
    form = builders.form("lunch", age=Overtaken(null=True))

    def ask() -> None:
        builders.add(form, "guests", models.IntegerField(null=True))
        connections.close_all()

    forget_models()
    Overtaken.meanwhile.append(ask)

    loaded = freshness.current("default").models[f"form:{form.pk}"]

    assert [each.name for each in loaded._meta.fields] == ["id", "age", "guests"]
    assert freshness.registry.snapshot.epoch == read_epoch("default")


def test_a_survey_that_was_never_seen_is_found(other):
    assert other.all_names() == []

    survey("lunch", age="integer")
    survey("dinner", lunch={"kind": "survey", "choices": "lunch"})

    assert other.names("dinner", in_request=True) == ["lunch"]
    assert other.all_names() == ["DinnerResponse", "LunchResponse"]


def test_a_survey_that_was_deleted_is_gone(other):
    lunch = survey("lunch", age="integer")
    assert other.all_names() == ["LunchResponse"]

    lunch.delete()

    assert other.all_names() == []
    with pytest.raises(TaskError, match="LookupError"):
        other.found_by_name("surveymaker.LunchResponse", in_request=True)


def test_a_user_deleted_over_there_takes_answers_of_an_unseen_survey_along(other):
    assert other.all_names() == []
    lunch = survey("lunch", who={"kind": "user", "required": True})
    lunch.Response.objects.create(who=User.objects.create(username="ada"))

    other.delete_user("ada", in_request=True)

    assert lunch.Response.objects.count() == 0


@pytest.mark.skipif(VERSION < (6, 0), reason="django.tasks came with Django 6.0")
def test_a_user_deleted_in_a_task_takes_answers_of_an_unseen_survey_along(other):
    assert other.all_names() == []
    lunch = survey("lunch", who={"kind": "user", "required": True})
    lunch.Response.objects.create(who=User.objects.create(username="ada"))

    other.delete_user_in_a_task("ada")

    assert lunch.Response.objects.count() == 0


def test_a_rollback_here_is_not_noticed_there(other):
    survey("lunch", age="integer")
    before = other.names("lunch")

    with taken_back():
        rename("lunch", "years")

        assert other.names("lunch", in_request=True) == before

    assert other.names("lunch", in_request=True) == before


def test_a_number_that_comes_again_after_a_rollback_is_another_epoch(other):
    survey("lunch", age="integer")
    assert other.names("lunch") == ["age"]
    with taken_back():
        rename("lunch", "never")

    rename("lunch", "years")

    assert other.names("lunch", in_request=True) == ["years"]


def test_the_same_class_is_used_until_something_changes(other):
    survey("lunch", age="integer")

    first = other.queries_of_look_ups("lunch", in_request=True)
    outside = other.queries_of_look_ups("lunch")

    assert first == []
    assert {sql.split(" FROM ")[1].split(" ")[0].strip('"') for sql in outside} == {
        "dynschema_epoch"
    }


# A new process


def test_a_new_process_that_saves_what_is_there_runs_no_ddl(other):
    survey("lunch", age="integer", name={"kind": "text", "unique": True}, who="user")
    before = (Epoch.objects.get().number, Change.objects.count())

    ran = other.save_again("lunch")

    assert ran == []
    assert (Epoch.objects.get().number, Change.objects.count()) == before


def test_a_new_process_that_renames_keeps_every_value(other):
    lunch = survey("lunch", age={"kind": "integer", "required": True, "indexed": True})
    lunch.Response.objects.create(age=3)

    other.rename("lunch", "age", "years")

    assert answers(lunch, "years") == [3]
    assert other.answers("lunch", "years") == [3]


def test_a_new_process_calls_the_builder_with_all_that_it_needs(cleaned, child_environment):
    builders.form("lunch", age=models.IntegerField(), name=models.TextField())

    with running(child_environment) as other:
        assert other.seen_by_builder() == {"lunch": ["age", "name"]}


# Stale writers


def test_a_class_from_before_a_rename_cannot_write(other):
    lunch = survey("lunch", age="integer")
    other.keep("lunch")
    rename("lunch", "years")

    with pytest.raises(TaskError, match="age"):
        other.answer_with_kept("lunch", "age", 3)

    assert lunch.Response.objects.count() == 0


def test_a_class_from_before_a_swap_cannot_write_into_the_column_of_another(other):
    lunch = survey("lunch", age="integer", guests="integer")
    other.keep("lunch")
    age, guests = lunch.questions.order_by("slug")
    with dynschema.atomic():
        Question.objects.filter(pk=age.pk).update(slug="for-a-moment")
        guests.slug, age.slug = "age", "guests"
        guests.save()
        age.save()

    with pytest.raises(TaskError, match="age"):
        other.answer_with_kept("lunch", "age", 3)

    assert lunch.Response.objects.count() == 0


def test_a_class_from_before_a_question_was_asked_may_go_on(other):
    lunch = survey("lunch", age="integer")
    other.keep("lunch")
    question(lunch, "guests", "integer")

    other.answer_with_kept("lunch", "age", 3)

    assert list(lunch.Response.objects.values_list("age", "guests")) == [(3, None)]


def test_a_class_from_before_a_required_field_writes_what_is_always_its_default():
    lunch = builders.form("lunch", age=models.IntegerField())
    kept = builders.entries(lunch)
    builders.add(lunch, "guests", models.IntegerField(default=2))
    builders.add(lunch, "remarks", models.TextField(blank=True))

    kept.objects.create(age=3)

    current = builders.entries(lunch)
    assert list(current.objects.values_list("age", "guests", "remarks")) == [(3, 2, "")]


def test_what_a_class_from_before_writes_into_a_retired_column_is_kept(other):
    lunch = survey("lunch", age="integer")
    other.keep("lunch")
    lunch.questions.get().delete()

    other.answer_with_kept("lunch", "age", 3)

    assert column("surveymaker_lunchresponse", "age") == [3]
