"""Promise 3: fields are matched by key, so a rename keeps every value and is never guessed."""

import pytest
from django.db import models
from django.test import override_settings

import dynschema
from dynschema.exceptions import StillNeededError
from dynschema.models import Field
from surveymaker.models import Question, Responses, Survey
from tests.forms.models import Design, Entries
from tests.support import builders
from tests.support.builders import answers, entries, question, rename, survey, swap
from tests.support.evolves import evolves
from tests.support.state import columns

pytestmark = pytest.mark.django_db
commits = pytest.mark.django_db(transaction=True)

INTEGER = models.IntegerField(null=True)


WITH_ITS_NAME = ["rename_field", "rename_constraint"]


@pytest.mark.parametrize(
    ("field", "after"),
    [
        (models.IntegerField(null=True), ["rename_field"]),
        (models.IntegerField(), ["rename_field"]),
        (models.IntegerField(db_index=True), WITH_ITS_NAME),
        (models.IntegerField(unique=True), WITH_ITS_NAME),
        (models.IntegerField(db_default=7), ["rename_field"]),
    ],
    ids=["optional", "required", "indexed", "unique", "with a default"],
)
def test_a_rename_keeps_every_value(field, after):
    form = evolves(
        {"age": field, "other": INTEGER},
        lambda form: rename(form, "age", "years"),
        after,
        [{"age": 3}, {"age": 4}],
    )

    assert list(entries(form).objects.values_list("years", flat=True)) == [3, 4]
    assert columns("forms_lunchentry") == ["id", "years", "other"]


def test_a_rename_takes_the_check_of_the_type_along(database):
    nameless = database == "sqlite"

    evolves(
        {"age": models.PositiveIntegerField()},
        lambda form: rename(form, "age", "years"),
        ["rename_field"] if nameless else WITH_ITS_NAME,
        [{"age": 3}],
    )


def test_two_fields_swap_names_in_one_block():
    form = evolves(
        {"one": models.IntegerField(), "two": models.IntegerField()},
        lambda form: swap(form, "one", "two"),
        ["rename_field", "rename_field"],
        [{"one": 1, "two": 2}],
    )

    assert entries(form).objects.values("one", "two").get() == {"one": 2, "two": 1}


def test_two_fields_of_other_types_swap_names():
    form = evolves(
        {"one": models.IntegerField(), "two": models.FloatField(db_index=True)},
        lambda form: swap(form, "one", "two"),
        ["rename_field", "rename_field", "rename_constraint"],
        [{"one": 1, "two": 2.5}],
    )

    assert entries(form).objects.values("one", "two").get() == {"one": 2.5, "two": 1}


def test_three_fields_go_round_in_a_ring():
    def turn(form):
        with dynschema.atomic():
            rows = {row.name: row for row in form.inputs.all()}
            for old, new in {"a": "b", "b": "c", "c": "a"}.items():
                rows[old].name = new
                rows[old].save()

    form = evolves(
        {name: models.IntegerField() for name in "abc"},
        turn,
        ["rename_field"] * 3,
        [{"a": 1, "b": 2, "c": 3}],
    )

    assert entries(form).objects.values("a", "b", "c").get() == {"a": 3, "b": 1, "c": 2}


def test_a_name_may_be_taken_over_from_a_field_that_is_retired_in_the_same_block():
    def replace(form):
        with dynschema.atomic():
            form.inputs.get(name="age").delete()
            rename(form, "years", "age")

    form = builders.form("lunch", age=models.IntegerField(), years=models.IntegerField())
    entries(form).objects.create(age=1, years=2)

    replace(form)

    assert entries(form).objects.values_list("age", flat=True).get() == 2


def test_a_rename_and_a_new_field_with_the_old_name_in_one_block():
    form = builders.form("lunch", age=INTEGER)
    entries(form).objects.create(age=3)

    with dynschema.atomic():
        rename(form, "age", "years")
        builders.add(form, "age", INTEGER)

    assert entries(form).objects.values("years", "age").get() == {"years": 3, "age": None}


def test_a_rename_and_a_change_of_type_in_one_block():
    form = builders.form("lunch", age=models.IntegerField(), other=INTEGER)
    entries(form).objects.create(age=3)

    with dynschema.atomic():
        builders.change(form, "age", models.BigIntegerField(db_index=True))
        rename(form, "age", "years")

    assert entries(form).objects.values_list("years", flat=True).get() == 3
    assert not Entries.sync(form)


def test_a_field_renamed_and_renamed_back_is_as_before():
    form = builders.form("lunch", age=models.IntegerField(unique=True))
    entries(form).objects.create(age=3)

    rename(form, "age", "years")
    rename(form, "years", "age")

    assert entries(form).objects.values_list("age", flat=True).get() == 3
    assert columns("forms_lunchentry") == ["id", "age"]


