"""Promise 1: every way of Django to save and delete a row takes the table along."""

import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connections, models, transaction
from django.db.models.signals import post_save

import dynschema
from dynschema.cleaning import forget_models
from dynschema.models import Epoch
from surveymaker.models import Question, Responses, Survey
from tests.support import builders
from tests.support.builders import answers, entries, question, survey
from tests.support.state import columns

pytestmark = pytest.mark.django_db(transaction=True)


def names(definition: Survey) -> list[str]:
    """Give the questions of a survey, as its class knows them."""
    return [field.name for field in definition.Response._meta.fields][3:]


def test_update_or_create_renames():
    lunch = survey("lunch", age="integer")

    Question.objects.update_or_create(survey=lunch, slug="age", defaults={"slug": "years"})

    assert names(lunch) == ["years"]


def test_get_or_create_adds():
    lunch = survey("lunch", age="integer")

    Question.objects.get_or_create(survey=lunch, slug="guests", kind="integer")

    assert names(lunch) == ["age", "guests"]


def test_a_key_may_be_spelt_in_another_way():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)

    Question.objects.create(survey_id=f"0{lunch.pk}", slug="guests", kind="integer")
    spelt = Survey(pk=f"0{lunch.pk}", title="Dinner", slug="dinner")
    spelt.save()

    assert names(lunch) == names(spelt) == ["age", "guests"]
    assert spelt.Response.__name__ == "DinnerResponse"
    assert answers(lunch, "age") == [3]
    assert not Responses.sync(spelt)


def test_only_what_is_saved_counts():
    lunch = survey("lunch", age="integer")
    row = lunch.questions.get()
    row.slug, row.kind = "years", "nonsense"

    row.save(update_fields=["slug"])

    assert names(lunch) == ["years"]


@pytest.mark.parametrize(
    "rows",
    [Question.objects.only("slug"), Question.objects.defer("survey")],
    ids=["only", "defer"],
)
def test_a_row_that_was_read_in_part_is_saved_and_deleted(rows):
    lunch = survey("lunch", age="integer", guests="integer")
    row = rows.get(slug="age")
    row.slug = "years"

    row.save()
    rows.get(slug="guests").delete()

    assert names(lunch) == ["years"]


def test_a_question_that_is_added_to_another_survey_moves():
    lunch, dinner = survey("lunch", age="integer"), survey("dinner", guests="integer")

    lunch.questions.add(dinner.questions.get(), bulk=False)

    assert (names(lunch), names(dinner)) == (["age", "guests"], [])


def test_a_copy_of_a_survey_has_its_own_table():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)
    copy = Survey.objects.get()
    copy.pk, copy.slug = None, "copy"

    copy.save()

    assert (copy.Response.objects.count(), answers(lunch, "age")) == (0, [3])


def test_a_row_deleted_past_everything_is_retired_by_a_sync():
    lunch = survey("lunch", age="integer", guests="integer")
    Question.objects.filter(slug="age")._raw_delete("default")
    before = names(lunch)

    Responses.sync(lunch)

    assert before == ["age", "guests"]
    assert names(lunch) == ["guests"]


def test_a_save_brings_along_what_was_updated_past_everything():
    lunch = survey("lunch", age="integer", guests="integer")
    Question.objects.filter(slug="age").update(slug="years")
    row = lunch.questions.get(slug="guests")
    row.slug = "people"

    row.save()

    assert names(lunch) == ["years", "people"]


# Signals


@pytest.fixture
def heard() -> Iterator[list[list[str]]]:
    """Collect what a receiver of `post_save` sees of the class."""
    seen = []

    def hear(instance: Question, **_: object) -> None:
        seen.append(names(instance.survey))

    post_save.connect(hear, sender=Question)
    yield seen
    post_save.disconnect(hear, sender=Question)


def test_a_receiver_of_the_save_sees_the_class_with_the_question(heard):
    lunch = survey("lunch")

    question(lunch, "age", "integer")

    assert heard == [["age"]]
    assert names(lunch) == ["age"]


