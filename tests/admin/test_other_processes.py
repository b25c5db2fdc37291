"""What one process changes, the pages of another process know at its next request."""

import pytest
from django.db import connection
from django.urls import reverse

from tests.admin.pages import LIST, change_page
from tests.example.surveys import asking, write_survey

pytestmark = pytest.mark.django_db(transaction=True)


def page(survey: str, name: str = "changelist", *args: object) -> str:
    return reverse(f"admin:surveymaker_{survey}response_{name}", args=args)


def test_a_survey_that_the_other_process_has_never_seen_has_its_pages(other):
    write_survey("dinner")
    assert other.status(page("dinner")) == 200

    survey = write_survey("lunch", asking("age", "integer"))
    record = survey.Response.objects.create(age=3)

    assert other.status(page("lunch")) == 200
    assert other.status(page("lunch", "change", record.pk)) == 200
    assert other.status(LIST) == 200
    assert other.status(change_page(survey)) == 200


def test_a_changed_survey_is_listed_by_its_new_fields(other):
    survey = write_survey("lunch", asking("age", "integer"))
    assert other.status(f"{page('lunch')}?q=3") == 200
    question = survey.questions.get()

    question.slug = "years"
    question.save()
    survey.questions.create(slug="happy", kind="boolean")

    assert other.status(f"{page('lunch')}?happy__exact=1") == 200


def test_a_retired_survey_has_no_pages_in_the_other_process(other):
    survey = write_survey("lunch")
    address = page("lunch")
    assert other.status(address) == 200

    survey.delete()

    assert other.status(address) == 404
    assert other.status("/admin/") == 200


def test_the_index_never_breaks(other):
    survey = write_survey("lunch")
    write_survey("dinner")
    address = page("lunch")
    assert other.status(address) == 200

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE surveymaker_lunchresponse")

    assert other.status("/admin/") == 200
    assert other.status("/admin/surveymaker/") == 200
    assert other.status(LIST) == 200
    assert other.status(change_page(survey)) == 200
    assert other.status(address) == 404
    assert other.status(page("dinner")) == 200
