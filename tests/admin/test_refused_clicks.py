"""A click that is refused changes nothing and says why, wherever it was made."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, connections
from django.test import Client

from surveymaker.admin import SurveyAdmin
from surveymaker.models import Survey
from tests.admin.pages import (
    ADD,
    LIST,
    change_page,
    delete_page,
    everything,
    filled_in,
    form_errors,
    messages_of,
)
from tests.example.surveys import asking, write_survey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let titles and slugs be edited in the list of surveys."""
    monkeypatch.setattr(SurveyAdmin, "list_display", ["id", "title", "slug", "records"])
    for admin_class in SurveyAdmin.__mro__:
        if "list_editable" in vars(admin_class):
            monkeypatch.setattr(admin_class, "list_editable", ["title", "slug"])
            break


@pytest.fixture
def impatient(settings: object) -> None:
    """Do not wait for locks."""
    settings.DYNSCHEMA = {"lock_timeout_ms": 50}
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 50")


@contextmanager
def somebody_else_is_saving() -> Iterator[None]:
    """Hold the lock on another connection."""
    other = connections.create_connection("default")
    other.settings_dict = {**other.settings_dict}
    try:
        with other.cursor() as cursor:
            if other.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                cursor.execute("BEGIN")
                cursor.execute(
                    "SELECT pg_advisory_xact_lock("
                    "hashtextextended('dynschema:' || current_schema(), 0))"
                )
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def listed(*surveys: Survey) -> dict[str, object]:
    """Give what a browser sends from the list of surveys."""
    sent = {
        "form-TOTAL_FORMS": len(surveys),
        "form-INITIAL_FORMS": len(surveys),
        "_save": "Save",
    }
    for number, survey in enumerate(surveys):
        for name in ("id", "title", "slug"):
            sent[f"form-{number}-{name}"] = getattr(survey, name)
    return sent


def test_surveys_edited_in_the_list_are_one_block(admin_client, editable):
    dinner, lunch = write_survey("dinner"), write_survey("lunch")
    dinner.slug, lunch.slug = "supper", "brunch"
    epochs = everything()["epoch"][0]["number"]

    response = admin_client.post(LIST, listed(dinner, lunch))

    assert response.status_code == 302
    assert everything()["epoch"][0]["number"] == epochs + 1
    assert everything()["classes"] == ["BrunchResponse", "SupperResponse"]
    assert messages_of(admin_client, LIST) == ["2 surveys were changed successfully."]


def test_a_survey_refused_in_the_list_has_the_error_in_its_row(
    admin_client, editable, atomic_requests
):
    dinner, lunch = write_survey("dinner"), write_survey("lunch")
    dinner.slug, lunch.slug = "supper", "--"
    before = everything()

    response = admin_client.post(LIST, listed(dinner, lunch))

    forms = response.context["cl"].formset.forms
    assert response.status_code == 200
    assert [dict(form.errors) for form in forms] == [
        {},
        {"slug": ['The name "" cannot be used: it is empty. Choose another name.']},
    ]
    assert forms[0]["slug"].value() == "supper"
    assert "cannot be used: it is empty" in response.content.decode()
    assert everything() == before


@pytest.mark.usefixtures("atomic_requests")
def test_a_survey_that_others_refer_to_is_not_deleted(admin_client):
    lunch = write_survey("lunch")
    write_survey("praise", asking("of", "survey", choices="lunch"))
    before = everything()

    response = admin_client.post(delete_page(lunch), {"post": "yes"})

    assert response["Location"] == delete_page(lunch)
    [message] = messages_of(admin_client, delete_page(lunch))
    assert 'There is no survey "lunch"' in message
    assert everything() == before


def test_surveys_that_others_refer_to_are_not_deleted_together(admin_client):
    lunch, dinner = write_survey("lunch"), write_survey("dinner")
    write_survey("praise", asking("of", "survey", choices="lunch"))
    before = everything()
    chosen = {"action": "delete_selected", "_selected_action": [lunch.pk, dinner.pk], "post": "yes"}

    response = admin_client.post(LIST, chosen)

    assert response["Location"] == LIST
    [message] = messages_of(admin_client, LIST)
    assert 'There is no survey "lunch"' in message
    assert everything() == before


def test_the_later_of_two_who_save_at_once_is_asked_to_try_again(
    admin_client, impatient, atomic_requests
):
    survey = write_survey("lunch")
    before = everything()
    pages = {ADD: filled_in("Dinner", "dinner"), change_page(survey): filled_in("L", "supper")}

    with somebody_else_is_saving():
        saved = [admin_client.post(page, sent) for page, sent in pages.items()]
        deleted = admin_client.post(delete_page(survey), {"post": "yes"})

    for response in saved:
        assert response.status_code == 200
        [error] = form_errors(response)["__all__"]
        assert error.startswith("The change was not made: ")
        assert error.endswith(". Nothing was changed; try again.")
    assert deleted["Location"] == delete_page(survey)
    assert everything() == before
    assert not LogEntry.objects.exists()
    assert admin_client.post(ADD, pages[ADD]).status_code == 302


def test_a_survey_that_somebody_else_deleted_is_reported_as_django_does(admin_client):
    survey = write_survey("lunch")
    page = change_page(survey)
    survey.delete()

    response = admin_client.post(page, filled_in("Lunch", "lunch"))

    assert response["Location"] == "/admin/"


def test_saving_needs_a_token_against_forged_requests(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    survey = write_survey("lunch")
    before = everything()

    refused = [
        client.post(ADD, filled_in("Dinner", "dinner")).status_code,
        client.post(delete_page(survey), {"post": "yes"}).status_code,
        client.post(LIST, {"action": "delete_selected", "_selected_action": survey.pk}).status_code,
    ]

    assert refused == [403, 403, 403]
    assert everything() == before