def test_a_field_that_an_index_and_a_constraint_name_is_renamed_with_them():
    form = builders.form(
        "lunch",
        Design(
            meta={
                "indexes": [models.Index(fields=["-age", "name"], name="age_name")],
                "constraints": [
                    models.UniqueConstraint(fields=["age", "name"], name="once"),
                    models.CheckConstraint(condition=models.Q(age__gt=0), name="positive"),
                ],
            }
        ),
        age=models.IntegerField(),
        name=models.CharField(max_length=20),
    )
    entries(form).objects.create(age=3, name="Ada")

    with dynschema.atomic() as block:
        rename(form, "age", "years")
        builders.redesign(
            form,
            Design(
                meta={
                    "indexes": [models.Index(fields=["-years", "name"], name="age_name")],
                    "constraints": [
                        models.UniqueConstraint(fields=["years", "name"], name="once"),
                        models.CheckConstraint(condition=models.Q(years__gt=0), name="positive"),
                    ],
                }
            ),
        )

    assert [each.code for each in block.plans[0].operations] == ["rename_field"]
    assert entries(form).objects.values_list("years", flat=True).get() == 3


def test_definitions_that_were_updated_past_everything_are_renamed_by_a_sync():
    lunch = survey("lunch", age="integer", guests="integer")
    lunch.Response.objects.create(age=3, guests=4)
    age, guests = lunch.questions.get(slug="age"), lunch.questions.get(slug="guests")
    Question.objects.filter(pk=age.pk).update(slug="tmp")
    Question.objects.filter(pk=guests.pk).update(slug="age")
    Question.objects.filter(pk=age.pk).update(slug="guests")

    plan = Responses.sync(lunch)

    assert [each.code for each in plan.operations] == ["rename_field", "rename_field"]
    assert (answers(lunch, "age"), answers(lunch, "guests")) == ([4], [3])


# Tables


def rename_form(form, name):
    form.name = name
    form.save()


def test_a_renamed_form_keeps_its_records(database):
    evolves(
        {"age": models.IntegerField(db_index=True), "key": models.SlugField()},
        lambda form: rename_form(form, "dinner"),
        RENAMED_TABLE[database],
        [{"age": 3, "key": "a"}],
    )


RENAMED_TABLE = {
    "sqlite": ["rename_table", "rename_constraint", "rename_constraint"],
    "postgresql": ["rename_table", *["rename_constraint"] * 3],
}


def test_two_surveys_swap_names_in_one_block():
    lunch, dinner = survey("lunch", age="integer"), survey("dinner", name="text")
    lunch.Response.objects.create(age=3)
    dinner.Response.objects.create(name="Ada")

    with dynschema.atomic():
        Survey.objects.filter(pk=lunch.pk).update(slug="temporary")
        dinner.slug = "lunch"
        dinner.save()
        lunch.slug = "dinner"
        lunch.save()

    assert lunch.Response.__name__ == "DinnerResponse"
    assert (answers(lunch, "age"), answers(dinner, "name")) == ([3], ["Ada"])
    assert not Responses.sync(lunch)
    assert not Responses.sync(dinner)


@commits
def test_a_survey_that_others_refer_to_is_renamed_with_their_references():
    host = survey("host", name="text")
    lunch = survey("lunch", host={"kind": "survey", "choices": "host", "required": True})
    lunch.Response.objects.create(host=host.Response.objects.create(name="Ada"))

    host.slug = "patron"
    host.save()

    assert lunch.Response.objects.get().host.name == "Ada"
    assert lunch.Response._meta.get_field("host").related_model is host.Response
    host.Response.objects.all().delete()
    assert lunch.Response.objects.count() == 0


@commits
def test_a_survey_that_others_refer_to_is_refused_when_it_goes_away():
    host = survey("host", name="text")
    lunch = survey("lunch", host={"kind": "survey", "choices": "host"})
    lunch.Response.objects.create(host=host.Response.objects.create(name="Ada"))

    with pytest.raises(StillNeededError) as error:
        host.delete()

    assert str(error.value) == (
        '[dynschema.E107] The model "HostResponse" cannot be removed or renamed, since '
        'the question "host" refers to it: There is no survey "host". '
        'Write the slug of a survey that exists. Change the question "host" first.'
    )
    assert Survey.objects.count() == 2
    assert lunch.Response.objects.get().host.name == "Ada"


# Names that stay


@override_settings(DYNSCHEMA={"column_names": "stable"})
def test_under_stable_names_a_rename_touches_no_table():
    form = builders.form("lunch", age=models.IntegerField(db_index=True))
    entries(form).objects.create(age=3)

    with dynschema.atomic() as block:
        rename(form, "age", "years")

    assert [each.operations for each in block.plans] == [()]
    assert entries(form).objects.values_list("years", flat=True).get() == 3
    assert columns("forms_lunchentry") == ["id", "age"]
    assert Field.objects.get(name="years").column == "age"


@override_settings(DYNSCHEMA={"column_names": "stable"})
def test_under_stable_names_two_fields_swap_names():
    form = builders.form("lunch", one=models.IntegerField(), two=models.IntegerField())
    entries(form).objects.create(one=1, two=2)

    swap(form, "one", "two")

    assert entries(form).objects.values("one", "two").get() == {"one": 2, "two": 1}
    assert not Entries.sync(form)


@override_settings(DYNSCHEMA={"column_names": "stable"})
def test_under_stable_names_a_new_question_with_the_old_name_is_empty():
    lunch = survey("lunch", age="integer")
    lunch.Response.objects.create(age=3)
    row = lunch.questions.get()
    row.slug = "years"
    row.save()

    question(lunch, "age", "integer")

    assert (answers(lunch, "years"), answers(lunch, "age")) == ([3], [None])