@pytest.fixture
def greeting() -> Iterator[None]:
    """Give each new survey a question of its own."""

    def greet(instance: Survey, created: bool, **_: object) -> None:
        if created:
            instance.questions.create(slug="greeting", kind="text")

    post_save.connect(greet, sender=Survey)
    yield
    post_save.disconnect(greet, sender=Survey)


def test_a_receiver_of_the_save_may_save_more(greeting):
    lunch = survey("lunch", age="integer")

    assert names(lunch) == ["greeting", "age"]
    assert Epoch.objects.get().number == 1


def test_what_runs_on_commit_sees_the_new_class():
    lunch = survey("lunch", age="integer")
    seen = []

    with transaction.atomic():
        transaction.on_commit(lambda: seen.append(names(lunch)))
        question(lunch, "guests", "integer")

    assert seen == [["age", "guests"]]


# Records and definitions in one transaction


def test_records_may_be_written_before_between_and_after_changes():
    """PostgreSQL refuses to alter a table with pending triggers; so the checks are made before."""
    lunch = survey("lunch", who="user", age="integer")
    with transaction.atomic():
        ada = User.objects.create(username="ada")
        lunch.Response.objects.create(who=ada, age=3)
        question(lunch, "guests", "integer")
        row = lunch.questions.get(slug="age")
        row.required = True
        row.save()
        lunch.Response.objects.create(who=ada, age=4, guests=1)
        lunch.questions.get(slug="who").delete()

    assert answers(lunch, "age") == [3, 4]


def test_rows_that_are_being_read_are_read_to_their_end():
    lunch = survey("lunch", age="integer")
    for number in range(50):
        lunch.Response.objects.create(age=number)
    reading = lunch.Response.objects.order_by("pk").iterator(chunk_size=10)
    first = next(reading).age

    question(lunch, "guests", "integer")

    assert [first, *(each.age for each in reading)] == list(range(50))


def test_records_that_refer_to_each_other_survive_a_rebuild():
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="+")
    form = builders.form("lunch", parent=parent, age=models.IntegerField(null=True))
    first = entries(form).objects.create(age=1)
    entries(form).objects.create(age=2, parent_id=first.pk)

    builders.change(form, "age", models.IntegerField())

    assert entries(form).objects.get(age=2).parent.age == 1
    entries(form).objects.filter(age=1).delete()
    assert entries(form).objects.count() == 0


def test_threads_that_ask_at_once_all_succeed():
    lunch = survey("lunch")
    failed = []

    def ask(number: int) -> None:
        try:
            Question.objects.create(survey_id=lunch.pk, slug=f"q{number}", kind="integer")
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert set(names(lunch)) == {f"q{number}" for number in range(6)}
    assert {f"q{number}" for number in range(6)} < set(columns(lunch.Response._meta.db_table))


class ReplicaRouter:
    """Sends all reads of the history to a replica."""

    def db_for_read(self, model: type[models.Model], **hints: object) -> str | None:
        return "replica" if model._meta.app_label == "dynschema" else None

    def db_for_write(self, model: type[models.Model], **hints: object) -> str:
        return "default"


@pytest.fixture
def replica_is_down(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    nowhere = {"HOST": "/nowhere", "NAME": "/nowhere/site"}
    monkeypatch.setitem(connections.settings, "replica", connections.settings["default"] | nowhere)
    yield
    if any(each.alias == "replica" for each in connections.all(initialized_only=True)):
        del connections["replica"]


def test_what_a_change_rests_on_is_never_read_from_a_replica(replica_is_down, settings):
    settings.DATABASE_ROUTERS = [ReplicaRouter()]
    lunch = survey("lunch", age="integer")
    forget_models()

    lunch.questions.update(slug="years")

    assert [each.code for each in Responses.sync(lunch).operations] == ["rename_field"]
    assert names(lunch) == ["years"]


def test_blocks_may_be_nested_and_plan_once():
    lunch = survey("lunch")

    with dynschema.atomic() as outer, dynschema.atomic() as inner:
        question(lunch, "age", "integer")
        with transaction.atomic(), dynschema.atomic():
            question(lunch, "guests", "integer")

    assert outer is inner
    assert [len(plan.operations) for plan in outer.plans] == [2]
