"""Surveys refer to each other by slug, and stay together when one gets another slug."""

import pytest

from surveymaker.models import Survey
from tests.example.surveys import asking, write_survey

pytestmark = pytest.mark.django_db


def test_an_answer_can_name_an_answer_to_another_survey():
    dinner = write_survey("dinner", asking("host", "text"))
    lunch = write_survey("lunch", asking("before", "survey", choices="dinner"))
    host = dinner.Response.objects.create(host="Ada")

    lunch.Response.objects.create(before=host)

    assert lunch.Response.objects.get().before == host


def test_two_surveys_can_name_each_other():
    dinner = write_survey("dinner", asking("host", "text"))
    lunch = write_survey("lunch", asking("dinner", "survey", choices="dinner"))
    dinner.questions.create(slug="lunch", kind="survey", choices="lunch")

    first = dinner.Response.objects.create(host="Ada")
    second = lunch.Response.objects.create(dinner=first)
    first.lunch = second
    first.save()

    stored = dinner.Response.objects.select_related("lunch__dinner").get()
    assert stored.lunch.dinner == stored == first


def test_a_question_that_names_a_survey_follows_it_to_its_new_slug():
    dinner = write_survey("dinner", asking("host", "text"))
    lunch = write_survey("lunch", asking("before", "survey", choices="dinner"))
    host = dinner.Response.objects.create(host="Ada")
    lunch.Response.objects.create(before=host)

    dinner.slug = "supper"
    dinner.save()

    assert lunch.questions.get().choices == "supper"
    assert lunch.Response.objects.get().before.host == "Ada"


def test_a_survey_that_names_itself_follows_itself():
    survey = write_survey("lunch", asking("earlier", "survey", choices="lunch"))
    first = survey.Response.objects.create()
    survey.Response.objects.create(earlier=first)

    survey.slug = "supper"
    survey.save()

    assert survey.questions.get().choices == "supper"
    assert survey.Response.__name__ == "SupperResponse"
    assert survey.Response.objects.get(earlier__isnull=False).earlier.pk == first.pk


def test_a_choice_that_only_looks_like_the_slug_is_left_alone():
    survey = write_survey("soup", asking("dish", "choice", choices="soup"))

    survey.slug = "stew"
    survey.save()

    assert Survey.objects.get().questions.get().choices == "soup"


def test_an_answer_says_its_number():
    survey = write_survey("lunch", asking("name", "text"))

    record = survey.Response.objects.create(name="Ada")

    assert str(record) == f"Answer {record.pk}"
