"""One click in the admin is one transaction, one plan, one epoch."""

import pytest
from django.db import connection

from dynschema.models import Change, Epoch
from surveymaker.models import Question, Survey
from tests.admin.pages import ADD, LIST, change_page, delete_page, filled_in, messages_of
from tests.example.surveys import asking, write_survey

pytestmark = pytest.mark.django_db(transaction=True)


def epoch() -> int:
    return sum(Epoch.objects.values_list("number", flat=True))


@pytest.mark.usefixtures("atomic_requests")
def test_a_survey_with_ten_questions_is_one_plan_and_one_epoch(admin_client):
    before = epoch()
    rows = [{"slug": f"question-{number}"} for number in range(10)]

    response = admin_client.post(ADD, filled_in("Lunch", "lunch", *rows))

    survey = Survey.objects.get()
    [change] = Change.objects.all()
    assert response.status_code == 302
    assert epoch() == before + 1
    assert [each["operation"] for each in change.operations] == ["create_table"]
    assert (change.actor, change.definition) == ("admin", 'survey "Lunch"')
    assert [each.name for each in survey.Response._meta.fields][3:] == [
        f"question_{number}" for number in range(10)
    ]
    assert survey.Response.objects.count() == 0
    assert messages_of(admin_client, LIST) == [
        f'The survey “<a href="{change_page(survey)}">Lunch</a>” was added successfully.'
    ]


@pytest.mark.usefixtures("atomic_requests")
def test_several_changes_of_one_form_are_one_plan(admin_client):
    survey = write_survey("lunch", asking("age", "integer"), asking("name", "text"))
    record = survey.Response.objects.create(age=3, name="Ada")
    before = epoch()
    age, name = survey.questions.all()
    age.slug = "years"
    sent = filled_in("Lunch", "lunch", {"slug": "dish"}, present=[age, name])

    response = admin_client.post(change_page(survey), {**sent, "questions-1-DELETE": "on"})

    assert response.status_code == 302
    assert epoch() == before + 1
    assert [each["operation"] for each in Change.objects.latest().operations] == [
        "retire_field",
        "rename_field",
        "add_field",
    ]
    values = survey.Response.objects.values("years", "dish").get(pk=record.pk)
    assert values == {"years": 3, "dish": None}


@pytest.mark.usefixtures("atomic_requests")
def test_a_survey_deleted_takes_its_class_along_and_leaves_its_table(admin_client):
    survey = write_survey("lunch", asking("age", "integer"))
    before = epoch()

    response = admin_client.post(delete_page(survey), {"post": "yes"})

    assert response.status_code == 302
    assert not Survey.objects.exists()
    assert epoch() == before + 1
    assert Change.objects.latest().actor == "admin"
    assert "surveymaker_lunchresponse" in connection.introspection.table_names()


@pytest.mark.usefixtures("atomic_requests")
def test_surveys_deleted_together_are_one_epoch(admin_client):
    surveys = [write_survey("lunch"), write_survey("dinner")]
    before = epoch()
    chosen = {
        "action": "delete_selected",
        "_selected_action": [each.pk for each in surveys],
        "post": "yes",
    }

    response = admin_client.post(LIST, chosen)

    assert response.status_code == 302
    assert not Survey.objects.exists()
    assert epoch() == before + 1
    assert messages_of(admin_client, LIST) == ["Successfully deleted 2 surveys."]


def test_a_form_that_is_not_valid_is_shown_as_usual(admin_client):
    response = admin_client.post(ADD, filled_in("", "lunch", {"slug": "age"}))

    assert response.status_code == 200
    assert dict(response.context["adminform"].form.errors) == {"title": ["This field is required."]}
    assert not Survey.objects.exists()
    assert not Question.objects.exists()
